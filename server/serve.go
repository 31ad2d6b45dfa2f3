package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"iamd/extauthz/authzen"
	"iamd/spapi"
	"iamd/web"
)

// Bounds that strangers meet.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second // a whole request of the APIs
	writeTimeout  = time.Minute      // from its header to the end of its answer
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
)

// heapFloor are bytes that count as used and never are, so that they take no memory.
// Go collects garbage each time the heap has doubled: of a small one, under load,
// that is some fifty times a second.
const heapFloor = 32 << 20

// awsAPI is the door that knows which requests are AWS's.
type awsAPI interface {
	http.Handler
	Serves(*http.Request) bool
}

// mount puts the doors beside each other.
func (s *Server) mount(aws awsAPI, console http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", s.readiness)
	if s.cfg.MetricsListen == "" {
		mux.Handle("GET /metrics", s.metrics.handler())
	}
	s.mountIssuers(mux)
	mux.Handle(authzen.Path, s.authzen)
	mux.Handle(authzen.MetadataPath, s.authzen)
	pages, applications, others := s.throttle.limited(console), s.throttle.limited(s.spapi), s.throttle.limited(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The console sees paths as they came: the mux would put some right.
		if r.URL.Path+"/" == web.Path || strings.HasPrefix(r.URL.Path, web.Path) {
			pages.ServeHTTP(w, r)
			return
		}
		if spapi.Serves(r.URL.Path) {
			applications.ServeHTTP(w, r)
			return
		}
		// Anything by name, nothing by guess: our own pages, then AWS's actions.
		if r.URL.Path == "/" { // of most requests, and no page's
			aws.ServeHTTP(w, r)
			return
		}
		if _, page := mux.Handler(r); page == "" && aws.Serves(r) {
			aws.ServeHTTP(w, r)
			return
		}
		if probed := r.URL.Path; probed == "/healthz" || probed == "/readyz" {
			// Whoever asks for these must not hear that somebody else asks too often.
			mux.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

func text(w http.ResponseWriter, status int, line string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	// A client that has gone hears no answer.
	_, _ = fmt.Fprintln(w, line)
}

// Serve listens until ctx ends, then says at /readyz that it stops, waits for
// Config.ShutdownDelay and lets requests under way finish. It tells
// ready, unless that is nil, where the doors are once all are open. It does not
// Close the server.
func (s *Server) Serve(ctx context.Context, ready func(Addresses)) error {
	floor := make([]byte, heapFloor)
	defer runtime.KeepAlive(floor)
	var (
		at    Addresses
		doors []*door
		err   error
	)
	defer func() {
		for _, d := range doors {
			_ = d.listener.Close() // closed already, unless a later door did not open
		}
	}()
	open := func(network, address string, h http.Handler, read time.Duration) (net.Addr, error) {
		d, err := s.open(network, address, h, read)
		if err != nil {
			return nil, err
		}
		doors = append(doors, d)
		return d.listener.Addr(), nil
	}
	secured := func(address string, h http.Handler, read time.Duration) (net.Addr, error) {
		found, err := open("tcp", address, h, read)
		if err == nil {
			s.secured(doors[len(doors)-1])
		}
		return found, err
	}
	if at.API, err = secured(s.cfg.Listen, s.handler, readTimeout); err != nil {
		return fmt.Errorf("listen for the AWS APIs (--listen): %w", err)
	}
	at.Secure = s.certificate != nil
	s.listening(at.API)
	if s.gateway != nil {
		// The gateway bounds bodies itself, as it lets some be long.
		if at.Gateway, err = secured(s.cfg.Gateway.Listen, s.Gateway(), 0); err != nil {
			return fmt.Errorf("listen for the gateway (gateway.listen): %w", err)
		}
		found := s.url(at.Gateway.String())
		s.gatewayAt.Store(&found)
	}
	if s.front != nil {
		d, err := s.openFront()
		if err != nil {
			return fmt.Errorf("listen for TLS (--tls-listen): %w", err)
		}
		at.TLS, doors = d.listener.Addr(), append(doors, d)
	}
	more, err := s.listenTo(s.cfg.Workloads, &at)
	if doors = append(doors, more...); err != nil {
		return err
	}
	more, err = s.listenToProxies(&at)
	if doors = append(doors, more...); err != nil {
		return err
	}
	if s.cfg.MetricsListen != "" {
		if at.Metrics, err = open("tcp", s.cfg.MetricsListen, s.metricsDoor(), readTimeout); err != nil {
			return fmt.Errorf("listen for those who collect metrics (metrics.listen): %w", err)
		}
	}
	if at.Admin, err = open("unix", SocketPath(s.cfg.DataDir), s.Admin(), readTimeout); err != nil {
		return fmt.Errorf("listen for iamd's own commands: %w", err)
	}
	if s.certificate != nil {
		watching, stop := context.WithCancel(ctx)
		defer stop()
		go s.certificate.watch(watching)
	}
	failed := make(chan error, len(doors))
	for _, d := range doors {
		go func() { failed <- d.server.Serve(d.listener) }()
	}
	if ready != nil {
		ready(at)
	}
	select {
	case err = <-failed:
	case <-ctx.Done():
		err = nil
	}
	return errors.Join(err, s.shut(doors, failed))
}

// Addresses are where the doors listen.
type Addresses struct {
	API, Gateway, TLS, Containers, Metadata, Envoy, ForwardAuth, Metrics, Admin net.Addr
	// Secure says that API and Gateway answer by TLS.
	Secure bool
}

type door struct {
	listener net.Listener
	server   interface {
		Serve(net.Listener) error
		Shutdown(context.Context) error
	}
}

func (s *Server) open(network, address string, h http.Handler, read time.Duration) (*door, error) {
	l, err := listen(network, address)
	if err != nil {
		return nil, err
	}
	return s.behind(l, h, read), nil
}

// behind serves a handler at a listener, within the bounds that strangers meet.
func (s *Server) behind(l net.Listener, h http.Handler, read time.Duration) *door {
	answers := &http.Server{
		Handler: s.leaving(framed(h)), ConnState: s.counted, ReadHeaderTimeout: headerTimeout, ReadTimeout: read, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
		DisableGeneralOptionsHandler: true, // nothing is answered unseen, "OPTIONS *" neither
	}
	if read > 0 {
		answers.WriteTimeout = writeTimeout
	}
	return &door{s.throttle.bounded(l), answers}
}

func listen(network, address string) (net.Listener, error) {
	if network != "unix" {
		return net.Listen(network, address)
	}
	// The data directory is locked, so a socket that is there is a dead one's.
	if err := os.Remove(address); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(address, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// SocketPath is where a running server takes iamd's own commands.
func SocketPath(dataDir string) string { return filepath.Join(dataDir, "iamd.sock") }
