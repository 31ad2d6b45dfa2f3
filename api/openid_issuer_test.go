package api_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"iamd/api"
)

// openIDIssuer are the OpenID Connect providers of https://*.example.com, whose
// certificates an authority vouches for, and of https://*.example.net, for which
// only their thumbprint speaks. All show the same keys, by the ids rsa, ES256, ….
type openIDIssuer struct {
	server     *httptest.Server
	roots      *x509.CertPool
	believed   tls.Certificate // the authority in roots
	thumbprint string          // of the authority that nobody believes
	keys       map[string]crypto.Signer

	mu      sync.Mutex
	asked   map[string]int // by URL without https://
	instead map[string]http.HandlerFunc
	// certificates are those of other hosts that it serves.
	certificates map[string]tls.Certificate
}

func newOpenIDIssuer(t *testing.T) *openIDIssuer {
	t.Helper()
	i := &openIDIssuer{keys: signingKeys(t), roots: x509.NewCertPool(), asked: map[string]int{}, instead: map[string]http.HandlerFunc{}, certificates: map[string]tls.Certificate{}}
	i.believed, _, _ = issued(t, tls.Certificate{})
	i.roots.AddCert(i.believed.Leaf)
	pinned, _, _ := issued(t, tls.Certificate{})
	sum := sha1.Sum(pinned.Leaf.Raw)
	i.thumbprint = hex.EncodeToString(sum[:])
	com, net := issuedFor(t, i.believed, "*.example.com"), issuedFor(t, pinned, "*.example.net")
	net.Certificate = append(net.Certificate, pinned.Leaf.Raw)
	i.server = httptest.NewUnstartedServer(i)
	i.server.TLS = &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		i.mu.Lock()
		defer i.mu.Unlock()
		if other, ok := i.certificates[hello.ServerName]; ok {
			return &other, nil
		}
		if strings.HasSuffix(hello.ServerName, ".example.net") {
			return &net, nil
		}
		return &com, nil
	}}
	i.server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that clients break off
	i.server.StartTLS()
	t.Cleanup(i.server.Close)
	return i
}

func signingKeys(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	keys := map[string]crypto.Signer{}
	var err error
	if keys["rsa"], err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	for name, curve := range map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()} {
		if keys[name], err = ecdsa.GenerateKey(curve, rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

// outside is the network of a server under test: nothing but the issuer is in it.
func (i *openIDIssuer) outside() api.Outside {
	return api.Outside{Roots: i.roots, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, _ := strings.Cut(address, ":")
		i.mu.Lock()
		_, served := i.certificates[host]
		i.mu.Unlock()
		if !served && !strings.HasSuffix(host, ".example.com") && !strings.HasSuffix(host, ".example.net") || strings.HasPrefix(host, "away.") {
			return nil, errors.New("nobody there: " + address)
		}
		return (&net.Dialer{}).DialContext(ctx, network, i.server.Listener.Addr().String())
	}}
}

func (i *openIDIssuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	where := r.Host + r.URL.Path
	i.mu.Lock()
	i.asked[where]++
	instead := i.instead[where]
	i.mu.Unlock()
	issuer, discovery := strings.CutSuffix(where, "/.well-known/openid-configuration")
	switch {
	case instead != nil:
		instead(w, r)
	case discovery:
		i.answer(w, map[string]any{"issuer": "https://" + issuer, "jwks_uri": "https://" + r.Host + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	case r.URL.Path == "/keys":
		i.answer(w, i.keySet())
	default:
		http.NotFound(w, r)
	}
}

func (i *openIDIssuer) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // to a client that may have gone
}

func (i *openIDIssuer) keySet() map[string]any {
	list := []any{map[string]string{"kty": "OKP", "crv": "Ed448", "kid": "strange", "x": "AA"}, "no key"}
	i.mu.Lock()
	defer i.mu.Unlock()
	for id, key := range i.keys {
		list = append(list, jose.JSONWebKey{Key: key.Public(), KeyID: id, Use: "sig"})
	}
	return map[string]any{"keys": list}
}

// serves other hosts too, with certificates that are believed.
func (i *openIDIssuer) serves(t *testing.T, hosts ...string) {
	t.Helper()
	for _, host := range hosts {
		certificate := issuedFor(t, i.believed, host)
		i.mu.Lock()
		i.certificates[host] = certificate
		i.mu.Unlock()
	}
}

// when answers a URL in another way from now on.
func (i *openIDIssuer) when(url string, do http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.instead[url] = do
}

func (i *openIDIssuer) times(url string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked[url]
}

// claimsOf are those that a good token of an issuer has; with changes some, and
// takes away those that are nil in it.
func claimsOf(issuer string, with map[string]any) map[string]any {
	now := time.Now().Unix()
	claims := map[string]any{"iss": issuer, "sub": "me", "aud": "app", "iat": now, "exp": now + 600}
	maps.Copy(claims, with)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return claims
}

// token is a good one, but for the claims that are changed.
func (i *openIDIssuer) token(t *testing.T, issuer string, with map[string]any) string {
	t.Helper()
	return i.signed(t, "rsa", jose.RS256, claimsOf(issuer, with))
}

func (i *openIDIssuer) signed(t *testing.T, keyID string, algorithm jose.SignatureAlgorithm, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return signedBy(t, i.keys[keyID], algorithm, map[jose.HeaderKey]any{"kid": keyID}, payload)
}

// signedBy is a token with any header and any payload.
func signedBy(t *testing.T, key any, algorithm jose.SignatureAlgorithm, header map[jose.HeaderKey]any, payload []byte) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, &jose.SignerOptions{ExtraHeaders: header})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// part is one of a token's parts, of any text.
func part(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
