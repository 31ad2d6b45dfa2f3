package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"iamd/store"
)

func TestCreateAndUpdate(t *testing.T) {
	b := open(t)
	s := start(t, config(b))
	if err := s.Update(t.Context(), "1", count); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Update of nothing: %v", err)
	}
	if err := s.Create(t.Context(), "1", func(*boxDraft) error { return nil }); err != nil {
		t.Errorf("Create of nothing: %v", err)
	}
	if _, err := s.View(t.Context(), "1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("View: %v", err)
	}
	create(t, s, "1")
	if err := s.Create(t.Context(), "1", put("id", "other")); !errors.Is(err, store.ErrExists) {
		t.Errorf("Create again: %v", err)
	}
	old, _ := s.View(t.Context(), "1")
	if err := s.Update(t.Context(), "1", func(d *boxDraft) error { d.put("a", "1"); d.drop("id"); return nil }); err != nil {
		t.Fatal(err)
	}
	if old.items["a"] != "" || item(t, s, "1", "a") != "1" {
		t.Error("the old value changed, or the new one isn't published")
	}
	if got := fmt.Sprint(durable(t, b, "1")); got != "map[a:1]" {
		t.Errorf("durable: %s", got)
	}
	mine := errors.New("mine")
	if err := s.Update(t.Context(), "1", func(d *boxDraft) error { d.put("a", "2"); return mine }); err != mine {
		t.Errorf("Update: %v, want the function's error as it is", err)
	}
	n := b.commits.Load()
	if err := s.Update(t.Context(), "1", func(*boxDraft) error { return nil }); err != nil || b.commits.Load() != n {
		t.Errorf("an update of nothing: %v, %d commits", err, b.commits.Load()-n)
	}
	if item(t, s, "1", "a") != "1" || durable(t, b, "1")["a"] != "1" {
		t.Error("a failed write changed something")
	}
}

// TestBatch: what waits is committed at once, each write upon the one before it,
// and nobody sees it before.
func TestBatch(t *testing.T) {
	b := open(t)
	s := start(t, config(b))
	create(t, s, "1", "2")
	b.commits.Store(0)
	first, release := held(t, b, s, "1")
	var fns []func(*boxDraft) error
	for range 100 {
		fns = append(fns, count)
	}
	answers := queue(t, s, "1", fns...)
	if err := s.Update(t.Context(), "2", count); err != nil { // others don't wait
		t.Fatal(err)
	}
	if item(t, s, "1", "first") != "" || item(t, s, "1", "n") != "" {
		t.Error("published before it's durable")
	}
	select {
	case <-first:
		t.Error("answered before it's durable")
	default:
	}
	release()
	ok(t, append(answers, first)...)
	if n := b.commits.Load(); n != 3 {
		t.Errorf("%d commits, want 3", n)
	}
	if item(t, s, "1", "n") != "100" || durable(t, b, "1")["n"] != "100" {
		t.Errorf("counted to %s", item(t, s, "1", "n"))
	}
}

func TestBatchIsBounded(t *testing.T) {
	b := open(t)
	cfg := config(b)
	cfg.MaxBatch, cfg.MaxQueue = 10, 30
	s := start(t, cfg)
	create(t, s, "1")
	b.commits.Store(0)
	first, release := held(t, b, s, "1")
	var fns []func(*boxDraft) error
	for range 30 {
		fns = append(fns, count)
	}
	answers := queue(t, s, "1", fns...)
	if err := s.Update(t.Context(), "1", count); !errors.Is(err, store.ErrBusy) {
		t.Errorf("a write too many: %v", err)
	}
	release()
	ok(t, append(answers, first)...)
	if n := b.commits.Load(); n != 4 {
		t.Errorf("%d commits, want 4", n)
	}
}

