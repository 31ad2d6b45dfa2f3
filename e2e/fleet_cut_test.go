//go:build linux

package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// cutOff cuts the last node off from its store, in silence, for longer than it may
// decide from memory. A key that is revoked elsewhere meanwhile is refused by the
// time that is over, and ever after.
func (f *fleet) cutOff(t *testing.T, r *room) {
	const what = "a node is cut off from the store"
	a, c := f.nodes[0], f.nodes[len(f.nodes)-1]
	f.fault(t, what, func() {
		key := f.known(t, a, c, f.accounts[0])
		r.cut(t)
		w := &cut{fleet: f, node: c, key: key, begun: time.Now(), over: make(chan struct{})}
		w.watch()
		f.mustRevoke(t, a, key)
		revokedAfter := time.Since(w.begun)
		limit := noticed + staleFor
		<-time.After(time.Until(w.begun.Add(limit)))
		f.soon(t, what+": it says so", func() (string, bool) {
			status, text := c.ready()
			return text, status == http.StatusServiceUnavailable && strings.Contains(text, "everything is refused")
		})
		begun := time.Now()
		if v := c.identity(f.accounts[0].driver, callTime); v != unavailable {
			t.Errorf("%s: a good key, after it may no longer decide: %q", what, v)
		}
		refusal := time.Since(begun)
		r.mend(t)
		mended := time.Now()
		f.soon(t, what+": the good key is taken again", func() (string, bool) {
			v := c.identity(f.accounts[0].driver, callTime)
			return string(v), v == accepted
		})
		t.Logf("%s: after it was mended a good key was taken after %s, a write after %s", what, time.Since(mended).Round(time.Millisecond), f.healed(t, what, mended, c))
		w.end(t, what)
		t.Logf("%s: the key was revoked %s after the cut; requests by it were taken until %s after; refusals of everything took %s",
			what, revokedAfter.Round(time.Millisecond), w.lastTaken.Round(time.Millisecond), refusal.Round(time.Millisecond))
		if w.lastTaken > limit {
			t.Errorf("%s: a revoked key is taken %s after the cut", what, w.lastTaken)
		}
	}, f.nodes...)
}

// cut watches a node that was cut off.
type cut struct {
	*fleet
	node  *fleetNode
	key   *fleetKey
	begun time.Time
	over  chan struct{}
	group sync.WaitGroup

	mu                 sync.Mutex
	noticed, refusing  time.Duration // after the cut
	lastTaken          time.Duration // the key, by when it was asked
	byMemory           int           // requests that were answered well once the node knew
	before, once, last time.Duration // the longest write before it knew, after, and when all was refused
	writes             int
}

func (w *cut) watch() {
	each := func(every time.Duration, do func(at time.Duration)) {
		w.group.Go(func() {
			tick := time.NewTicker(every)
			defer tick.Stop()
			for {
				do(time.Since(w.begun))
				select {
				case <-tick.C:
				case <-w.over:
					return
				}
			}
		})
	}
	each(20*time.Millisecond, func(at time.Duration) {
		status, text := w.node.ready()
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.noticed == 0 && strings.Contains(text, "deciding from memory") {
			w.noticed = at
		}
		if w.refusing == 0 && status == http.StatusServiceUnavailable {
			w.refusing = at
		}
	})
	each(10*time.Millisecond, func(at time.Duration) {
		if w.node.identity(w.key.Credentials, callTime) == accepted {
			w.mu.Lock()
			w.lastTaken = max(w.lastTaken, at)
			w.mu.Unlock()
		}
	})
	each(20*time.Millisecond, func(at time.Duration) {
		v := w.node.identity(w.accounts[0].driver, callTime)
		w.mu.Lock()
		defer w.mu.Unlock()
		if v == accepted && w.noticed != 0 && at > w.noticed && w.refusing == 0 {
			w.byMemory++
		}
	})
	write := func(at time.Duration) {
		w.mu.Lock()
		knew, refused := w.noticed != 0, w.refusing != 0
		w.mu.Unlock()
		name := fmt.Sprint("cut-", at.Nanoseconds())
		err := w.node.create(w.accounts[0].driver, name, enough)
		took := time.Since(w.begun) - at
		w.mu.Lock()
		defer w.mu.Unlock()
		switch {
		case err == nil:
			w.ledger.note(func() { w.ledger.users[w.accounts[0].id+" "+name] = true })
			return // it was before, or is after
		case !judge(err).away():
			w.t.Errorf("a write of a node that is cut off: %v", err)
		case refused:
			w.last = max(w.last, took)
		case knew:
			w.once = max(w.once, took)
			w.writes++
		default:
			w.before = max(w.before, took)
		}
	}
	// One that began before the node knew hangs, so others go beside it.
	each(50*time.Millisecond, func(at time.Duration) { w.group.Go(func() { write(at) }) })
}

// end ends the watch and tells what it saw.
func (w *cut) end(t *testing.T, what string) {
	t.Helper()
	close(w.over)
	w.group.Wait()
	round := func(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
	t.Logf("%s: it knew after %s, and refused everything after %s; between, %d requests were decided from memory, and %d writes refused in at most %s (before it knew: %s, later: %s)",
		what, round(w.noticed), round(w.refusing), w.byMemory, w.writes, round(w.once), round(w.before), round(w.last))
	switch {
	case w.noticed == 0 || w.byMemory == 0 || w.writes == 0:
		t.Errorf("%s: it never decided from memory", what)
	case w.once > 3*time.Second:
		t.Errorf("%s: a write is refused only after %s", what, w.once)
	}
}
