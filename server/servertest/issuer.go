package servertest

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// IssuerURL is the OpenID Connect provider that an Issuer is.
const IssuerURL = "https://example.com"

// Issuer is an OpenID Connect provider that serves its own keys by TLS.
type Issuer struct {
	// Roots vouch for it, and Dial leads to it whatever the address.
	Roots *x509.CertPool
	Dial  func(ctx context.Context, network, address string) (net.Conn, error)

	signer jose.Signer
}

// NewIssuer starts an issuer, which ends with the test.
func NewIssuer(t testing.TB) *Issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	answer := func(path string, v any) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(v) // to a client that may have gone
		})
	}
	answer("/.well-known/openid-configuration", map[string]string{"issuer": IssuerURL, "jwks_uri": IssuerURL + "/keys"})
	answer("/keys", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "key", Use: "sig"}}})
	front := httptest.NewTLSServer(mux) // its certificate is for example.com
	t.Cleanup(front.Close)
	i := &Issuer{Roots: x509.NewCertPool(), Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, front.Listener.Addr().String())
	}}
	i.Roots.AddCert(front.Certificate())
	if i.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "key"}}, nil); err != nil {
		t.Fatal(err)
	}
	return i
}

// Token is one of the subject's for an audience, good for an hour.
func (i *Issuer) Token(t testing.TB, subject, audience string) string {
	t.Helper()
	now := time.Now().Unix()
	payload, err := json.Marshal(map[string]any{"iss": IssuerURL, "sub": subject, "aud": audience, "iat": now, "exp": now + 3600})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := i.signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}
