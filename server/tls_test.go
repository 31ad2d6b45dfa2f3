package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/gateway"
)

// issued is a certificate of a test, PEM, and an authority if it is its own.
type issued struct {
	cert, key []byte
	leaf      *x509.Certificate
	signer    *ecdsa.PrivateKey
}

// issue makes a certificate for 127.0.0.1 that ends so long from now; by nil it is an
// authority that signs itself.
func issue(t *testing.T, name string, life time.Duration, by *issued) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-48 * time.Hour), NotAfter: now.Add(life),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: by == nil,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	parent, signer := tmpl, key
	if by != nil {
		parent, signer = by.leaf, by.signer
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return &issued{
		cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
		leaf: leaf, signer: key,
	}
}

func put(t *testing.T, path string, text []byte) string {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// servedByTLS serves a configuration, and gives where.
func servedByTLS(t *testing.T, cfg Config) (*Server, Addresses) {
	t.Helper()
	cfg.DataDir, cfg.Listen, cfg.Gateway.Listen = t.TempDir(), "127.0.0.1:0", "127.0.0.1:0"
	s := start(t, cfg)
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan Addresses, 1), make(chan error, 1)
	go func() { ended <- s.Serve(ctx, func(at Addresses) { ready <- at }) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		closed(t, s)
	})
	select {
	case at := <-ready:
		return s, at
	case err := <-ended:
		t.Fatal(err)
	}
	return nil, Addresses{}
}

// trusting is a client that trusts one authority.
func trusting(t *testing.T, ca *issued, change func(*tls.Config)) *http.Client {
	t.Helper()
	cfg := &tls.Config{RootCAs: x509.NewCertPool()}
	cfg.RootCAs.AddCert(ca.leaf)
	if change != nil {
		change(cfg)
	}
	tr := &http.Transport{TLSClientConfig: cfg, ForceAttemptHTTP2: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func get(t *testing.T, c *http.Client, url string) (*http.Response, string, error) {
	t.Helper()
	resp, err := c.Get(url)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp, string(text), err
}

// TestTLSReload: APIs and gateway answer by TLS; new files are taken over for new
// connections while those that are open go on; what is broken is refused, and the old
// pair stays.
func TestTLSReload(t *testing.T) {
	ca := issue(t, "authority", 24*time.Hour, nil)
	first, second := issue(t, "first", time.Hour, ca), issue(t, "second", 2*time.Hour, ca)
	dir := t.TempDir()
	cert, key := put(t, filepath.Join(dir, "cert.pem"), first.cert), put(t, filepath.Join(dir, "key.pem"), first.key)
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "up by %s", r.Header.Get("X-Forwarded-Proto"))
	}))
	defer up.Close()
	log := new(shelf)
	s, at := servedByTLS(t, Config{
		TLS: TLS{CertFile: cert, KeyFile: key}, Log: slog.New(slog.NewTextHandler(log, nil)),
		Gateway: gateway.Config{SpoolDir: t.TempDir(), APIs: []gateway.API{openAPI("open", up.URL, "127.0.0.1")}},
	})
	url := "https://" + at.API.String() + "/healthz"
	if !at.Secure || !strings.HasPrefix(s.ConsoleURL(), "https://localhost:") || s.gatewayURL() != "https://"+at.Gateway.String() {
		t.Errorf("%+v: %s %s", at, s.ConsoleURL(), s.gatewayURL())
	}
	shown := func(c *http.Client, want string) {
		t.Helper()
		resp, text, err := get(t, c, url)
		if err != nil || text != "ok\n" || resp.TLS.PeerCertificates[0].Subject.CommonName != want {
			t.Errorf("want %s: %+v %q %v", want, resp, text, err)
		}
	}
	old := trusting(t, ca, nil)
	resp, _, err := get(t, old, url)
	if err != nil || resp.ProtoMajor != 2 {
		t.Fatal(resp, err)
	}
	shown(old, "first")
	if _, text, err := get(t, old, "https://"+at.Gateway.String()+"/x"); err != nil || !strings.HasPrefix(text, "up") {
		t.Errorf("the gateway: %q %v", text, err)
	}
	// Whoever speaks no TLS is told so by net/http, and an SDK calls as ever.
	if resp, _, err := get(t, http.DefaultClient, "http://"+at.API.String()+"/healthz"); err != nil || resp.StatusCode != http.StatusBadRequest {
		t.Errorf("without TLS: %v %v", resp, err)
	}
	by := root(s.FirstStart(), "https://"+at.API.String())
	by.HTTPClient = old
	if _, err := sts.NewFromConfig(by).GetCallerIdentity(t.Context(), nil); err != nil {
		t.Error(err)
	}

	for name, broken := range map[string][]byte{
		"another's certificate": second.cert, "no certificate": []byte("nothing"), "an empty file": nil,
		"too long a file": make([]byte, maxTLSFile+1), "one that has ended": issue(t, "over", -time.Hour, ca).cert,
	} {
		put(t, cert, broken)
		if s.ReloadTLS() == nil {
			t.Errorf("%s is taken over", name)
		}
		told := strings.Count(log.String(), "not taken over")
		_ = s.ReloadTLS()
		if n := strings.Count(log.String(), "not taken over"); n != told || n == 0 {
			t.Errorf("%s is told %d times, %d before", name, n, told)
		}
		shown(trusting(t, ca, nil), "first")
	}
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	if s.ReloadTLS() == nil {
		t.Error("no file is taken over")
	}
	expired := issue(t, "over", -time.Hour, ca)
	put(t, cert, expired.cert)
	put(t, key, expired.key)
	if err := s.ReloadTLS(); err == nil || !strings.Contains(err.Error(), "ended") {
		t.Errorf("a pair that has ended: %v", err)
	}
	put(t, cert, second.cert)
	put(t, key, second.key)
	if err := s.ReloadTLS(); err != nil {
		t.Fatal(err)
	}
	shown(old, "first") // its connection is as it began
	shown(trusting(t, ca, nil), "second")
	_, metrics, err := get(t, old, "https://"+at.API.String()+"/metrics")
	if want := fmt.Sprintf(`iamd_tls_certificate_not_after_timestamp_seconds{certificate="server"} %v`, float64(second.leaf.NotAfter.Unix())); err != nil || !strings.Contains(metrics, want) {
		t.Errorf("no %s in the metrics: %v", want, err)
	}
}

