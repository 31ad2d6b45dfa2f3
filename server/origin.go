package server

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"iamd/guard"
)

// origin tells where requests come from: from the connection, and from
// forwarded headers only when a trusted proxy sent them.
type origin struct {
	trusted []netip.Prefix
	now     func() time.Time
}

func newOrigin(trusted []string, now func() time.Time) (*origin, error) {
	o := &origin{now: now}
	for _, text := range trusted {
		p, err := network(text)
		if err != nil {
			return nil, fmt.Errorf("trusted_proxies: %w", err)
		}
		o.trusted = append(o.trusted, p)
	}
	return o, nil
}

func (o *origin) of(r *http.Request) guard.Origin {
	from := guard.Origin{
		Secure: r.TLS != nil, UserAgent: firstOf(r.Header["User-Agent"]), Referer: firstOf(r.Header["Referer"]), Time: o.now(),
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return from // a socket without addresses: the key stays away
	}
	plain := addr.Is4() // which is written in one way only
	addr = addr.Unmap().WithZone("")
	if len(o.trusted) > 0 && o.trusts(addr) {
		plain = false
		if addr, err = o.client(r.Header.Values("X-Forwarded-For")); err != nil {
			addr = netip.Addr{}
		}
		if proto := r.Header.Values("X-Forwarded-Proto"); len(proto) == 1 {
			from.Secure = strings.EqualFold(proto[0], "https")
		}
	}
	switch {
	case !addr.IsValid():
	case plain:
		from.SourceIP = host
	default:
		from.SourceIP = addr.String()
	}
	return from
}

// firstOf is the value of a header that was asked for by the name that it is kept under.
func firstOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// secure tells whether a request came by TLS.
func (o *origin) secure(r *http.Request) bool { return o.of(r).Secure }

// client reads the chain from its end, the only part that trusted proxies
// wrote, to the first address that is none of them. Where that cannot be read
// nobody knows the client's address, and it is not taken for the proxy's.
func (o *origin) client(chain []string) (netip.Addr, error) {
	hops := strings.Split(strings.Join(chain, ","), ",")
	var last netip.Addr
	for i := len(hops) - 1; i >= 0; i-- {
		a, err := hopAddress(strings.TrimSpace(hops[i]))
		if err != nil {
			return netip.Addr{}, err
		}
		if last = a; !o.trusts(a) {
			break
		}
	}
	return last, nil
}

// hopAddress reads an address, with or without a port.
func hopAddress(hop string) (netip.Addr, error) {
	a, err := netip.ParseAddr(strings.Trim(hop, "[]"))
	if err != nil {
		var ap netip.AddrPort
		if ap, err = netip.ParseAddrPort(hop); err != nil {
			return netip.Addr{}, err
		}
		a = ap.Addr()
	}
	return a.Unmap().WithZone(""), nil
}

func (o *origin) trusts(a netip.Addr) bool {
	for _, p := range o.trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
