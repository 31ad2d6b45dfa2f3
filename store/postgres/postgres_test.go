package postgres

import (
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"iamd/store"
	"iamd/store/postgres/postgrestest"
	"iamd/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

// start opens a store that the test closes.
func start(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, store.ErrClosed) {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// TestPasswordIsNotTold: an error about a URL, or of a server that it leads to, holds
// no password, wherever that stands and however it is broken.
func TestPasswordIsNotTold(t *testing.T) {
	const secret = "hidden"
	for _, url := range []string{
		"u:" + secret + "@127.0.0.1:1/db", "u:" + secret + "@127.0.0.1:1/db?sslmode=none",
		"u:x@" + secret + "@127.0.0.1:1/db", "u:x@" + secret + "@127.0.0.1:1/db?sslmode=none", "u:x@" + secret + "/y@127.0.0.1:1/db",
		"u:12/" + secret + "@127.0.0.1:1/db", "u:12/" + secret + "@127.0.0.1:1/db?pool_max_conns=x", "u:x/" + secret + "@127.0.0.1:1/db",
		"u:" + secret + "%zz@127.0.0.1:1/db", "u:x#" + secret + "@127.0.0.1:1/db", "u:x?" + secret + "@127.0.0.1:1/db", "u:x " + secret + "@127.0.0.1:1/db",
		"127.0.0.1:1/db?user=u&password=" + secret + "&sslmode=none", "127.0.0.1:1/db?user=u&password=" + secret + "%zz", "u:1" + secret + "@127.0.0.1:1,127.0.0.1:x/db",
	} {
		_, err := Open(t.Context(), Config{URL: "postgres://" + url})
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", url, err)
		}
	}
	for _, url := range []string{"host=/tmp user=a@b password=c@d", "postgres://u:p%40q%2F@h1:1,h2:2/db%40x?application_name=a@b", "postgres:///db?host=/tmp&password=a@b"} {
		if _, err := (&Store{}).poolConfig(url); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// databases gives each test a database of its own.
func databases() func(t *testing.T) string {
	var mu sync.Mutex
	urls := map[string]string{}
	return func(t *testing.T) string {
		mu.Lock()
		defer mu.Unlock()
		url, ok := urls[t.Name()]
		if !ok {
			url = postgrestest.Shared(t).Database(t)
			urls[t.Name()] = url
		}
		return url
	}
}

func open(t *testing.T, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestBackend(t *testing.T) {
	database := databases()
	storetest.Run(t, func(t *testing.T) store.Backend { return open(t, database(t)) })
}

func TestShared(t *testing.T) {
	database := databases()
	storetest.RunShared(t, func(t *testing.T) store.Shared { return open(t, database(t)) })
}

func TestWhole(t *testing.T) {
	database := databases()
	storetest.RunWhole(t, func(t *testing.T) store.Backend { return open(t, database(t)) })
}
