package server

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"iamd/web"
)

// ConsoleURL is where people find the console. Unless a URL is configured, a
// server at this host's own address is found by the name localhost: browsers have
// no passkeys at addresses.
func (s *Server) ConsoleURL() string {
	at := *s.publicURL.Load()
	if u, err := url.Parse(at); s.cfg.PublicURL == "" && err == nil && (u.Hostname() == "127.0.0.1" || u.Hostname() == "::1") {
		at = u.Scheme + "://" + net.JoinHostPort("localhost", u.Port())
	}
	return at + web.Path
}

// knownConsoleURL is ConsoleURL, or empty while only listening will tell the port.
func (s *Server) knownConsoleURL() string {
	if _, port, err := net.SplitHostPort(s.cfg.Listen); s.cfg.PublicURL == "" && err == nil && port == "0" {
		return ""
	}
	return s.ConsoleURL()
}

// browses tells whether a request is a person's, who typed the server's address
// into a browser. Nothing that a client of the AWS APIs sends is one: those sign,
// or have a query or a form.
func browses(r *http.Request) bool {
	if r.Method != http.MethodGet || r.URL.Path != "/" || r.URL.RawQuery != "" || r.URL.ForceQuery || r.Header["Authorization"] != nil {
		return false
	}
	for _, accept := range r.Header.Values("Accept") {
		for kind := range strings.SplitSeq(accept, ",") {
			kind, _, _ = strings.Cut(kind, ";")
			if strings.EqualFold(strings.TrimSpace(kind), "text/html") {
				return true
			}
		}
	}
	return false
}

// entrance sends browsers where they want to be, and gives the rest to next.
func entrance(from *origin, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !browses(r) {
			next.ServeHTTP(w, r)
			return
		}
		web.Protect(w.Header(), from.of(r).Secure)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Location", web.Path)
		text(w, http.StatusFound, "The console is at "+web.Path)
	})
}
