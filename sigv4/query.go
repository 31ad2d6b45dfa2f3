package sigv4

import (
	"net/http"
	"strings"
	"time"
)

// maxExpires is the longest life of a presigned URL, in seconds: a week.
const maxExpires = 604800

// nextParam cuts one parameter off a raw query. Empty ones ("&&") are none.
func nextParam(query string) (key, value, rest string, ok bool) {
	for query != "" {
		var pair string
		pair, query, _ = cut(query, '&')
		if pair != "" {
			key, value, _ = cut(pair, '=')
			return key, value, query, true
		}
	}
	return "", "", "", false
}

// isPresigned reports whether a query claims to hold a signature. It looks
// through percent-encoding, as whoever reads the query later does.
func isPresigned(query string) bool {
	for {
		key, _, rest, ok := nextParam(query)
		if !ok {
			return false
		}
		if same(key, "X-Amz-Signature") || same(key, "X-Amz-Credential") || same(key, "X-Amz-Algorithm") {
			return true
		}
		query = rest
	}
}

// same reports whether encoded decodes to plain, without decoding it aside.
func same(encoded, plain string) bool {
	// There is no space in what we look for, so "+" need not be decoded.
	if strings.IndexByte(encoded, '%') < 0 {
		return encoded == plain
	}
	n := 0
	for i := 0; i < len(encoded); n++ {
		c, width := decodeByte(encoded[i:])
		if width == 0 || n == len(plain) || plain[n] != c {
			return false
		}
		i += width
	}
	return n == len(plain)
}

// decodeByte reads the first byte of s, which is not empty. A width of 0 means
// a broken escape.
func decodeByte(s string) (c byte, width int) {
	switch s[0] {
	case '+':
		return ' ', 1
	case '%':
		if len(s) < 3 || hexValue[s[1]]|hexValue[s[2]] > 15 {
			return 0, 0
		}
		return hexValue[s[1]]<<4 | hexValue[s[2]], 3
	}
	return s[0], 1
}

// decoder decodes the values of one query into one buffer.
type decoder struct {
	plain strings.Builder
	room  int // bytes, enough for all values
}

func (d *decoder) decode(s string) (string, bool) {
	plus := strings.IndexByte(s, '+') >= 0
	if !plus && strings.IndexByte(s, '%') < 0 {
		return s, true
	}
	if d.plain.Len() == 0 {
		d.plain.Grow(d.room)
	}
	start := d.plain.Len()
	for s != "" {
		n := 0
		if !plus {
			if n = strings.IndexByte(s, '%'); n < 0 {
				n = len(s)
			}
		}
		d.plain.WriteString(s[:n])
		if s = s[n:]; s == "" {
			break
		}
		c, width := decodeByte(s)
		if width == 0 {
			return "", false
		}
		d.plain.WriteByte(c)
		s = s[width:]
	}
	return d.plain.String()[start:], true
}

func (s *Signature) parseQuery(query string, h http.Header) error {
	s.Presigned = true
	var algorithm, credential, mac, signed, date, expires string
	fields := [...]struct {
		name     string
		to       *string
		required bool
	}{
		{"X-Amz-Algorithm", &algorithm, true},
		{"X-Amz-Credential", &credential, true},
		{"X-Amz-Signature", &mac, true},
		{"X-Amz-SignedHeaders", &signed, true},
		{"X-Amz-Date", &date, true},
		{"X-Amz-Expires", &expires, false},
		{"X-Amz-Security-Token", &s.Token, false},
		{"X-Amz-Content-Sha256", &s.PayloadHash, false},
	}
	seen, values := 0, decoder{room: len(query)}
	for rest := query; ; {
		key, value, next, ok := nextParam(rest)
		if !ok {
			break
		}
		rest = next
		if key == "" || key[0] != 'X' && key[0] != '%' {
			continue
		}
		for i, f := range fields {
			if !same(key, f.name) {
				continue
			}
			if seen&(1<<i) != 0 {
				return incomplete("AWS query-string parameters must include '" + f.name + "' only once.")
			}
			seen |= 1 << i
			if *f.to, ok = values.decode(value); !ok {
				return malformed("The value of '" + f.name + "' holds a broken % escape.")
			}
		}
	}
	lacks := ""
	for _, f := range fields {
		if f.required && *f.to == "" {
			lacks += "AWS query-string parameters must include '" + f.name + "'. "
		}
	}
	if lacks != "" {
		return incomplete(lacks + "Re-examine the query-string parameters.")
	}
	var ok bool
	if !s.setTime(date) {
		return badDate(date)
	}
	if algorithm != Algorithm {
		return unsupported(algorithm)
	}
	if expires != "" {
		seconds, ok := number(expires)
		if !ok || len(expires) > 9 {
			return incomplete("X-Amz-Expires should be a number")
		}
		if seconds > maxExpires {
			return incomplete("X-Amz-Expires must be less than a week (in seconds); " +
				"that is, the given X-Amz-Expires must be less than 604800 seconds")
		}
		s.Expires = time.Duration(seconds) * time.Second
	}
	// A request has one token. If the query's is signed and the header's is
	// read, or the other way round, a thief's token meets an owner's signature.
	if len(h["X-Amz-Security-Token"]) > 0 {
		return incomplete("A presigned request takes its 'X-Amz-Security-Token' from the query string, not from an HTTP header.")
	}
	declared, ok := single(h["X-Amz-Content-Sha256"])
	if !ok || declared != "" && s.PayloadHash != "" && declared != s.PayloadHash {
		return incomplete("Found more than one 'X-Amz-Content-Sha256'.")
	}
	if s.PayloadHash == "" {
		s.PayloadHash = declared
	}
	return s.fill(credential, signed, mac)
}
