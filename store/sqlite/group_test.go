package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"iamd/store"
)

// TestGroupFails: when a transaction can't be committed, all of its requests
// fail with it, those that met a taken name in it too, and the next one works.
func TestGroupFails(t *testing.T) {
	s := start(t, filepath.Join(t.TempDir(), "store.db"))
	take := []store.Unique{{Space: "s", Key: "k"}}
	ask := func(do func(*writer) error) *request {
		return &request{ctx: t.Context(), do: do, done: make(chan error, 1)}
	}
	part := func(name string) func(*writer) error {
		return func(w *writer) error {
			return w.apply(&store.Part{Aggregate: name, Changes: store.Changes{Take: take}}, []byte("{}"))
		}
	}
	entered, release := make(chan struct{}), make(chan struct{})
	hold := ask(func(*writer) error { close(entered); <-release; return nil })
	ruin := ask(func(w *writer) error { return w.exec("ROLLBACK") }) // as SQLite does by itself when the disk is full
	first, second, after := ask(part("a/1")), ask(part("a/2")), ask(part("a/3"))
	s.writer.requests <- hold
	<-entered
	for _, r := range []*request{first, second, ruin} {
		s.writer.requests <- r
	}
	close(release)
	if err := <-hold.done; err != nil {
		t.Error(err)
	}
	for i, r := range []*request{first, second, ruin} {
		err := <-r.done
		if err == nil || errors.As(err, new(*store.TakenError)) {
			t.Errorf("request %d of a ruined transaction: %v", i, err)
		}
	}
	s.writer.requests <- after
	if err := <-after.done; err != nil {
		t.Errorf("the next transaction: %v", err)
	}
	if owner, err := s.Lookup(t.Context(), take[0]); owner != "a/3" {
		t.Errorf("the name is owned by %q, %v", owner, err)
	}
}

// TestGroupIsOneTransaction: what waits is committed together, and one that
// fails in the middle leaves the others alone.
func TestGroupIsOneTransaction(t *testing.T) {
	s := start(t, filepath.Join(t.TempDir(), "store.db"))
	entered, release := make(chan struct{}), make(chan struct{})
	s.writer.requests <- &request{ctx: t.Context(), done: make(chan error, 1), do: func(*writer) error { close(entered); <-release; return nil }}
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	var answers []chan error
	for i, c := range []struct {
		ctx  context.Context
		part store.Part
	}{
		{t.Context(), store.Part{Aggregate: "a/1", Changes: store.Changes{Take: []store.Unique{{Space: "s", Key: "k"}}}}},
		{t.Context(), store.Part{Aggregate: "a/2", Changes: store.Changes{Take: []store.Unique{{Space: "s", Key: "k"}}}}},
		{ctx, store.Part{Aggregate: "a/3"}},
		{t.Context(), store.Part{Aggregate: "a/1", Expect: 7}},
		{t.Context(), store.Part{Aggregate: "a/1", Expect: 1}},
	} {
		a := make(chan error, 1)
		answers = append(answers, a)
		go func() { a <- s.Commit(c.ctx, []store.Part{c.part}) }()
		for len(s.writer.requests) <= i {
			select {
			case err := <-a:
				t.Fatalf("commit %d: %v", i, err)
			default:
			}
		}
	}
	cancel() // not begun yet: never will be
	close(release)
	for i, want := range []error{nil, nil, context.Canceled, store.ErrConflict, nil} {
		err := <-answers[i]
		if i == 1 {
			if !errors.As(err, new(*store.TakenError)) {
				t.Errorf("commit 1: %v", err)
			}
			continue
		}
		if !errors.Is(err, want) {
			t.Errorf("commit %d: %v, want %v", i, err, want)
		}
	}
	for name, want := range map[string]uint64{"a/1": 2, "a/2": 0, "a/3": 0} {
		if version, _, err := s.Load(t.Context(), name); version != want {
			t.Errorf("%s: version %d, %v, want %d", name, version, err, want)
		}
	}
}
