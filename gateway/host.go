package gateway

import (
	"net/netip"
	"strconv"
	"strings"
)

// hostName reads a Host header: a name and perhaps a port. The name comes in
// one spelling, which nameOf gives; a form that another reader could take for
// another name is none.
func hostName(host string) (string, bool) {
	name, port, found := host, "", false
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		name, port, found = host[:i], host[i+1:], true
	}
	if found && !isPort(port) {
		return "", false
	}
	if inner, ok := strings.CutPrefix(name, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		if !ok || !strings.Contains(inner, ":") {
			return "", false
		}
		return nameOf(inner)
	}
	if strings.Contains(name, ":") { // an IPv6 address needs its brackets
		return "", false
	}
	return nameOf(name)
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// nameOf gives the one spelling of a DNS name or an IP address: in lower case,
// without the dot at its end.
func nameOf(s string) (string, bool) {
	if strings.Contains(s, ":") {
		a, err := netip.ParseAddr(s)
		return a.String(), err == nil && a.Zone() == ""
	}
	s = strings.ToLower(strings.TrimSuffix(s, "."))
	if len(s) > 253 {
		return "", false
	}
	last := ""
	for label := range strings.SplitSeq(s, ".") {
		if !isLabel(label) {
			return "", false
		}
		last = label
	}
	// What ends in a number is an address or nothing: readers differ on 127.1
	// and 0x7f.1.
	if hex, ok := strings.CutPrefix(last, "0x"); isDigits(last) || ok && strings.Trim(hex, "0123456789abcdef") == "" {
		a, err := netip.ParseAddr(s)
		return a.String(), err == nil
	}
	return s, true
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// isLabel lets underscores pass, which names inside a company's network have.
func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}
