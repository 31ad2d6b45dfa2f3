package sigv4

import "strings"

const upperHex, lowerHex = "0123456789ABCDEF", "0123456789abcdef"

// unreserved are the bytes that AWS never percent-encodes (RFC 3986, 2.3).
var unreserved = table("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

// nameByte are the bytes of a lower-case header name (RFC 9110, 5.6.2).
var nameByte = table("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~")

// methodByte are the bytes of a method.
var methodByte = table("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~")

// hexValue is a hex digit's value, and 255 for every other byte; lowerValue that of
// a digit in lower case only.
var hexValue, lowerValue = hexValues(lowerHex + upperHex), hexValues(lowerHex)

func hexValues(digits string) (values [256]byte) {
	for c := range values {
		values[c] = 255
	}
	for n := range len(digits) {
		values[digits[n]] = byte(n % 16)
	}
	return values
}

func table(set string) (is [256]bool) {
	for i := range len(set) {
		is[set[i]] = true
	}
	return is
}

// cut is strings.Cut at a byte, which is found sooner than a text.
func cut(s string, at byte) (before, after string, found bool) {
	if i := strings.IndexByte(s, at); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

func appendEscaped(dst []byte, c byte) []byte {
	return append(dst, '%', upperHex[c>>4], upperHex[c&15])
}
