package limits

import "net/netip"

// network is how much of an IPv6 address names a client: whoever has one address has
// all of a network of that size.
const network = 64 // bits

// ClientOf is for whom requests of an address count: the address itself, and of IPv6 the
// network that it is in.
func ClientOf(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if !a.Is6() {
		return a
	}
	p, err := a.Prefix(network)
	if err != nil {
		return netip.Addr{} // no address has a prefix that is too long for it
	}
	return p.Addr()
}
