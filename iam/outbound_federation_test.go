package iam

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"iamd/store"
)

// TestOutboundFederation: enabled, disabled and enabled again an account is one
// issuer, with the same keys, that outlive it as long as its tokens do.
func TestOutboundFederation(t *testing.T) {
	d := policyDraft()
	now := d.env.Now()
	d.env.Now = func() time.Time { return now }
	d.env.Seal = func(account, id, secret string) []byte { return []byte(account + id + secret) }
	d.env.Unseal = func(account, id string, sealed []byte) (string, error) {
		secret, ok := strings.CutPrefix(string(sealed), account+id)
		if !ok {
			return "", errors.New("sealed for another")
		}
		return secret, nil
	}
	const disabled = "Outbound identity federation is disabled for account 123456789012"
	_, err := d.TokenIssuer()
	refused(t, err, CodeFeatureDisabled, disabled)
	_, _, err = d.SigningKey(RS256)
	refused(t, err, CodeOutboundFederationDisabled, "OutboundWebIdentityFederation is disabled.")
	refused(t, d.DisableOutboundFederation(), CodeFeatureDisabled, "Outbound identity federation is already disabled for account 123456789012")
	if _, err := d.EnableOutboundFederation(nil); err == nil || d.IssuesTokens() {
		t.Errorf("without keys: %v", err)
	}

	keys, err := NewSigningKeys(rand.Reader)
	must(t, err)
	issuer, err := d.EnableOutboundFederation(keys)
	must(t, err)
	if got, err := d.TokenIssuer(); err != nil || got != issuer || len(issuer) != 36 {
		t.Errorf("issuer %q, %v", got, err)
	}
	_, err = d.EnableOutboundFederation(keys)
	refused(t, err, CodeFeatureEnabled, "Outbound identity federation is already enabled for account 123456789012")
	account, changes := d.Seal()
	if want := []store.Unique{{Space: "token-issuer", Key: issuer}}; !slices.Equal(changes.Take, want) {
		t.Errorf("took %v", changes.Take)
	}
	if account, err = Load(account.env, account.ID, changes.Rows); err != nil {
		t.Fatal(err)
	}
	published(t, account, issuer)

	d = account.Draft()
	must(t, d.DisableOutboundFederation())
	_, err = d.TokenIssuer()
	refused(t, err, CodeFeatureDisabled, disabled)
	_, _, err = d.SigningKey(ES384)
	refused(t, err, CodeOutboundFederationDisabled, "OutboundWebIdentityFederation is disabled.")
	if _, ok := account.PublishedKeys(issuer); !ok {
		t.Error("a draft changed the account that it was made of")
	}
	now = now.Add(time.Hour) // the longest token that is out ends now
	if _, ok := d.PublishedKeys(issuer); !ok {
		t.Error("the keys went before the tokens did")
	}
	now = now.Add(5 * time.Minute)
	if _, ok := d.PublishedKeys(issuer); ok {
		t.Error("the keys stay for good")
	}
	again, err := d.EnableOutboundFederation(nil)
	must(t, err)
	if again != issuer {
		t.Errorf("enabled again it is %s, and was %s", again, issuer)
	}
	published(t, d.Account, issuer)
	if _, changes = d.Seal(); len(changes.Take)+len(changes.Free) > 0 {
		t.Errorf("took %v, freed %v", changes.Take, changes.Free)
	}
}

// published holds what is published against what signs.
func published(t *testing.T, a *Account, issuer string) {
	t.Helper()
	if _, ok := a.PublishedKeys(strings.ToUpper(issuer)); ok {
		t.Error("another issuer has keys here")
	}
	keys, ok := a.PublishedKeys(issuer)
	if !ok || len(keys) != 2 {
		t.Fatalf("%v %v", keys, ok)
	}
	for i, algorithm := range []string{RS256, ES384} {
		id, key, err := a.SigningKey(algorithm)
		must(t, err)
		var shown jose.JSONWebKey
		must(t, json.Unmarshal(keys[i].Public, &shown))
		if shown.KeyID != id || shown.Algorithm != algorithm || shown.Use != "sig" || !shown.IsPublic() || len(id) != 43 {
			t.Errorf("%s is published as %s", id, keys[i].Public)
		}
		switch public := key.Public().(type) {
		case *rsa.PublicKey:
			if algorithm != RS256 || public.N.BitLen() != 2048 || !public.Equal(shown.Key) {
				t.Errorf("%s: %v", algorithm, public)
			}
		case *ecdsa.PublicKey:
			if algorithm != ES384 || public.Curve.Params().BitSize != 384 || !public.Equal(shown.Key) {
				t.Errorf("%s: %v", algorithm, public)
			}
		default:
			t.Errorf("%s: %T", algorithm, public)
		}
	}
}

// TestRetiredSigningKeys: the last key of an algorithm signs, and all are
// published.
func TestRetiredSigningKeys(t *testing.T) {
	d := policyDraft()
	old, err := NewSigningKeys(rand.Reader)
	must(t, err)
	issuer, err := d.EnableOutboundFederation(old)
	must(t, err)
	other := policyDraft()
	next, err := NewSigningKeys(rand.Reader)
	must(t, err)
	_, err = other.EnableOutboundFederation(next)
	must(t, err)
	d.outbound.Keys = append(d.outbound.Keys, other.outbound.Keys...)
	for _, k := range other.outbound.Keys {
		if id, _, err := d.SigningKey(k.Algorithm); err != nil || id != k.ID {
			t.Errorf("%s: %s signs, %v", k.Algorithm, id, err)
		}
	}
	if keys, ok := d.PublishedKeys(issuer); !ok || len(keys) != 4 {
		t.Errorf("%d keys are published", len(keys))
	}
}

func BenchmarkSigningKey(b *testing.B) {
	d := policyDraft()
	keys, err := NewSigningKeys(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := d.EnableOutboundFederation(keys); err != nil {
		b.Fatal(err)
	}
	for _, algorithm := range []string{RS256, ES384} {
		b.Run(algorithm, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := d.SigningKey(algorithm); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
