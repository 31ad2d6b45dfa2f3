package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// TLS says how the doors of the AWS APIs and of the gateway answer by TLS. The zero
// value: they do not.
type TLS struct {
	// CertFile and KeyFile are PEM: the certificate with those that vouch for it, and
	// its private key.
	CertFile, KeyFile string
	// ClientCAFile, PEM, has the authorities one of which must have signed a client's
	// certificate; empty: clients need none.
	ClientCAFile string
	// MinVersion is "1.2" or "1.3"; empty: "1.2".
	MinVersion string
}

// tlsPoll is how often the files are looked at.
const tlsPoll = 2 * time.Second

// maxTLSFile is more than any of the files has, in bytes.
const maxTLSFile = 1 << 20

// certificate is the one that the doors show, as it was last read.
type certificate struct {
	cfg     TLS
	version uint16
	now     func() time.Time
	log     *slog.Logger
	// current is what handshakes go by, and never changed.
	current  atomic.Pointer[tls.Config]
	notAfter atomic.Int64 // seconds since 1970

	mu      sync.Mutex
	seen    [][]byte // the files as they were last looked at
	refused error    // why they are not in force
}

// newCertificate reads the files; nil when none are configured.
func newCertificate(cfg Config) (*certificate, error) {
	t := cfg.TLS
	if t == (TLS{}) {
		return nil, nil
	}
	if t.CertFile == "" || t.KeyFile == "" {
		return nil, errors.New("tls: name both, tls.cert_file and tls.key_file")
	}
	c := &certificate{cfg: t, now: cfg.Now, log: cfg.Log}
	switch t.MinVersion {
	case "", "1.2":
		c.version = tls.VersionTLS12
	case "1.3":
		c.version = tls.VersionTLS13
	default:
		return nil, fmt.Errorf("tls.min_version %q is none: write 1.2 or 1.3", t.MinVersion)
	}
	files, err := c.read()
	if err != nil {
		return nil, err
	}
	made, leaf, err := c.make(files)
	if err != nil {
		return nil, err
	}
	if err := c.valid(leaf); err != nil {
		c.log.Warn("clients will not trust this server", "error", err)
	}
	c.take(files, made, leaf)
	return c, nil
}

// read gives the content of the files.
func (c *certificate) read() (files [][]byte, err error) {
	for key, path := range []string{c.cfg.CertFile, c.cfg.KeyFile, c.cfg.ClientCAFile} {
		var text []byte
		if path != "" {
			if text, err = readSome(path); err != nil {
				return nil, fmt.Errorf("%s: %w", [...]string{"tls.cert_file", "tls.key_file", "tls.client_ca_file"}[key], err)
			}
		}
		files = append(files, text)
	}
	return files, nil
}

func readSome(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // nothing was written
	text, err := io.ReadAll(io.LimitReader(f, maxTLSFile+1))
	if err == nil && len(text) > maxTLSFile {
		err = fmt.Errorf("%s has more than %d bytes", path, maxTLSFile)
	}
	return text, err
}

// make is what the files say, if they belong together.
func (c *certificate) make(files [][]byte) (*tls.Config, *x509.Certificate, error) {
	pair, err := tls.X509KeyPair(files[0], files[1])
	if err != nil {
		return nil, nil, fmt.Errorf("tls.cert_file and tls.key_file: %w", err)
	}
	made := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: c.version, NextProtos: []string{"h2", "http/1.1"}}
	if c.cfg.ClientCAFile != "" {
		made.ClientCAs, made.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
		// A resumed session would be one that authorities of before vouched for.
		made.SessionTicketsDisabled = true
		if !made.ClientCAs.AppendCertsFromPEM(files[2]) {
			return nil, nil, errors.New("tls.client_ca_file holds no certificate in PEM")
		}
	}
	return made, pair.Leaf, nil
}

// valid tells whether a certificate is one now.
func (c *certificate) valid(leaf *x509.Certificate) error {
	switch now := c.now(); {
	case now.After(leaf.NotAfter):
		return fmt.Errorf("tls.cert_file: the certificate ended on %s", leaf.NotAfter.UTC().Format(time.RFC3339))
	case now.Before(leaf.NotBefore):
		return fmt.Errorf("tls.cert_file: the certificate begins on %s", leaf.NotBefore.UTC().Format(time.RFC3339))
	}
	return nil
}

func (c *certificate) take(files [][]byte, made *tls.Config, leaf *x509.Certificate) {
	c.seen = files
	c.notAfter.Store(leaf.NotAfter.Unix())
	c.current.Store(made)
}

// config is how a listener shakes hands: by the files as they are at that moment.
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion: c.version, NextProtos: []string{"h2", "http/1.1"},
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.current.Load(), nil },
	}
}

// reload takes the files over if they are others than at the last look. What is no
// certificate now, or has another's key, is refused, once for each content: the one
// in use stays. Connections that are open go on as they began.
func (c *certificate) reload() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	files, err := c.read()
	if err != nil {
		files = [][]byte{[]byte(err.Error())}
	}
	same := len(files) == len(c.seen)
	for n := range files {
		same = same && bytes.Equal(files[n], c.seen[n])
	}
	if same {
		return c.refused
	}
	c.seen = files
	var (
		made *tls.Config
		leaf *x509.Certificate
	)
	if err == nil {
		if made, leaf, err = c.make(files); err == nil {
			err = c.valid(leaf)
		}
	}
	if c.refused = err; err != nil {
		c.log.Error("the certificate's files are not taken over; the one in use stays", "file", c.cfg.CertFile, "error", err)
		return err
	}
	c.take(files, made, leaf)
	c.log.Info("the certificate's files are taken over", "file", c.cfg.CertFile, "names", strings.Join(leaf.DNSNames, ","), "until", leaf.NotAfter)
	return nil
}

// ReloadTLS looks at the files of the certificate now, and not only within seconds.
// It does nothing where there are none. What is wrong is in the log too.
func (s *Server) ReloadTLS() error {
	if s.certificate == nil {
		return nil
	}
	return s.certificate.reload()
}

// watch takes the files over whenever they change, until ctx ends.
func (c *certificate) watch(ctx context.Context) {
	tick := time.NewTicker(tlsPoll)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = c.reload() // logged
		case <-ctx.Done():
			return
		}
	}
}

// secured lets a door answer by TLS, if a certificate is configured.
func (s *Server) secured(d *door) *door {
	answers, ok := d.server.(*http.Server)
	if s.certificate == nil || !ok {
		return d
	}
	answers.TLSConfig, answers.Handler = s.certificate.config(), s.throttle.multiplexed(oneHost(answers.Handler))
	answers.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: maxStreams, WriteByteTimeout: writeTimeout}
	d.server = byTLS{answers}
	return d
}

// oneHost refuses requests of HTTP/2 that name their host twice: what is signed and
// routed by is the one, and what an upstream could go by the other.
func oneHost(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 && r.Header["Host"] != nil {
			text(w, http.StatusBadRequest, "The request names its host more than once: send an authority, and no Host header.")
			return
		}
		h.ServeHTTP(w, r)
	})
}

// url is where a door is found that answers by TLS if a certificate is configured.
func (s *Server) url(address string) string {
	found := listenURL(address)
	if s.cfg.TLS != (TLS{}) {
		return "https" + strings.TrimPrefix(found, "http")
	}
	return found
}
