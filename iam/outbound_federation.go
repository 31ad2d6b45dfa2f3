package iam

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"

	"iamd/store"
)

// OutboundFederation is the account as an issuer of web identity tokens. It is
// made when the account first enables it and stays: disabled and enabled again,
// an account is the same issuer with the same keys, as with AWS.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html
type OutboundFederation struct {
	// Issuer is the account's part of the issuer's URL, a random UUID.
	Issuer  string `json:"issuer"`
	Enabled bool   `json:"enabled"`
	// DisableDate is when it was last disabled.
	DisableDate time.Time `json:"disabled,omitzero"`
	// Keys are all that are published. The last one of an algorithm signs; those
	// before it are retired, and verify what they have signed.
	Keys []SigningKey `json:"keys"`
}

// SigningKey is a key that signs web identity tokens.
type SigningKey struct {
	ID        string `json:"id"` // the public key's thumbprint, as RFC 7638 has it
	Algorithm string `json:"algorithm"`
	// Public is the public key as it is published, a JSON Web Key.
	Public json.RawMessage `json:"public"`
	// Sealed is the private key, for this account and key id only.
	Sealed []byte `json:"sealed"`
}

// The algorithms that AWS signs by.
const (
	RS256 = string(jose.RS256)
	ES384 = string(jose.ES384)
)

const (
	rowOutboundFederation = "outbound-federation"

	// spaceTokenIssuer is where the issuers of web identity tokens live.
	spaceTokenIssuer = "token-issuer"

	rsaBits = 2048 // as AWS's

	// keysOutlive is how long an issuer that was disabled is still published: the
	// tokens that it gave out stay good, for an hour at most, and clocks differ.
	keysOutlive = 65 * time.Minute
)

// SigningKeys are new keys of an issuer, one for each algorithm.
type SigningKeys struct{ keys []newSigningKey }

type newSigningKey struct {
	SigningKey
	private []byte // PKCS #8
}

// NewSigningKeys makes keys, which takes some tenths of a second.
func NewSigningKeys(rand io.Reader) (*SigningKeys, error) {
	byRSA, err := rsa.GenerateKey(rand, rsaBits)
	if err != nil {
		return nil, fmt.Errorf("iam: signing key: %w", err)
	}
	byCurve, err := ecdsa.GenerateKey(elliptic.P384(), rand)
	if err != nil {
		return nil, fmt.Errorf("iam: signing key: %w", err)
	}
	made := new(SigningKeys)
	for _, k := range []struct {
		algorithm string
		key       crypto.Signer
	}{{RS256, byRSA}, {ES384, byCurve}} {
		key, err := newKey(k.algorithm, k.key)
		if err != nil {
			return nil, fmt.Errorf("iam: signing key: %w", err)
		}
		made.keys = append(made.keys, key)
	}
	return made, nil
}

func newKey(algorithm string, key crypto.Signer) (newSigningKey, error) {
	public := jose.JSONWebKey{Key: key.Public(), Algorithm: algorithm, Use: "sig"}
	sum, err := public.Thumbprint(crypto.SHA256)
	if err != nil {
		return newSigningKey{}, err
	}
	public.KeyID = base64.RawURLEncoding.EncodeToString(sum)
	shown, err := public.MarshalJSON()
	if err != nil {
		return newSigningKey{}, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return newSigningKey{}, err
	}
	return newSigningKey{SigningKey{ID: public.KeyID, Algorithm: algorithm, Public: shown}, private}, nil
}

// IssuesTokens tells whether the account has ever been an issuer, and so has
// keys.
func (a *Account) IssuesTokens() bool { return a.outbound != nil }

// TokenIssuer gives the account's part of its issuer's URL. It fails with AWS's
// FeatureDisabled.
func (a *Account) TokenIssuer() (string, error) {
	if a.outbound == nil || !a.outbound.Enabled {
		return "", Errorf(CodeFeatureDisabled, "Outbound identity federation is disabled for account %s", a.ID)
	}
	return a.outbound.Issuer, nil
}

