package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// Time that a stop takes at most, beside Config.ShutdownDelay.
const (
	// lingering is how long connections stay open whose client may send one more
	// request, which is answered with "Connection: close": so nobody finds a kept
	// connection closed that they have just written to.
	lingering = 300 * time.Millisecond
	// graceful is for requests under way; what takes longer is broken off.
	graceful = 10 * time.Second
)

// readiness tells load balancers whether to send requests here.
func (s *Server) readiness(w http.ResponseWriter, r *http.Request) {
	if s.stopping.Load() {
		text(w, http.StatusServiceUnavailable, "stopping")
		return
	}
	s.ready(w, r)
}

// leaving serves h; once the server is told to stop, connections end with their
// answer. HTTP/2 has its own way to say so.
func (s *Server) leaving(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.stopping.Load() && r.ProtoMajor == 1 {
			w.Header().Set("Connection", "close")
		}
		h.ServeHTTP(w, r)
	})
}

// counted counts the connections that are open, for a stop to wait for them.
func (s *Server) counted(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.connections.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.connections.Add(-1)
	}
}

// shut ends what Serve began: /readyz says so first, then, after the delay in which
// load balancers notice, nobody new is let in and who is there is seen out.
func (s *Server) shut(doors []*door, failed <-chan error) error {
	s.stopping.Store(true)
	if s.cfg.ShutdownDelay > 0 {
		s.cfg.Log.Info("stopping: not ready any more", "delay", s.cfg.ShutdownDelay)
		select {
		case <-time.After(s.cfg.ShutdownDelay):
		case <-failed:
		}
	}
	for _, d := range doors {
		_ = d.listener.Close()
	}
	s.linger()
	ctx, cancel := context.WithTimeout(context.Background(), graceful)
	defer cancel()
	ended := make(chan error, len(doors))
	for _, d := range doors {
		go func() { ended <- d.shut(ctx) }()
	}
	var errs []error
	for range doors {
		errs = append(errs, <-ended)
	}
	return errors.Join(errs...)
}

// linger waits until no connection is open, for a while.
func (s *Server) linger() {
	over := time.After(lingering)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for s.connections.Load() > 0 {
		select {
		case <-tick.C:
		case <-over:
			return
		}
	}
}

// shut waits for the requests under way; those that take too long are broken off.
func (d *door) shut(ctx context.Context) error {
	err := d.server.Shutdown(ctx)
	if errors.Is(err, net.ErrClosed) {
		err = nil // the listener's, which was closed before
	}
	if web, ok := d.server.(interface{ Close() error }); ok && err != nil {
		err = errors.Join(err, web.Close())
	}
	return err
}
