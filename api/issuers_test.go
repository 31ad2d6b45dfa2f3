package api

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"iamd/iam"
)

// asks is an issuer that counts how often it is asked.
type asks struct {
	mu    sync.Mutex
	count map[string]int
	keys  keySet
	err   error
}

func (a *asks) fetch(_ context.Context, name string, thumbprints []string) (keySet, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count[name+strings.Join(thumbprints, "")]++
	return a.keys, a.err
}

func (a *asks) set(keys keySet, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keys, a.err = keys, err
}

func (a *asks) of(name string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count[name]
}

func newAsks(t *testing.T) (*asks, *issuers, keySet) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	a := &asks{count: map[string]int{}, keys: keySet{"a": key.Public()}}
	return a, newIssuers(a.fetch, time.Now, slog.New(slog.DiscardHandler)), keySet{"a": key.Public(), "b": key.Public()}
}

// TestIssuersAreAskedSeldom: for what is known an issuer is not asked; for keys
// that it did not show, and after failures, seldom; and never is a key believed
// for longer than it may be.
func TestIssuersAreAskedSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, s, later := newAsks(t)
		get := func(id string) error {
			t.Helper()
			_, err := s.key(t.Context(), "1", "x", nil, signer{id, jose.RS256})
			synctest.Wait()
			return err
		}
		want := func(what string, err error, ok bool, times int) {
			t.Helper()
			if (err == nil) != ok || a.of("x") != times {
				t.Errorf("%s: %v, asked %d times", what, err, a.of("x"))
			}
		}
		for range 100 {
			want("known", get("a"), true, 1)
			want("unknown at once", get("b"), false, 1)
		}
		time.Sleep(unknownKeyRetry)
		a.set(later, nil)
		for range 100 {
			want("unknown later", get("c"), false, 2)
			want("the new key", get("b"), true, 2)
		}
		time.Sleep(keysRenewed)
		want("old: answered without waiting", get("a"), true, 3)
		a.set(nil, errors.New("away"))
		time.Sleep(keysRenewed)
		for n := range 5 { // the issuer is away: its keys go on
			want("renewal fails", get("a"), true, 4+n)
			want("renewal fails", get("a"), true, 4+n)
			time.Sleep(failedRetry)
		}
		time.Sleep(keysKept)
		want("too old", get("a"), false, 9)
		want("too old", get("a"), false, 9)
		a.set(later, nil)
		time.Sleep(failedRetry)
		want("back again", get("a"), true, 10)
		time.Sleep(keysRenewed)
		a.set(keySet{"b": later["b"]}, nil)
		want("withdrawn, not yet known", get("a"), true, 11)
		want("withdrawn", get("a"), false, 11)
		want("the other", get("b"), true, 11)
	})
}

// TestIssuersTrust: keys that an authority vouches for serve all; others those
// who have the same thumbprints.
func TestIssuersTrust(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, s, _ := newAsks(t)
		by := signer{"a", jose.RS256}
		for n := range 10 {
			if _, err := s.key(t.Context(), fmt.Sprint(n), "x", []string{fmt.Sprint(n)}, by); err != nil {
				t.Error(err)
			}
		}
		if a.of("x") != 1 {
			t.Errorf("asked %d times", a.of("x"))
		}
		good := a.keys
		s.fetch = func(_ context.Context, _ string, thumbprints []string) (keySet, error) {
			switch {
			case thumbprints == nil:
				return nil, errUntrusted
			case thumbprints[0] == "good":
				return good, nil
			}
			return nil, errThumbprint
		}
		for range 3 {
			if _, err := s.key(t.Context(), "1", "y", []string{"good"}, by); err != nil {
				t.Error(err)
			}
			var refused *iam.Error
			if _, err := s.key(t.Context(), "2", "y", []string{"bad"}, by); !errors.As(err, &refused) || !errors.Is(err, errThumbprint) {
				t.Errorf("another's thumbprint: %v", err)
			}
			if _, err := s.key(t.Context(), "3", "y", nil, by); !errors.Is(err, errUntrusted) {
				t.Errorf("no thumbprint: %v", err)
			}
		}
	})
}

