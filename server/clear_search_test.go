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
	"io/fs"
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
	mu    sync.Mutex
	all   map[string]string // by what they are
	index *index            // of all, once they are looked for
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
	list = append(list, string(plain[1:len(plain)-1]), strings.ReplaceAll(secret, "/", `\/`), string(twice[3:len(twice)-3]))
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

// index finds forms in one pass, by how they begin.
type index struct {
	may  [1 << 16]bool // two bytes may be the first of one
	four map[[4]byte][]searched
}

func (s *secrets) forms() *index {
	if s.index != nil {
		return s.index
	}
	s.index = &index{four: map[[4]byte][]searched{}}
	for what, secret := range s.all {
		pieces := []string{secret}
		if n := len(secret); n > 96 {
			pieces = append(pieces, secret[n-48:n-8]) // what is cut off is secret too
		}
		for _, p := range pieces {
			for _, f := range forms(p) {
				first := [4]byte([]byte(f))
				s.index.may[int(first[0])<<8|int(first[1])] = true
				s.index.four[first] = append(s.index.four[first], searched{what, []byte(f)})
			}
		}
	}
	return s.index
}

// find calls each with every form that stands in data.
func (x *index) find(data []byte, each func(searched)) {
	for i := 0; i+4 <= len(data); i++ {
		if !x.may[int(data[i])<<8|int(data[i+1])] {
			continue
		}
		for _, f := range x.four[[4]byte(data[i:])] {
			if bytes.HasPrefix(data[i:], f.form) {
				each(f)
			}
		}
	}
}

// in looks for every secret in data, as it is and with what is compressed in it.
func (s *secrets) in(t *testing.T, where string, data []byte) {
	t.Helper()
	s.forms().find(data, func(f searched) { t.Errorf("%s: %s stands there as %.12s…", where, f.what, f.form) })
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

// inFiles looks in every file of a directory but those that are for handing out,
// and the keyring. One of them must hold what is known to stand there, or the search
// would prove nothing.
func (s *secrets) inFiles(t *testing.T, dir, known string) (names []string) {
	t.Helper()
	holds := false
	err := filepath.WalkDir(dir, func(path string, f fs.DirEntry, err error) error {
		if err != nil || !f.Type().IsRegular() || strings.HasSuffix(path, ".csv") || f.Name() == "keyring" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		s.in(t, path, bytes.TrimRight(data, "\x00")) // which logs are made of until they are written
		names, holds = append(names, f.Name()), holds || bytes.Contains(data, []byte(known))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !holds {
		t.Errorf("none of %v holds %s", names, known)
	}
	return names
}

// values gives every value that a store holds, and what it is of.
type values func(t *testing.T, each func(place string, value []byte))

// inValues looks in every value of a store, which in its files may be in pieces,
// and gives all of them.
func (s *secrets) inValues(t *testing.T, of values) (all []byte) {
	t.Helper()
	of(t, func(place string, value []byte) {
		s.in(t, place, value)
		all = append(append(all, value...), '\n')
		if err := form.Unpack(value, func(e store.Event) { all = append(append(all, e.Data...), '\n') }); err != nil {
			return // it is no batch
		}
	})
	return all
}

// inSQLite are the values of all tables in a file.
func inSQLite(path string) values {
	return func(t *testing.T, each func(place string, value []byte)) {
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
			row, into := make([][]byte, len(columns)), make([]any, len(columns))
			for i := range row {
				into[i] = &row[i]
			}
			for rows.Next() {
				if err := rows.Scan(into...); err != nil {
					t.Fatal(err)
				}
				for i, v := range row {
					each(name+"."+columns[i], v)
				}
			}
			if err := rows.Err(); err != nil || rows.Close() != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestSearch: what is looked for is found, however it is wrapped.
func TestSearch(t *testing.T) {
	const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCY\"<EXAMPLE>"
	s := &secrets{all: map[string]string{}}
	s.add("key", secret)
	found := func(data []byte) (is bool) {
		s.forms().find(data, func(searched) { is = true })
		return is
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
