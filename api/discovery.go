package api

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1" // AWS's thumbprints are made by it
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

const (
	// issuerBody bounds each document of an issuer, in bytes.
	issuerBody = 256 << 10
	// issuerKeyCount is how many keys of a kind an issuer may show; if there are
	// more, all of that kind are passed over, as by AWS.
	issuerKeyCount = 100
	// A key beyond the greatest modulus costs too much to verify by, and one below
	// the least protects nobody.
	leastModulus, greatestModulus = 2048, 8192 // bits
)

// keySet are public keys by their ids: RSA ones, and those of elliptic curves.
type keySet map[string]crypto.PublicKey

// find gives the key that a signer means, if it is one for its algorithm; nil if
// there is none. Who names no key means the only one.
func (k keySet) find(by signer) crypto.PublicKey {
	key, ok := k[by.keyID]
	if by.keyID == "" && len(k) == 1 {
		for _, key = range k {
			ok = true
		}
	}
	if !ok {
		return nil
	}
	switch by.algorithm {
	case jose.RS256, jose.RS384, jose.RS512:
		if key, ok := key.(*rsa.PublicKey); ok {
			return key
		}
	case jose.ES256, jose.ES384, jose.ES512:
		bits := map[jose.SignatureAlgorithm]int{jose.ES256: 256, jose.ES384: 384, jose.ES512: 521}[by.algorithm]
		if key, ok := key.(*ecdsa.PublicKey); ok && key.Curve.Params().BitSize == bits {
			return key
		}
	}
	return nil
}

// issuerKeys fetches the keys of the issuer https://name: what it says of itself,
// then what that leads to. Who serves them must show a certificate of the host
// that an authority vouches for, or else one of the thumbprints does. It fails
// with errUntrusted or errThumbprint for want of that.
func (o *outside) issuerKeys(ctx context.Context, name string, thumbprints []string) (keySet, error) {
	client := o.client(thumbprints)
	defer client.CloseIdleConnections()
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, client), "https://"+name)
	if err != nil {
		return nil, trustError(err, thumbprints)
	}
	var found struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&found); err != nil {
		return nil, err
	}
	where, err := url.Parse(found.Keys)
	if err != nil {
		return nil, err
	}
	if where.Scheme != "https" || where.Hostname() == "" || where.Port() != "" && where.Port() != "443" || where.User != nil {
		return nil, errors.New("api: a jwks_uri that is not followed")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, where.String(), nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, trustError(err, thumbprints)
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close() // it was read
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, errors.New("api: the issuer's keys: " + answer.Status)
	}
	return readKeySet(body)
}

// trustError says which kind of trust was missing, if it was that.
func trustError(err error, thumbprints []string) error {
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) && thumbprints == nil {
		return fmt.Errorf("%w: %w", errUntrusted, err)
	}
	return err
}

// client speaks to issuers: it follows nobody elsewhere, reads no more than
// issuerBody, and keeps no connection.
func (o *outside) client(thumbprints []string) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("api: an issuer's redirect is not followed")
		},
		Transport: bounded{&http.Transport{
			DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return o.dialTLS(ctx, network, address, thumbprints)
			},
			DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 16 << 10,
		}},
	}
}

// bounded reads no answer that is too large.
type bounded struct{ *http.Transport }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.Transport.RoundTrip(r)
	if err == nil {
		answer.Body = http.MaxBytesReader(nil, answer.Body, issuerBody)
	}
	return answer, err
}

func (o *outside) dialTLS(ctx context.Context, network, address string, thumbprints []string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	cfg := &tls.Config{ServerName: host, RootCAs: o.Roots, Time: o.now, MinVersion: tls.VersionTLS12}
	if len(thumbprints) > 0 {
		cfg.InsecureSkipVerify = true // by the library: this is done below
		cfg.VerifyConnection = func(s tls.ConnectionState) error {
			return o.vouched(host, s.PeerCertificates, thumbprints)
		}
	}
	plain, err := o.Dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(plain, cfg)
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = plain.Close() // nothing was sent
		return nil, err
	}
	return conn, nil
}

// vouched makes sure that a host's chain of certificates leads to an authority
// that is believed here, or else to one of its own that has a thumbprint.
func (o *outside) vouched(host string, shown []*x509.Certificate, thumbprints []string) error {
	between, pinned := x509.NewCertPool(), x509.NewCertPool()
	known := false
	for i, c := range shown {
		if i > 0 {
			between.AddCert(c)
		}
		sum := sha1.Sum(c.Raw)
		if slices.Contains(thumbprints, hex.EncodeToString(sum[:])) {
			pinned.AddCert(c)
			known = true
		}
	}
	how := x509.VerifyOptions{DNSName: host, Roots: o.Roots, Intermediates: between, CurrentTime: o.now()}
	if _, err := shown[0].Verify(how); err == nil {
		return nil
	}
	if !known {
		return errThumbprint
	}
	how.Roots = pinned
	if _, err := shown[0].Verify(how); err != nil {
		return fmt.Errorf("%w: %w", errThumbprint, err)
	}
	return nil
}

// readKeySet reads the keys that can verify signatures and have an id; what else
// an issuer shows is passed over. A key stands for one before it with its id.
func readKeySet(body []byte) (keySet, error) {
	var shown struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &shown); err != nil {
		return nil, err
	}
	keys, rsaKeys, curveKeys := keySet{}, 0, 0
	for _, raw := range shown.Keys {
		var is struct {
			For json.RawMessage `json:"key_ops"`
		}
		var key jose.JSONWebKey
		if json.Unmarshal(raw, &is) != nil || is.For != nil || json.Unmarshal(raw, &key) != nil {
			continue
		}
		if key.KeyID == "" || key.Use != "" && key.Use != "sig" {
			continue
		}
		switch public := key.Key.(type) {
		case *rsa.PublicKey:
			if n := public.N.BitLen(); n < leastModulus || n > greatestModulus {
				continue
			}
			rsaKeys++
		case *ecdsa.PublicKey:
			curveKeys++
		default:
			continue
		}
		keys[key.KeyID] = key.Key
	}
	for id, key := range keys {
		_, isRSA := key.(*rsa.PublicKey)
		if isRSA && rsaKeys > issuerKeyCount || !isRSA && curveKeys > issuerKeyCount {
			delete(keys, id)
		}
	}
	return keys, nil
}