// TestIssuersAreAskedOnce: however many wait.
func TestIssuersAreAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, s, _ := newAsks(t)
		release := make(chan struct{})
		fetch := s.fetch
		s.fetch = func(ctx context.Context, name string, thumbprints []string) (keySet, error) {
			<-release
			return fetch(ctx, name, thumbprints)
		}
		var wait sync.WaitGroup
		for range 50 {
			wait.Go(func() {
				if _, err := s.key(t.Context(), "1", "x", nil, signer{"a", jose.RS256}); err != nil {
					t.Error(err)
				}
			})
		}
		gone, cancel := context.WithCancel(t.Context())
		wait.Go(func() {
			if _, err := s.key(gone, "1", "x", nil, signer{"a", jose.RS256}); !errors.Is(err, context.Canceled) {
				t.Errorf("who went: %v", err)
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(release)
		wait.Wait()
		if a.of("x") != 1 {
			t.Errorf("asked %d times", a.of("x"))
		}
	})
}

// TestIssuersAreBounded: in number, also when providers come and go; and a fetch
// that panics is one that failed.
func TestIssuersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s, _ := newAsks(t)
		for n := range issuersKept + 100 {
			if _, err := s.key(t.Context(), "1", fmt.Sprint(n), nil, signer{"a", jose.RS256}); err != nil {
				t.Fatal(err)
			}
		}
		if len(s.held) > issuersKept || len(s.accounts) != 0 {
			t.Errorf("%d issuers, %d accounts", len(s.held), len(s.accounts))
		}
		s.fetch = func(context.Context, string, []string) (keySet, error) { panic("no") }
		if _, err := s.key(t.Context(), "1", "x", nil, signer{"a", jose.RS256}); err == nil {
			t.Error("a panic gave a key")
		}
	})
}

// TestReadKeySet: which keys of an issuer are taken.
func TestReadKeySet(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	good, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	shown := func(list ...any) []byte {
		t.Helper()
		body, err := json.Marshal(map[string]any{"keys": list})
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	key := func(id, use string, key any) jose.JSONWebKey { return jose.JSONWebKey{Key: key, KeyID: id, Use: use} }
	ops := func() map[string]any {
		raw, err := key("ops", "", good.Public()).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		m["key_ops"] = []string{"verify"}
		return m
	}()
	keys, err := readKeySet(shown(
		key("good", "sig", good.Public()), key("plain", "", good.Public()), key("", "sig", good.Public()), key("small", "sig", small.Public()),
		key("secret", "sig", []byte("shared")), key("private", "sig", good), key("encrypts", "enc", good.Public()), ops, 7, nil,
		key("twice", "sig", small.Public()), key("twice", "sig", good.Public()),
	))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"good", "plain", "twice"} {
		if !good.PublicKey.Equal(keys[id]) {
			t.Errorf("%s: %v", id, keys[id])
		}
	}
	if len(keys) != 3 {
		t.Errorf("keys %v", keys)
	}
	if keys.find(signer{"", jose.RS256}) != nil || keys.find(signer{"good", jose.ES256}) != nil || keys.find(signer{"good", jose.HS256}) != nil {
		t.Error("a key for what it is none for")
	}
	if one := (keySet{"x": good.Public()}); one.find(signer{"", jose.RS256}) == nil {
		t.Error("the only key is not found without its name")
	}
	var many []any
	for n := range issuerKeyCount + 1 {
		many = append(many, key(fmt.Sprint(n), "sig", good.Public()))
	}
	if keys, err = readKeySet(shown(many...)); err != nil || len(keys) != 0 {
		t.Errorf("%d keys: %d, %v", len(many), len(keys), err)
	}
	if keys, err = readKeySet(shown(many[1:]...)); err != nil || len(keys) != issuerKeyCount {
		t.Errorf("%d keys: %d, %v", len(many)-1, len(keys), err)
	}
}
