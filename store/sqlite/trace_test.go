package sqlite

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iamd/store"
)

// TestOlderForm: a file that was written before traces were kept gets room for
// them and loses nothing.
func TestOlderForm(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := start(t, path)
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1"}}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{"DROP TABLE traces", "PRAGMA user_version = 1"} {
		if err := s.writer.exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start(t, path)
	if version, _, err := s.Load(t.Context(), "a/1"); err != nil || version != 1 {
		t.Errorf("version %d, %v", version, err)
	}
	if err := s.SaveTraces(t.Context(), []store.Trace{{Aggregate: "a/1", ID: "t", Time: time.Unix(1, 0)}}, 1); err != nil {
		t.Error(err)
	}
	if got, err := s.Trace(t.Context(), "t"); err != nil || got.Aggregate != "a/1" {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestTracesAreIndexed: neither looking one up nor forgetting the old ones reads
// all.
func TestTracesAreIndexed(t *testing.T) {
	s := start(t, filepath.Join(t.TempDir(), "store.db"))
	for query, index := range map[string]string{
		"SELECT aggregate, time, data FROM traces WHERE id = ''":                                      "traces_by_id",
		"SELECT rowid FROM traces WHERE aggregate = '' ORDER BY time DESC, id DESC LIMIT -1 OFFSET 1": "COVERING INDEX traces_by_age",
		"SELECT rowid FROM traces WHERE time < 1 LIMIT 1":                                             "COVERING INDEX traces_to_prune",
	} {
		rows, err := s.readers.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, detail)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		if len(plan) != 1 || !strings.HasPrefix(plan[0], "SEARCH") || !strings.Contains(plan[0], index) {
			t.Errorf("%s: %q, want a search by %s", query, plan, index)
		}
	}
}
