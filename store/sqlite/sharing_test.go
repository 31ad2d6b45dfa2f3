package sqlite

import (
	"testing"
	"testing/synctest"
	"time"
)

// sharer is a writer whose transactions take a millisecond, and do nothing.
type sharer struct {
	writer
	sizes []int
}

func (w *sharer) once(r *request) {
	g := w.gather(r)
	time.Sleep(time.Millisecond) // of a false clock
	for r := w.next(g); g.add(r); r = w.next(g) {
	}
	w.sharing.ended(g, len(w.requests))
	w.sizes = append(w.sizes, len(g.all))
	for _, r := range g.all {
		r.done <- nil
	}
}

// serve runs transactions until the requests are closed.
func (w *sharer) serve() {
	for r := range w.requests {
		w.once(r)
	}
}

func newSharer() *sharer {
	return &sharer{writer: writer{requests: make(chan *request, maxGroup)}}
}

func (w *sharer) ask() { r := &request{done: make(chan error, 1)}; w.requests <- r; <-r.done }

// TestSharing: writers who come back a moment after they were answered soon share all
// their transactions, instead of falling into two halves.
func TestSharing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newSharer()
		go w.serve()
		const writers, writes = 8, 50
		ended := make(chan struct{})
		for i := range writers {
			go func() {
				for range writes {
					w.ask()
					time.Sleep(time.Duration(i) * 30 * time.Microsecond)
				}
				ended <- struct{}{}
			}()
		}
		for range writers {
			<-ended
		}
		close(w.requests)
		synctest.Wait()
		if n := len(w.sizes); n > writes+writes/5 {
			t.Errorf("%d transactions for %d writes of each of %d writers: %v", n, writes, writers, w.sizes)
		}
	})
}

// TestSharingInVain: who waits for writers that do not come back stops waiting for
// longer and longer, and a writer alone is never made to wait.
func TestSharingInVain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newSharer()
		began := time.Now()
		for range 100 {
			r := &request{done: make(chan error, 1)}
			w.once(r)
		}
		if took := time.Since(began); took != 100*time.Millisecond {
			t.Errorf("a writer alone waited: %v", took)
		}
		began = time.Now()
		for range 200 {
			w.sharing.under = 3 // as if two more had been there
			w.once(&request{done: make(chan error, 1)})
		}
		if waited := time.Since(began) - 200*time.Millisecond; waited == 0 || waited > 10*time.Millisecond {
			t.Errorf("in vain for %v in 200 transactions of a millisecond", waited)
		}
	})
}

// TestSharingBounds: a transaction waits for no more writers, and no longer, than the
// bounds allow, whatever was seen before.
func TestSharingBounds(t *testing.T) {
	s := sharing{under: 1000, took: time.Minute}
	if g := s.begin(); g.expect != mostExpected || g.patience != mostPatience {
		t.Errorf("waits %v for %d", g.patience, g.expect)
	}
	full := s.begin()
	for range maxGroup {
		full.add(&request{})
	}
	heavy := s.begin()
	heavy.add(&request{size: maxGroupBytes})
	w := newSharer()
	w.requests <- &request{}
	for _, g := range []*group{full, heavy} {
		if w.next(g) != nil {
			t.Errorf("a group of %d with %d bytes takes one more", len(g.all), g.size)
		}
	}
}
