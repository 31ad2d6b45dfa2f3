package policy

import "encoding/base64"

// binaries are the values of BinaryEquals, in standard base64. One string of bytes has one such form, so the bytes are
// equal where the texts are.
type binaries struct {
	values []string
	bad    bool // a value is not base64
}

func compileBinaries(values []string) *binaries {
	out := &binaries{}
	for _, v := range values {
		if _, err := base64.StdEncoding.Strict().DecodeString(v); err != nil || !isBase64(v) { // which knows no line ends
			out.bad = true
			continue
		}
		out.values = append(out.values, v)
	}
	return out
}

func (b *binaries) match(value string) truth {
	for _, v := range b.values {
		if v == value {
			return yes
		}
	}
	if b.bad || !isBase64(value) {
		return unclear
	}
	return no
}

func (b *binaries) parts() []part { return nil }

// isBase64 tells whether s has the form of standard base64, padded.
func isBase64(s string) bool {
	if len(s)%4 != 0 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '+', c == '/':
		case c == '=' && (i == len(s)-1 || i == len(s)-2 && s[len(s)-1] == '='):
		default:
			return false
		}
	}
	return true
}
