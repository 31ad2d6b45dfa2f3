package etcd

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"iamd/store"
	"iamd/store/etcd/etcdtest"
	"iamd/store/storetest"
)

// start opens a store that is closed at the end of the test.
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

func TestBackend(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Backend { return start(t, etcdtest.Shared(t)) })
}

func TestShared(t *testing.T) {
	storetest.RunShared(t, func(t *testing.T) store.Shared { return start(t, etcdtest.Shared(t)) })
}

func TestWhole(t *testing.T) {
	storetest.RunWhole(t, func(t *testing.T) store.Backend { return start(t, etcdtest.Shared(t)) })
}

func TestURLs(t *testing.T) {
	for text, want := range map[string]address{
		"etcd://h":                           {endpoints: []string{"http://h:2379"}, prefix: "/iamd/"},
		"etcd://h:1,[::1]:2,[::2],10.0.0.1/": {endpoints: []string{"http://h:1", "http://[::1]:2", "http://[::2]:2379", "http://10.0.0.1:2379"}, prefix: "/iamd/"},
		"etcd://ann:p%40w:%2f@h/a/b/":        {endpoints: []string{"http://h:2379"}, prefix: "/a/b/", user: "ann", password: "p@w:/"},
		"etcd://ann:p@w@h,g/a%2Fb":           {endpoints: []string{"http://h:2379", "http://g:2379"}, prefix: "/a/b/", user: "ann", password: "p@w"},
		"etcd://h/x?tls=1":                   {endpoints: []string{"https://h:2379"}, prefix: "/x/"},
		"etcd://h/x?server_name=etcd.test":   {endpoints: []string{"https://h:2379"}, prefix: "/x/"},
	} {
		got, err := parseURL(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if strings.Join(got.endpoints, " ") != strings.Join(want.endpoints, " ") || got.prefix != want.prefix || got.user != want.user || got.password != want.password {
			t.Errorf("%s: %v", text, got)
		}
		if secure := strings.HasPrefix(want.endpoints[0], "https:"); secure != (got.tls != nil) {
			t.Errorf("%s: TLS %v, want %v", text, got.tls, secure)
		}
	}
}

func TestBadURLs(t *testing.T) {
	for _, text := range []string{
		"", "http://SECRET@h", "etcd://", "etcd://h,", "etcd://h:x", "etcd://h:1:2", "etcd://ann:SECRET/x@h", "etcd://ann:SECRET%zz@h",
		"etcd://ann:SEC?RET@h", "etcd://:SECRET@h", "etcd://ann@h", "etcd://h/%zz", "etcd://h?tls=2", "etcd://h?tls=1&tls=1", "etcd://h?password=SECRET",
		"etcd://h?tls=0&ca=x", "etcd://h?ca=/not/there", "etcd://h?cert=x", "etcd://h?password_file=/not/there", "etcd://ann:SECRET@h?password_file=x",
	} {
		s, err := Open(t.Context(), Config{URL: text})
		if err == nil {
			t.Errorf("%s: opened", text)
			_ = s.Close()
		} else if strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "RET@") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

func TestPasswordFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(" p w\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if a, err := parseURL("etcd://ann@h?password_file=" + file); err != nil || a.password != " p w" {
		t.Errorf("%q, %v", a.password, err)
	}
}

// TestNewerForm: what a newer version of the program wrote is left alone.
func TestNewerForm(t *testing.T) {
	url := etcdtest.Shared(t)
	s := start(t, url)
	if _, err := s.client.Put(t.Context(), s.prefix+keyForm, "2"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{URL: url}); err == nil || !strings.Contains(err.Error(), "form") {
		t.Errorf("Open: %v", err)
	}
}

// TestNobodyThere: what can't be reached is told as such.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	if _, err := Open(t.Context(), Config{URL: "etcd://127.0.0.1:1"}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Open: %v", err)
	}
	c := etcdtest.Start(t, 1)
	s := start(t, c.URL())
	c.Kill(0)
	if _, _, err := s.Load(t.Context(), "a/1"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Load: %v", err)
	}
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1"}}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Commit: %v", err)
	}
	c.Restart(0)
	// The one that nobody answered may have been sent when the server was back.
	until(t, s, "a/1", 1)
}
