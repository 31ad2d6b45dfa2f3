package console

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// sameSite refuses what a page of another origin made a browser send. Programs
// that are no browsers say nothing of it, and pass: what they could not get by
// asking themselves, nobody gets here.
func sameSite(r *http.Request) error {
	foreign := &refusal{http.StatusForbidden, "CrossSiteRequest", "Requests from pages of other sites are refused."}
	for _, from := range r.Header.Values("Sec-Fetch-Site") {
		if !slices.Contains([]string{"same-origin", "none"}, from) {
			return foreign
		}
	}
	for _, origin := range r.Header.Values("Origin") {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.EqualFold(u.Host, r.Host) {
			return foreign
		}
	}
	return nil
}

// known refuses requests for a name that may be a stranger's. Whoever owns a name
// can make it lead here, to a loopback address too, and what a page of theirs then
// asks comes of the same origin, by the browser of somebody who can reach this
// server (DNS rebinding). The name is all that tells: good are the public URL's,
// addresses, localhost, and names of one part, which nobody can register.
func (c *Console) known(r *http.Request) error {
	host := strings.ToLower(r.Host)
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost") {
		return nil
	}
	if u, err := url.Parse(c.cfg.PublicURL()); err == nil && strings.EqualFold(u.Hostname(), host) {
		return nil
	}
	return &refusal{http.StatusForbidden, "UnknownHost", "The console does not answer at this address: " +
		"set public_url to the address at which browsers reach this server."}
}

// source is what guesses are counted by: the address, of IPv6 its network, since
// whoever has one has many.
func source(k *call) string {
	a, err := netip.ParseAddr(k.Origin.SourceIP)
	if err != nil {
		return "unknown"
	}
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
