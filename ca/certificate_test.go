package ca

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// handshake connects as a client that trusts only the authority, and gives the
// certificate that it was shown.
func handshake(t *testing.T, a *Authority, server string, change func(*tls.Config)) *x509.Certificate {
	t.Helper()
	state, err := dial(a, server, change)
	if err != nil {
		t.Fatalf("%s: %v", server, err)
	}
	return state.PeerCertificates[0]
}

func dial(a *Authority, server string, change func(*tls.Config)) (tls.ConnectionState, error) {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(a.PEM())
	cfg := &tls.Config{ServerName: server, RootCAs: roots, Time: a.cfg.Now}
	if change != nil {
		change(cfg)
	}
	mine, theirs := net.Pipe()
	defer mine.Close()
	defer theirs.Close()
	listener := tls.Server(theirs, a.TLS())
	go func() { _ = listener.Handshake() }() // the client tells how it went
	c := tls.Client(mine, cfg)
	err := c.Handshake()
	return c.ConnectionState(), err
}

func TestServers(t *testing.T) {
	a := open(t, t.TempDir())
	for _, name := range []string{"sts.amazonaws.com", "api.amazon.com", "x.execute-api.us-east-1.amazonaws.com", "shop.test", "localhost", "127.0.0.1"} {
		c := handshake(t, a, name, nil)
		if life := time.Until(c.NotAfter).Hours() / 24; life < 89.9 || life > 90.1 {
			t.Errorf("%s: it lives for %.1f days", name, life)
		}
		if c.Subject.CommonName != "" || c.IsCA {
			t.Errorf("%s: %v, an authority: %v", name, c.Subject, c.IsCA)
		}
	}
	if one, two := handshake(t, a, "sts.amazonaws.com", nil), handshake(t, a, "STS.amazonaws.com", nil); !one.Equal(two) {
		t.Error("two handshakes, two certificates")
	}
}

func TestNotServed(t *testing.T) {
	a := open(t, t.TempDir())
	for _, name := range []string{"www.amazon.com", "amazon.com", "example.com", "notamazonaws.com", "evil.test.example.com", "10.0.0.1.example"} {
		_, err := dial(a, name, nil)
		wantUnrecognized(t, name, err)
	}
	if _, err := dial(a, "sts.amazonaws.com", func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	nobody := open(t, t.TempDir(), func(c *Config) { c.Names = nil })
	_, err := dial(nobody, "sts.amazonaws.com", nil)
	wantUnrecognized(t, "without names", err)
	far := open(t, t.TempDir(), func(c *Config) { c.Names = func(string) []string { return []string{"10.0.0.1"} } })
	_, err = dial(far, "", func(c *tls.Config) { c.InsecureSkipVerify = true })
	wantUnrecognized(t, "an address elsewhere", err)
}

func wantUnrecognized(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), "unrecognized name") {
		t.Errorf("%s: %v", what, err)
	}
}

// TestConstraints: who has the key can still pose as nobody else.
func TestConstraints(t *testing.T) {
	a := open(t, t.TempDir())
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	for name, good := range map[string]bool{
		"sts.amazonaws.com": true, "www.amazon.com": false, "bank.example": false, "xapi.amazon.com": false, "10.1.2.3": false, "127.1.2.3": true,
	} {
		c := x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
		if ip := net.ParseIP(name); ip != nil {
			c.IPAddresses = []net.IP{ip}
		} else {
			c.DNSNames = []string{name}
		}
		der, err := x509.CreateCertificate(rand.Reader, template(c), a.cert, a.server.Public(), a.key)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name}); (err == nil) != good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRenewed(t *testing.T) {
	now := time.Now()
	a := open(t, t.TempDir(), func(c *Config) { c.Now = func() time.Time { return now } })
	first := handshake(t, a, "sts.amazonaws.com", nil)
	now = now.Add(59 * 24 * time.Hour)
	if !handshake(t, a, "sts.amazonaws.com", nil).Equal(first) {
		t.Error("renewed too early")
	}
	now = now.Add(2 * 24 * time.Hour)
	second := handshake(t, a, "sts.amazonaws.com", nil)
	if second.Equal(first) || second.NotAfter.Sub(now) < 89*24*time.Hour {
		t.Error("not renewed")
	}
	// Near its own end the authority gives what it has, and not anew each time.
	now = a.cert.NotAfter.Add(-time.Hour)
	last := handshake(t, a, "sts.amazonaws.com", nil)
	if !last.NotAfter.Equal(a.cert.NotAfter) || !handshake(t, a, "sts.amazonaws.com", nil).Equal(last) {
		t.Errorf("at the end: until %v", last.NotAfter)
	}
}

// TestStrangers: however many names strangers ask for, a few hundred certificates
// are kept, and what is in use stays.
func TestStrangers(t *testing.T) {
	var ticks time.Duration
	a := open(t, t.TempDir(), func(c *Config) {
		c.Now = func() time.Time { ticks += time.Millisecond; return time.Now().Add(ticks) }
	})
	ask := func(name string) *tls.Certificate {
		c, err := a.certificate(&tls.ClientHelloInfo{ServerName: name})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	used := ask("sts.amazonaws.com")
	for i := range 3 * keptAtMost {
		ask(fmt.Sprintf("x%d.amazonaws.com", i))
		if ask("sts.amazonaws.com") != used {
			t.Fatal("what is in use was dropped")
		}
		ask(fmt.Sprintf("x%d.example.com", i))
	}
	if len(a.kept) != keptAtMost {
		t.Errorf("%d certificates are kept", len(a.kept))
	}
}

func BenchmarkNewName(b *testing.B) {
	a, err := Open(config(b.TempDir()))
	if err != nil {
		b.Fatal(err)
	}
	for i := range b.N {
		if _, err := a.certificate(&tls.ClientHelloInfo{ServerName: fmt.Sprintf("x%d.amazonaws.com", i)}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkKnownName(b *testing.B) {
	a, err := Open(config(b.TempDir()))
	if err != nil {
		b.Fatal(err)
	}
	for range b.N {
		if _, err := a.certificate(&tls.ClientHelloInfo{ServerName: "sts.amazonaws.com"}); err != nil {
			b.Fatal(err)
		}
	}
}
