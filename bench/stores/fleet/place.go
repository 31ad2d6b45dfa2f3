package fleet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"iamd/store/etcd/etcdtest"
	"iamd/store/postgres/postgrestest"
)

// Kinds are the kinds of stores, by the names that Open takes.
var Kinds = []string{"embedded", "postgres", "etcd", "etcd3"}

// titles are the kinds as people read them.
var titles = map[string]string{"embedded": "embedded", "postgres": "PostgreSQL", "etcd": "etcd ×1", "etcd3": "etcd ×3"}

// Store is a store's servers, or none if it is embedded.
type Store struct {
	Kind, Title string
	Shared      bool // whether several nodes may have it
	test        *asTest
	place       func() string
}

// Open starts the servers of a kind of store, with all their files below dir.
func Open(kind, dir string) (s *Store, err error) {
	s = &Store{Kind: kind, Title: titles[kind], Shared: kind != "embedded", test: &asTest{dir: dir}}
	// PostgreSQL's server is another user, and makes its directory where others do.
	if err := errors.Join(os.Chmod(dir, 0o711), os.Setenv("TMPDIR", dir)); err != nil {
		return nil, err
	}
	n := 0
	err = s.test.try(func() {
		switch kind {
		case "embedded":
			s.place = func() string { n++; return fmt.Sprintf("sqlite:%s", filepath.Join(dir, fmt.Sprint("embedded-", n))) }
		case "postgres":
			c := postgrestest.Start(s.test)
			s.place = func() string { return c.Database(s.test) }
		case "etcd", "etcd3":
			c := etcdtest.Start(s.test, map[string]int{"etcd": 1, "etcd3": 3}[kind])
			s.place = func() string { n++; return fmt.Sprintf("%s/place-%d/", c.URL(), n) }
		default:
			s.test.Fatalf("there are no stores of the kind %q: known are %v", kind, Kinds)
		}
	})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Place gives the URL of an empty store.
func (s *Store) Place() (url string, err error) {
	err = s.test.try(func() { url = s.place() })
	return url, err
}

// Close ends the servers.
func (s *Store) Close() error { return s.test.try(s.test.end) }

// asTest is a test to those who start servers for tests alone.
type asTest struct {
	testing.TB // nil: nobody calls what is not below
	dir        string
	ends       []func()
}

// failure is what Fatal panics with, to leave whoever called it.
type failure struct{ error }

// try gives what f would have failed a test with.
func (t *asTest) try(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case failure:
			err = r.error
		default:
			panic(r)
		}
	}()
	f()
	return nil
}

func (t *asTest) end() {
	for i := len(t.ends) - 1; i >= 0; i-- {
		t.ends[i]()
	}
	t.ends = nil
}

func (t *asTest) Helper()                         {}
func (t *asTest) Name() string                    { return "stores" }
func (t *asTest) Cleanup(f func())                { t.ends = append(t.ends, f) }
func (t *asTest) Fatal(args ...any)               { panic(failure{errors.New(fmt.Sprint(args...))}) }
func (t *asTest) Fatalf(form string, args ...any) { panic(failure{fmt.Errorf(form, args...)}) }

func (t *asTest) TempDir() string {
	dir, err := os.MkdirTemp(t.dir, "server-")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// Size is how many bytes are on disk below a directory.
func Size(dir string) (total int64) {
	_ = filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() { // what went away meanwhile has none
			total += info.Size()
		}
		return nil
	})
	return total
}

// FsyncTimes writes and syncs 4 KiB at a time to a file below dir, n times.
func FsyncTimes(dir string, n int) (took []time.Duration, err error) {
	f, err := os.CreateTemp(dir, "fsync-")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	defer func() { err = errors.Join(err, f.Close()) }()
	block := make([]byte, 4096)
	for range n {
		began := time.Now()
		if _, err := f.Write(block); err != nil {
			return nil, err
		}
		if err := f.Sync(); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}
