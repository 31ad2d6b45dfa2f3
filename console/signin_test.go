package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/iam"
	"iamd/limits"
	"iamd/policy"
	"iamd/sts"
)

// TestSignIn: what a person gets, and who they are with it.
func TestSignIn(t *testing.T) {
	f := newFront(t)
	for what, in := range map[string]*signInRequest{
		"by alias": asBob(), "by number": asBob(func(in *signInRequest) { in.Account = corp }),
		"in capitals": asBob(func(in *signInRequest) { in.Account, in.User = "CORP", "BOB" }),
	} {
		got := f.post("signin", in)
		c, err := f.caller(f.keysOf(got))
		if err != nil || c.Kind != policy.User || c.UserName != "Bob" || c.Session.Kind != sts.Console || !c.Session.MFA.IsZero() || !c.Session.Expires.Equal(f.now.Add(time.Hour)) {
			t.Errorf("%s: %+v, %v", what, c, err)
		}
		delete(got.member, "credentials")
		want := map[string]any{
			"account":   map[string]any{"id": corp, "alias": "corp", "name": "Name of corp"},
			"principal": map[string]any{"type": "user", "arn": "arn:aws:iam::" + corp + ":user/people/Bob", "userName": "Bob", "email": ""},
			"ends":      "2026-11-02T00:00:00Z",
		}
		if diff := cmp.Diff(want, got.member); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	root := asRoot()
	root.Email = "Root@Corp.example"
	got := f.post("signin", root)
	c, err := f.caller(f.keysOf(got))
	if err != nil || c.Kind != policy.Root || c.Session.Kind != sts.Console {
		t.Errorf("root: %+v, %v", c, err)
	}
	want := map[string]any{"type": "root", "arn": "arn:aws:iam::" + corp + ":root", "userName": "", "email": "root@corp.example"}
	if diff := cmp.Diff(want, got.member["principal"]); diff != "" {
		t.Error(diff)
	}
	if got.member["credentials"].(map[string]any)["Expiration"] != "2026-11-01T13:00:00Z" {
		t.Errorf("%v", got.member["credentials"])
	}
	f.change(corp, func(d *iam.Draft) error {
		d.UpdateAccountPasswordPolicy(iam.PasswordPolicy{MaxAge: 90})
		return nil
	})
	f.wait(36 * time.Hour)
	if got := f.post("signin", asBob()); got.member["passwordExpiresInDays"] != 89.0 {
		t.Errorf("a password that expires: %s", got.text)
	}
}

// strangers are all who may not know what was wrong.
func strangers() map[string]*signInRequest {
	root := func(email, word string) *signInRequest {
		return &signInRequest{Type: typeRoot, Email: email, Password: word}
	}
	user := func(account, name, word string) *signInRequest {
		return &signInRequest{Type: typeUser, Account: account, User: name, Password: word}
	}
	return map[string]*signInRequest{
		"root's wrong password":        root("root@corp.example", otherWord),
		"no such e-mail":               root("nobody@corp.example", otherWord),
		"root of a closed account":     root("root@shut.example", rootWord),
		"a user's wrong password":      user("corp", "Bob", otherWord),
		"a user's, by number":          user(corp, "Bob", otherWord),
		"no such user":                 user("corp", "Nobody", otherWord),
		"a user without a password":    user("corp", "Al", otherWord),
		"no such alias":                user("nowhere", "Bob", otherWord),
		"no such number":               user("999999999999", "Bob", otherWord),
		"a user of a closed account":   user("shut", "Bob", bobWord),
		"somebody of a closed account": user(shut, "Nobody", bobWord),
		"a name that is none":          user("corp", "Bob\x00x", otherWord),
	}
}

// TestWrongIsWrong: whatever was wrong, the answer is the same to the byte, and a
// second factor or a new password makes no difference.
func TestWrongIsWrong(t *testing.T) {
	f := newFront(t)
	f.phone("Phone", new("Bob"))
	f.phone("Root", nil)
	const want = `{"code":"AuthenticationFailed","message":"Your authentication information is incorrect. Please try again."}`
	var headers http.Header
	for _, with := range []func(*signInRequest){
		func(*signInRequest) {},
		func(in *signInRequest) { in.Code, in.Serial = "123456", "arn:aws:iam::"+corp+":mfa/Phone" },
		func(in *signInRequest) { in.NewPassword = otherWord },
		func(in *signInRequest) { in.Passkey = &passkeyAnswer{"AA", json.RawMessage(`{}`)} },
	} {
		for what, in := range strangers() {
			with(in)
			got := f.post("signin", in)
			got.header.Del("X-Amzn-Requestid")
			if headers == nil {
				headers = got.header
			}
			if got.status != http.StatusUnauthorized || got.text != want || !cmp.Equal(headers, got.header) {
				t.Errorf("%s: %d %s %v", what, got.status, got.text, got.header)
			}
		}
		f.wait(limits.Guessing.Span)
	}
}

// TestNobodyCostsAsMuch: who is not there is compared with a hash of the same cost,
// and loads no account.
func TestNobodyCostsAsMuch(t *testing.T) {
	f := newFront(t)
	cost := func(hash string) string { return strings.Join(strings.Split(hash, "$")[:4], "$") }
	known, err := f.c.find(f.call(), asBob())
	f.must(err)
	for what, in := range strangers() {
		at, err := f.c.find(f.call(), in)
		if err != nil || cost(at.hash) != cost(known.hash) || at.secret == "" || at.tries == nil {
			t.Errorf("%s: %+v, %v", what, at, err)
		}
		if in.Password == otherWord && at.known != (at.hash != f.c.dummy) {
			t.Errorf("%s: known is %v", what, at.known)
		}
	}
	before := f.loads.Load()
	for _, in := range []*signInRequest{
		{Type: typeRoot, Email: "nobody@corp.example", Password: otherWord}, {Type: typeUser, Account: "nowhere", User: "Bob", Password: otherWord},
	} {
		f.post("signin", in)
	}
	if n := f.loads.Load() - before; n != 0 {
		t.Errorf("%d accounts were loaded for names that lead nowhere", n)
	}
}

// call is one of nobody's.
func (f *front) call() *call {
	return &call{Context: f.Context(), ID: "id", Time: f.now, Origin: f.from, Request: request("signin", nil)}
}

// TestLockout: after five wrong guesses at a name nobody gets in by it for a while,
// be there such a person or not, by whichever name of the account.
func TestLockout(t *testing.T) {
	f := newFront(t)
	for what, in := range strangers() {
		if strings.Contains(what, "number") && strings.Contains(what, "user") {
			continue // whom the alias names as well
		}
		at, err := f.c.find(f.call(), in)
		f.must(err)
		for range limits.Guessing.Tries - 1 {
			if err := f.c.guess(f.call(), at.tries, at.secret, func() bool { return false }); !errors.Is(err, errGuess) {
				t.Fatalf("%s: %v", what, err)
			}
		}
		if got := f.post("signin", in); got.status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", what, got.status, got.text)
		}
		got := f.post("signin", in)
		if got.status != http.StatusTooManyRequests || got.text != `{"code":"TooManyTries","message":"There were too many attempts. Please wait a few minutes, and try again."}` {
			t.Errorf("%s: %d %s", what, got.status, got.text)
		}
		f.from.SourceIP = "192.0.2." + fmt.Sprint(100+len(what)) // others would be held up by the address
	}
	for what, in := range map[string]*signInRequest{"by alias": asBob(), "by number": asBob(func(in *signInRequest) { in.Account = corp }), "root": asRoot()} {
		if got := f.post("signin", in); got.status != http.StatusTooManyRequests {
			t.Errorf("%s, with the right password: %d %s", what, got.status, got.text)
		}
	}
	f.wait(limits.Guessing.Span)
	for range limits.Guessing.Tries + 1 { // who knows it is never held up
		f.enter(asBob())
		f.enter(asRoot())
	}
}

