package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"

	"iamd/keyring"
	"iamd/server/servertest"
	"iamd/store"
	"iamd/store/sqlite"
	"iamd/store/storetest"
)

// node is one of several servers that share a store.
type node struct {
	*Server
	way *storetest.Node
	url string
}

// nodes starts servers on one store, all at once, as a fleet begins.
func nodes(t *testing.T, n int, change func(*Config)) []*node {
	t.Helper()
	backend, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "shared.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := backend.Close(); err != nil {
			t.Error(err)
		}
	})
	net, keys := storetest.NewNetwork(backend), keyring.Generate(rand.Reader)
	list := make([]*node, n)
	var all sync.WaitGroup
	for i := range list {
		all.Go(func() {
			cfg := Config{DataDir: t.TempDir(), Keyring: keys, StaleFor: time.Hour}
			if change != nil {
				change(&cfg)
			}
			way := net.Node()
			cfg.Backend = way
			s, err := New(context.Background(), cfg)
			if err != nil {
				t.Errorf("node %d: %v", i, err)
				return
			}
			list[i] = &node{Server: s, way: way}
		})
	}
	all.Wait()
	for _, s := range list {
		if s == nil {
			t.FailNow()
		}
		front := httptest.NewServer(s.Handler())
		s.url = front.URL
		t.Cleanup(func() {
			front.Close()
			closed(t, s.Server)
		})
	}
	return list
}

// first are the credentials of whoever made the first account.
func first(t *testing.T, list []*node) *Credentials {
	t.Helper()
	var made *Credentials
	for _, n := range list {
		if c := n.FirstStart(); c != nil {
			if made != nil {
				t.Fatalf("two first accounts: %s and %s", made.AccountID, c.AccountID)
			}
			made = c
		}
	}
	if made == nil {
		t.Fatal("no first account")
	}
	return made
}

// unheard is a store whose first commits are done, or not, and answered as if the
// connection was lost.
type unheard struct {
	store.Shared
	done    bool
	commits atomic.Int64
}

func (u *unheard) Commit(ctx context.Context, parts []store.Part) error {
	if u.commits.Add(1) > 1 {
		return u.Shared.Commit(ctx, parts)
	}
	if u.done {
		if err := u.Shared.Commit(ctx, parts); err != nil {
			return err
		}
	}
	return fmt.Errorf("the connection was lost: %w", store.ErrUnavailable)
}

// TestFirstStartUnheard: the credentials of a first account are kept if it was made,
// though the node did not hear that it was, and no others are.
func TestFirstStartUnheard(t *testing.T) {
	for _, done := range []bool{true, false} {
		t.Run(fmt.Sprint(done), func(t *testing.T) {
			backend, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "shared.db")})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = backend.Close() })
			net, keys := storetest.NewNetwork(backend), keyring.Generate(rand.Reader)
			begin := func(dir string, b store.Backend) (*Server, error) {
				s, err := New(t.Context(), Config{DataDir: dir, Keyring: keys, Backend: b, StaleFor: time.Hour})
				if err == nil {
					t.Cleanup(func() { closed(t, s) })
				}
				return s, err
			}
			dir := t.TempDir()
			s, err := begin(dir, &unheard{Shared: net.Node(), done: done})
			if !done {
				if !errors.Is(err, store.ErrUnavailable) {
					t.Errorf("a start whose account was not made: %v", err)
				}
				other, err := begin(t.TempDir(), net.Node())
				if err != nil || other.FirstStart() == nil {
					t.Fatalf("another node: %v", err)
				}
				if _, err := begin(dir, net.Node()); err != nil {
					t.Fatal(err)
				}
				for _, file := range []string{RootFile(dir), ConsoleFile(dir), RootFile(dir) + pending, ConsoleFile(dir) + pending} {
					if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
						t.Errorf("%s: %v, and is of no account", file, err)
					}
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			c := s.FirstStart()
			if c == nil {
				t.Fatal("the account was made, and its credentials are lost")
			}
			if file, err := os.ReadFile(RootFile(dir)); err != nil || !strings.Contains(string(file), c.AccessKeyID+","+c.SecretAccessKey) {
				t.Errorf("the file of the key: %q, %v", file, err)
			}
			front := httptest.NewServer(s.Handler())
			defer front.Close()
			n := node{Server: s, url: front.URL}
			if _, err := n.client(c.AccessKeyID, c.SecretAccessKey, nil).ListUsers(t.Context(), &sdk.ListUsersInput{}); err != nil {
				t.Errorf("a call by that key: %v", err)
			}
		})
	}
}

// client calls one node; seen, unless it is nil, is sent and replaced by what came.
func (n *node) client(keyID, secret string, seen *string) *sdk.Client {
	return sdk.NewFromConfig(servertest.Config(n.url, "eu-west-1", keyID, secret, ""), func(o *sdk.Options) {
		if seen != nil {
			o.APIOptions = append(o.APIOptions, remembering(seen))
		}
	})
}

