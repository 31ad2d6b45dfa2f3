package server

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iamd/store"
)

func TestLocate(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "backup")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		"":                          "store data/iamd.db",
		"sqlite:other":              "store other/iamd.db",
		"sqlite:///var/lib/iamd":    "store /var/lib/iamd/iamd.db",
		"sqlite:old.db":             "store old.db",
		"other":                     "store other/iamd.db",
		"./a:b":                     "store a:b/iamd.db",
		`C:\data.db`:                `store C:\data.db`,
		file:                        "store " + file,
		dir:                         "store " + dir + "/iamd.db",
		"postgres://iamd@db/iamd":   "store postgres://iamd@db/iamd",
		"POSTGRESQL://db:5432/iamd": "store postgres://db:5432/iamd",
		"etcd://h:2379/prefix/":     "store etcd://h:2379/prefix/",

		// Wherever the password may be, it is not shown.
		"postgres://iamd:hunter2@db/iamd?sslmode=verify-full": "store postgres://iamd@db/iamd",
		"postgres://db/iamd?user=iamd&password=hunter2":       "store postgres://db/iamd",
		"postgres://db/iamd?password=hunter2@x":               "store postgres://…",
		"postgres://iamd:hun/ter2@db/iamd":                    "store postgres://…",
		"postgres://iamd:12/hunter2@db/iamd":                  "store postgres://…",
		"postgres://iamd:hun#ter2@db/iamd":                    "store postgres://…",
		"etcd://root:hunter2@a:2379,b:2379/":                  "store etcd://root@a:2379,b:2379/",
	} {
		at, err := locate(url, "data")
		if err != nil || at.String() != want {
			t.Errorf("%s: %v, %v, want %s", url, at, err, want)
		}
	}
	for _, url := range []string{"mysql://root:hunter2@db/x", "postgres:host=db password=hunter2", "etcd:hunter2", "http:hunter2", "sqlite:", "sqlite://", "file:///hunter2"} {
		if at, err := locate(url, "data"); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, %v", url, at, err)
		}
	}
	if _, err := locate("", ""); err == nil {
		t.Error("no store and no data directory")
	}
}

// TestPartCopiedIsRefused: a store into which a copy was broken off is not served
// from, and is left as it was.
func TestPartCopiedIsRefused(t *testing.T) {
	dir := t.TempDir()
	source := filepath.Join(dir, "source")
	closed(t, start(t, Config{DataDir: source}))
	target := filepath.Join(dir, "target")
	ctx, cancel := context.WithCancel(t.Context())
	log := slog.New(slog.DiscardHandler)
	if _, err := CopyStore(ctx, source, target, log, func(string, int, bool) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Fatalf("a copy that was broken off: %v", err)
	}
	for _, refuses := range []func() error{
		func() error { _, err := New(t.Context(), Config{DataDir: target}); return err },
		func() error {
			_, err := New(t.Context(), Config{DataDir: filepath.Join(dir, "data"), Store: "sqlite:" + target})
			return err
		},
		func() error { _, err := CopyStore(t.Context(), source, target, log, nil); return err },
		func() error {
			_, err := CopyStore(t.Context(), target, filepath.Join(dir, "more"), log, nil)
			return err
		},
	} {
		if err := refuses(); !errors.Is(err, store.ErrPartCopied) || !strings.Contains(err.Error(), databaseFile(target)) {
			t.Errorf("%v, want that the store holds a part of a copy", err)
		}
	}
	if _, err := os.Stat(RootFile(target)); err == nil {
		t.Error("an account was made in it")
	}
	// Emptied, it takes the copy, and is served from.
	if err := os.RemoveAll(target); err != nil {
		t.Fatal(err)
	}
	tallies, err := CopyStore(t.Context(), source, target, log, nil)
	if err != nil || len(tallies) == 0 || tallies[0].Count != 1 {
		t.Fatalf("%v, %v", tallies, err)
	}
	if err := os.Rename(filepath.Join(source, "keyring"), filepath.Join(target, "keyring")); err != nil {
		t.Fatal(err)
	}
	s := start(t, Config{DataDir: target})
	defer closed(t, s)
	if s.FirstStart() != nil {
		t.Error("the copy is taken for an empty store")
	}
}

// TestNoPasswordInErrors: what cannot be opened is told without its password.
func TestNoPasswordInErrors(t *testing.T) {
	for _, url := range []string{
		"postgres://iamd:hunter2@127.0.0.1:1/iamd",
		"postgres://iamd:hunter2@127.0.0.1:port/iamd",
		"postgres://iamd:hunter2@127.0.0.1:1/iamd?sslmode=no",
		"postgres://127.0.0.1:1/iamd?password=hunter2&sslmode=no",
		"postgres://iamd:hun%zzter2@127.0.0.1:1/iamd",
		"etcd://root:hunter2@:port",
		"etcd://root:hunter2@127.0.0.1:1/?option=1",
		"etcd://root:hun%zzter2@127.0.0.1:1/",
	} {
		b, err := OpenStore(t.Context(), url, "", time.Now, slog.New(slog.DiscardHandler))
		if err == nil {
			t.Errorf("%s: opened %v", url, b)
			continue
		}
		if text := err.Error(); strings.Contains(text, "hunter2") || strings.Contains(text, "ter2") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
