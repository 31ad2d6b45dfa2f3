package api

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

// TestNoTurnIsNoGuess: who finds no turn has not guessed at a password, or others
// in the account could use up all guesses there are.
func TestNoTurnIsNoGuess(t *testing.T) {
	const old, next = "First-Passw0rd", "Second-Passw0rd"
	env := &iam.Env{Now: time.Now, Rand: rand.Reader, Quotas: iam.DefaultQuotas()}
	d := iam.NewAccount(env, "111122223333").Draft()
	u, err := d.CreateUser(iam.NewUser{Name: "Bob"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.Prepare(u, old)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.CreateLoginProfile(u, p, false); err != nil {
		t.Fatal(err)
	}
	account, _ := d.Seal()
	a := &API{hashing: newTurns(1, 0), tries: newTries()}
	c := &Call{
		Context: t.Context(), Time: time.Now(), Account: account,
		Caller: &guard.Caller{Principal: policy.Principal{Kind: policy.User, UniqueID: u.ID}},
	}
	in := &sdk.ChangePasswordInput{OldPassword: aws.String(old), NewPassword: aws.String(next)}
	for range triesInSpan {
		var refused *iam.Error
		if err := a.prepareChangePassword(c, in); !errors.As(err, &refused) || refused.Code != iam.CodeThrottling {
			t.Fatalf("without a turn: %v", err)
		}
	}
	a.hashing = newTurns(1, 1)
	if err := a.prepareChangePassword(c, in); err != nil {
		t.Errorf("with a turn: %v", err)
	}
}

// TestMetadataWaitsItsTurn: reading a metadata document takes as long as hashing
// a password does, and much memory.
func TestMetadataWaitsItsTurn(t *testing.T) {
	a := &API{hashing: newTurns(1, 0)}
	c := &Call{Context: t.Context(), Account: iam.NewAccount(nil, "111122223333")}
	err := a.prepareSAMLProvider(c, &sdk.CreateSAMLProviderInput{SAMLMetadataDocument: aws.String("<x/>")})
	var refused *iam.Error
	if !errors.As(err, &refused) || refused.Code != iam.CodeThrottling {
		t.Errorf("read without a turn: %v", err)
	}
}

// TestHashing: an account has so many at work or waiting, whoever else has none,
// and who goes away makes room.
func TestHashing(t *testing.T) {
	h := newTurns(1, accountHashing)
	ctx, gone := context.WithCancel(context.Background())
	begun, end := make(chan struct{}), make(chan struct{})
	done := make(chan error, accountHashing)
	go func() {
		done <- h.do(context.Background(), "a", func() error { close(begun); <-end; return nil })
	}()
	<-begun
	for range accountHashing - 1 {
		if !h.enter("a") {
			t.Fatal("too few may wait")
		}
		h.leave("a")
		go func() { done <- h.do(ctx, "a", func() error { return errors.New("ran") }) }()
	}
	gone()
	for range accountHashing - 1 {
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("who went away: %v", err)
		}
	}
	for range accountHashing - 1 {
		h.enter("a")
	}
	var refused *iam.Error
	if err := h.do(context.Background(), "a", func() error { return nil }); !errors.As(err, &refused) || refused.Code != iam.CodeThrottling || refused.Message != "Rate exceeded" {
		t.Errorf("one too many: %v", err)
	}
	if !h.enter("b") {
		t.Error("another account is kept out")
	}
	h.leave("b")
	for range accountHashing - 1 {
		h.leave("a")
	}
	close(end)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(h.accounts) != 0 {
		t.Errorf("left behind: %v", h.accounts)
	}
}
