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

func keep(r *audit.Recorder, account, id string, size int) {
	r.Keep(account, id, clock, func() []byte { return bytes.Repeat([]byte{'t'}, size) })
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
	if got.Aggregate != "account/111111111111" || !got.Time.Equal(clock) || s.keep != 10_000 {
		t.Errorf("stored %+v, keeping %d", got, s.keep)
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

// TestFloodOfTraces: neither many nor long traces of one account leave less than
// half of the room to the others, nor take any from events.
func TestFloodOfTraces(t *testing.T) {
	for size, most := range map[int]int{100: 128, 32 << 10: 32} {
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
		for i := range 2000 {
			r.Record(&audit.Event{RecipientAccountID: "111111111111", EventID: fmt.Sprint(i), EventTime: clock})
		}
		s.set(nil)
		if err := r.Close(ctx); err != nil {
			t.Fatal(err)
		}
		if _, ok := s.traces["quiet"]; !ok || len(s.traces) != most+1 {
			t.Errorf("size %d: %d traces, that of the other account among them: %v", size, len(s.traces), ok)
		}
		if got := r.DroppedTraces(); got != uint64(n-most) {
			t.Errorf("size %d: %d dropped", size, got)
		}
		if got := len(s.events["account/111111111111"]); got != 2000 || r.Dropped() != 0 {
			t.Errorf("size %d: %d events, %d dropped", size, got, r.Dropped())
		}
	}
}

// TestNothingIsPackedInVain: what finds no room costs nothing.
func TestNothingIsPackedInVain(t *testing.T) {
	ctx, s := context.Background(), newSink()
	s.set(errors.New("disk full"))
	r := newRecorder(t, s)
	packed := 0
	for i := range 1000 {
		r.Keep("111111111111", fmt.Sprint(i), clock, func() []byte { packed++; return []byte{1} })
	}
	if packed != 128 {
		t.Errorf("%d packed", packed)
	}
	s.set(nil)
	if err := r.Close(ctx); err != nil || len(s.traces) != packed {
		t.Errorf("%d kept, %v", len(s.traces), err)
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
