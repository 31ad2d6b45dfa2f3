package store_test

import (
	"errors"
	"testing"

	"iamd/store"
)

var errSeen = errors.New("it's there already")

// putNew puts an item that must not be there.
func putNew(key string) func(*boxDraft) error {
	return func(d *boxDraft) error {
		if _, ok := d.items[key]; ok {
			return errSeen
		}
		d.put(key, "1")
		return nil
	}
}

// TestDiskFails: what stood on a failed commit fails, and what was only judged
// by it is judged again.
func TestDiskFails(t *testing.T) {
	b := open(t)
	s := start(t, config(b))
	create(t, s, "1")
	first, release := held(t, b, s, "1")
	b.set(func() {
		b.before = func([]store.Part) error { b.set(func() { b.before = nil }); return errDisk }
	})
	answers := queue(t, s, "1",
		putNew("id"), // an error upon what is durable
		putNew("a"),
		putNew("a"), // an error upon what isn't yet
		func(d *boxDraft) error { // a look at what isn't yet
			if d.items["b"] != "" {
				return errSeen
			}
			return nil
		},
		putNew("b"),
	)
	release()
	ok(t, first)
	fails(t, answers[0], errSeen)
	fails(t, answers[1], errDisk)
	ok(t, answers[2], answers[3])
	fails(t, answers[4], errDisk)
	if item(t, s, "1", "a") != "1" || durable(t, b, "1")["a"] != "1" || item(t, s, "1", "b") != "" {
		t.Errorf("published %v", durable(t, b, "1"))
	}
}

// TestErrorsWaitForWhatTheySaw: an error that a write met on account of one that
// isn't durable is told only once that is.
func TestErrorsWaitForWhatTheySaw(t *testing.T) {
	b := open(t)
	s := start(t, config(b))
	create(t, s, "1")
	first, release := held(t, b, s, "1")
	answers := queue(t, s, "1", putNew("a"), putNew("a"), func(*boxDraft) error { return nil })
	entered := make(chan struct{})
	goOn := make(chan struct{})
	b.set(func() {
		b.before = func([]store.Part) error { close(entered); <-goOn; return nil }
	})
	release()
	ok(t, first)
	<-entered
	for i, a := range answers {
		select {
		case err := <-a:
			t.Errorf("write %d was answered %v before the commit", i, err)
		default:
		}
	}
	close(goOn)
	ok(t, answers[0], answers[2])
	fails(t, answers[1], errSeen)
}

// TestUncertainCommit: a commit that was done though it failed is what readers
// see once the failure is told.
func TestUncertainCommit(t *testing.T) {
	b := open(t)
	s := start(t, config(b))
	create(t, s, "1")
	b.set(func() {
		b.after = func([]store.Part) error { b.set(func() { b.after = nil }); return errDisk }
	})
	if err := s.Update(t.Context(), "1", count); !errors.Is(err, errDisk) {
		t.Fatalf("Update: %v", err)
	}
	if item(t, s, "1", "n") != "1" {
		t.Error("what is durable isn't published")
	}
	if err := s.Update(t.Context(), "1", count); err != nil || item(t, s, "1", "n") != "2" {
		t.Errorf("Update: %v, counted to %s", err, item(t, s, "1", "n"))
	}

	// When it can't be read either, nothing is told until it can.
	b.set(func() {
		b.after = func([]store.Part) error { return errDisk }
		b.load = func(string) error { return errDisk }
	})
	if err := s.Update(t.Context(), "1", count); !errors.Is(err, errDisk) {
		t.Fatalf("Update: %v", err)
	}
	if _, err := s.View(t.Context(), "1"); !errors.Is(err, errDisk) {
		t.Errorf("View: %v", err)
	}
	b.set(func() { b.after, b.load = nil, nil })
	until(t, "it's read again", func() bool { v, err := s.View(t.Context(), "1"); return err == nil && v.items["n"] == "3" })
}

// TestTakenFailsItsTakerOnly: the others of the batch succeed, in their order,
// and are judged without it.
func TestTakenFailsItsTakerOnly(t *testing.T) {
	b := open(t)
	s := start(t, config(b))
	create(t, s, "1", "2")
	if err := s.Update(t.Context(), "2", func(d *boxDraft) error { d.take("k1"); d.take("k2"); return nil }); err != nil {
		t.Fatal(err)
	}
	b.commits.Store(0)
	first, release := held(t, b, s, "1")
	taker := func(key string) func(*boxDraft) error {
		return func(d *boxDraft) error { d.put("a", key); d.take(key); return nil }
	}
	answers := queue(t, s, "1", count, taker("k1"), putNew("a"), putNew("a"), count, taker("k2"), taker("free"), count)
	release()
	ok(t, first, answers[0], answers[2], answers[4], answers[6], answers[7])
	fails(t, answers[3], errSeen)
	for i, key := range map[int]string{1: "k1", 5: "k2"} {
		var taken *store.TakenError
		if err := <-answers[i]; !errors.As(err, &taken) || taken.Key != key {
			t.Errorf("the taker of %s: %v", key, err)
		}
	}
	if got := durable(t, b, "1"); got["n"] != "3" || got["a"] != "free" {
		t.Errorf("durable: %v", got)
	}
	if n := b.commits.Load(); n > 8 {
		t.Errorf("%d commits for two takers", n)
	}
}

// TestConflict: another node's write is noticed, and the functions run again on
// what it left.
func TestConflict(t *testing.T) {
	b := open(t)
	s, other := start(t, config(b)), start(t, config(b))
	create(t, s, "1")
	for range 3 { // each is late once
		for _, node := range []*boxes{s, other} {
			if err := node.Update(t.Context(), "1", count); err != nil {
				t.Fatal(err)
			}
		}
	}
	if item(t, other, "1", "n") != "6" || durable(t, b, "1")["n"] != "6" {
		t.Errorf("counted to %v", durable(t, b, "1"))
	}
	first, release := held(t, b, s, "1")
	answers := queue(t, s, "1", putNew("a"), count)
	if err := other.Update(t.Context(), "1", putNew("a")); err != nil {
		t.Fatal(err)
	}
	release()
	ok(t, first, answers[1])
	fails(t, answers[0], errSeen)

	// Two nodes create the same.
	if err := s.Create(t.Context(), "2", func(d *boxDraft) error {
		if _, ok := other.Loaded("2"); !ok {
			create(t, other, "2")
		}
		return count(d)
	}); !errors.Is(err, store.ErrExists) {
		t.Errorf("Create: %v", err)
	}

	// One that is always late gives up.
	b.set(func() { b.before = func([]store.Part) error { return store.ErrConflict } })
	if err := s.Update(t.Context(), "1", count); !errors.Is(err, store.ErrConflict) {
		t.Errorf("Update: %v", err)
	}
}
