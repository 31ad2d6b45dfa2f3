package postgres

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"iamd/store"
	"iamd/store/postgres/postgrestest"
)

// older makes a database as a program does that knows only these forms.
func older(t *testing.T, url string, forms []string) {
	t.Helper()
	s, err := connect(t.Context(), Config{URL: url}, forms)
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// select1 is one value of a database, as text.
func select1(t *testing.T, url, sql string) (value string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), sql).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

// TestOlderForms: what was written in each older form is there in the newest, and
// goes on.
func TestOlderForms(t *testing.T) {
	keep := store.TraceBounds{Principal: store.TraceBound{Items: 9, Bytes: 99}, Aggregate: store.TraceBound{Items: 9, Bytes: 99}}
	for n := 1; n < len(migrations); n++ {
		url := postgrestest.Shared(t).Database(t)
		older(t, url, migrations[:n])
		postgrestest.Shared(t).Exec(t, database(url), "INSERT INTO aggregates VALUES ('a/1', 7)",
			"INSERT INTO traces (aggregate, time, id, principal, size, data) VALUES ('a/1', 1000000, 'old', 'p', 1, 'x')")
		s := start(t, url)
		if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: 7}}); err != nil {
			t.Errorf("from form %d: %v", n, err)
		}
		late := []store.Trace{{Aggregate: "a/1", ID: "old", Time: time.Unix(2, 0), Data: []byte("y")}, {Aggregate: "a/1", ID: "new", Time: time.Unix(2, 0)}}
		if err := s.SaveTraces(t.Context(), late, keep); err != nil {
			t.Errorf("from form %d: %v", n, err)
		}
		if got, err := s.Trace(t.Context(), "old"); err != nil || string(got.Data) != "x" {
			t.Errorf("from form %d: %q, %v", n, got.Data, err)
		}
		if _, err := s.Trace(t.Context(), "new"); err != nil {
			t.Errorf("from form %d: %v", n, err)
		}
	}
}

// TestSharded: whatever is unique of a table is so by its aggregate, or by what
// stands in its place, so that the table can be sharded by it.
func TestSharded(t *testing.T) {
	url := postgrestest.Shared(t).Database(t)
	start(t, url)
	got := select1(t, url, `SELECT coalesce(string_agg(i.indexrelid::regclass::text, ' ' ORDER BY 1), '') FROM pg_index i
		JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND i.indisunique
		AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
			AND a.attname = CASE c.relname WHEN 'aggregates' THEN 'name' ELSE 'aggregate' END)`)
	if got != "meta_pkey uniques_pkey" {
		t.Errorf("unique by something else: %s", got)
	}
}

// Forms that may come.
const (
	nextForm   = "CREATE TABLE next (id bigint); INSERT INTO next VALUES (1)"
	brokenForm = "CREATE TABLE broken (id bigint); INSERT INTO broken VALUES ('x')"
)

// TestMigrations: forms are reached one after the other, and a step that fails
// leaves the tables in the form that they had, for the program that knows it.
func TestMigrations(t *testing.T) {
	url := postgrestest.Shared(t).Database(t)
	newest := len(migrations)
	inForm := func(form int) {
		t.Helper()
		if got := select1(t, url, "SELECT value::text FROM meta"); got != fmt.Sprint(form) {
			t.Errorf("the tables have form %s, want %d", got, form)
		}
		for n, table := range []string{"next", "broken"} {
			there := select1(t, url, "SELECT (to_regclass('"+table+"') IS NOT NULL)::text")
			if want := n == 0 && form > newest; there != fmt.Sprint(want) {
				t.Errorf("in form %d table %s is there: %s", form, table, there)
			}
		}
	}
	broken := func(forms ...string) {
		t.Helper()
		_, err := connect(t.Context(), Config{URL: url}, forms)
		if err == nil || !strings.Contains(err.Error(), fmt.Sprint("bring the tables to form ", len(forms), ":")) {
			t.Errorf("with a broken form: %v", err)
		}
	}
	next := slices.Concat(migrations, []string{nextForm})
	broken(slices.Concat(next, []string{brokenForm})...) // from nothing: nothing
	inForm(0)
	s := start(t, url)
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1"}}); err != nil {
		t.Fatal(err)
	}
	broken(slices.Concat(next, []string{brokenForm})...) // two steps, of which the second fails
	inForm(newest)
	older(t, url, migrations) // opens as before
	older(t, url, next)
	inForm(newest + 1)
	older(t, url, next) // and not once more
	broken(slices.Concat(next, []string{brokenForm})...)
	inForm(newest + 1)
	if got := select1(t, url, "SELECT count(*)::text FROM next"); got != "1" {
		t.Errorf("the step was done %s times", got)
	}
	for range 2 { // an older program, as often as it tries
		if _, err := Open(t.Context(), Config{URL: url}); err == nil || !strings.Contains(err.Error(), "newer version of this program") {
			t.Errorf("an older program: %v", err)
		}
	}
	inForm(newest + 1)
	if version, _, err := s.Load(t.Context(), "a/1"); err != nil || version != 1 {
		t.Errorf("version %d, %v", version, err)
	}
}

// TestMigrateAtOnce: of nodes that start at the same time with a new form one brings
// the tables there, and those that do not know it are refused or were there before.
func TestMigrateAtOnce(t *testing.T) {
	for range 5 {
		url := postgrestest.Shared(t).Database(t)
		older(t, url, migrations)
		next := slices.Concat(migrations, []string{nextForm})
		var wg sync.WaitGroup
		for i := range 8 {
			forms := next
			if i == 7 {
				forms = migrations
			}
			wg.Go(func() {
				s, err := connect(t.Context(), Config{URL: url}, forms)
				if err == nil {
					err = s.Close()
				}
				if err != nil && (i < 7 || !strings.Contains(err.Error(), "newer version of this program")) {
					t.Errorf("node %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if got := select1(t, url, "SELECT (SELECT value FROM meta) || ' ' || (SELECT count(*) FROM next)"); got != fmt.Sprint(len(next), " 1") {
			t.Errorf("form, and how often the step was done: %s", got)
		}
	}
}
