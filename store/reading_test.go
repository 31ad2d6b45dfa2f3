package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"iamd/store"
	"iamd/store/storetest"
)

// TestReadWithinWrite: the function of a write may read the newest of any aggregate,
// its own among them, while another's function does the same: no reader waits for a
// writer.
func TestReadWithinWrite(t *testing.T) {
	list := processes(t, 2, time.Hour)
	p, other := list[0], list[1]
	create(t, p.boxes, "1", "2")
	p.item(t, "x")
	p.way.Quiet(true) // what the other one writes is not told of
	if err := other.put("x", "new"); err != nil {
		t.Fatal(err)
	}
	p.way.Quiet(false)
	p.stands(t, "it follows", func(s store.State) bool { return s.Stalled == nil })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // of those who wait for themselves
	defer cancel()
	reads := map[string]func(id string) (*box, error){
		"Newest": func(id string) (*box, error) { return p.Newest(ctx, id) },
		"Reach": func(id string) (*box, error) {
			if err := p.Reach(ctx, id, other.Version(id)); err != nil {
				return nil, err
			}
			return p.View(ctx, id)
		},
		// As one does that was told of something newer long ago, and has not read it.
		"View": func(id string) (*box, error) {
			p.follower.Feed().Reverted("box/" + id)
			return p.View(ctx, id)
		},
	}
	for what, read := range reads {
		var all, both sync.WaitGroup
		both.Add(2)
		for _, id := range []string{"1", "2"} {
			all.Go(func() {
				runs := sync.OnceFunc(both.Done)
				err := p.Update(t.Context(), id, func(d *boxDraft) error {
					runs()
					both.Wait() // both functions are running
					for _, of := range []string{"1", "2"} {
						b, err := read(of)
						if err != nil {
							return err
						}
						if of == "1" && b.items["x"] != "new" {
							return fmt.Errorf("it read %v", b.items)
						}
					}
					d.put(what, "done")
					return nil
				})
				if err != nil {
					t.Errorf("%s, within a write of %s: %v", what, id, err)
				}
			})
		}
		all.Wait()
		if t.Failed() {
			return
		}
	}
	for what := range reads {
		if p.item(t, what) != "done" || item(t, p.boxes, "2", what) != "done" {
			t.Errorf("the write that read by %s is lost", what)
		}
	}
}

// TestReadBesideWrite: a write that changes nothing is not judged by an older value
// than one that a reader beside the writer was given before.
func TestReadBesideWrite(t *testing.T) {
	list := processes(t, 2, time.Hour)
	p, other := list[0], list[1]
	create(t, p.boxes, "1")
	running, goOn := make(chan struct{}), make(chan struct{})
	first := update(t.Context(), p.boxes, "1", func(*boxDraft) error {
		close(running)
		<-goOn
		return nil
	})
	<-running
	if err := other.put("x", "new"); err != nil {
		t.Fatal(err)
	}
	if v, err := p.Newest(t.Context(), "1"); err != nil || v.items["x"] != "new" {
		t.Fatalf("Newest: %v, %v", v, err)
	}
	saw := ""
	second := update(t.Context(), p.boxes, "1", func(d *boxDraft) error {
		saw = d.items["x"]
		return nil
	})
	until(t, "the second write waits", func() bool { return p.Queued("1") == 1 })
	close(goOn)
	if err := errors.Join(<-first, <-second); err != nil || saw != "new" {
		t.Errorf("a write after x was read saw %q, %v", saw, err)
	}
}

// TestLateFailure: a reading that fails takes nothing away that was written since it
// began.
func TestLateFailure(t *testing.T) {
	b := open(t)
	p := processesOn(t, storetest.NewNetwork(b), 1, time.Hour)[0]
	holding := func() (running, goOn chan struct{}, fn func(*boxDraft) error) {
		running, goOn = make(chan struct{}), make(chan struct{})
		return running, goOn, func(d *boxDraft) error {
			close(running)
			<-goOn
			return put("x", "y")(d)
		}
	}
	running, goOn, fn := holding()
	created := make(chan error, 1)
	go func() { created <- p.Create(t.Context(), "1", fn) }()
	<-running
	reads, fails := make(chan struct{}), make(chan struct{})
	b.set(func() {
		b.load = func(string) error {
			close(reads)
			<-fails
			return store.ErrNotFound // as it was when the reading began
		}
	})
	read := make(chan error, 1)
	go func() {
		_, err := p.Newest(t.Context(), "1")
		read <- err
	}()
	<-reads
	close(goOn)
	if err := <-created; err != nil {
		t.Fatal(err)
	}
	running, goOn, fn = holding() // so that it stays in memory
	later := update(t.Context(), p.boxes, "1", fn)
	<-running
	close(fails)
	if err := <-read; !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Newest: %v", err)
	}
	if v, err := p.View(t.Context(), "1"); err != nil || v.items["x"] != "y" {
		t.Errorf("what was created is %v, %v", v, err)
	}
	close(goOn)
	if err := <-later; err != nil {
		t.Error(err)
	}
}
