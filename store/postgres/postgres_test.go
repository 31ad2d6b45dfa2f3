package postgres

import (
	"errors"
	"os"
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
