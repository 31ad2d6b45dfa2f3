package audit

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"iamd/store"
)

// shelf keeps last-used data, and nothing else.
type shelf struct{ soft map[string][]store.Soft }

func (s *shelf) AppendEvents(context.Context, map[string][]store.Event) error { return nil }
func (s *shelf) Events(context.Context, string, store.EventQuery) ([]store.Event, error) {
	return nil, nil
}
func (s *shelf) SaveTraces(context.Context, []store.Trace, store.TraceBounds) error { return nil }
func (s *shelf) Trace(context.Context, string) (store.Trace, error) {
	return store.Trace{}, store.ErrNotFound
}
func (s *shelf) SaveSoft(_ context.Context, values []store.Soft) error {
	for _, v := range values {
		s.soft[v.Aggregate] = append(s.soft[v.Aggregate], v)
	}
	return nil
}
func (s *shelf) LoadSoft(_ context.Context, aggregate string) ([]store.Soft, error) {
	return s.soft[aggregate], nil
}

// TestUsagesAreBounded: of so many accounts last-used data stay in memory, of those
// that were asked for since; of the others they are read again.
func TestUsagesAreBounded(t *testing.T) {
	// No time passes here that would write in between.
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{map[string][]store.Soft{}}
		r := New(Config{Sink: s, Prefix: "account/"})
		r.cfg.Log = nil // nothing is to be told
		defer func() {
			if err := r.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
		name := func(i int) string { return fmt.Sprintf("%012d", i) }
		held := func() (n int) {
			r.usages.Range(func(any, any) bool { n++; return true })
			return n
		}
		const more = 3000
		for i := range maxUsages + more {
			r.Attempted(t.Context(), Attempt{Account: name(i), KeyID: "AKIA", EntityID: "AIDA", Service: "iam", Action: "GetUser", Time: at})
		}
		for i := range 100 { // these are asked for once more
			if _, ok, err := r.Key(t.Context(), name(i), "AKIA"); err != nil || !ok {
				t.Fatal(ok, err)
			}
		}
		if err := r.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := held(); n != maxUsages {
			t.Errorf("of %d accounts they are held", n)
		}
		for i := range 100 {
			if _, ok := r.usages.Load(name(i)); !ok {
				t.Errorf("account %d is forgotten, though it was asked for", i)
			}
		}
		for i := range maxUsages + more {
			if use, ok, err := r.Key(t.Context(), name(i), "AKIA"); err != nil || !ok || !use.Time.Equal(at) {
				t.Fatalf("account %d: %v %v %v", i, use, ok, err)
			}
		}
		if err := r.Flush(t.Context()); err != nil || held() != maxUsages {
			t.Errorf("of %d accounts they are held, %v", held(), err)
		}
	})
}
