package analyzer

import (
	"net/netip"
	"slices"
	"strings"
)

// addressChecks are those of the addresses of conditions.
var addressChecks = []func(*document){
	maskedBits,
	privateAddresses,
}

// ipRange reads an address or a range; bits beyond the mask are kept.
func ipRange(s string) (netip.Prefix, bool) {
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		return p, err == nil
	}
	a, err := netip.ParseAddr(s)
	return netip.PrefixFrom(a, a.BitLen()), err == nil && a.Zone() == ""
}

// maskedBits: what stands beyond the mask does not count.
func maskedBits(d *document) {
	d.eachCondition(func(_ *statement, c *condition, op operator) {
		if op.family != opIP {
			return
		}
		for _, v := range c.list {
			if p, ok := ipRange(v.text); ok && p.Masked() != p {
				d.report("IMPROVE_IP_RANGE", []place{v.place}, "addr", p.Masked().Addr().String())
			}
		}
	})
}

// privateRanges are those that no request from the Internet comes from: RFC 1918, RFC 6598, RFC 4193, and what is local
// to a machine or a link.
var privateRanges = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("::1/128"),
}

// private tells whether a whole range is private.
func private(p netip.Prefix) bool {
	return slices.ContainsFunc(privateRanges, func(r netip.Prefix) bool { return r.Bits() <= p.Bits() && r.Contains(p.Addr()) })
}

// privateAddresses: aws:SourceIp is a public address. The code tells whether all of the values are private, or some. What
// is no address is neither.
func privateAddresses(d *document) {
	d.eachCondition(func(_ *statement, c *condition, op operator) {
		if op.family != opIP || !strings.EqualFold(c.key, "aws:SourceIp") {
			return
		}
		var at []place
		public := false
		for _, v := range c.list {
			if p, ok := ipRange(v.text); ok && private(p) {
				at = append(at, v.place)
			} else if ok {
				public = true
			}
		}
		code := "PRIVATE_IP_ADDRESS"
		if op.negated {
			code = "PRIVATE_NOT_IP_ADDRESS"
		}
		if public {
			code += "_SUBSET"
		}
		if len(at) > 0 {
			d.report(code, at)
		}
	})
}
