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
		p, err := netip.ParsePrefix(text)
		if err != nil {
			a, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("trusted_proxies: %q is neither an address nor a network such as 10.0.0.0/8", text)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		o.trusted = append(o.trusted, p.Masked())
	}
	return o, nil
}

func (o *origin) of(r *http.Request) guard.Origin {
	from := guard.Origin{
		Secure: r.TLS != nil, UserAgent: r.UserAgent(), Referer: r.Referer(), Time: o.now(),
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return from // a socket without addresses: the key stays away
	}
	addr = addr.Unmap().WithZone("")
	if len(o.trusted) > 0 && o.trusts(addr) {
		addr = o.client(addr, r.Header.Values("X-Forwarded-For"))
		if proto := r.Header.Values("X-Forwarded-Proto"); len(proto) == 1 {
			from.Secure = strings.EqualFold(proto[0], "https")
		}
	}
	from.SourceIP = addr.String()
	return from
}

// client reads the chain from its end, the only part that trusted proxies
// wrote, to the first address that is none of them.
func (o *origin) client(peer netip.Addr, chain []string) netip.Addr {
	hops := strings.Split(strings.Join(chain, ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		a, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return peer
		}
		peer = a.Unmap().WithZone("")
		if !o.trusts(peer) {
			return peer
		}
	}
	return peer
}

func (o *origin) trusts(a netip.Addr) bool {
	for _, p := range o.trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
