package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestStolenKey: who has the authority's key can vouch for its domains, and for
// nothing else, whatever they write into a certificate.
func TestStolenKey(t *testing.T) {
	dir := t.TempDir()
	a, err := Open(Config{Dir: dir, Domains: []string{"amazonaws.com", "api.amazon.com"}})
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(a.PEM()) {
		t.Fatal("no certificate")
	}
	now := time.Now()
	leaf := func(change func(*x509.Certificate)) *x509.Certificate {
		c := &x509.Certificate{
			SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
			KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
		}
		change(c)
		return c
	}
	made := func(c, by *x509.Certificate, key *ecdsa.PrivateKey, with any) *x509.Certificate {
		t.Helper()
		der, err := x509.CreateCertificate(rand.Reader, c, by, key.Public(), with)
		if err != nil {
			t.Fatal(err)
		}
		out, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	verify := func(c *x509.Certificate, host string, more ...*x509.Certificate) error {
		between := x509.NewCertPool()
		for _, one := range more {
			between.AddCert(one)
		}
		_, err := c.Verify(x509.VerifyOptions{Roots: pool, Intermediates: between, DNSName: host})
		return err
	}
	names := func(list ...string) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.DNSNames = list }
	}
	if err := verify(made(leaf(names("sts.amazonaws.com")), a.cert, key, a.key), "sts.amazonaws.com"); err != nil {
		t.Fatalf("its own: %v", err)
	}
	mail, err := url.Parse("https://www.example.com/")
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		change func(*x509.Certificate)
		host   string
	}{
		"another name":        {names("www.example.com"), "www.example.com"},
		"among its own":       {names("sts.amazonaws.com", "www.example.com"), "www.example.com"},
		"the parent":          {names("amazon.com"), "amazon.com"},
		"a sibling":           {names("www.amazon.com"), "www.amazon.com"},
		"all below a parent":  {names("*.amazon.com"), "www.amazon.com"},
		"all of a top domain": {names("*.com"), "example.com"},
		"a name that ends so": {names("notamazonaws.com"), "notamazonaws.com"},
		"capitals":            {names("WWW.EXAMPLE.COM"), "www.example.com"},
		"an address":          {func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(10, 0, 0, 1)} }, "10.0.0.1"},
		"a common name":       {func(c *x509.Certificate) { c.Subject = pkix.Name{CommonName: "www.example.com"} }, "www.example.com"},
		"an address by URI":   {func(c *x509.Certificate) { c.URIs = []*url.URL{mail} }, "www.example.com"},
	} {
		if err := verify(made(leaf(c.change), a.cert, key, a.key), c.host); err == nil {
			t.Errorf("%s is vouched for", what)
		}
	}
	// An authority below it, of its own domains even, is none; a server's certificate is no authority.
	below := made(leaf(func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage, c.SubjectKeyId = true, x509.KeyUsageCertSign, []byte{1}
	}), a.cert, key, a.key)
	if err := verify(made(leaf(names("sts.amazonaws.com")), below, key, key), "sts.amazonaws.com", below); err == nil {
		t.Error("an authority below it is one")
	}
	server := made(leaf(names("sts.amazonaws.com")), a.cert, key, a.key)
	if err := verify(made(leaf(names("iam.amazonaws.com")), server, key, key), "iam.amazonaws.com", server); err == nil {
		t.Error("a server's certificate is an authority's")
	}
}

// TestLinkedKey: what stands in the place of the files is not followed to a key that
// others can read, and not written through.
func TestLinkedKey(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "stolen")
	if err := os.Symlink(outside, KeyFile(dir)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Config{Dir: dir, Domains: []string{"test"}}); err == nil {
		t.Error("a key was made through a link")
	}
	if _, err := os.Lstat(outside); err == nil {
		t.Error("the link was written through")
	}
	other := t.TempDir()
	if _, err := Open(Config{Dir: other, Domains: []string{"test"}}); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(KeyFile(other), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{KeyFile(dir), CertificateFile(dir)} {
		_ = os.Remove(f) // one is not there
	}
	if err := os.Symlink(KeyFile(other), KeyFile(dir)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Config{Dir: dir, Domains: []string{"test"}}); err == nil {
		t.Error("a key that others can read was taken by a link")
	}
}
