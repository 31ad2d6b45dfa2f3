package sigv4

import (
	"net/http"
	"strings"
	"time"
)

// Algorithm is the one signing algorithm that this package knows.
const Algorithm = "AWS4-HMAC-SHA256"

// UnsignedPayload is what X-Amz-Content-Sha256 holds when the body is no part
// of what is signed.
const UnsignedPayload = "UNSIGNED-PAYLOAD"

const (
	terminator    = "aws4_request"
	maxElement    = 128  // bytes in one element of the credential
	maxRegion     = 64   // bytes in a region's name
	maxSignedList = 4096 // bytes in the list of signed headers
)

// Signature is what a request claims about itself. Its texts are well-formed
// (bounded, printable ASCII), yet nothing in it is true until Verify says so.
type Signature struct {
	KeyID, Date, Region, Service, Terminator string // the credential's five elements

	Time          time.Time     // when it was signed, to the second
	SignedHeaders string        // lower-case names in ascending order, joined by ";"
	Token         string        // the session token, or ""
	PayloadHash   string        // X-Amz-Content-Sha256 as declared, or ""
	Presigned     bool          // the claim came in the query
	Expires       time.Duration // X-Amz-Expires of a presigned URL; 0 if there is none

	dateHeader string // the header that Time was read from; "" if Presigned
	mac        [32]byte
	hasMAC     bool // mac was 64 lower-case hex digits
}

// Parse reads the one signature that r carries, in its Authorization header or
// in its query. It verifies nothing. The error is an *Error: Missing if there
// is no signature, Incomplete if there are two or if one is not well-formed.
func Parse(r *http.Request) (Signature, error) {
	if r.URL == nil {
		return Signature{}, missing()
	}
	auth := r.Header["Authorization"]
	presigned := isPresigned(r.URL.RawQuery)
	switch {
	case len(auth) > 1:
		return Signature{}, incomplete("Found more than one 'Authorization' HTTP header.")
	case len(auth) == 1 && presigned:
		return Signature{}, incomplete("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
	case len(auth) == 1:
		return parseHeader(auth[0], r.Header)
	case presigned:
		return parseQuery(r.URL.RawQuery, r.Header)
	}
	return Signature{}, missing()
}

func parseHeader(auth string, h http.Header) (Signature, error) {
	var s Signature
	algorithm, rest, _ := strings.Cut(strings.Trim(auth, " \t"), " ")
	if algorithm != Algorithm {
		if strings.HasPrefix(algorithm, "AWS4-") && !strings.Contains(algorithm, "=") {
			return s, unsupported(algorithm)
		}
		return s, badPair(auth)
	}
	var credential, signed, mac string
	for rest != "" {
		var pair string
		pair, rest, _ = strings.Cut(rest, ",")
		pair = strings.Trim(pair, " \t")
		if pair == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return s, badPair(auth)
		}
		var to *string
		switch name {
		case "Credential":
			to = &credential
		case "SignedHeaders":
			to = &signed
		case "Signature":
			to = &mac
		default:
			return s, incomplete("Authorization header has an unknown parameter: '" + clip(name) + "'.")
		}
		if *to != "" {
			return s, incomplete("Authorization header has more than one '" + name + "' parameter.")
		}
		*to = value
	}
	stamps, dates := h["X-Amz-Date"], h["Date"]
	if credential == "" || signed == "" || mac == "" || len(stamps)+len(dates) == 0 {
		return s, lacking(auth, credential, mac, signed, len(stamps)+len(dates) > 0)
	}
	var ok bool
	switch {
	case len(stamps) > 1:
		return s, incomplete("Found more than one 'X-Amz-Date' HTTP header.")
	case len(stamps) == 1:
		s.dateHeader = "x-amz-date"
		if s.Time, ok = parseStamp(stamps[0]); !ok {
			return s, badDate(stamps[0])
		}
	case len(dates) > 1:
		return s, incomplete("Found more than one 'Date' HTTP header.")
	default:
		s.dateHeader = "date"
		if s.Time, ok = parseDate(dates[0]); !ok {
			return s, badDate(dates[0])
		}
	}
	if s.Token, ok = single(h["X-Amz-Security-Token"]); !ok {
		return s, incomplete("Found more than one 'X-Amz-Security-Token' HTTP header.")
	}
	if s.PayloadHash, ok = single(h["X-Amz-Content-Sha256"]); !ok {
		return s, incomplete("Found more than one 'X-Amz-Content-Sha256' HTTP header.")
	}
	return s, s.fill(credential, signed, mac)
}

// fill takes the three parts that both forms have in common.
func (s *Signature) fill(credential, signed, mac string) error {
	if !s.setCredential(credential) {
		return incomplete("Credential must have exactly 5 slash-delimited elements, " +
			"e.g. keyid/date/region/service/term, got '" + clip(credential) + "'")
	}
	if !isSignedList(signed) {
		return incomplete("'SignedHeaders' must be lower-case header names in ascending order, " +
			"separated by semicolons, got '" + clip(signed) + "'")
	}
	s.SignedHeaders = signed
	s.mac, s.hasMAC = parseMAC(mac)
	return nil
}

func (s *Signature) setCredential(credential string) bool {
	for i, to := range [...]*string{&s.KeyID, &s.Date, &s.Region, &s.Service, &s.Terminator} {
		element, rest, more := strings.Cut(credential, "/")
		if more != (i < 4) || !isElement(element) {
			return false
		}
		*to, credential = element, rest
	}
	return true
}

func isElement(s string) bool {
	if s == "" || len(s) > maxElement {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// isSignedList asks for strictly ascending names, so that none comes twice and
// a list reads one way only. All SDKs send it so.
func isSignedList(list string) bool {
	if len(list) > maxSignedList {
		return false
	}
	last := ""
	for more := true; more; {
		var name string
		name, list, more = strings.Cut(list, ";")
		if name <= last {
			return false
		}
		for i := range len(name) {
			if !nameByte[name[i]] {
				return false
			}
		}
		last = name
	}
	return true
}

// parseMAC takes lower-case digits only, so that a signature has one spelling.
func parseMAC(s string) (mac [32]byte, ok bool) {
	if len(s) != 2*len(mac) {
		return mac, false
	}
	for i := range mac {
		hi, lo := s[2*i], s[2*i+1]
		if hexValue[hi]|hexValue[lo] > 15 || isUpper(hi) || isUpper(lo) {
			return [32]byte{}, false
		}
		mac[i] = hexValue[hi]<<4 | hexValue[lo]
	}
	return mac, true
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

func single(values []string) (string, bool) {
	switch len(values) {
	case 0:
		return "", true
	case 1:
		return values[0], true
	}
	return "", false
}

// lacking lists every part that is not there, as AWS does.
func lacking(auth, credential, mac, signed string, dated bool) *Error {
	var text strings.Builder
	for _, p := range [...]struct{ name, value string }{
		{"Credential", credential}, {"Signature", mac}, {"SignedHeaders", signed},
	} {
		if p.value == "" {
			text.WriteString("Authorization header requires '" + p.name + "' parameter. ")
		}
	}
	if !dated {
		text.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	text.WriteString("(Hashed with SHA-256 and encoded with Base64) Authorization=" + digest(auth))
	return incomplete(text.String())
}
