package policy

import (
	"net/netip"
	"strings"
)

// prefixes are the values of an IP address operator.
type prefixes struct {
	values []netip.Prefix
	bad    bool // a value is no address or range
}

func compilePrefixes(values []string) *prefixes {
	out := &prefixes{}
	for _, v := range values {
		if p, ok := parsePrefix(v); ok {
			out.values = append(out.values, p)
		} else {
			out.bad = true
		}
	}
	return out
}

// parsePrefix reads an address or a CIDR range; bits beyond the mask do not count. An IPv4 address in IPv6 form is the
// IPv4 address.
func parsePrefix(s string) (netip.Prefix, bool) {
	if strings.IndexByte(s, '/') < 0 {
		a, ok := parseAddr(s)
		return netip.PrefixFrom(a, a.BitLen()), ok
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, false
	}
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), true
}

func parseAddr(s string) (netip.Addr, bool) {
	if strings.IndexByte(s, '%') >= 0 {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(s)
	return a.Unmap(), err == nil
}

// match is given an address as it was read.
func (p *prefixes) match(a netip.Addr, ok bool) truth {
	if !ok {
		return unclear
	}
	for i := range p.values {
		if p.values[i].Contains(a) {
			return yes
		}
	}
	if p.bad {
		return unclear
	}
	return no
}

func (p *prefixes) parts() []part { return nil }
