package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"iamd/store"
	"iamd/store/form"
)

func manyEvents(n int) (list []store.Event) {
	for i := range n {
		list = append(list, store.Event{ID: fmt.Sprint(i), Time: time.UnixMicro(int64(i)).UTC(), Data: []byte("event")})
	}
	return list
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
	if list, err := s.Events(ctx, "a/1", query); !errors.Is(err, form.ErrBatch) {
		t.Errorf("%d events, %v", len(list), err)
	}
}