// SigningKey opens the key that signs by an algorithm, for an issuer that is
// enabled. It fails with AWS's OutboundWebIdentityFederationDisabledException.
func (a *Account) SigningKey(algorithm string) (id string, key crypto.Signer, err error) {
	if a.outbound == nil || !a.outbound.Enabled {
		return "", nil, Errorf(CodeOutboundFederationDisabled, "OutboundWebIdentityFederation is disabled.")
	}
	for _, k := range slices.Backward(a.outbound.Keys) {
		if k.Algorithm != algorithm {
			continue
		}
		plain, err := a.env.Unseal(a.ID, k.ID, k.Sealed)
		if err != nil {
			return "", nil, fmt.Errorf("iam: signing key %s: %w", k.ID, err)
		}
		opened, err := x509.ParsePKCS8PrivateKey([]byte(plain))
		if err != nil {
			return "", nil, fmt.Errorf("iam: signing key %s: %w", k.ID, err)
		}
		signer, ok := opened.(crypto.Signer)
		if !ok {
			return "", nil, fmt.Errorf("iam: signing key %s: %T signs nothing", k.ID, opened)
		}
		return k.ID, signer, nil
	}
	return "", nil, fmt.Errorf("iam: account %s has no key that signs by %s", a.ID, algorithm)
}

// PublishedKeys are the keys by which tokens of an issuer of this account are
// verified. ok is false for another issuer, and for one that was disabled so
// long ago that none of its tokens is good any more.
func (a *Account) PublishedKeys(issuer string) (keys []SigningKey, ok bool) {
	o := a.outbound
	if o == nil || o.Issuer != issuer || !o.Enabled && !a.env.Now().Before(o.DisableDate.Add(keysOutlive)) {
		return nil, false
	}
	return o.Keys, true
}

// OwnerOfTokenIssuer finds the account that an issuer belongs to. ErrNotFound.
func OwnerOfTokenIssuer(ctx context.Context, s Owners, issuer string) (account string, err error) {
	return s.Owner(ctx, store.Unique{Space: spaceTokenIssuer, Key: issuer})
}

// EnableOutboundFederation makes the account an issuer of web identity tokens,
// and gives its part of the issuer's URL. The keys are for an account that has
// none yet; one that has keeps its own.
func (d *Draft) EnableOutboundFederation(keys *SigningKeys) (issuer string, err error) {
	old := d.outbound
	switch {
	case old != nil && old.Enabled:
		return "", Errorf(CodeFeatureEnabled, "Outbound identity federation is already enabled for account %s", d.ID)
	case old != nil:
		next := clone(old)
		next.Enabled, next.DisableDate = true, time.Time{}
		d.putOutboundFederation(next)
		return next.Issuer, nil
	case keys == nil:
		return "", fmt.Errorf("iam: account %s: no keys to sign tokens by", d.ID)
	}
	id, err := uuid.NewRandomFromReader(d.env.Rand)
	if err != nil {
		return "", fmt.Errorf("iam: token issuer: %w", err)
	}
	next := &OutboundFederation{Issuer: id.String(), Enabled: true}
	for _, k := range keys.keys {
		k.Sealed = d.env.Seal(d.ID, k.ID, string(k.private))
		next.Keys = append(next.Keys, k.SigningKey)
	}
	d.notes.Take = append(d.notes.Take, store.Unique{Space: spaceTokenIssuer, Key: next.Issuer})
	d.putOutboundFederation(next)
	return next.Issuer, nil
}

// DisableOutboundFederation ends the giving out of tokens. Those that are out
// stay good until they end.
func (d *Draft) DisableOutboundFederation() error {
	if d.outbound == nil || !d.outbound.Enabled {
		return Errorf(CodeFeatureDisabled, "Outbound identity federation is already disabled for account %s", d.ID)
	}
	next := clone(d.outbound)
	next.Enabled, next.DisableDate = false, d.now()
	d.putOutboundFederation(next)
	return nil
}

func (d *Draft) putOutboundFederation(o *OutboundFederation) {
	d.outbound = o
	d.note(rowOutboundFederation, "", o)
}
