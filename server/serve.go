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
	"iamd/store"
	"iamd/web"
)

// Bounds that strangers meet.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second // a whole request of the APIs
	writeTimeout  = time.Minute      // from its header to the end of its answer
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
	graceful      = 10 * time.Second // for requests under way at a stop
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
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", s.metrics.handler())
	s.mountIssuers(mux)
	mux.Handle(authzen.Path, s.authzen)
	mux.Handle(authzen.MetadataPath, s.authzen)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The console sees paths as they came: the mux would put some right.
		if r.URL.Path+"/" == web.Path || strings.HasPrefix(r.URL.Path, web.Path) {
			console.ServeHTTP(w, r)
			return
		}
		if spapi.Serves(r.URL.Path) {
			s.spapi.ServeHTTP(w, r)
			return
		}
		// Anything by name, nothing by guess: our own pages, then AWS's actions.
		if _, page := mux.Handler(r); page == "" && aws.Serves(r) {
			aws.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// ready asks the store, as a node that cannot read must get no requests.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	if _, err := s.accounts.IDs(ctx, "", 1); err != nil && !errors.Is(err, store.ErrNotFound) {
		s.cfg.Log.Error("not ready", "error", err)
		text(w, http.StatusServiceUnavailable, "the store does not answer")
		return
	}
	text(w, http.StatusOK, "ready")
}

func text(w http.ResponseWriter, status int, line string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	// A client that has gone hears no answer.
	_, _ = fmt.Fprintln(w, line)
}

// Serve listens until ctx ends, then lets requests under way finish. It tells
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
	if at.API, err = open("tcp", s.cfg.Listen, s.handler, readTimeout); err != nil {
		return fmt.Errorf("listen for the AWS APIs (--listen): %w", err)
	}
	s.listening(at.API)
	if s.gateway != nil {
		// The gateway bounds bodies itself, as it lets some be long.
		if at.Gateway, err = open("tcp", s.cfg.Gateway.Listen, s.gateway, 0); err != nil {
			return fmt.Errorf("listen for the gateway (gateway.listen): %w", err)
		}
		found := listenURL(at.Gateway.String())
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
	if at.Admin, err = open("unix", SocketPath(s.cfg.DataDir), s.Admin(), readTimeout); err != nil {
		return fmt.Errorf("listen for iamd's own commands: %w", err)
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
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceful)
	defer cancel()
	for _, d := range doors {
		err = errors.Join(err, d.server.Shutdown(stop))
	}
	return err
}

// Addresses are where the doors listen.
type Addresses struct{ API, Gateway, TLS, Containers, Metadata, Envoy, ForwardAuth, Admin net.Addr }

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
		Handler: framed(h), ReadHeaderTimeout: headerTimeout, ReadTimeout: read, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
		DisableGeneralOptionsHandler: true, // nothing is answered unseen, "OPTIONS *" neither
	}
	if read > 0 {
		answers.WriteTimeout = writeTimeout
	}
	return &door{l, answers}
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
