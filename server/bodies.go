package server

import (
	"net/http"
	"net/netip"

	"iamd/api"
	"iamd/guard"
)

// Bodies that are read before anybody knows who sent them: together, and from how
// many bytes on they count. Below that the rates and the connections bound them.
const (
	roomOfBodies = 128 << 20
	countedBody  = 8 << 10
)

// holding serves h, the doors that read a body whole, while the bodies under way have
// room in memory. When strangers have taken theirs, keys that exist still find some.
func (s *Server) holding(gate *guard.Guard, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := r.ContentLength
		if n < 0 || n > api.MaxBody {
			n = api.MaxBody // no door reads more
		}
		if n < countedBody || r.Body == nil || r.Body == http.NoBody {
			h.ServeHTTP(w, r)
			return
		}
		client, ok := s.hold(gate, r, n)
		if !ok {
			s.throttle.refused.body.Add(1)
			w.Header().Set("Retry-After", "1")
			// SDKs try again by the status.
			text(w, http.StatusServiceUnavailable, "Too many long requests are under way: try again.")
			return
		}
		defer s.bodies.Leave(client, n)
		h.ServeHTTP(w, r)
	})
}

// hold takes room for a request's body.
func (s *Server) hold(gate *guard.Guard, r *http.Request, n int64) (client netip.Addr, ok bool) {
	from := s.from.of(r)
	client, _ = s.throttle.client(from)
	if s.bodies.Enter(client, n, false) {
		return client, true
	}
	return client, gate.Known(r.Context(), r, from) == nil && s.bodies.Enter(client, n, true)
}
