package sink_test

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"iamd/audit/sink"
	"iamd/store"
)

// TestStored: what was stored comes, once and soon, and what was refused does not.
func TestStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWriter()
		r := run(t, newBackend(), lines(w))
		for _, id := range []string{"a", "b"} {
			if err := r.commit(t, "1", id); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.watch.AppendEvents(t.Context(), map[string][]store.Event{"account/2": {event("c")}}); err != nil {
			t.Fatal(err)
		}
		r.backend.commit, r.lost = store.ErrConflict, true
		if err := r.commit(t, "1", "never"); err == nil {
			t.Fatal("the commit should have failed")
		}
		synctest.Wait()
		w.want(t, "stored", true, "a", "b", "c")
		r.close(t)
		w.want(t, "closed", true, "a", "b", "c")
	})
}

// TestUnknownCommit: a commit that was broken off is looked for: what it stored
// comes, and what it did not store does not.
func TestUnknownCommit(t *testing.T) {
	for lost, want := range map[bool][]string{false: {"a"}, true: nil} {
		synctest.Test(t, func(t *testing.T) {
			w := newWriter()
			r := run(t, newBackend(), lines(w))
			r.backend.commit, r.lost = errDown, lost
			if err := r.commit(t, "1", "a"); err == nil {
				t.Fatal("the commit should have failed")
			}
			synctest.Wait()
			w.want(t, fmt.Sprint("lost: ", lost), true, want...)
			r.close(t)
		})
	}
}

// TestFull: more events than have room while the sink is away all come when it is
// back; nobody waits for it.
func TestFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWriter()
		w.set(errDown)
		r := run(t, newBackend(), lines(w))
		var ids []string
		for i := range 20_000 {
			ids = append(ids, fmt.Sprintf("e%05d", i))
			if err := r.commit(t, fmt.Sprint(i%7), ids[i]); err != nil {
				t.Fatal(err)
			}
			if i%1000 == 0 {
				pass(time.Second)
			}
		}
		s := r.sinks.States()[0]
		if s.Waiting == 0 || s.Waiting > 8192 || s.Failed == 0 || s.Behind < 19*time.Second {
			t.Errorf("while it is away: %+v", s)
		}
		w.set(nil)
		pass(2 * time.Minute)
		synctest.Wait()
		w.want(t, "back", false, ids...)
		twice := 0
		for _, n := range w.got {
			twice += n - 1
		}
		if s := r.sinks.States()[0]; s.Waiting != 0 || s.Behind != 0 || s.Dropped != 0 || twice > 2000 {
			t.Errorf("back: %+v, %d came twice", s, twice)
		}
		r.close(t)
	})
}

// TestRestart: after a stop each event came once; after a crash none is missing.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, w := newBackend(), newWriter()
		r := run(t, b, lines(w))
		pass(time.Hour)
		if err := r.commit(t, "1", "a"); err != nil {
			t.Fatal(err)
		}
		r.close(t)
		pass(time.Hour)
		b.events["account/1"] = append(b.events["account/1"], event("offline")) // of a command, while no server ran
		pass(time.Hour)
		r = run(t, b, lines(w))
		synctest.Wait()
		w.want(t, "a stop", true, "a", "offline")

		// Not delivered when the process dies: nothing but the store and the cursor lasts.
		w.set(errDown)
		if err := r.commit(t, "1", "b", "c"); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if err := r.commit(t, "2", "d"); err != nil {
			t.Fatal(err)
		}
		pass(10 * time.Second)
		crashed := newBackend()
		for k, v := range b.soft {
			crashed.soft[k] = v
		}
		for k, v := range b.events {
			crashed.events[k] = v
		}
		_ = r.watch.Close() // ends the goroutine; what it does to b counts no more
		w.set(nil)
		r = run(t, crashed, lines(w))
		synctest.Wait()
		w.want(t, "a crash", false, "a", "offline", "b", "c", "d")
		r.close(t)
	})
}

// TestNewSink: a sink that was not there begins with the present, and those of
// other nodes and names have cursors of their own.
func TestNewSink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, first, second := newBackend(), newWriter(), newWriter()
		b.events["account/1"] = []store.Event{event("old")}
		pass(time.Second)
		r := run(t, b, lines(first))
		if err := r.commit(t, "1", "a"); err != nil {
			t.Fatal(err)
		}
		r.close(t)
		pass(time.Second)
		r = run(t, b, lines(first), sink.Spec{Name: "second", Writer: &sink.Writer{Name: "stdout", To: second}})
		if err := r.commit(t, "1", "b"); err != nil {
			t.Fatal(err)
		}
		r.close(t)
		first.want(t, "first", true, "a", "b")
		second.want(t, "second", true, "b")
	})
}

// TestStuck: what takes nothing holds up neither requests nor the end, and counts
// as not delivered.
func TestStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, w := newBackend(), newWriter()
		w.hold = make(chan struct{})
		r := run(t, b, lines(w))
		if err := r.commit(t, "1", "a"); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := r.watch.Close(); err == nil || !strings.Contains(err.Error(), "takes nothing") || time.Since(began) > 10*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		close(w.hold)
		synctest.Wait()
		fresh := newWriter()
		r = run(t, b, lines(fresh))
		synctest.Wait()
		fresh.want(t, "the next start", true, "a")
		r.close(t)
	})
}

// TestReady: nothing is printed before all else is.
func TestReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, ready := newWriter(), make(chan struct{})
		r := run(t, newBackend(), sink.Spec{Writer: &sink.Writer{Name: "stdout", To: w, Ready: ready}})
		if err := r.commit(t, "1", "a"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		w.want(t, "before", true)
		close(ready)
		synctest.Wait()
		w.want(t, "after", true, "a")
		r.close(t)
	})
}

// TestStoreAway: reading what was missed goes on when the store answers again.
func TestStoreAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWriter()
		r := run(t, newBackend(), lines(w))
		r.backend.commit = errDown
		_ = r.commit(t, "1", "a")
		r.mu.Lock()
		r.down = errDown
		r.mu.Unlock()
		r.backend.commit = errDown
		_ = r.commit(t, "1", "b")
		pass(30 * time.Second)
		r.mu.Lock()
		r.down = nil
		r.mu.Unlock()
		pass(time.Minute)
		synctest.Wait()
		w.want(t, "back", false, "a", "b")
		r.close(t)
	})
}

// TestNames: two sinks that share a cursor are refused, and a sink that leads
// nowhere.
func TestNames(t *testing.T) {
	for want, specs := range map[string][]sink.Spec{
		"two sinks":     {lines(newWriter()), lines(newWriter())},
		"leads nowhere": {{}},
	} {
		_, err := sink.Open(t.Context(), sink.Config{Backend: newBackend(), Sinks: specs, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: time.Now})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
