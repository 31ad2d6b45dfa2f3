package sqlite

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMigrations: forms are reached one after the other, and a step that fails
// leaves the file in the form that it had, for the program that knows it.
func TestMigrations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	if err := makeFile(path); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", dsn(path, "rw"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	inForm := func(form int) {
		t.Helper()
		var got, tables, parts int
		if err := conn.QueryRowContext(t.Context(), "SELECT (SELECT user_version FROM pragma_user_version), count(*), count(*) FILTER (WHERE name = 'broken') FROM sqlite_schema").
			Scan(&got, &tables, &parts); err != nil {
			t.Fatal(err)
		}
		if got != form || (tables == 0) != (form == 0) || parts != 0 {
			t.Errorf("form %d, want %d; %d tables and indexes, %d of a broken form", got, form, tables, parts)
		}
	}
	broken := []string{"CREATE TABLE broken (id INTEGER); INSERT INTO nowhere VALUES (1)"}
	for n := range len(migrations) + 1 {
		for _, more := range [][]string{nil, {"CREATE TABLE next (id INTEGER)"}} { // the step that fails is the first, or the second
			forms := slices.Concat(migrations[:n], more, broken)
			if err := migrate(t.Context(), conn, forms); err == nil || !strings.Contains(err.Error(), fmt.Sprint("bring the file to form ", len(forms), ":")) {
				t.Errorf("with a broken form %d: %v", len(forms), err)
			}
			inForm(n - min(n, 1)) // what it was before
		}
		for range 2 {
			if err := migrate(t.Context(), conn, migrations[:n]); err != nil {
				t.Fatal(err)
			}
			inForm(n)
		}
		if n > 0 {
			if err := migrate(t.Context(), conn, migrations[:n-1]); err == nil || !strings.Contains(err.Error(), "newer version of this program") {
				t.Errorf("a program that knows form %d, of %d: %v", n-1, n, err)
			}
			inForm(n)
		}
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	start(t, path) // what all steps made serves
}
