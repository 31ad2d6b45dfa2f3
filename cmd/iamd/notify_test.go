package main

import (
	"encoding/pem"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// supervised listens as a service manager does, and gives its socket's name.
func supervised(t *testing.T, name string) *net.UnixConn {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func hear(t *testing.T, conn *net.UnixConn) string {
	t.Helper()
	b := make([]byte, 4096)
	n, err := conn.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

var reloading = regexp.MustCompile(`^RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*$`)

// TestManagerHears: a service manager hears that the server is ready, reloads,
// is ready again, and stops, and nothing else.
func TestManagerHears(t *testing.T) {
	dir, err := os.MkdirTemp("", "iamd") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	name := filepath.Join(dir, "notify")
	conn := supervised(t, name)
	t.Setenv("NOTIFY_SOCKET", name)
	cmd, at := process(t, filepath.Join(t.TempDir(), "d"))
	if said := hear(t, conn); said != "READY=1" {
		t.Errorf("at the start it said %q", said)
	}
	if _, err := http.Get(at + "/readyz"); err != nil {
		t.Errorf("ready, and the door is closed: %v", err)
	}
	for _, step := range []struct {
		signal os.Signal
		says   []*regexp.Regexp
	}{
		{syscall.SIGHUP, []*regexp.Regexp{reloading, regexp.MustCompile(`^READY=1$`)}},
		{syscall.SIGTERM, []*regexp.Regexp{regexp.MustCompile(`^STOPPING=1$`)}},
	} {
		if err := cmd.Process.Signal(step.signal); err != nil {
			t.Fatal(err)
		}
		for _, want := range step.says {
			if said := hear(t, conn); !want.MatchString(said) {
				t.Errorf("%s: it said %q, not %s", step.signal, said, want)
			}
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestManagerOrder: a reload is told of between ready and stopping alone, as
// READY=1 would say too much before, and take STOPPING=1 back after.
func TestManagerOrder(t *testing.T) {
	name := filepath.Join(t.TempDir(), "n")
	conn := supervised(t, name)
	m := newManager(name, slog.New(slog.DiscardHandler))
	done := 0
	reload := func() { done++ }
	m.Reloading(reload)
	m.Ready()
	m.Reloading(func() { reload(); m.Stopping() })
	m.Reloading(reload)
	m.Ready()
	m.tell("END")
	var said []string
	for len(said) == 0 || said[len(said)-1] != "END" {
		said = append(said, strings.Split(hear(t, conn), "\n")[0])
	}
	if got := strings.Join(said, " "); got != "READY=1 RELOADING=1 STOPPING=1 END" || done != 3 {
		t.Errorf("it said %s, and reloaded %d times", got, done)
	}
}

// TestManagerNobody: without a manager, or with one that is gone, the server goes on.
func TestManagerNobody(t *testing.T) {
	for _, socket := range []string{"", "relative", filepath.Join(t.TempDir(), "gone")} {
		m := newManager(socket, slog.New(slog.DiscardHandler))
		m.Ready()
		done := false
		m.Reloading(func() { done = true })
		m.Stopping()
		if !done {
			t.Errorf("%q: nothing was reloaded", socket)
		}
	}
}

// TestHealth: ready is what /readyz answers itself, by 200.
func TestHealth(t *testing.T) {
	answer := http.StatusOK
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/under/readyz" {
			t.Errorf("it asks %s", r.URL)
		}
		w.Header().Set("Location", "http://"+r.Host+"/under/elsewhere")
		w.WriteHeader(answer)
		_, _ = w.Write([]byte("so\x1b[31m"))
	}))
	defer s.Close()
	var out strings.Builder
	if err := command(t.Context(), &out, "health", "--url", s.URL+"/under"); err != nil || out.String() != "\"so\\x1b[31m\"\n" {
		t.Errorf("%q %v", out.String(), err)
	}
	for _, answer = range []int{http.StatusServiceUnavailable, http.StatusFound, http.StatusNoContent} {
		if err := command(t.Context(), &out, "health", "--url", s.URL+"/under"); err == nil || !strings.Contains(err.Error(), "not ready: ") {
			t.Errorf("%d: %v", answer, err)
		}
	}
}

// TestHealthTLS: the server of this machine must show the configured certificate.
func TestHealthTLS(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ready")) }))
	defer s.Close()
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	file := filepath.Join(t.TempDir(), "cert.pem")
	keep := func(der []byte) {
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("IAMD_LISTEN", strings.TrimPrefix(s.URL, "https://"))
	t.Setenv("IAMD_TLS_CERT_FILE", file)
	var out strings.Builder
	keep(s.Certificate().Raw)
	if err := command(t.Context(), &out, "health"); err != nil || out.String() != "ready\n" {
		t.Errorf("%q %v", out.String(), err)
	}
	keep([]byte("another"))
	if err := command(t.Context(), &out, "health"); err == nil || !strings.Contains(err.Error(), "another certificate") {
		t.Errorf("another certificate: %v", err)
	}
}

func TestNearby(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:4566": "http://127.0.0.1:4566", "0.0.0.0:1": "http://localhost:1", ":1": "http://localhost:1", "[::]:1": "http://localhost:1",
		"[::1]:1": "http://[::1]:1", "host:1": "http://host:1", "nothing": "",
	} {
		if got, err := nearby("http", listen); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q %v", listen, got, err)
		}
	}
}
