package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/guard"
	"iamd/iam"
	"iamd/limits"
	"iamd/saml/samltest"
)

// slowStore has one account in memory, and takes its time with others.
type slowStore struct {
	iam.Store
	loading atomic.Int32
	release chan struct{}
}

func (s *slowStore) Loaded(id string) (*iam.Account, bool) { return nil, id == "held" }

func (s *slowStore) View(ctx context.Context, _ string) (*iam.Account, error) {
	s.loading.Add(1)
	select {
	case <-s.release:
	case <-ctx.Done():
	}
	return nil, iam.ErrNotFound
}

// TestStrangersLoadFewAccounts: however many name one, and what is in memory waits
// for none of them.
func TestStrangersLoadFewAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowStore{release: make(chan struct{})}
		a := &API{cfg: Config{Accounts: store}, loading: make(chan struct{}, strangersLoading)}
		ctx, cancel := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				if _, err := a.named(ctx, "other"); !errors.Is(err, iam.ErrNotFound) && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if n := store.loading.Load(); n != strangersLoading {
			t.Errorf("%d are loaded at once", n)
		}
		if _, err := a.named(ctx, "held"); err != nil {
			t.Errorf("one in memory: %v", err)
		}
		cancel()
		close(store.release)
		wait.Wait()
	})
}

// TestStrangersWhoHangUp: an account is loaded to its end whoever waits for it, so
// who does not wait has had a turn all the same.
func TestStrangersWhoHangUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowStore{release: make(chan struct{})}
		a := &API{cfg: Config{Accounts: store}, loading: make(chan struct{}, strangersLoading)}
		var wait sync.WaitGroup
		for range 20 {
			ctx, cancel := context.WithCancel(t.Context())
			wait.Go(func() { _, _ = a.named(ctx, "other") }) // nobody is told
			synctest.Wait()
			cancel()
			synctest.Wait()
		}
		if n := store.loading.Load(); n != strangersLoading {
			t.Errorf("%d are loaded at once", n)
		}
		close(store.release)
		wait.Wait()
	})
}

// TestHangingUpIsNotLogged: strangers who don't wait for their answer must not be
// able to fill the log.
func TestHangingUpIsNotLogged(t *testing.T) {
	var log bytes.Buffer
	a := &API{cfg: Config{Log: slog.New(slog.NewTextHandler(&log, nil))}}
	a.refuse(&answer{protocol: new(query)}, fmt.Errorf("load: %w", context.Canceled))
	if log.Len() != 0 {
		t.Errorf("logged: %s", log.String())
	}
	if a.refuse(&answer{protocol: new(query)}, errors.New("a fault")); log.Len() == 0 {
		t.Error("a fault is not logged")
	}
}

// kept is a store with one account, in memory.
type kept struct {
	iam.Store
	account *iam.Account
}

func (k kept) Loaded(string) (*iam.Account, bool) { return k.account, true }

// TestStrangersDoNotHash: what an assertion takes long to be opened waits for a turn
// that nobody waits for who hashes passwords.
func TestStrangersDoNotHash(t *testing.T) {
	metadata, err := iam.ReadSAMLMetadata(samltest.New(t, "https://idp.example.com/").Metadata(""))
	if err != nil {
		t.Fatal(err)
	}
	d := iam.NewAccount(&iam.Env{Now: time.Now, Rand: rand.Reader, Quotas: iam.DefaultQuotas()}, "111122223333").Draft()
	if _, err := d.CreateSAMLProvider(iam.NewSAMLProvider{Name: "Corp", Metadata: metadata}); err != nil {
		t.Fatal(err)
	}
	account, _ := d.Seal()
	encrypted := samltest.Encode(`<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0"><a:Issuer>https://idp.example.com/</a:Issuer>` +
		`<p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status><a:EncryptedAssertion/></p:Response>`)
	in := &sts.AssumeRoleWithSAMLInput{
		RoleArn: aws.String("arn:aws:iam::111122223333:role/R"), PrincipalArn: aws.String("arn:aws:iam::111122223333:saml-provider/Corp"), SAMLAssertion: &encrypted,
	}
	for share, want := range map[int]string{0: iam.CodeThrottling, 1: iam.CodeInvalidIdentityToken} {
		a := &API{cfg: Config{Accounts: kept{account: account}}, hashing: limits.NewTurns(1, 1-share), verifying: limits.NewTurns(1, share)}
		var refused *iam.Error
		if err := a.admitSAML(&Call{Context: t.Context(), Time: time.Now(), Caller: guard.Anonymous(guard.Origin{})}, in); !errors.As(err, &refused) || refused.Code != want {
			t.Errorf("a share of %d: %v", share, err)
		}
	}
}
