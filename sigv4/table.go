package sigv4

const upperHex, lowerHex = "0123456789ABCDEF", "0123456789abcdef"

// unreserved are the bytes that AWS never percent-encodes (RFC 3986, 2.3).
var unreserved = table("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

// nameByte are the bytes of a lower-case header name (RFC 9110, 5.6.2).
var nameByte = table("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~")

// methodByte are the bytes of a method.
var methodByte = table("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~")

// hexValue is a hex digit's value, and 255 for every other byte.
var hexValue = func() (values [256]byte) {
	for c := range values {
		values[c] = 255
	}
	for n := range 16 {
		values[lowerHex[n]], values[upperHex[n]] = byte(n), byte(n)
	}
	return values
}()

func table(set string) (is [256]bool) {
	for i := range len(set) {
		is[set[i]] = true
	}
	return is
}

func appendEscaped(dst []byte, c byte) []byte {
	return append(dst, '%', upperHex[c>>4], upperHex[c&15])
}
