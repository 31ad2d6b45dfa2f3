//go:build unix

package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/pquerna/otp/hotp"

	"iamd/keyring"
	"iamd/server/servertest"
	"iamd/store"
	"iamd/store/etcd/etcdtest"
	"iamd/store/postgres/postgrestest"
)

// TestCopyBetweenKinds takes a store through every kind there is and back: nothing
// is lost, and the first kind serves from what has come round.
func TestCopyBetweenKinds(t *testing.T) {
	dir := t.TempDir()
	postgres, etcd := postgrestest.Start(t), etcdtest.Start(t, 1)
	first := filepath.Join(dir, "first")
	s := start(t, Config{DataDir: first})
	if _, err := s.CreateAccount(t.Context(), "second", "second@example.com"); err != nil {
		t.Fatal(err)
	}
	account := s.FirstStart().AccountID
	fillStore(t, s.backend)
	closed(t, s)

	log := slog.New(slog.DiscardHandler)
	route := []string{
		first, postgres.Database(t), etcd.URL(), filepath.Join(dir, "second"),
		strings.TrimRight(etcd.URL(), "/") + "/other", postgres.Database(t), filepath.Join(dir, "last"),
	}
	var tallies []store.Tally
	for i := range len(route) - 1 {
		got, err := CopyStore(t.Context(), route[i], route[i+1], log, nil)
		if err != nil {
			t.Fatalf("to the %d.: %v", i+1, err)
		}
		if i > 0 && !slices.Equal(got, tallies) {
			t.Errorf("to the %d.: %v, want %v", i+1, got, tallies)
		}
		tallies = got
	}
	for i, least := range []int{3, 3002, 2000, 3000, 700, 300} {
		if tallies[i].Count < least {
			t.Errorf("only %d %s", tallies[i].Count, tallies[i].Kind)
		}
	}

	// One that was broken off is not served from, whatever it is in.
	for _, target := range []string{postgres.Database(t), strings.TrimRight(etcd.URL(), "/") + "/broken"} {
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := CopyStore(ctx, first, target, log, func(string, int, bool) { cancel() }); err == nil {
			t.Error("a copy that was broken off came to its end")
		}
		if b, err := OpenStore(t.Context(), target, "", time.Now, log); !errors.Is(err, store.ErrPartCopied) {
			t.Errorf("%v, %v, want that the store holds a part of a copy", b, err)
		}
	}

	s = start(t, Config{DataDir: filepath.Join(dir, "last"), KeyringFile: filepath.Join(first, "keyring")})
	defer closed(t, s)
	if list, err := s.ListAccounts(t.Context()); err != nil || len(list) != 2 || !slices.ContainsFunc(list, func(a AccountInfo) bool { return a.ID == account }) {
		t.Errorf("accounts: %v, %v", list, err)
	}
}

// fillStore adds more of everything than fits into one request of any backend.
func fillStore(t *testing.T, b store.Backend) {
	t.Helper()
	at := time.Now().Truncate(time.Second) // what is old the server forgets
	var rows []store.Row
	var names []store.Unique
	for i := range 3000 {
		rows = append(rows, store.Row{Kind: "k", Key: fmt.Sprint("row ", i), Schema: i % 3, Data: []byte(strings.Repeat("x", i%1500))})
		names = append(names, store.Unique{Space: "test", Key: fmt.Sprint("ü", i)})
	}
	var events []store.Event
	var soft []store.Soft
	var traces []store.Trace
	for i := range 3000 {
		events = append(events, store.Event{ID: fmt.Sprint("e", i), Time: at.Add(time.Duration(i/7) * time.Microsecond), Data: []byte(strings.Repeat("e", i%900))})
	}
	for i := range 700 {
		soft = append(soft, store.Soft{Aggregate: "test/1", Kind: "used", Key: fmt.Sprint(i), Data: make([]byte, i%100)})
	}
	for i := range 300 {
		traces = append(traces, store.Trace{Aggregate: fmt.Sprint("test/", i%3), Principal: fmt.Sprint("p", i%5), ID: fmt.Sprint("t", i), Time: at, Data: make([]byte, 20*i)})
	}
	bound := store.TraceBound{Items: 1000, Bytes: 1 << 30}
	err := errors.Join(
		b.Commit(t.Context(), []store.Part{{Aggregate: "test/1", Changes: store.Changes{Rows: rows[:1500], Take: names[:1000], Events: events[:20]}}}),
		b.Commit(t.Context(), []store.Part{{Aggregate: "test/1", Expect: 1, Changes: store.Changes{Rows: rows[1500:], Take: names[1000:2000]}}}),
		b.AppendEvents(t.Context(), map[string][]store.Event{"test/1": events[20:2000], "test/gone": events[2000:]}),
		b.SaveSoft(t.Context(), soft),
		b.SaveTraces(t.Context(), traces, store.TraceBounds{Principal: bound, Aggregate: bound}),
	)
	if err != nil {
		t.Fatal(err)
	}
}