// TestOneCount: guesses at a password count together at all doors.
func TestOneCount(t *testing.T) {
	f := newFront(t)
	for range limits.Guessing.Tries { // as ChangePassword counts them
		f.c.cfg.Guesses.Begin("password "+f.bob().ID, f.now)
	}
	if got := f.post("signin", asBob()); got.status != http.StatusTooManyRequests {
		t.Errorf("%d %s", got.status, got.text)
	}
}

// TestSpraying: one address may guess at many names so often and no more; another
// address may still sign in, and the right password counts for nothing.
func TestSpraying(t *testing.T) {
	f := newFront(t)
	f.from.SourceIP = "2001:db8:1:2::1"
	guess := func(i int) answer {
		return f.post("signin", &signInRequest{Type: typeUser, Account: "corp", User: fmt.Sprint("name", i), Password: otherWord})
	}
	for i := range sourceGuessing.Tries - 1 {
		if err := f.c.guess(f.call(), f.c.unknown, fmt.Sprint("name", i), func() bool { return false }); !errors.Is(err, errGuess) {
			t.Fatalf("guess %d: %v", i, err)
		}
		if i%20 == 0 {
			f.enter(asBob())
		}
	}
	if got := guess(0); got.status != http.StatusUnauthorized {
		t.Errorf("the last one: %d %s", got.status, got.text)
	}
	if got := guess(1000); got.status != http.StatusTooManyRequests {
		t.Errorf("one too many: %d", got.status)
	}
	f.from.SourceIP = "2001:db8:1:2:ffff::1"
	if got := f.post("signin", asBob()); got.status != http.StatusTooManyRequests {
		t.Errorf("from the same network: %d", got.status)
	}
	f.from.SourceIP = "2001:db8:1:3::1"
	f.enter(asBob())
	f.from.SourceIP = "2001:db8:1:2::1"
	f.wait(sourceGuessing.Span)
	f.enter(asBob())
}

// TestNoTurn: who finds no turn has not guessed, and hears that it is busy.
func TestNoTurn(t *testing.T) {
	f := newFront(t)
	turns := f.c.arrivals
	f.c.arrivals = limits.NewTurns(1, 0)
	for range 2 * limits.Guessing.Tries {
		if got := f.post("signin", asBob()); got.status != http.StatusTooManyRequests || got.code() != iam.CodeThrottling {
			t.Fatalf("%d %s", got.status, got.text)
		}
	}
	f.c.arrivals = turns
	f.enter(asBob())
}
