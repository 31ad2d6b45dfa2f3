package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
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
	events := manyEvents(batchFrom)
	good := packEvents("a/1", events)
	read := func(data []byte) (list []store.Event, err error) {
		err = unpackEvents(data, func(e store.Event) { list = append(list, e) })
		return list, err
	}
	if list, err := read(good.data); err != nil || len(list) != len(events) || list[3].ID != "3" || !list[3].Time.Equal(events[3].Time) {
		t.Fatalf("%d events, %v", len(list), err)
	}
	for i := range good.data {
		changed := bytes.Clone(good.data)
		changed[i] ^= 1
		if list, err := read(changed); !errors.Is(err, errBatch) || len(list) > 0 {
			t.Errorf("byte %d changed: %d events, %v", i, len(list), err)
		}
		if list, err := read(good.data[:i]); !errors.Is(err, errBatch) || len(list) > 0 {
			t.Errorf("cut at %d: %d events, %v", i, len(list), err)
		}
	}
}

// TestBatchDamageIsTold: a query that meets a damaged batch fails; it does not
// answer as if those events had never been.
func TestBatchDamageIsTold(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "events.db")
	s := start(t, path)
	if err := s.AppendEvents(ctx, map[string][]store.Event{"a/1": manyEvents(100)}); err != nil {
		t.Fatal(err)
	}
	query := store.EventQuery{Limit: 200}
	if list, err := s.Events(ctx, "a/1", query); err != nil || len(list) != 100 {
		t.Fatalf("%d events, %v", len(list), err)
	}
	// The file is damaged beside the program, whose own connection is the writer's.
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("UPDATE batches SET data = substr(data, 1, 20)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if list, err := s.Events(ctx, "a/1", query); !errors.Is(err, errBatch) {
		t.Errorf("%d events, %v", len(list), err)
	}
}
