package sqlite

import (
	"path/filepath"
	"strconv"
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
	run := func(list ...string) {
		t.Helper()
		for _, sql := range list {
			if err := s.writer.exec(sql); err != nil {
				t.Fatal(err)
			}
		}
	}
	run("DROP INDEX uniques_by_owner", "DROP TABLE traces", "DROP TABLE trace_totals", "PRAGMA user_version = 1")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start(t, path)
	if version, _, err := s.Load(t.Context(), "a/1"); err != nil || version != 1 {
		t.Errorf("version %d, %v", version, err)
	}
	if err := s.SaveTraces(t.Context(), []store.Trace{{Aggregate: "a/1", ID: "t", Time: time.Unix(1, 0)}}, few); err != nil {
		t.Error(err)
	}
	if got, err := s.Trace(t.Context(), "t"); err != nil || got.Aggregate != "a/1" {
		t.Errorf("got %v, %v", got, err)
	}

	run("DROP INDEX uniques_by_owner", "DROP TABLE traces", "DROP TABLE trace_totals", migrations[1], "INSERT INTO traces VALUES ('a/1', 1000000, 'old', x'010203')", "PRAGMA user_version = 2")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start(t, path)
	if got, err := s.Trace(t.Context(), "old"); err != nil || got.Aggregate != "a/1" || string(got.Data) != "\x01\x02\x03" || got.Time.Unix() != 1 {
		t.Errorf("got %v, %v", got, err)
	}
	if err := s.SaveTraces(t.Context(), []store.Trace{{Aggregate: "a/1", ID: "t", Time: time.Unix(1, 0)}}, few); err != nil {
		t.Error(err)
	}
	if got, err := s.Trace(t.Context(), "old"); err == nil {
		t.Errorf("its size is not counted: %v", got)
	}
}

// few is room for one trace, or for two bytes.
var few = store.TraceBounds{Principal: store.TraceBound{Items: 9, Bytes: 2}, Aggregate: store.TraceBound{Items: 9, Bytes: 2}}

// TestTracesAreIndexed: neither looking one up nor forgetting the old ones reads
// all.
func TestTracesAreIndexed(t *testing.T) {
	s := start(t, filepath.Join(t.TempDir(), "store.db"))
	for query, index := range map[string]string{
		"SELECT aggregate, principal, time, data FROM traces WHERE id = ''":                          "traces_by_id",
		"SELECT rowid FROM traces WHERE aggregate = '' ORDER BY time, id LIMIT 1":                    "COVERING INDEX traces_by_age",
		"SELECT rowid FROM traces WHERE aggregate = '' AND principal = '' ORDER BY time, id LIMIT 1": "COVERING INDEX traces_by_principal",
		"SELECT sum(items) FROM trace_totals WHERE aggregate = ''":                                   "PRIMARY KEY",
		"SELECT rowid FROM traces WHERE time < 1 LIMIT 1":                                            "COVERING INDEX traces_to_prune",
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

// TestTraceTotals: what is counted is what there is, whichever way traces come
// and go.
func TestTraceTotals(t *testing.T) {
	s := start(t, filepath.Join(t.TempDir(), "store.db"))
	bound := store.TraceBound{Items: 5, Bytes: 100}
	for i := range 60 {
		err := s.SaveTraces(t.Context(), []store.Trace{
			{Aggregate: "a/1", Principal: strconv.Itoa(i % 3), ID: strconv.Itoa(i), Time: time.Unix(int64(i), 0), Data: make([]byte, i)},
			{Aggregate: "a/2", ID: strconv.Itoa(i / 2), Time: time.Unix(int64(i), 0)}, // nearly always one that there is
		}, store.TraceBounds{Principal: bound, Aggregate: store.TraceBound{Items: 7, Bytes: 150}})
		if err != nil {
			t.Fatal(err)
		}
		if i%10 != 9 {
			continue
		}
		if _, err := s.Prune(t.Context(), time.Unix(int64(i-1), 0)); err != nil {
			t.Fatal(err)
		}
		var wrong int
		err = s.readers.QueryRowContext(t.Context(), `SELECT count(*) FROM (SELECT aggregate, principal, count(*) AS items, sum(length(data)) AS bytes
			FROM traces GROUP BY aggregate, principal) AS are FULL JOIN trace_totals AS counted USING (aggregate, principal)
			WHERE counted.items IS NOT are.items OR counted.bytes IS NOT are.bytes`).Scan(&wrong)
		if err != nil {
			t.Fatal(err)
		}
		if wrong != 0 {
			t.Errorf("after %d: %d totals are wrong", i, wrong)
		}
	}
}
