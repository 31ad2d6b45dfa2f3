package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"iamd/store"
)

func TestViewLoadsOnce(t *testing.T) {
	b := open(t)
	create(t, start(t, config(b)), "1")
	s := start(t, config(b))
	if _, ok := s.Loaded("1"); ok {
		t.Error("loaded before any use")
	}
	b.loads.Store(0)
	arrived := make(chan struct{})
	b.set(func() { b.load = func(string) error { <-arrived; return nil } })
	var begun, wg sync.WaitGroup
	for range 50 {
		begun.Add(1)
		wg.Go(func() {
			begun.Done()
			if got := item(t, s, "1", "id"); got != "1" {
				t.Errorf("item %q", got)
			}
		})
	}
	begun.Wait()
	close(arrived)
	wg.Wait()
	if n := b.loads.Load(); n != 1 {
		t.Errorf("%d loads", n)
	}
	if v, ok := s.Loaded("1"); !ok || v.items["id"] != "1" {
		t.Errorf("Loaded: %v, %v", v, ok)
	}
}

func TestAbsentIDsLeaveNothing(t *testing.T) {
	b := open(t)
	s := start(t, config(b))
	b.loads.Store(0)
	for _, id := range []string{"", "\x00", "\xff", strings.Repeat("9", store.MaxName)} {
		if _, err := s.View(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("View %.10q: %v", id, err)
		}
		if err := s.Update(t.Context(), id, count); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Update %.10q: %v", id, err)
		}
		if err := s.Create(t.Context(), id, count); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("Create %.10q: %v", id, err)
		}
	}
	if b.loads.Load() != 0 {
		t.Error("what can't be an id was loaded")
	}
	for i := range 100 {
		id := fmt.Sprint(i)
		if _, err := s.View(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("View: %v", err)
		}
		if err := s.Update(t.Context(), id, count); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Update: %v", err)
		}
		if _, ok := s.Loaded(id); ok {
			t.Error("Loaded")
		}
	}
	until(t, "nothing is left", func() bool { all, resting := s.Entries(); return all == 0 && resting == 0 })
}

func TestIdleValuesAreDropped(t *testing.T) {
	b := open(t)
	cfg := config(b)
	cfg.MaxLoaded = 10
	s := start(t, cfg)
	var ids []string
	for i := range 50 {
		ids = append(ids, fmt.Sprintf("%02d", i))
	}
	create(t, s, ids...)
	until(t, "all but ten are dropped", func() bool { all, resting := s.Entries(); return all == 10 && resting == 10 })

	// One that is being written isn't dropped, and one in use stays.
	first, release := held(t, b, s, "00")
	until(t, "01 is loaded", func() bool {
		item(t, s, "01", "id")
		_, loaded := s.Loaded("01")
		all, resting := s.Entries()
		return loaded && all == 11 && resting == 10
	})
	for _, id := range ids[2:] {
		item(t, s, "01", "id")
		if got := item(t, s, id, "id"); got != id {
			t.Errorf("%s has %q", id, got)
		}
		if _, ok := s.Loaded("00"); !ok {
			t.Fatal("dropped while written")
		}
		if _, ok := s.Loaded("01"); !ok {
			t.Fatal("dropped though it's used all the time")
		}
	}
	release()
	ok(t, first)
	if item(t, s, "00", "first") != "1" {
		t.Error("the write is lost")
	}
	until(t, "ten are left", func() bool { all, resting := s.Entries(); return all <= 11 && resting <= 10 })
}

func TestOwnerAndIDs(t *testing.T) {
	b := open(t)
	s := start(t, config(b))
	create(t, s, "3", "1", "2")
	if err := b.Commit(t.Context(), []store.Part{{Aggregate: "other/1", Changes: store.Changes{Take: []store.Unique{{Space: "s", Key: "o"}}}}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), "2", func(d *boxDraft) error { d.take("k"); return nil }); err != nil {
		t.Fatal(err)
	}
	if id, err := s.Owner(t.Context(), store.Unique{Space: "s", Key: "k"}); id != "2" || err != nil {
		t.Errorf("Owner: %q, %v", id, err)
	}
	for _, key := range []string{"o", "none"} {
		if id, err := s.Owner(t.Context(), store.Unique{Space: "s", Key: key}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Owner of %s: %q, %v", key, id, err)
		}
	}
	first, err := s.IDs(t.Context(), "", 2)
	if err != nil || fmt.Sprint(first) != "[1 2]" {
		t.Errorf("IDs: %v, %v", first, err)
	}
	if rest, err := s.IDs(t.Context(), "2", 2); err != nil || fmt.Sprint(rest) != "[3]" {
		t.Errorf("IDs: %v, %v", rest, err)
	}
}

