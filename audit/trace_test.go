package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"iamd/audit"
	"iamd/store"
)

func keep(r *audit.Recorder, account, id string, size int) { keepOf(r, account, "AIDA", id, size) }

func keepOf(r *audit.Recorder, account, principal, id string, size int) {
	r.Keep(account, id, clock, func(room func(string) bool) []byte {
		if !room(principal) {
			return nil
		}
		return bytes.Repeat([]byte{'t'}, size)
	})
}

// TestTraces: what was kept is found at once, by its id alone, and what was not
// is told from what could not be written.
func TestTraces(t *testing.T) {
	ctx, s := context.Background(), newSink()
	r := newRecorder(t, s)
	keep(r, "111111111111", "one", 3)
	if data, err := r.Trace(ctx, "one"); err != nil || string(data) != "ttt" {
		t.Errorf("got %q, %v", data, err)
	}
	got := s.traces["one"]
	if got.Aggregate != "account/111111111111" || got.Principal != "AIDA" || !got.Time.Equal(clock) ||
		s.keep.Aggregate.Items != 10_000 || s.keep.Principal.Items > s.keep.Aggregate.Items/10 || s.keep.Principal.Bytes > s.keep.Aggregate.Bytes/10 {
		t.Errorf("stored %+v, keeping %+v", got, s.keep)
	}
	if _, err := r.Trace(ctx, "two"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	full := errors.New("disk full")
	s.set(full)
	keep(r, "111111111111", "two", 3)
	if _, err := r.Trace(ctx, "two"); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	if _, err := r.Trace(ctx, "one"); err != nil {
		t.Errorf("what was written before: %v", err)
	}
	s.set(nil)
	if _, err := r.Trace(ctx, "two"); err != nil {
		t.Errorf("once the disk is well again: %v", err)
	}
	if err := r.Close(ctx); err != nil {
		t.Error(err)
	}
}

// TestFloodOfTraces: neither many nor long traces of one principal leave less than
// half of the room to the account's others, nor take any from other accounts and
// from events.
func TestFloodOfTraces(t *testing.T) {
	for size, most := range map[int]int{100: 64, 32 << 10: 16} {
		ctx, s := context.Background(), newSink()
		full := errors.New("disk full")
		s.set(full)
		r := newRecorder(t, s)
		const n = 5000
		for i := range n {
			keep(r, "111111111111", fmt.Sprint("flood", i), size)
			if i%1000 == 0 { // what waits on a disk still waits
				if err := r.Flush(ctx); !errors.Is(err, full) {
					t.Fatal(err)
				}
			}
		}
		keep(r, "222222222222", "quiet", size)
		keepOf(r, "111111111111", "AROA", "colleague", size)
		for i := range 2000 {
			r.Record(&audit.Event{RecipientAccountID: "111111111111", EventID: fmt.Sprint(i), EventTime: clock})
		}
		s.set(nil)
		if err := r.Close(ctx); err != nil {
			t.Fatal(err)
		}
		_, quiet := s.traces["quiet"]
		if _, colleague := s.traces["colleague"]; !quiet || !colleague || len(s.traces) != most+2 {
			t.Errorf("size %d: %d traces, that of the other account among them: %v, of the other principal: %v", size, len(s.traces), quiet, colleague)
		}
		if got := r.DroppedTraces(); got != uint64(n-most) {
			t.Errorf("size %d: %d dropped", size, got)
		}
		if got := len(s.events["account/111111111111"]); got != 2000 || r.Dropped() != 0 {
			t.Errorf("size %d: %d events, %d dropped", size, got, r.Dropped())
		}
	}
}

// TestManyFloods: however many accounts flood the room, and principals an
// account's share, the next to come finds half as much of it as each of them has.
func TestManyFloods(t *testing.T) {
	for _, c := range []struct{ noisy, size, room int }{{8, 2000, 20}, {50, 2000, 10}, {500, 32 << 10, 1}} {
		ctx, s := context.Background(), newSink()
		s.set(errors.New("disk full"))
		r := newRecorder(t, s)
		for i := range 200 {
			for account := range c.noisy {
				keepOf(r, fmt.Sprint("noisy", account), fmt.Sprint(i%3), fmt.Sprint(account, "-", i), c.size)
			}
		}
		before := r.DroppedTraces()
		for i := range c.room {
			keep(r, "222222222222", fmt.Sprint("quiet", i), c.size)
		}
		if n := r.DroppedTraces() - before; n != 0 || before == 0 {
			t.Errorf("%d floods: %d dropped, and %d of another account", c.noisy, before, n)
		}
		s.set(nil)
		if err := r.Close(ctx); err != nil {
			t.Fatal(err)
		}
	}
	ctx, s := context.Background(), newSink()
	s.set(errors.New("disk full"))
	r := newRecorder(t, s)
	for i := range 5000 {
		keepOf(r, "111111111111", fmt.Sprint("noisy", i%10), fmt.Sprint(i), 2000)
	}
	before := r.DroppedTraces()
	for i := range 5 {
		keepOf(r, "111111111111", "quiet", fmt.Sprint("quiet", i), 2000)
	}
	if n := r.DroppedTraces() - before; n != 0 || before == 0 {
		t.Errorf("floods of principals: %d dropped, and %d of another", before, n)
	}
	s.set(nil)
	if err := r.Close(ctx); err != nil {
		t.Fatal(err)
	}
	// What was written gives its room back.
	for i := range 60 {
		keepOf(r, "111111111111", "noisy0", fmt.Sprint("later", i), 2000)
	}
	if n := r.DroppedTraces() - before; n != 0 {
		t.Errorf("%d dropped of an empty room", n)
	}
}

// TestManyFloodsOfEvents: two accounts that flood the queue leave room for a
// third's events.
func TestManyFloodsOfEvents(t *testing.T) {
	ctx, s := context.Background(), newSink()
	s.set(errors.New("disk full"))
	r := newRecorder(t, s)
	for i := range 20000 {
		r.Record(&audit.Event{RecipientAccountID: fmt.Sprint("noisy", i%2), EventID: fmt.Sprint(i), EventTime: clock})
	}
	for i := range 1000 {
		r.Record(&audit.Event{RecipientAccountID: "222222222222", EventID: fmt.Sprint("quiet", i), EventTime: clock})
	}
	s.set(nil)
	if err := r.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if n := len(s.events["account/222222222222"]); n != 1000 || r.Dropped() == 0 {
		t.Errorf("%d events of the third account, %d dropped", n, r.Dropped())
	}
}

// TestFloodOfBytes: an account's long events leave room for the others'.
func TestFloodOfBytes(t *testing.T) {
	ctx, s := context.Background(), newSink()
	s.set(errors.New("disk full"))
	r := newRecorder(t, s)
	long := append(append([]byte{'"'}, bytes.Repeat([]byte{'x'}, 90<<10)...), '"')
	for i := range 1000 {
		r.Record(&audit.Event{RecipientAccountID: "111111111111", EventID: fmt.Sprint(i), EventTime: clock, RequestParameters: long})
	}
	r.Record(&audit.Event{RecipientAccountID: "222222222222", EventID: "quiet", EventTime: clock})
	s.set(nil)
	if err := r.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if len(s.events["account/222222222222"]) != 1 {
		t.Error("a flood of bytes hides another account's event")
	}
}
