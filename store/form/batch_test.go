package form

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"iamd/store"
)

func manyEvents(n int) (list []store.Event) {
	for i := range n {
		list = append(list, store.Event{ID: fmt.Sprint(i), Time: time.UnixMicro(int64(i)).UTC(), Data: []byte("event")})
	}
	return list
}

// TestBatchDamage: no changed byte of a batch passes for events.
func TestBatchDamage(t *testing.T) {
	events := manyEvents(BatchFrom)
	good := Pack(events)
	read := func(data []byte) (list []store.Event, err error) {
		err = Unpack(data, func(e store.Event) { list = append(list, e) })
		return list, err
	}
	if list, err := read(good.Data); err != nil || len(list) != len(events) || list[3].ID != "3" || !list[3].Time.Equal(events[3].Time) {
		t.Fatalf("%d events, %v", len(list), err)
	}
	for i := range good.Data {
		changed := bytes.Clone(good.Data)
		changed[i] ^= 1
		if list, err := read(changed); !errors.Is(err, ErrBatch) || len(list) > 0 {
			t.Errorf("byte %d changed: %d events, %v", i, len(list), err)
		}
		if list, err := read(good.Data[:i]); !errors.Is(err, ErrBatch) || len(list) > 0 {
			t.Errorf("cut at %d: %d events, %v", i, len(list), err)
		}
	}
}

// TestShare: however many events there are, all come into batches, none of them too
// great or too small.
func TestShare(t *testing.T) {
	for all := BatchFrom; all < 5*MaxBatch; all++ {
		for left := all; left > 0; {
			n := Share(left)
			if n < BatchFrom || n > MaxBatch {
				t.Fatalf("of %d events, %d left: a batch of %d", all, left, n)
			}
			left -= n
		}
	}
}