func TestLoadFails(t *testing.T) {
	b := open(t)
	create(t, start(t, config(b)), "1")
	s := start(t, config(b))
	b.set(func() { b.load = func(string) error { return errDisk } })
	if _, err := s.View(t.Context(), "1"); !errors.Is(err, errDisk) {
		t.Errorf("View: %v", err)
	}
	if err := s.Update(t.Context(), "1", count); !errors.Is(err, errDisk) {
		t.Errorf("Update: %v", err)
	}
	if err := s.Create(t.Context(), "1", count); !errors.Is(err, errDisk) {
		t.Errorf("Create: %v", err)
	}
	if err := store.Together(t.Context(), s.Share("1", count)); !errors.Is(err, errDisk) {
		t.Errorf("Together: %v", err)
	}
	b.set(func() { b.load = func(string) error { panic("no") } })
	if err := s.Update(t.Context(), "1", count); !errors.As(err, new(*store.PanicError)) {
		t.Errorf("Update: %v", err)
	}
	b.set(func() { b.load = nil })
	if err := s.Update(t.Context(), "1", count); err != nil || item(t, s, "1", "n") != "1" {
		t.Errorf("Update once the disk is back: %v", err)
	}

	// Rows that can't be read are not an aggregate that isn't there.
	if err := b.Commit(t.Context(), []store.Part{{Aggregate: "box/2", Changes: store.Changes{Rows: []store.Row{{Kind: "odd", Data: []byte{}}}}}}); err != nil {
		t.Fatal(err)
	}
	cfg := config(b)
	cfg.Load = func(string, []store.Row) (*box, error) { return nil, store.ErrNotFound }
	for _, s := range []*boxes{s, start(t, cfg)} {
		_, err := s.View(t.Context(), "2")
		if err == nil || errors.Is(err, store.ErrNotFound) {
			t.Errorf("View: %v", err)
		}
		if err := s.Create(t.Context(), "2", count); err == nil || errors.Is(err, store.ErrNotFound) {
			t.Errorf("Create: %v", err)
		}
	}
}

func TestViewIsCancelled(t *testing.T) {
	b := open(t)
	create(t, start(t, config(b)), "1")
	s := start(t, config(b))
	b.loads.Store(0)
	release := make(chan struct{})
	b.set(func() { b.load = func(string) error { <-release; return nil } })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.View(ctx, "1"); !errors.Is(err, context.Canceled) {
		t.Errorf("View: %v", err)
	}
	close(release) // the load goes on, for others
	if item(t, s, "1", "id") != "1" || b.loads.Load() != 1 {
		t.Errorf("%d loads", b.loads.Load())
	}
}

func TestClose(t *testing.T) {
	b := open(t)
	s := store.New(config(b))
	create(t, s, "1")
	first, release := held(t, b, s, "1")
	waiting := queue(t, s, "1", count, count)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	closed := make(answer, 1)
	go func() { closed <- s.Close(t.Context()) }()
	until(t, "writes are refused", func() bool { return errors.Is(s.Create(t.Context(), "2", count), store.ErrClosed) })
	select {
	case err := <-closed:
		t.Fatalf("closed before the writes were done: %v", err)
	default:
	}
	release()
	ok(t, append(waiting, first, closed)...)
	if item(t, s, "1", "n") != "2" {
		t.Error("writes are lost")
	}
	if _, err := s.View(t.Context(), "7"); !errors.Is(err, store.ErrClosed) {
		t.Errorf("View: %v", err)
	}
	if err := s.Update(t.Context(), "1", count); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Update: %v", err)
	}

	s = store.New(config(b))
	first, release = held(t, b, s, "1")
	if err := s.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Close that can't wait: %v", err)
	}
	release()
	fails(t, first, context.Canceled)
}