// TestTLSWatch: files that change are taken over by themselves.
func TestTLSWatch(t *testing.T) {
	ca := issue(t, "authority", 24*time.Hour, nil)
	first, second := issue(t, "first", time.Hour, ca), issue(t, "second", time.Hour, ca)
	dir := t.TempDir()
	cert, key := put(t, filepath.Join(dir, "cert.pem"), first.cert), put(t, filepath.Join(dir, "key.pem"), first.key)
	s, at := servedByTLS(t, Config{TLS: TLS{CertFile: cert, KeyFile: key}})
	put(t, cert, second.cert)
	put(t, key, second.key)
	soon(t, "the files are taken over", func() bool { return s.certificate.current.Load().Certificates[0].Leaf.Equal(second.leaf) })
	resp, _, err := get(t, trusting(t, ca, nil), "https://"+at.API.String()+"/healthz")
	if err != nil || resp.TLS.PeerCertificates[0].Subject.CommonName != "second" {
		t.Error(resp, err)
	}
}

// TestTLSClients: with authorities for clients nobody comes in without a certificate
// of theirs, and others are taken over like the server's own; versions are bounded.
func TestTLSClients(t *testing.T) {
	ca, theirs, others := issue(t, "authority", time.Hour, nil), issue(t, "theirs", time.Hour, nil), issue(t, "others", time.Hour, nil)
	own, client, stranger := issue(t, "server", time.Hour, ca), issue(t, "client", time.Hour, theirs), issue(t, "stranger", time.Hour, others)
	dir := t.TempDir()
	cas := put(t, filepath.Join(dir, "clients.pem"), theirs.cert)
	s, at := servedByTLS(t, Config{TLS: TLS{
		CertFile: put(t, filepath.Join(dir, "cert.pem"), own.cert), KeyFile: put(t, filepath.Join(dir, "key.pem"), own.key), ClientCAFile: cas, MinVersion: "1.3",
	}})
	enters := func(c *issued, change func(*tls.Config)) bool {
		_, text, err := get(t, trusting(t, ca, func(cfg *tls.Config) {
			if c != nil {
				pair, err := tls.X509KeyPair(c.cert, c.key)
				if err != nil {
					t.Fatal(err)
				}
				cfg.Certificates = []tls.Certificate{pair}
			}
			if change != nil {
				change(cfg)
			}
		}), "https://"+at.API.String()+"/healthz")
		return err == nil && text == "ok\n"
	}
	if !enters(client, nil) || enters(stranger, nil) || enters(nil, nil) {
		t.Error("the wrong clients come in")
	}
	if enters(client, func(cfg *tls.Config) { cfg.MaxVersion = tls.VersionTLS12 }) {
		t.Error("TLS 1.2 is spoken")
	}
	put(t, cas, []byte("none"))
	if s.ReloadTLS() == nil || !enters(client, nil) {
		t.Error("authorities that are none are taken over")
	}
	put(t, cas, others.cert)
	if err := s.ReloadTLS(); err != nil || enters(client, nil) || !enters(stranger, nil) {
		t.Errorf("other authorities are not taken over: %v", err)
	}
}

