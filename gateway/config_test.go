package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iamd/gateway"
	"iamd/guard"
	"iamd/iam"
	"iamd/store"
)

// nobody refuses everyone.
type nobody struct{}

func (nobody) Authenticate(context.Context, *http.Request, [32]byte, guard.Door, guard.Origin) (*guard.Caller, error) {
	return nil, &guard.Refused{Code: "InvalidClientTokenId", Kind: guard.BadToken}
}

func (nobody) Known(context.Context, *http.Request, guard.Origin) error {
	return &guard.Refused{Code: "InvalidClientTokenId", Kind: guard.BadToken}
}

func (nobody) Authorize(*guard.Caller, *iam.Account, ...guard.Check) error { return &guard.Refused{} }

func (nobody) Trace(*guard.Caller, string, string, error) *guard.Trace { return nil }

func (nobody) Message(*guard.Trace) string { return "" }

func TestConfig(t *testing.T) {
	good := gateway.API{ID: "a", Account: owner, Region: region, Hosts: []string{"a.example.com"}, Upstream: "http://127.0.0.1:1"}
	with := func(change func(*gateway.API)) []gateway.API {
		a := good
		change(&a)
		return []gateway.API{a}
	}
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		cfg  gateway.Config
		says string // "" is no error
	}{
		{"none", gateway.Config{}, ""},
		{"one", gateway.Config{APIs: []gateway.API{good}}, ""},
		{"two prefixes", gateway.Config{APIs: append(with(func(a *gateway.API) { a.ID, a.PathPrefix = "b", "/b" }), good)}, ""},
		{"id", gateway.Config{APIs: with(func(a *gateway.API) { a.ID = "a/b" })}, "id must be"},
		{"account", gateway.Config{APIs: with(func(a *gateway.API) { a.Account = "1234" })}, "twelve digits"},
		{"region", gateway.Config{APIs: with(func(a *gateway.API) { a.Region = "Mars" })}, "such as us-east-1"},
		{"stage", gateway.Config{APIs: with(func(a *gateway.API) { a.Stage = "a:b" })}, "stage"},
		{"authorization", gateway.Config{APIs: with(func(a *gateway.API) { a.Authorization = "JWT" })}, "write AWS_IAM, AWS_IAM+LWA, LWA or NONE"},
		{"token and nobody to read it", gateway.Config{APIs: with(func(a *gateway.API) { a.Authorization = "LWA" })}, "Deps.Applications"},
		{"header bound", gateway.Config{MaxHeader: -1}, "max_header is negative"},
		{"host with port", gateway.Config{APIs: with(func(a *gateway.API) { a.Hosts = []string{"a:80"} })}, "without its port: a"},
		{"bad host", gateway.Config{APIs: with(func(a *gateway.API) { a.Hosts = []string{"http//a"} })}, "no host name"},
		{"prefix", gateway.Config{APIs: with(func(a *gateway.API) { a.PathPrefix = "/a/" })}, "without a slash at its end"},
		{"prefix with dots", gateway.Config{APIs: with(func(a *gateway.API) { a.PathPrefix = "/.." })}, "path_prefix"},
		{"upstream", gateway.Config{APIs: with(func(a *gateway.API) { a.Upstream = "localhost:80" })}, "must be a URL such as"},
		{"upstream with password", gateway.Config{APIs: with(func(a *gateway.API) { a.Upstream = "http://u:secret@h" })}, "neither a user"},
		{"upstream with dots", gateway.Config{APIs: with(func(a *gateway.API) { a.Upstream = "http://h/a/../b" })}, "dot or empty segments"},
		{"policy", gateway.Config{APIs: with(func(a *gateway.API) { a.ResourcePolicy = "{" })}, "resource_policy"},
		{"policy without principal", gateway.Config{APIs: with(func(a *gateway.API) { a.ResourcePolicy = allowAll })}, "resource_policy"},
		{"same host", gateway.Config{APIs: append(with(func(a *gateway.API) { a.ID, a.Hosts = "b", []string{"A.example.com."} }), good)}, "both answer host"},
		{"host with dots", gateway.Config{APIs: with(func(a *gateway.API) { a.Hosts = []string{"a..b"} })}, "no host name"},
		{"host that is half an address", gateway.Config{APIs: with(func(a *gateway.API) { a.Hosts = []string{"127.1"} })}, "no host name"},
		{"addresses", gateway.Config{APIs: with(func(a *gateway.API) { a.Hosts = []string{"127.0.0.1", "::1", "my_host"} })}, ""},
		{"one address twice", gateway.Config{APIs: append(with(func(a *gateway.API) { a.Hosts = []string{"::1"} }),
			with(func(a *gateway.API) { a.ID, a.Hosts = "b", []string{"0:0:0:0:0:0:0:1"} })...)}, "both answer host"},
		{"prefixes by case", gateway.Config{APIs: append(with(func(a *gateway.API) { a.PathPrefix = "/a/b" }),
			with(func(a *gateway.API) { a.ID, a.PathPrefix = "b", "/A/b." })...)}, "both answer host"},
		{"same id", gateway.Config{APIs: append(with(func(a *gateway.API) { a.Hosts = nil }), good)}, "stands twice"},
		{"negative", gateway.Config{MaxBody: -1}, "max_body is negative"},
		{"spool", gateway.Config{SpoolDir: filepath.Join(dir, "none")}, "spool_dir"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.cfg.SpoolDir == "" {
				c.cfg.SpoolDir = dir
			}
			_, err := gateway.New(c.cfg, gateway.Deps{Guard: nobody{}, Account: accounts{}.View})
			switch {
			case c.says == "" && err != nil:
				t.Fatal(err)
			case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
				t.Fatalf("%v, want %q", err, c.says)
			case err != nil && strings.Contains(err.Error(), "secret"):
				t.Fatalf("the error tells a password: %v", err)
			}
		})
	}
	if _, err := gateway.New(gateway.Config{}, gateway.Deps{}); err == nil {
		t.Error("a gateway without a guard")
	}
}