// TestOnceOnAllNodes: nodes that start at once on an empty store make one first
// account, and what may be had or used once is, however many nodes are asked at once.
func TestOnceOnAllNodes(t *testing.T) {
	for kind, url := range map[string]string{"postgres": postgrestest.Start(t).Database(t), "etcd": etcdtest.Start(t, 1).URL()} {
		t.Run(kind, func(t *testing.T) {
			keys, list := keyring.Generate(rand.Reader), make([]*node, 4)
			var all sync.WaitGroup
			for i := range list {
				all.Go(func() {
					s, err := New(t.Context(), Config{DataDir: t.TempDir(), Keyring: keys, Store: url, StaleFor: time.Minute})
					if err != nil {
						t.Errorf("node %d: %v", i, err)
						return
					}
					list[i] = &node{Server: s}
				})
			}
			all.Wait()
			for _, n := range list {
				if n == nil {
					t.FailNow()
				}
				front := httptest.NewServer(n.Handler())
				n.url = front.URL
				t.Cleanup(func() { front.Close(); closed(t, n.Server) })
			}
			c := first(t, list)
			once := func(what string, do func(n *node, root *sdk.Client) error) {
				t.Helper()
				answers := make([]error, 4*len(list))
				var all sync.WaitGroup
				for i := range answers {
					n := list[i%len(list)]
					all.Go(func() { answers[i] = do(n, n.client(c.AccessKeyID, c.SecretAccessKey, nil)) })
				}
				all.Wait()
				if won := len(answers) - len(slices.DeleteFunc(slices.Clone(answers), func(err error) bool { return err == nil })); won != 1 {
					t.Errorf("%s: %d times: %v", what, won, answers)
				}
			}
			name := aws.String("ann")
			once("a user", func(_ *node, root *sdk.Client) error {
				_, err := root.CreateUser(t.Context(), &sdk.CreateUserInput{UserName: name})
				return err
			})
			once("an e-mail address", func(n *node, _ *sdk.Client) error {
				_, err := n.CreateAccount(t.Context(), "other", "Other@example.com")
				return err
			})
			once("a number", func(n *node, _ *sdk.Client) error {
				_, err := n.createAccount(t.Context(), Root{AccountID: "111122223333", AccountName: "third"})
				return err
			})
			root := list[0].client(c.AccessKeyID, c.SecretAccessKey, nil)
			soon(t, "the node has the user", func() bool {
				_, err := root.GetUser(t.Context(), &sdk.GetUserInput{UserName: name})
				return err == nil
			})
			key, err := root.CreateAccessKey(t.Context(), &sdk.CreateAccessKeyInput{UserName: name})
			if err != nil {
				t.Fatal(err)
			}
			made, err := root.CreateVirtualMFADevice(t.Context(), &sdk.CreateVirtualMFADeviceInput{VirtualMFADeviceName: name})
			if err != nil {
				t.Fatal(err)
			}
			device, now := made.VirtualMFADevice, time.Now().Unix()/30
			shows := func(step int64) *string {
				code, err := hotp.GenerateCode(string(device.Base32StringSeed), uint64(step))
				if err != nil {
					t.Fatal(err)
				}
				return &code
			}
			if _, err := root.EnableMFADevice(t.Context(), &sdk.EnableMFADeviceInput{
				UserName: name, SerialNumber: device.SerialNumber, AuthenticationCode1: shows(now - 2), AuthenticationCode2: shows(now - 1),
			}); err != nil {
				t.Fatal(err)
			}
			code := shows(now)
			once("a code", func(n *node, _ *sdk.Client) error {
				ann := stssdk.NewFromConfig(servertest.Config(n.url, "eu-west-1", *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, ""))
				_, err := ann.GetSessionToken(t.Context(), &stssdk.GetSessionTokenInput{SerialNumber: device.SerialNumber, TokenCode: code})
				return err
			})
		})
	}
}
