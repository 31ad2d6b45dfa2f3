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
