package postgres

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"iamd/store"
	"iamd/store/postgres/postgrestest"
	"iamd/store/storetest"
)

// posing makes a database that says of itself that it is another product, and
// returns its connection string.
func posing(t *testing.T, version string) string {
	t.Helper()
	cluster := postgrestest.Shared(t)
	url := cluster.Database(t)
	cluster.Exec(t, database(url), "CREATE SCHEMA posing",
		"CREATE FUNCTION posing.version() RETURNS text LANGUAGE sql AS $$ SELECT '"+version+"' $$")
	return url + "&search_path=posing,pg_catalog"
}

// TestProducts: without notifications, and on one product without collations, the
// backend does all that it does with them. PostgreSQL poses as the others here, and
// what they are like besides it does not show.
func TestProducts(t *testing.T) {
	for version, want := range map[string]struct {
		collations string
		notifies   bool
	}{
		"PostgreSQL 15.0 on x86_64":        {"C", true},
		"PostgreSQL 15.2-YB-2.25.0.0-b0":   {"C", false},
		"CockroachDB CCL v24.1.0 (x86_64)": {"default", false},
	} {
		t.Run(version[:strings.IndexByte(version, ' ')+3], func(t *testing.T) {
			url := posing(t, version)
			s := start(t, url)
			if (s.hints != nil) != want.notifies {
				t.Errorf("it notifies: %v", s.hints != nil)
			}
			got := select1(t, url, `SELECT string_agg(DISTINCT l.collname, ' ') FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_collation l ON l.oid = a.attcollation
				WHERE c.relnamespace = 'posing'::regnamespace AND c.relkind = 'r' AND c.relname <> 'meta' AND a.attnum > 0`)
			if got != want.collations {
				t.Errorf("collations %s, want %s", got, want.collations)
			}
		})
	}
	urls, mu := map[string]string{}, sync.Mutex{}
	storetest.RunShared(t, func(t *testing.T) store.Shared {
		mu.Lock()
		defer mu.Unlock()
		if urls[t.Name()] == "" {
			urls[t.Name()] = posing(t, "CockroachDB CCL v24.1.0 (x86_64)")
		}
		return open(t, urls[t.Name()])
	})
}

// TestFsyncOffIsTold: once by a process, to its log.
func TestFsyncOffIsTold(t *testing.T) {
	t.Parallel()
	for fsync, want := range map[string]int{"fsync=off": 1, "fsync=on": 0} {
		url := postgrestest.Start(t, fsync).Database(t)
		var log bytes.Buffer
		s, err := Open(t.Context(), Config{URL: url, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 4 { // connections
			wg.Go(func() {
				if _, err := s.List(t.Context(), "", "", 1); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(log.String(), "fsync=off"); n != want {
			t.Errorf("%s: told %d times: %s", fsync, n, log.String())
		}
	}
}

// TestDiskFull: a database whose disk is full is one that takes no writes for now:
// what it refuses is not done, reads go on, and it heals.
func TestDiskFull(t *testing.T) {
	cluster := postgrestest.Shared(t)
	url := cluster.Database(t)
	s := start(t, url)
	write := func(expect uint64) error {
		return s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: expect, Changes: store.Changes{
			Rows: []store.Row{{Kind: "n", Key: "k", Data: []byte("x")}}, Take: []store.Unique{{Space: "s", Key: "k"}}}}})
	}
	cluster.Exec(t, database(url), `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$`)
	for _, table := range []string{"aggregates", "rows", "changes"} {
		cluster.Exec(t, database(url), "CREATE TRIGGER full_disk BEFORE INSERT ON "+table+" FOR EACH ROW EXECUTE FUNCTION full_disk()")
		if err := write(0); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("no room in %s: %v, want ErrUnavailable", table, err)
		}
		if _, _, err := s.Load(t.Context(), "a/1"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("no room in %s: it left something: %v", table, err)
		}
		cluster.Exec(t, database(url), "DROP TRIGGER full_disk ON "+table)
	}
	if err := write(0); err != nil {
		t.Errorf("with room again: %v", err)
	}
}
