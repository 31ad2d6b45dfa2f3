package api

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/guard"
	"iamd/iam"
	"iamd/limits"
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
	a := &API{hashing: limits.NewTurns(1, 0), guesses: limits.NewTries(limits.Guessing)}
	c := &Call{
		Context: t.Context(), Time: time.Now(), Account: account,
		Caller: &guard.Caller{Principal: policy.Principal{Kind: policy.User, UniqueID: u.ID}},
	}
	in := &sdk.ChangePasswordInput{OldPassword: aws.String(old), NewPassword: aws.String(next)}
	for range limits.Guessing.Tries {
		var refused *iam.Error
		if err := a.prepareChangePassword(c, in); !errors.As(err, &refused) || refused.Code != iam.CodeThrottling {
			t.Fatalf("without a turn: %v", err)
		}
	}
	a.hashing = limits.NewTurns(1, 1)
	if err := a.prepareChangePassword(c, in); err != nil {
		t.Errorf("with a turn: %v", err)
	}
	// Strangers' guesses at the sign-in don't keep out who has keys.
	secret := "password " + u.ID
	for a.guesses.Begin(secret, c.Time) {
	}
	if err := a.prepareChangePassword(c, in); err != nil {
		t.Errorf("after guesses of strangers: %v", err)
	}
	in.OldPassword = aws.String(next)
	for range limits.Guessing.Tries {
		var refused *iam.Error
		if err := a.prepareChangePassword(c, in); !errors.As(err, &refused) || refused.Code != iam.CodeAccessDenied {
			t.Fatalf("a wrong password: %v", err)
		}
	}
	var refused *iam.Error
	if err := a.prepareChangePassword(c, in); !errors.As(err, &refused) || refused.Code != iam.CodeThrottling {
		t.Errorf("after one's own guesses: %v", err)
	}
	if a.guesses.Begin(secret, c.Time) {
		t.Error("one's own guesses do not count at the sign-in")
	}
}

// TestMetadataWaitsItsTurn: reading a metadata document takes as long as hashing
// a password does, and much memory.
func TestMetadataWaitsItsTurn(t *testing.T) {
	a := &API{hashing: limits.NewTurns(1, 0)}
	c := &Call{Context: t.Context(), Account: iam.NewAccount(nil, "111122223333")}
	err := a.prepareSAMLProvider(c, &sdk.CreateSAMLProviderInput{SAMLMetadataDocument: aws.String("<x/>")})
	var refused *iam.Error
	if !errors.As(err, &refused) || refused.Code != iam.CodeThrottling {
		t.Errorf("read without a turn: %v", err)
	}
}
