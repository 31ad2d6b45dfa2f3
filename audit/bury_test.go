package audit

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"iamd/store"
)

// final is a shelf's values as a store would have them: the last of each, without
// those that were removed.
func (s *shelf) final(aggregate string) map[string]string {
	last := map[string]string{}
	for _, v := range s.soft[aggregate] {
		if name := v.Kind + " " + v.Key; v.Data == nil {
			delete(last, name)
		} else {
			last[name] = string(v.Data)
		}
	}
	return last
}

// TestBury: of users who come and go no more stays than of those who are there, in
// memory and in the store, and reports on services still know of them.
func TestBury(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{map[string][]store.Soft{}}
		now := "AIDANOW"
		known := false
		r := New(Config{Sink: s, Prefix: "account/", Living: func(account string) func(string) bool {
			if account != "111122223333" {
				t.Errorf("asked about %s", account)
			}
			if !known {
				return nil
			}
			return func(id string) bool {
				return id == now || id == strings.Replace(now, "AIDA", "AKIA", 1) || id == "AROASTAYS" || id == account
			}
		}})
		defer func() {
			if err := r.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
		held := func() int {
			u, _ := r.usages.Load("111122223333")
			return len(u.(*usage).last)
		}
		live := func(n int) {
			for i := range n {
				at = at.Add(time.Second)
				now = fmt.Sprintf("AIDA%d", i)
				r.Attempted(t.Context(), Attempt{Account: "111122223333", KeyID: fmt.Sprintf("AKIA%d", i), EntityID: now, ARN: "arn:" + now, Service: "iam", Action: "GetUser", Time: at})
				r.SignedIn(t.Context(), "111122223333", now, at)
				if err := r.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		r.Attempted(t.Context(), Attempt{Account: "111122223333", RoleID: "AROASTAYS", EntityID: "AROASTAYS", ARN: "arn:role", Service: "s3", Action: "GetObject", Time: at})
		r.SignedIn(t.Context(), "111122223333", "111122223333", at)
		live(100)
		if n := held(); n != 404 {
			t.Fatalf("while nobody knows who lives, %d values are held, want all 404", n)
		}
		known = true
		live(1000)
		const stay = 3 + 1 + 1 // the role's, the root user's sign-in, the dead together
		if n := held(); n > 2*(stay+4)+few+4 {
			t.Errorf("%d values are held", n)
		}
		if n := len(s.final("account/111122223333")); n != held() {
			t.Errorf("the store has %d values, memory %d", n, held())
		}
		for what, ok := range map[string]func() (Use, bool, error){
			"the role": func() (Use, bool, error) { return r.Role(t.Context(), "111122223333", "AROASTAYS") },
			"its action": func() (Use, bool, error) {
				return r.Action(t.Context(), "111122223333", "AROASTAYS", "s3", "GetObject")
			},
			"the root user":         func() (Use, bool, error) { return r.Login(t.Context(), "111122223333", "111122223333") },
			"the user who is there": func() (Use, bool, error) { return r.Key(t.Context(), "111122223333", "AKIA999") },
		} {
			if _, ok, err := ok(); err != nil || !ok {
				t.Errorf("%s was forgotten: %v", what, err)
			}
		}
		if _, ok, _ := r.Key(t.Context(), "111122223333", "AKIA7"); ok {
			t.Error("a key that is no more was not")
		}
		// Everybody goes who tried iam.
		last := at
		now = "AIDANOBODY"
		u, _ := r.usages.Load("111122223333")
		u.(*usage).bury(r.cfg.Living("111122223333"))
		tried, err := r.Services(t.Context(), "111122223333")
		if err != nil || !tried["iam"].Time.Equal(last) || tried["iam"].By != "arn:AIDA999" || tried["s3"].By != "arn:role" || len(tried) != 2 {
			t.Errorf("services are %v %v", tried, err)
		}
		list, err := r.Accesses(t.Context(), "111122223333", func(id string) bool { return id != "" })
		if err != nil || len(list) != 2 {
			t.Errorf("accesses of those who are there: %v %v", list, err)
		}
	})
}