func code(err error) string {
	var e smithy.APIError
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	return ""
}

// soon waits until something is so, for as long as no working program needs.
func soon(t *testing.T, what string, so func() bool) {
	t.Helper()
	end := time.Now().Add(time.Minute)
	for !so() {
		if time.Now().After(end) {
			t.Fatalf("not after a minute: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func page(t *testing.T, url string) (int, string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// TestNodes: nodes that start at once make one first account, and each serves what
// any of them wrote.
func TestNodes(t *testing.T) {
	list := nodes(t, 3, nil)
	c := first(t, list)
	if ring, err := list[0].Keyring(t.Context()); err != nil || !ring.Shared {
		t.Errorf("the keyring: %+v, %v", ring, err)
	}
	a, b := list[0].client(c.AccessKeyID, c.SecretAccessKey, nil), list[1].client(c.AccessKeyID, c.SecretAccessKey, nil)
	if _, err := a.CreateUser(t.Context(), &sdk.CreateUserInput{UserName: aws.String("ann")}); err != nil {
		t.Fatal(err)
	}
	soon(t, "the other node knows the user", func() bool {
		_, err := b.GetUser(t.Context(), &sdk.GetUserInput{UserName: aws.String("ann")})
		return err == nil
	})
	// A key made here is good there at once: its row leads to the newest account.
	list[1].way.Quiet(true)
	key, err := a.CreateAccessKey(t.Context(), &sdk.CreateAccessKeyInput{UserName: aws.String("ann")})
	if err != nil {
		t.Fatal(err)
	}
	anns := list[1].client(*key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, nil)
	if _, err := anns.GetUser(t.Context(), &sdk.GetUserInput{}); code(err) != "AccessDenied" {
		t.Errorf("a new key on another node: %v", err)
	}
	list[1].way.Quiet(false)
	if _, err := a.DeleteAccessKey(t.Context(), &sdk.DeleteAccessKeyInput{UserName: aws.String("ann"), AccessKeyId: key.AccessKey.AccessKeyId}); err != nil {
		t.Fatal(err)
	}
	soon(t, "the other node refuses the deleted key", func() bool {
		_, err := anns.GetUser(t.Context(), &sdk.GetUserInput{})
		return code(err) == "InvalidClientTokenId"
	})
	// Both write one account: none of it is lost.
	var all sync.WaitGroup
	for i, n := range list {
		all.Go(func() {
			to := n.client(c.AccessKeyID, c.SecretAccessKey, nil)
			for j := range 20 {
				if _, err := to.CreateUser(t.Context(), &sdk.CreateUserInput{UserName: aws.String(strings.Repeat("x", i+1) + strings.Repeat("y", j+1))}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for i, n := range list {
		soon(t, "a node lists all users", func() bool {
			out, err := n.client(c.AccessKeyID, c.SecretAccessKey, nil).ListUsers(t.Context(), &sdk.ListUsersInput{})
			if err != nil {
				t.Fatalf("node %d: %v", i, err)
			}
			return len(out.Users) == 61
		})
	}
}

// TestCutOff: a node without its store decides from memory for as long as it may,
// and says so; it writes nothing, and heals by itself.
func TestCutOff(t *testing.T) {
	for name, stale := range map[string]time.Duration{"for an hour": time.Hour, "not at all": 0} {
		t.Run(name, func(t *testing.T) {
			list := nodes(t, 1, func(c *Config) { c.StaleFor = stale })
			c := first(t, list)
			n := list[0].client(c.AccessKeyID, c.SecretAccessKey, nil)
			create := func() error {
				_, err := n.CreateUser(t.Context(), &sdk.CreateUserInput{UserName: aws.String("ann")})
				return err
			}
			read := func() error {
				_, err := n.ListUsers(t.Context(), &sdk.ListUsersInput{})
				return err
			}
			if err := read(); err != nil {
				t.Fatal(err)
			}
			list[0].way.Cut(true)
			soon(t, "the node knows that it is cut off", func() bool { return list[0].follower.State().Stalled != nil })
			if err := create(); code(err) != "ServiceUnavailable" {
				t.Errorf("a write: %v", err)
			}
			status, text := page(t, list[0].url+"/readyz")
			if stale > 0 {
				if err := read(); err != nil {
					t.Errorf("a read: %v", err)
				}
				if status != http.StatusOK || !strings.Contains(text, "deciding from memory") {
					t.Errorf("readyz: %d %s", status, text)
				}
			} else {
				if err := read(); code(err) != "ServiceUnavailable" {
					t.Errorf("a read: %v", err)
				}
				if status != http.StatusServiceUnavailable || !strings.Contains(text, "cut off") {
					t.Errorf("readyz: %d %s", status, text)
				}
			}
			list[0].way.Cut(false)
			soon(t, "the node writes again", func() bool { return create() == nil })
			if status, text := page(t, list[0].url+"/readyz"); status != http.StatusOK || text != "ready\n" {
				t.Errorf("readyz: %d %s", status, text)
			}
		})
	}
}
