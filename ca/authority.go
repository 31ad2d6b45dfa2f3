package ca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"sync"
	"time"
)

// How long certificates live. A server's is replaced when a third of its life is
// left.
const (
	authorityYears = 10
	serverLife     = 90 * 24 * time.Hour
	// backdated is for clients whose clocks are slow.
	backdated = 24 * time.Hour
)

// Config says where an authority is kept and what it vouches for.
type Config struct {
	// Dir holds ca.pem and ca-key.pem; it is there.
	Dir string
	// Domains are what an authority that is made may vouch for, with all names
	// below them. One that is there keeps its own.
	Domains []string
	// Names gives the names and addresses that the certificate of a server has,
	// none for a server that there is not. The name is as the client sent it, ""
	// if it sent none. nil: no server has a certificate.
	Names func(server string) []string
	Now   func() time.Time // nil: time.Now
	Rand  io.Reader        // nil: crypto/rand
}

// Authority signs certificates of servers. It serves any number of handshakes at
// once.
type Authority struct {
	cfg  Config
	cert *x509.Certificate
	key  crypto.Signer
	text []byte // PEM
	// server is the key of all certificates: it lives no longer than the process.
	server *ecdsa.PrivateKey

	mu   sync.Mutex
	kept map[string]*kept // by their names
}

// CertificateFile is where the authority of a directory has its certificate.
func CertificateFile(dir string) string { return filepath.Join(dir, "ca.pem") }

// KeyFile is where it has its key.
func KeyFile(dir string) string { return filepath.Join(dir, "ca-key.pem") }

// Open reads the authority of a directory, and makes it on first use. The error
// says what is wrong with the files, and what to do.
func Open(cfg Config) (*Authority, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	a := &Authority{cfg: cfg, kept: map[string]*kept{}}
	if err := a.read(); err != nil {
		return nil, fmt.Errorf("certificate authority: %w", err)
	}
	var err error
	if a.server, err = ecdsa.GenerateKey(elliptic.P256(), cfg.Rand); err != nil {
		return nil, fmt.Errorf("certificate authority: %w", err)
	}
	return a, nil
}

// PEM is the authority's certificate, for those who shall trust it.
func (a *Authority) PEM() []byte { return a.text }

// NotAfter is when the authority's certificate ends.
func (a *Authority) NotAfter() time.Time { return a.cert.NotAfter }

// Vouches tells whether the authority may sign for a name.
func (a *Authority) Vouches(name string) bool { return within(name, a.cert.PermittedDNSDomains) }

// TLS configures a listener: TLS 1.2 or later, a certificate for each name that
// Names knows. A handshake for another name is ended with "unrecognized name".
func (a *Authority) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: a.certificate}
}

// create makes the authority's certificate for its key.
func (a *Authority) create(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	id, now := sha256.Sum256(der), a.cfg.Now()
	own := template(x509.Certificate{
		// Two authorities of one name would be taken for each other.
		Subject:   pkix.Name{Organization: []string{"iamd"}, CommonName: "iamd local authority " + hex.EncodeToString(id[:4])},
		NotBefore: now.Add(-backdated), NotAfter: now.AddDate(authorityYears, 0, 0),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, IsCA: true, MaxPathLenZero: true, SubjectKeyId: id[:20],
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: a.cfg.Domains, PermittedIPRanges: thisMachine(),
	})
	return x509.CreateCertificate(a.cfg.Rand, own, own, key.Public(), key)
}

// template fills in what all certificates have.
func template(c x509.Certificate) *x509.Certificate {
	c.ExtKeyUsage, c.BasicConstraintsValid = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, true
	return &c
}

// thisMachine are the addresses that servers on loopback have.
func thisMachine() []*net.IPNet {
	return []*net.IPNet{
		{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
		{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
	}
}

// check makes sure that a certificate is an authority's, for this key and now.
func (a *Authority) check() error {
	public, ok := a.key.Public().(interface{ Equal(crypto.PublicKey) bool })
	switch {
	case !a.cert.IsCA || a.cert.KeyUsage&x509.KeyUsageCertSign == 0:
		return errors.New("it is no certificate of an authority")
	case !ok || !public.Equal(a.cert.PublicKey):
		return errors.New("it is not the certificate of the key beside it: put back the pair that belongs together, or move both away to have a new authority made")
	case len(a.cert.PermittedDNSDomains) == 0 || !a.cert.PermittedDNSDomainsCritical:
		return errors.New("it is not bound to certain domains (name constraints): move both files away to have a new authority made")
	case a.cfg.Now().After(a.cert.NotAfter):
		return fmt.Errorf("it ended on %s: move both files away to have a new authority made, which clients must be told to trust", a.cert.NotAfter.Format(time.DateOnly))
	}
	return nil
}