// TestTLSConfig: what is half a configuration is refused at the start.
func TestTLSConfig(t *testing.T) {
	ca := issue(t, "authority", time.Hour, nil)
	dir := t.TempDir()
	cert, key := put(t, filepath.Join(dir, "cert.pem"), ca.cert), put(t, filepath.Join(dir, "key.pem"), ca.key)
	for want, cfg := range map[string]TLS{
		"tls.cert_file and tls.key_file": {CertFile: cert},
		"tls.key_file":                   {ClientCAFile: cert},
		"tls.cert_file":                  {CertFile: cert + "x", KeyFile: key},
		"PEM":                            {CertFile: key, KeyFile: key},
		"tls.client_ca_file":             {CertFile: cert, KeyFile: key, ClientCAFile: key},
		"tls.min_version":                {CertFile: cert, KeyFile: key, MinVersion: "1.1"},
	} {
		s, err := New(t.Context(), Config{DataDir: t.TempDir(), TLS: cfg})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", cfg, err, want)
		}
		if err == nil {
			closed(t, s)
		}
	}
}

// TestOneHost: a request of HTTP/2 with a Host header beside its authority reaches no
// door.
func TestOneHost(t *testing.T) {
	h := oneHost(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for proto, want := range map[int]int{1: http.StatusOK, 2: http.StatusBadRequest} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.ProtoMajor = proto
		r.Header["Host"] = []string{"other.example"}
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("HTTP/%d: %d", proto, w.Code)
		}
	}
}

// TestRequestsOfOneConnection: of HTTP/2 no more requests are under way than there may
// be connections, of all and of one address; of HTTP/1.1 the connections are counted.
func TestRequestsOfOneConnection(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir(), Limits: Limits{MaxConnections: 8, ConnectionsPerAddress: 3}})
	defer closed(t, s)
	for _, c := range []struct {
		from  string
		major int
		want  int
	}{
		{"192.0.2.1", 2, 3}, {"192.0.2.1", 1, 20}, {"2001:db8::1", 2, 3}, {"127.0.0.1", 2, 8},
	} {
		depth := 0
		var h http.Handler
		h = s.throttle.multiplexed(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			if depth++; depth == 20 {
				return
			}
			w := ask(h, c.from, func(r *http.Request) { r.ProtoMajor = c.major }, "GET", "/", nil)
			if refused := w.Code == http.StatusServiceUnavailable; refused && w.Header().Get("Retry-After") == "" {
				t.Error("nobody is told to try again")
			}
		}))
		ask(h, c.from, func(r *http.Request) { r.ProtoMajor = c.major }, "GET", "/", nil)
		if depth != c.want || s.throttle.streams.Open() != 0 {
			t.Errorf("%s, HTTP/%d: %d under way, then %d", c.from, c.major, depth, s.throttle.streams.Open())
		}
	}
}

// TestRequestsOfOneConnectionByTLS: the doors that speak HTTP/2 ask for that.
func TestRequestsOfOneConnectionByTLS(t *testing.T) {
	ca := issue(t, "authority", 24*time.Hour, nil)
	of, dir := issue(t, "server", time.Hour, ca), t.TempDir()
	s, at := servedByTLS(t, Config{
		Limits: Limits{MaxConnections: 3},
		TLS:    TLS{CertFile: put(t, filepath.Join(dir, "crt"), of.cert), KeyFile: put(t, filepath.Join(dir, "key"), of.key)},
	})
	client, url := trusting(t, ca, nil), "https://"+at.API.String()
	var open []*io.PipeWriter
	ended := make(chan struct{}, 3)
	for range 3 {
		body, to := io.Pipe()
		open = append(open, to)
		go func() {
			defer func() { ended <- struct{}{} }()
			resp, err := client.Post(url, "application/x-www-form-urlencoded", body)
			if err != nil {
				t.Error(err)
				return
			}
			_ = resp.Body.Close()
		}()
	}
	for s.throttle.streams.Open() < 3 && t.Context().Err() == nil {
		runtime.Gosched()
	}
	resp, text, err := get(t, client, url+"/healthz")
	if err != nil || resp.StatusCode != http.StatusServiceUnavailable || resp.ProtoMajor != 2 {
		t.Errorf("one too many: %v %q %v", resp, text, err)
	}
	for _, to := range open {
		_ = to.Close()
	}
	for range open {
		<-ended
	}
	for s.throttle.streams.Open() > 0 && t.Context().Err() == nil {
		runtime.Gosched()
	}
	if resp, _, err = get(t, client, url+"/healthz"); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %v %v", resp, err)
	}
}