// away is a guard whose accounts cannot be read at the moment, or never.
type away struct {
	nobody
	err error
}

func (a away) Authenticate(context.Context, *http.Request, [32]byte, guard.Door, guard.Origin) (*guard.Caller, error) {
	return nil, a.err
}

// TestStoreAway: who cannot be checked is refused, with what passes by itself told
// from what does not.
func TestStoreAway(t *testing.T) {
	w := newWorld(t, nil)
	for _, c := range []struct {
		err    error
		status int
		kind   string
	}{
		{fmt.Errorf("read: %w", store.ErrUnavailable), http.StatusServiceUnavailable, "ServiceUnavailableException"},
		{errors.New("read: the rows make no sense"), http.StatusInternalServerError, "InternalServerErrorException"},
	} {
		g, err := gateway.New(gateway.Config{SpoolDir: t.TempDir(), APIs: []gateway.API{{ID: "shop", Account: owner, Region: region, Upstream: w.upstream.URL}}},
			gateway.Deps{Guard: away{err: c.err}, Account: accounts{}.View, Now: time.Now, Log: slog.New(slog.DiscardHandler), Record: func(context.Context, gateway.Event) {}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(g.Close)
		door := httptest.NewServer(g)
		t.Cleanup(door.Close)
		r := w.signed(t, alice, "GET", "/orders", nil)
		r.URL.Host = door.Listener.Addr().String()
		if got := do(t, r); got.status != c.status || got.header.Get("X-Amzn-Errortype") != c.kind || strings.Contains(got.body, "read") {
			t.Errorf("%v: %d %v %s", c.err, got.status, got.header, got.body)
		}
	}
	if w.calls() != 0 {
		t.Error("the upstream was called")
	}
}
