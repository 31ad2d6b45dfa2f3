package ca

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"strings"
	"time"
)

// keptAtMost bounds the certificates in memory. Signing one costs about what the
// rest of a handshake does, so whoever asks for ever new names gains nothing.
const keptAtMost = 256

// kept is a certificate that the next handshake may use.
type kept struct {
	cert  *tls.Certificate
	until time.Time // another takes its place
	used  time.Time
}

// certificate answers a handshake; nil without an error is a name that is not
// served, which ends it.
func (a *Authority) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if a.cfg.Names == nil {
		return nil, nil
	}
	names := a.cfg.Names(hello.ServerName)
	if len(names) == 0 {
		return nil, nil
	}
	now, id := a.cfg.Now(), strings.Join(names, " ")
	a.mu.Lock()
	defer a.mu.Unlock()
	k := a.kept[id]
	if k == nil || !now.Before(k.until) || now.Before(k.cert.Leaf.NotBefore) {
		cert, err := a.sign(names, now)
		if cert == nil || err != nil {
			return nil, err
		}
		if k == nil && len(a.kept) >= keptAtMost {
			a.dropOldest()
		}
		k = &kept{cert: cert, until: now.Add(cert.Leaf.NotAfter.Sub(now) * 2 / 3)}
		a.kept[id] = k
	}
	k.used = now
	return k.cert, nil
}

// dropOldest makes room by what nobody has asked for the longest time.
func (a *Authority) dropOldest() {
	oldest := ""
	for name, k := range a.kept {
		if oldest == "" || k.used.Before(a.kept[oldest].used) {
			oldest = name
		}
	}
	delete(a.kept, oldest)
}

// sign makes a certificate for names and addresses; nil when the authority may
// not vouch for one of them.
func (a *Authority) sign(names []string, now time.Time) (*tls.Certificate, error) {
	// Without a common name: clients that look at it, not at the list, are told
	// nothing.
	c := x509.Certificate{
		Subject:   pkix.Name{Organization: []string{"iamd"}},
		NotBefore: now.Add(-backdated), NotAfter: now.Add(serverLife), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if c.NotAfter.After(a.cert.NotAfter) {
		c.NotAfter = a.cert.NotAfter
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			if !ip.IsLoopback() {
				return nil, nil
			}
			c.IPAddresses = append(c.IPAddresses, ip)
			continue
		}
		if !a.Vouches(name) {
			return nil, nil
		}
		c.DNSNames = append(c.DNSNames, name)
	}
	der, err := x509.CreateCertificate(a.cfg.Rand, template(c), a.cert, a.server.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("certificate for %s: %w", names[0], err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("certificate for %s: %w", names[0], err)
	}
	return &tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: a.server, Leaf: leaf}, nil
}

// within tells whether a name is one of domains or below one.
func within(name string, domains []string) bool {
	for _, d := range domains {
		if name == d || strings.HasSuffix(name, "."+d) {
			return true
		}
	}
	return false
}