// TestRowsFold: of two writes to one row in a batch the later stays, and names
// that are taken and freed in it end as in separate commits.
func TestRowsFold(t *testing.T) {
	b := open(t)
	s := start(t, config(b))
	create(t, s, "1", "2")
	if err := s.Update(t.Context(), "2", func(d *boxDraft) error { d.take("theirs"); return nil }); err != nil {
		t.Fatal(err)
	}
	first, release := held(t, b, s, "1")
	do := func(f func(d *boxDraft)) func(*boxDraft) error { return func(d *boxDraft) error { f(d); return nil } }
	answers := queue(t, s, "1",
		do(func(d *boxDraft) { d.put("a", "1"); d.put("b", "1"); d.take("x"); d.take("y") }),
		do(func(d *boxDraft) { d.put("a", "2"); d.put("a", "3"); d.drop("id") }),
		do(func(d *boxDraft) { d.drop("b"); d.free("x"); d.free("y") }),
		do(func(d *boxDraft) { d.put("id", "new"); d.take("x"); d.take("z") }),
		do(func(d *boxDraft) { d.take("theirs") }),
		do(func(d *boxDraft) { d.free("theirs") }), // must not hide that the one before can't
		do(func(d *boxDraft) { d.put("c", "1"); d.take("z") }),
	)
	release()
	ok(t, first, answers[0], answers[1], answers[2], answers[3], answers[5], answers[6])
	if err := <-answers[4]; !errors.As(err, new(*store.TakenError)) {
		t.Errorf("taking another's name: %v", err)
	}
	want := "map[a:3 c:1 first:1 id:new]"
	if got := fmt.Sprint(durable(t, b, "1")); got != want {
		t.Errorf("durable: %s, want %s", got, want)
	}
	if v, _ := s.View(t.Context(), "1"); fmt.Sprint(v.items) != want {
		t.Errorf("published: %v", v.items)
	}
	for key, owner := range map[string]string{"x": "1", "y": "", "z": "1", "theirs": "2"} {
		if id, _ := s.Owner(t.Context(), store.Unique{Space: "s", Key: key}); id != owner {
			t.Errorf("%s is owned by %q, want %q", key, id, owner)
		}
	}
}

func TestPanics(t *testing.T) {
	b := open(t)
	s := start(t, config(b))
	create(t, s, "1")
	first, release := held(t, b, s, "1")
	answers := queue(t, s, "1",
		count,
		func(d *boxDraft) error { d.put("a", "1"); panic("oh") },
		count,
		func(d *boxDraft) error { d.put("a", "1"); runtime.Goexit(); return nil },
		count,
	)
	release()
	ok(t, first, answers[0], answers[2], answers[4])
	for _, i := range []int{1, 3} {
		var p *store.PanicError
		if err := <-answers[i]; !errors.As(err, &p) || len(p.Stack) == 0 {
			t.Errorf("answer %d: %v", i, err)
		}
	}
	if got := fmt.Sprint(durable(t, b, "1")); got != "map[first:1 id:1 n:3]" {
		t.Errorf("durable: %s", got)
	}
}

func TestCancelledWrites(t *testing.T) {
	b := open(t)
	s := start(t, config(b))
	create(t, s, "1")
	ctx, cancel := context.WithCancel(t.Context())
	first, release := held(t, b, s, "1")
	ran := false
	waiting := update(ctx, s, "1", func(*boxDraft) error { ran = true; return nil })
	until(t, "it's queued", func() bool { return s.Queued("1") == 1 })
	behind := queue(t, s, "1", count)
	cancel()
	fails(t, waiting, context.Canceled) // at once, though the queue stands
	release()
	ok(t, append(behind, first)...)
	if ran {
		t.Error("the function ran after its caller had left")
	}
	if err := s.Update(ctx, "1", count); !errors.Is(err, context.Canceled) {
		t.Errorf("Update: %v", err)
	}

	// A caller who leaves during the commit doesn't undo it.
	ctx, cancel = context.WithCancel(t.Context())
	entered, release := b.gate()
	leaving := update(ctx, s, "1", put("left", "1"))
	<-entered
	cancel()
	fails(t, leaving, context.Canceled)
	release()
	if err := s.Update(t.Context(), "1", count); err != nil || durable(t, b, "1")["left"] != "1" {
		t.Errorf("the write was lost: %v", err)
	}
}

// TestManyWriters has many count in a few boxes on two nodes of one backend.
func TestManyWriters(t *testing.T) {
	b := open(t)
	nodes := []*boxes{start(t, config(b)), start(t, config(b))}
	create(t, nodes[0], "1", "2", "3")
	before := runtime.NumGoroutine()
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			for range 10 {
				if err := nodes[i%2].Update(t.Context(), fmt.Sprint(i%3+1), count); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for i := range 3 {
		id := fmt.Sprint(i + 1)
		if got := durable(t, b, id)["n"]; got != "200" {
			t.Errorf("box %s counted to %s, want 200", id, got)
		}
	}
	t.Logf("600 writes in %d commits", b.commits.Load())
	until(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before })
}
