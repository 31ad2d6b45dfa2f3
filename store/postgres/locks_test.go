package postgres

import (
	"testing"

	"iamd/store"
	"iamd/store/postgres/postgrestest"
)

// TestLockOfTheDead: a node that was cut off amid a transaction, and says nothing any
// more, holds others up for a moment only: they wait, and are done.
func TestLockOfTheDead(t *testing.T) {
	t.Parallel()
	url := postgrestest.Shared(t).Database(t)
	dead, s := start(t, url), start(t, url)
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1"}}); err != nil {
		t.Fatal(err)
	}
	conn, err := dead.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, sql := range []string{"BEGIN", "UPDATE aggregates SET version = 9 WHERE name = 'a/1'"} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: 1}}); err != nil {
		t.Errorf("Commit: %v", err)
	}
	if _, err := conn.Exec(t.Context(), "COMMIT"); err == nil {
		t.Error("the dead one committed")
	}
	if version, _, err := s.Load(t.Context(), "a/1"); err != nil || version != 2 {
		t.Errorf("version %d, %v", version, err)
	}
}
