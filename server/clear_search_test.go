package server

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"iamd/store"
	"iamd/store/form"
)

// secrets are what a run saw that nobody else may see.
type secrets struct {
	mu   sync.Mutex
	all  map[string]string // by what they are
	made []searched        // of all, once they are looked for
}

// searched is a form that a secret could have been written in by mistake.
type searched struct {
	what string
	form []byte
}

// add notes a secret.
func (s *secrets) add(what, secret string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(secret) < 8 {
		panic("a secret of few characters is found everywhere: " + what)
	}
	for n := 0; ; n++ {
		if name := fmt.Sprintf("%s %d", what, n); s.all[name] == "" {
			s.all[name] = secret
			return secret
		}
	}
}

// forms are all in which a secret is looked for.
func forms(secret string) []string {
	raw := []byte(secret)
	list := []string{secret, hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)), url.QueryEscape(secret), url.PathEscape(secret)}
	var text bytes.Buffer
	if xml.EscapeText(&text, raw) == nil {
		list = append(list, text.String())
	}
	plain, _ := json.Marshal(secret)
	twice, _ := json.Marshal(string(plain))
	list = append(list, strings.Trim(string(plain), `"`), strings.ReplaceAll(secret, "/", `\/`), strings.Trim(string(twice), `\"`))
	for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		// In the middle of something longer it may begin at any of three places.
		for shift := range 3 {
			code := e.EncodeToString(append(make([]byte, shift), raw...))
			list = append(list, code[(shift*8+5)/6:len(code)-1])
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (s *secrets) forms() []searched {
	if s.made != nil {
		return s.made
	}
	for what, secret := range s.all {
		pieces := []string{secret}
		if n := len(secret); n > 96 {
			pieces = append(pieces, secret[n-48:n-8]) // what is cut off is secret too
		}
		for _, p := range pieces {
			for _, f := range forms(p) {
				s.made = append(s.made, searched{what, []byte(f)})
			}
		}
	}
	return s.made
}

// in looks for every secret in data, as it is and with what is compressed in it.
func (s *secrets) in(t *testing.T, where string, data []byte) {
	t.Helper()
	for _, f := range s.forms() {
		if bytes.Contains(data, f.form) {
			t.Errorf("%s: %s stands there as %.12s…", where, f.what, f.form)
		}
	}
	for _, inflate := range []func(io.Reader) (io.ReadCloser, error){
		zlib.NewReader, func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) },
	} {
		if r, err := inflate(bytes.NewReader(data)); err == nil {
			if plain, err := io.ReadAll(r); err == nil && len(plain) > 0 {
				s.in(t, where+", inflated", plain)
			}
		}
	}
	if err := form.Unpack(data, func(e store.Event) { s.in(t, where+", event "+e.ID, e.Data) }); err != nil {
		return // it is no batch
	}
}

// inFiles looks in every file of a data directory but those that are for handing
// out, and the keyring.
func (s *secrets) inFiles(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !f.Type().IsRegular() || strings.HasSuffix(f.Name(), ".csv") || f.Name() == "keyring" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		s.in(t, f.Name(), data)
		names = append(names, f.Name())
	}
	return names
}

// inTables looks in every value of a database, which in its file may be in pieces,
// and gives all of them.
func (s *secrets) inTables(t *testing.T, path string) (all []byte) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tables, err := db.QueryContext(t.Context(), "SELECT name FROM sqlite_master WHERE type = 'table'")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for tables.Next() {
		var name string
		if err := tables.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := tables.Err(); err != nil || tables.Close() != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		rows, err := db.QueryContext(t.Context(), `SELECT * FROM "`+name+`"`)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		values, into := make([][]byte, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			for i, v := range values {
				s.in(t, name+"."+columns[i], v)
				all = append(append(all, v...), '\n')
				if err := form.Unpack(v, func(e store.Event) { all = append(append(all, e.Data...), '\n') }); err != nil {
					continue // it is no batch
				}
			}
		}
		if err := rows.Err(); err != nil || rows.Close() != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestSearch: what is looked for is found, however it is wrapped.
func TestSearch(t *testing.T) {
	const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCY\"<EXAMPLE>"
	s := &secrets{all: map[string]string{}}
	s.add("key", secret)
	found := func(data []byte) bool {
		return slices.ContainsFunc(s.forms(), func(f searched) bool { return bytes.Contains(data, f.form) })
	}
	plain, err := json.Marshal(map[string]string{"secret": secret})
	if err != nil {
		t.Fatal(err)
	}
	twice, err := json.Marshal(string(plain))
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"itself": "x" + secret + "y", "JSON": string(plain), "JSON in JSON": string(twice),
		"query": url.Values{"Secret": {secret}}.Encode(), "hex": hex.EncodeToString([]byte("x" + secret)), "HEX": fmt.Sprintf("%X", secret),
		"base64": base64.StdEncoding.EncodeToString([]byte("x" + secret + "y")), "base64 for URLs": base64.URLEncoding.EncodeToString([]byte("xy" + secret)),
		"base64 alone": base64.StdEncoding.EncodeToString([]byte(secret)), "basic": base64.StdEncoding.EncodeToString([]byte("xyz" + secret + "zz")),
	} {
		if !found([]byte(text)) {
			t.Errorf("not found in %s: %s", what, text)
		}
	}
	if found([]byte("wJalrXUtnFEMI/K7MDENG+bPxRfiCY")) || found(nil) {
		t.Error("found where it is not")
	}
}
