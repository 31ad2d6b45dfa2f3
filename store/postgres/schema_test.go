package postgres

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"iamd/store"
	"iamd/store/postgres/postgrestest"
)

// database is the name in a connection string.
func database(url string) string {
	return url[strings.LastIndex(url, "/")+1 : strings.LastIndex(url, "?")]
}

// TestOpenAtOnce: nodes that start at the same time make the tables once, from
// nothing or from an older form.
func TestOpenAtOnce(t *testing.T) {
	for round := range 6 {
		url := postgrestest.Shared(t).Database(t)
		if round%2 == 1 {
			older(t, url, migrations[:1])
		}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				s, err := Open(t.Context(), Config{URL: url})
				if err != nil {
					t.Errorf("Open: %v", err)
					return
				}
				if err := s.Commit(t.Context(), []store.Part{{Aggregate: fmt.Sprint("a/", i)}}); err != nil {
					t.Errorf("Commit: %v", err)
				}
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
		}
		wg.Wait()
		if names, err := start(t, url).List(t.Context(), "", "", 9); err != nil || len(names) != 8 {
			t.Errorf("%d aggregates, %v", len(names), err)
		}
	}
}

func TestOtherDatabasesAreRefused(t *testing.T) {
	cluster := postgrestest.Shared(t)
	for name, c := range map[string]struct{ sql, params, want string }{
		"newer":     {"UPDATE meta SET value = 99", "", "newer version of this program"},
		"other":     {"DROP TABLE meta; CREATE TABLE meta (id int)", "", "read the form of the tables"},
		"no schema": {"", "&search_path=nowhere", "search_path"},
		"read only": {"", "&default_transaction_read_only=on", "only reads"},
	} {
		t.Run(name, func(t *testing.T) {
			url := cluster.Database(t)
			if err := start(t, url).Close(); err != nil {
				t.Fatal(err)
			}
			if c.sql != "" {
				cluster.Exec(t, database(url), c.sql)
			}
			if _, err := Open(t.Context(), Config{URL: url + c.params}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Open: %v, want %q", err, c.want)
			}
		})
	}
	if _, err := Open(t.Context(), Config{URL: "postgres://postgres:s3cret@127.0.0.1:1/x?connect_timeout=1"}); !errors.Is(err, store.ErrUnavailable) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("Open: %v, want ErrUnavailable, without the password", err)
	}
	if _, err := Open(t.Context(), Config{URL: cluster.URL("nowhere")}); err == nil || errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Open: %v; the server did answer", err)
	}
	if _, err := Open(t.Context(), Config{URL: "postgres://%"}); err == nil || errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Open: %v; that is no URL", err)
	}
}

// TestSchemas: one database holds several stores, and a role that may make no
// tables can use those that are there.
func TestSchemas(t *testing.T) {
	cluster := postgrestest.Shared(t)
	url := cluster.Database(t)
	name := database(url)
	cluster.Exec(t, name, "CREATE SCHEMA one", "CREATE SCHEMA two")
	one, two := start(t, url+"&search_path=one"), start(t, url+"&search_path=two")
	if err := one.Commit(t.Context(), []store.Part{{Aggregate: "a/1"}}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := two.Load(t.Context(), "a/1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Load from the other schema: %v", err)
	}
	cluster.Exec(t, name, "CREATE ROLE clerk LOGIN", "GRANT USAGE ON SCHEMA one TO clerk",
		"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA one TO clerk")
	clerk := start(t, strings.Replace(url, "postgres@", "clerk@", 1)+"&search_path=one")
	if err := clerk.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: 1}}); err != nil {
		t.Errorf("Commit: %v", err)
	}
}

// TestSettings: what a URL says wins, and what loses commits does not.
func TestSettings(t *testing.T) {
	cluster := postgrestest.Shared(t)
	url := cluster.Database(t)
	for _, c := range []struct{ params, setting, want string }{
		{"", "synchronous_commit", "on"},
		{"&synchronous_commit=off", "synchronous_commit", "on"},
		{"&synchronous_commit=remote_apply", "synchronous_commit", "remote_apply"},
		{"", "statement_timeout", "0"},
		{"&statement_timeout=9s", "statement_timeout", "9s"},
		{"", "idle_in_transaction_session_timeout", "2s"},
		{"&options=-c%20idle_in_transaction_session_timeout%3D7s%20-c%20tcp_keepalives_idle%3D9", "idle_in_transaction_session_timeout", "7s"},
		{"&options=-c%20idle_in_transaction_session_timeout%3D7s", "lock_timeout", "4s"},
		{"", "lock_timeout", "4s"},
		{"&lock_timeout=9s", "lock_timeout", "9s"},
		{"", "tcp_user_timeout", "4000"},
		{"", "application_name", "iamd"},
		{"&application_name=other", "application_name", "other"},
	} {
		s := start(t, url+c.params)
		var got string
		if err := s.pool.QueryRow(t.Context(), "SELECT current_setting($1)", c.setting).Scan(&got); err != nil || got != c.want {
			t.Errorf("%q: %s is %q, %v, want %q", c.params, c.setting, got, err, c.want)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s := start(t, url)
	if got := s.pool.Config().MaxConns; got != maxConns {
		t.Errorf("%d connections at most", got)
	}
	if got := start(t, url+"&pool_max_conns=3").pool.Config().MaxConns; got != 3 {
		t.Errorf("%d connections at most, want 3", got)
	}
	for params, want := range map[string]bool{"127.0.0.1:1": false, "127.0.0.1:1,127.0.0.1:2": true, "127.0.0.1:1,127.0.0.1:1": false} {
		cfg, err := s.poolConfig("postgres://u@" + params + "/x")
		if err != nil || (cfg.ConnConfig.ValidateConnect != nil) != want {
			t.Errorf("%s asks for a primary: %v, want %v", params, !want, err)
		}
	}
}

// TestPlans: no statement reads a whole table, not even one that was prepared while
// the tables were empty, for any values.
func TestPlans(t *testing.T) {
	s := start(t, postgrestest.Shared(t).Database(t))
	conn, err := s.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), "SET plan_cache_mode = force_generic_plan"); err != nil {
		t.Fatal(err)
	}
	u := []store.Unique{{Space: "s", Key: "k"}}
	list, err := s.plan([]store.Part{{Aggregate: "a", Expect: 1, Changes: store.Changes{
		Rows: []store.Row{{Kind: "k"}, {Kind: "l", Data: []byte{1}}}, Take: u, Free: u, Events: []store.Event{{ID: "e"}}}}})
	if err != nil || len(list) != 7 {
		t.Fatalf("%d statements, %v", len(list), err)
	}
	list = append(list, statement{sql: selectVersion}, statement{sql: selectRows}, statement{sql: selectNames})
	for i, st := range list {
		plan := fmt.Sprint("plan", i)
		nulls := "(NULL"
		for n := 2; strings.Contains(st.sql, fmt.Sprint("$", n)); n++ {
			nulls += ", NULL"
		}
		if _, err := conn.Exec(t.Context(), "PREPARE "+plan+" AS "+st.sql); err != nil {
			t.Fatal(err)
		}
		rows, err := conn.Query(t.Context(), "EXPLAIN EXECUTE "+plan+nulls+")")
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(lines, "\n"); strings.Contains(text, "Seq Scan") {
			t.Errorf("%s:\n%s", st.sql, text)
		}
	}
}
