package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"iamd/store"
	"iamd/store/etcd"
	"iamd/store/postgres"
	"iamd/store/sqlite"
)

// OpenStore opens the store that a URL names: postgres://… or etcd://…, which
// several nodes may share, or the embedded one, by sqlite:PATH or PATH, or without
// any URL that of the data directory. PATH is a data directory or the database's
// own file. A store into which a copy was broken off is refused: store.ErrPartCopied.
func OpenStore(ctx context.Context, url, dataDir string, now func() time.Time, log *slog.Logger) (store.Backend, error) {
	at, err := locate(url, dataDir)
	if err != nil {
		return nil, err
	}
	backend, err := at.open(ctx, now, log)
	if err != nil {
		return nil, err
	}
	if err := store.Copied(ctx, backend); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", at, err), backend.Close())
	}
	return backend, nil
}

// CopyStore copies all of one store to another, which must be empty, and compares
// them. Both are named as OpenStore names them, and nobody else may have them open.
// It tells progress of each name, first when it was copied and then when it was
// compared.
func CopyStore(ctx context.Context, from, to string, log *slog.Logger, progress func(name string, done int, checking bool)) (_ []store.Tally, err error) {
	open := func(url string, existing bool) (store.Whole, error) {
		at, err := locate(url, "")
		if err != nil {
			return nil, err
		}
		if existing && at.file != "" { // opening would make it
			if _, err := os.Stat(at.file); err != nil {
				return nil, fmt.Errorf("there is no store: %w", err)
			}
		}
		backend, err := OpenStore(ctx, url, "", time.Now, log)
		if err != nil {
			return nil, err
		}
		whole, ok := backend.(store.Whole)
		if !ok {
			return nil, errors.Join(fmt.Errorf("%s cannot be copied", at), backend.Close())
		}
		return whole, nil
	}
	source, err := open(from, true)
	if err != nil {
		return nil, fmt.Errorf("copy from: %w", err)
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := open(to, false)
	if err != nil {
		return nil, fmt.Errorf("copy to: %w", err)
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	return store.Copy(ctx, source, target, store.CopyOptions{Progress: progress})
}

// location says where a store is.
type location struct {
	scheme string
	file   string // of the embedded one
	url    string // of another
}

// The schemes of URLs of stores.
const (
	schemeSQLite   = "sqlite"
	schemePostgres = "postgres"
	schemeEtcd     = "etcd"
)

// locate reads a store's URL.
func locate(url, dataDir string) (location, error) {
	if url == "" {
		if dataDir == "" {
			return location{}, errors.New("no data directory: set --data-dir")
		}
		return location{scheme: schemeSQLite, file: databaseFile(dataDir)}, nil
	}
	scheme, rest := splitScheme(url)
	switch scheme {
	case "", schemeSQLite:
		if rest = strings.TrimPrefix(rest, "//"); scheme == "" {
			rest = url
		}
		if rest == "" {
			return location{}, errors.New(`store "sqlite:" names no data directory: write sqlite:PATH`)
		}
		if info, err := os.Stat(rest); filepath.Ext(rest) == ".db" || err == nil && info.Mode().IsRegular() {
			return location{scheme: schemeSQLite, file: rest}, nil
		}
		return location{scheme: schemeSQLite, file: databaseFile(rest)}, nil
	case schemePostgres, "postgresql":
		scheme = schemePostgres
		fallthrough
	case schemeEtcd:
		if !strings.HasPrefix(rest, "//") {
			return location{}, fmt.Errorf("store %q is not written as a URL: %s://HOST/…", scheme+":…", scheme)
		}
		return location{scheme: scheme, url: scheme + ":" + rest}, nil
	}
	return location{}, fmt.Errorf("store %q: there are no stores of that kind: known are postgres://…, etcd://…, sqlite:PATH and the path of a data directory", scheme+":…")
}

// databaseFile is the embedded store of a data directory.
func databaseFile(dataDir string) string { return filepath.Join(dataDir, "iamd.db") }

// splitScheme takes a URL's scheme off; a path has none. One letter is a drive.
func splitScheme(s string) (scheme, rest string) {
	scheme, rest, found := strings.Cut(s, ":")
	if !found || len(scheme) < 2 || strings.ContainsFunc(scheme, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '+' && c != '-'
	}) {
		return "", s
	}
	return strings.ToLower(scheme), rest
}

func (l location) open(ctx context.Context, now func() time.Time, log *slog.Logger) (store.Backend, error) {
	switch l.scheme {
	case schemePostgres:
		return opened(postgres.Open(ctx, postgres.Config{URL: l.url, Now: now, Log: log}))
	case schemeEtcd:
		return opened(etcd.Open(ctx, etcd.Config{URL: l.url, Now: now, Log: log}))
	}
	return opened(sqlite.Open(ctx, sqlite.Config{Path: l.file, Now: now}))
}

// opened is a backend, or none: a nil pointer in an interface would be one.
func opened[S store.Backend](backend S, err error) (store.Backend, error) {
	if err != nil {
		return nil, err
	}
	return backend, nil
}

// String names the store to people. A password in its URL is left out, as is all
// in which one may hide.
func (l location) String() string {
	if l.file != "" {
		return "store " + l.file
	}
	u, err := url.Parse(l.url)
	if err != nil || u.Host == "" || strings.Contains(u.Path+u.RawQuery+u.Fragment, "@") {
		return "store " + l.scheme + "://…"
	}
	shown := url.URL{Scheme: l.scheme, Host: u.Host, Path: u.Path}
	if u.User != nil {
		shown.User = url.User(u.User.Username())
	}
	return "store " + shown.String()
}

func open(ctx context.Context, cfg Config) (store.Backend, error) {
	if !cfg.Existing && cfg.DataDir != "" {
		// A store elsewhere doesn't make it, and more lies there than the embedded one.
		if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
			return nil, fmt.Errorf("data directory: %w", err)
		}
	}
	if cfg.Backend != nil {
		return cfg.Backend, nil
	}
	if cfg.Existing {
		at, err := locate(cfg.Store, cfg.DataDir)
		if err != nil {
			return nil, err
		}
		// Opening would make the file and its directory.
		if _, err := os.Stat(at.file); at.file != "" && errors.Is(err, fs.ErrNotExist) {
			return nil, noAccounts(cfg)
		}
	}
	return OpenStore(ctx, cfg.Store, cfg.DataDir, cfg.Now, cfg.Log)
}
