package console

import (
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
