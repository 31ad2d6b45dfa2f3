package workload

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// trusted tells whether a request came for a name that nobody can own: an address,
// localhost, or a name of one part, such as a container's. Whoever owns a name can
// make it lead here, and a page of theirs then asks by the browser of somebody who
// can reach this door (DNS rebinding).
func trusted(r *http.Request) bool {
	host := strings.ToLower(r.Host)
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if host == "" {
		return false
	}
	_, err := netip.ParseAddr(host)
	return err == nil || !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost")
}

// source is what guesses are counted by: the address, of IPv6 its network, since
// whoever has one has many.
func source(r *http.Request) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return "unknown"
	}
	a := at.Addr().Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
