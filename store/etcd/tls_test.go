package etcd

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"iamd/store"
	"iamd/store/etcd/etcdtest"
	"iamd/store/storetest"
)

// door stands before a server, and can be shut: then it takes what comes and
// passes nothing on, as a network does that was cut.
type door struct {
	address string

	mu     sync.Mutex
	shut   chan struct{} // open while it's nil
	conns  []net.Conn
	serial []*big.Int // of the clients' certificates, as they came
}

func newDoor(t *testing.T, target string, secure *tls.Config) *door {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{address: l.Addr().String()}
	t.Cleanup(func() { _ = l.Close(); d.open(); d.breakOff() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go d.serve(c, target, secure)
		}
	}()
	return d
}

func (d *door) serve(c net.Conn, target string, secure *tls.Config) {
	defer c.Close()
	if secure != nil {
		s := tls.Server(c, secure)
		if s.Handshake() != nil {
			return
		}
		d.mu.Lock()
		for _, cert := range s.ConnectionState().PeerCertificates {
			d.serial = append(d.serial, cert.SerialNumber)
		}
		d.mu.Unlock()
		c = s
	}
	behind, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer behind.Close()
	d.mu.Lock()
	d.conns = append(d.conns, c)
	d.mu.Unlock()
	go func() { d.pass(c, behind); _ = c.Close() }()
	d.pass(behind, c)
}

func (d *door) pass(to io.Writer, from io.Reader) {
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		d.mu.Lock()
		shut := d.shut
		d.mu.Unlock()
		if shut != nil {
			<-shut
		}
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (d *door) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shut = make(chan struct{})
}

func (d *door) open() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut != nil {
		close(d.shut)
		d.shut = nil
	}
}

// breakOff ends the connections, so that new ones are made.
func (d *door) breakOff() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.conns {
		_ = c.Close()
	}
	d.conns = nil
}

// TestCutOff: a store that is cut off answers so in bounded time, tells of
// nothing as current, and goes on when it is connected again.
func TestCutOff(t *testing.T) {
	t.Parallel()
	c := etcdtest.Start(t, 1)
	d := newDoor(t, strings.TrimPrefix(c.URL(), "etcd://"), nil)
	s, other := start(t, "etcd://"+d.address), start(t, c.URL())
	f := storetest.NewFeed("a/1")
	follow(t, s, f)
	until(t, s, "a/1", 1)
	f.Now(t, "a/1", nil)
	d.close()
	cut := time.Now()
	until(t, other, "a/1", 2)
	err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/2"}})
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Commit: %v", err)
	}
	if _, _, err := s.Load(t.Context(), "a/1"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Load: %v", err)
	}
	if asOf := f.AsOf(); asOf.After(cut) {
		t.Errorf("current as of %v after it was cut off", asOf.Sub(cut))
	}
	d.open()
	if got := f.Now(t, "a/1", nil); got != 2 {
		t.Errorf("told of version %d, want 2", got)
	}
	until(t, s, "a/3", 1)
}

// authority makes certificates for tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(t *testing.T) *authority {
	a := &authority{}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	a.cert, a.key = template, newKey(t)
	a.pem, _ = a.sign(t, template, a.key)
	block, _ := pem.Decode(a.pem)
	var err error
	if a.cert, err = x509.ParseCertificate(block.Bytes); err != nil {
		t.Fatal(err)
	}
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) sign(t *testing.T, template *x509.Certificate, key *ecdsa.PrivateKey) (cert, private []byte) {
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw})
}

func (a *authority) issue(t *testing.T, serial int64, names ...string) (cert, private []byte) {
	return a.sign(t, &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour), DNSNames: names,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}, newKey(t))
}

// TestTLS: both sides show certificates, and the client's is read anew for a new
// connection.
func TestTLS(t *testing.T) {
	a, stranger := newAuthority(t), newAuthority(t)
	server, err := tls.X509KeyPair(a.issue(t, 2, "etcd.test"))
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AddCert(a.cert)
	c := etcdtest.Start(t, 1)
	d := newDoor(t, strings.TrimPrefix(c.URL(), "etcd://"), &tls.Config{
		Certificates: []tls.Certificate{server}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients, NextProtos: []string{"h2"},
	})
	dir := t.TempDir()
	put := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	renew := func(serial int64) url.Values {
		cert, key := a.issue(t, serial)
		return url.Values{"ca": {put("ca", a.pem)}, "cert": {put("cert", cert)}, "key": {put("key", key)}, "server_name": {"etcd.test"}}
	}
	options := renew(3)
	address := "etcd://" + d.address + "/?"
	s := start(t, address+options.Encode())
	until(t, s, "a/1", 1)

	put("cert", []byte("amid a renewal")) // the last good one stays
	d.breakOff()
	until(t, s, "a/1", 2)
	renew(4)
	d.breakOff()
	until(t, s, "a/1", 3)
	d.mu.Lock()
	first, last := d.serial[0].Int64(), d.serial[len(d.serial)-1].Int64()
	d.mu.Unlock()
	if first != 3 || last != 4 {
		t.Errorf("the certificates shown were %d and last %d", first, last)
	}

	bad := func(name, value string) {
		t.Helper()
		options := renew(5)
		options.Set(name, value)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if s, err := Open(ctx, Config{URL: address + options.Encode()}); err == nil {
			_ = s.Close()
			t.Errorf("opened with another %s", name)
		}
	}
	bad("ca", put("strangers", stranger.pem))
	bad("server_name", "other.test")
}
