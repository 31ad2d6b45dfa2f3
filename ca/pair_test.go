package ca

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func domains() []string { return []string{"amazonaws.com", "api.amazon.com", "test"} }

func open(t *testing.T, dir string, change ...func(*Config)) *Authority {
	t.Helper()
	cfg := config(dir, change...)
	a, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func config(dir string, change ...func(*Config)) Config {
	cfg := Config{Dir: dir, Domains: domains(), Names: func(server string) []string {
		if server == "" {
			return []string{"localhost", "127.0.0.1"}
		}
		return []string{strings.ToLower(server)}
	}}
	cfg.Domains = append(cfg.Domains, "localhost")
	for _, f := range change {
		f(&cfg)
	}
	return cfg
}

func TestMadeOnce(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	for file, mode := range map[string]os.FileMode{CertificateFile(dir): 0o644, KeyFile(dir): 0o600} {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v; want mode %v", file, info, err, mode)
		}
	}
	if text, err := os.ReadFile(CertificateFile(dir)); err != nil || !bytes.Equal(text, first.PEM()) {
		t.Errorf("ca.pem is not what PEM gives: %v", err)
	}
	if second := open(t, dir); !bytes.Equal(first.PEM(), second.PEM()) {
		t.Error("opened again, it is another authority")
	}
	if third := open(t, t.TempDir()); third.cert.Subject.String() == first.cert.Subject.String() {
		t.Error("two authorities have one name")
	}
	c := first.cert
	if !c.PermittedDNSDomainsCritical || len(c.PermittedDNSDomains) != 4 || len(c.PermittedIPRanges) != 2 || !c.MaxPathLenZero || !c.IsCA {
		t.Errorf("constraints: %v %v %v", c.PermittedDNSDomains, c.PermittedIPRanges, c.MaxPathLenZero)
	}
	if years := time.Until(c.NotAfter).Hours() / 24 / 365; years < 9.9 || years > 10.1 {
		t.Errorf("it lives for %.1f years", years)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestTogether: processes that start at once have one authority.
func TestTogether(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	made := make([]*Authority, 16)
	for i := range made {
		wg.Go(func() {
			a, err := Open(config(dir))
			if err != nil {
				t.Error(err)
			}
			made[i] = a
		})
	}
	wg.Wait()
	for _, a := range made {
		if a != nil && !bytes.Equal(a.PEM(), made[0].PEM()) {
			t.Fatal("two authorities were made")
		}
	}
}

// TestCutShort: a key without a certificate gets one, for the same key.
func TestCutShort(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	key := read(t, KeyFile(dir))
	if err := os.Remove(CertificateFile(dir)); err != nil {
		t.Fatal(err)
	}
	second := open(t, dir)
	if !bytes.Equal(key, read(t, KeyFile(dir))) {
		t.Error("the key was replaced")
	}
	roots := x509.NewCertPool()
	roots.AddCert(first.cert)
	leaf := handshake(t, second, "sts.amazonaws.com", nil)
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "sts.amazonaws.com"}); err != nil {
		t.Errorf("who trusts the first certificate: %v", err)
	}
}

func TestRefused(t *testing.T) {
	other := t.TempDir()
	open(t, other)
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir string)
		words string
	}{
		"key of another": {func(t *testing.T, dir string) { put(t, KeyFile(dir), read(t, KeyFile(other)), 0o600) }, "not the certificate of the key"},
		"key gone":       {func(t *testing.T, dir string) { remove(t, KeyFile(dir)) }, "put the key back"},
		"key for all": {func(t *testing.T, dir string) {
			if err := os.Chmod(KeyFile(dir), 0o640); err != nil {
				t.Fatal(err)
			}
		}, "may be read by others (mode 0640)"},
		"key half":  {func(t *testing.T, dir string) { put(t, KeyFile(dir), read(t, KeyFile(dir))[:90], 0o600) }, "PEM block"},
		"key empty": {func(t *testing.T, dir string) { put(t, KeyFile(dir), nil, 0o600) }, "PEM block"},
		"no key":    {func(t *testing.T, dir string) { put(t, KeyFile(dir), block(blockKey, []byte("x")), 0o600) }, "ca-key.pem"},
		"directory": {func(t *testing.T, dir string) { remove(t, CertificateFile(dir)); mkdir(t, CertificateFile(dir)) }, "no regular file"},
		"empty":     {func(t *testing.T, dir string) { put(t, CertificateFile(dir), nil, 0o644) }, "PEM block"},
		"two blocks": {func(t *testing.T, dir string) {
			put(t, CertificateFile(dir), bytes.Repeat(read(t, CertificateFile(dir)), 2), 0o644)
		}, "and nothing else"},
		"garbage": {func(t *testing.T, dir string) {
			put(t, CertificateFile(dir), block(blockCertificate, []byte("x")), 0o644)
		}, "ca.pem"},
		"no authority": {func(t *testing.T, dir string) {
			a := open(t, dir)
			put(t, CertificateFile(dir), block(blockCertificate, handshake(t, a, "sts.amazonaws.com", nil).Raw), 0o644)
		}, "no certificate of an authority"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			open(t, dir)
			c.spoil(t, dir)
			before := map[string]string{}
			for _, f := range []string{CertificateFile(dir), KeyFile(dir)} {
				b, _ := os.ReadFile(f) // what is not there stays so
				before[f] = string(b)
			}
			_, err := Open(config(dir))
			if err == nil || !strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), "%!") {
				t.Fatalf("%v; want %q", err, c.words)
			}
			for f, text := range before {
				if b, _ := os.ReadFile(f); string(b) != text {
					t.Errorf("%s was changed", f)
				}
			}
		})
	}
	t.Run("ended", func(t *testing.T) {
		dir := t.TempDir()
		open(t, dir)
		_, err := Open(config(dir, func(c *Config) { c.Now = func() time.Time { return time.Now().AddDate(10, 0, 1) } }))
		if err == nil || !strings.Contains(err.Error(), "it ended on ") {
			t.Fatal(err)
		}
	})
	t.Run("no directory", func(t *testing.T) {
		if _, err := Open(config(filepath.Join(t.TempDir(), "none"))); err == nil {
			t.Fatal("opened")
		}
	})
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func put(t *testing.T, file string, text []byte, mode os.FileMode) {
	t.Helper()
	remove(t, file)
	if err := os.WriteFile(file, text, mode); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
