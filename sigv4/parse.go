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

	credential string // the five elements, joined by "/"
	stamp      string // Time, as it is signed
	dateHeader string // the header that Time was read from; "" if Presigned
	host, date bool   // whether Host and dateHeader are among SignedHeaders
	mac        [32]byte
	hasMAC     bool // mac was 64 lower-case hex digits
}

// Parse reads the one signature that r carries, in its Authorization header or
// in its query. It verifies nothing. The error is an *Error: Missing if there
// is no signature, Incomplete if there are two or if one is not well-formed.
func Parse(r *http.Request) (s Signature, err error) {
	if r.URL == nil {
		return s, missing()
	}
	auth := r.Header["Authorization"]
	presigned := isPresigned(r.URL.RawQuery)
	switch {
	case len(auth) > 1:
		return s, incomplete("Found more than one 'Authorization' HTTP header.")
	case len(auth) == 1 && presigned:
		return s, incomplete("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
	case len(auth) == 1:
		err = s.parseHeader(auth[0], r.Header)
	case presigned:
		err = s.parseQuery(r.URL.RawQuery, r.Header)
	default:
		err = missing()
	}
	return s, err
}

func (s *Signature) parseHeader(auth string, h http.Header) error {
	algorithm, rest, _ := cut(trim(auth), ' ')
	if algorithm != Algorithm {
		if strings.HasPrefix(algorithm, "AWS4-") && !strings.Contains(algorithm, "=") {
			return unsupported(algorithm)
		}
		return badPair(auth)
	}
	var credential, signed, mac string
	for rest != "" {
		var pair string
		pair, rest, _ = cut(rest, ',')
		if pair = trim(pair); pair == "" {
			continue
		}
		name, value, ok := cut(pair, '=')
		if !ok {
			return badPair(auth)
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
			return incomplete("Authorization header has an unknown parameter: '" + clip(name) + "'.")
		}
		if *to != "" {
			return incomplete("Authorization header has more than one '" + name + "' parameter.")
		}
		*to = value
	}
	name, dates := "X-Amz-Date", h["X-Amz-Date"]
	if s.dateHeader = "x-amz-date"; len(dates) == 0 {
		s.dateHeader, name, dates = "date", "Date", h["Date"]
	}
	if credential == "" || signed == "" || mac == "" || len(dates) == 0 {
		return lacking(auth, credential, mac, signed, len(dates) > 0)
	}
	if len(dates) > 1 {
		return incomplete("Found more than one '" + name + "' HTTP header.")
	}
	if !s.setTime(dates[0]) && (name != "Date" || !s.setHTTPTime(dates[0])) {
		return badDate(dates[0])
	}
	var ok bool
	if s.Token, ok = single(h["X-Amz-Security-Token"]); !ok {
		return incomplete("Found more than one 'X-Amz-Security-Token' HTTP header.")
	}
	if s.PayloadHash, ok = single(h["X-Amz-Content-Sha256"]); !ok {
		return incomplete("Found more than one 'X-Amz-Content-Sha256' HTTP header.")
	}
	return s.fill(credential, signed, mac)
}

// trim is strings.Trim of the white space that a header may have.
func trim(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// setTime reads Time as it is signed.
func (s *Signature) setTime(stamp string) (ok bool) {
	s.stamp = stamp
	s.Time, ok = parseStamp(stamp)
	return ok
}

// setHTTPTime reads Time as HTTP has it.
func (s *Signature) setHTTPTime(text string) bool {
	t, err := time.Parse(http.TimeFormat, text)
	s.Time, s.stamp = t, stamp(t)
	return err == nil
}

// fill takes the three parts that both forms have in common.
func (s *Signature) fill(credential, signed, mac string) error {
	if !s.setCredential(credential) {
		return incomplete("Credential must have exactly 5 slash-delimited elements, " +
			"e.g. keyid/date/region/service/term, got '" + clip(credential) + "'")
	}
	if !s.setSigned(signed) {
		return incomplete("'SignedHeaders' must be lower-case header names in ascending order, " +
			"separated by semicolons, got '" + clip(signed) + "'")
	}
	s.setMAC(mac)
	return nil
}

func (s *Signature) setCredential(credential string) bool {
	s.credential = credential
	for i, to := range [...]*string{&s.KeyID, &s.Date, &s.Region, &s.Service, &s.Terminator} {
		n := element(credential)
		if n == 0 || n > maxElement {
			return false
		}
		if *to, credential = credential[:n], credential[n:]; i == 4 {
			break
		}
		if credential == "" || credential[0] != '/' {
			return false
		}
		credential = credential[1:]
	}
	return credential == ""
}

// element tells how many bytes at the beginning of s an element may hold.
func element(s string) (n int) {
	for n < len(s) && s[n] > ' ' && s[n] <= '~' && s[n] != '/' {
		n++
	}
	return n
}

// setSigned asks for strictly ascending names, so that none comes twice and
// a list reads one way only. All SDKs send it so.
func (s *Signature) setSigned(list string) bool {
	if len(list) > maxSignedList {
		return false
	}
	s.SignedHeaders = list
	last, start := "", 0
	for i := 0; i <= len(list); i++ {
		if i < len(list) && list[i] != ';' {
			if !nameByte[list[i]] {
				return false
			}
			continue
		}
		name := list[start:i]
		if name <= last {
			return false
		}
		s.host = s.host || name == "host"
		s.date = s.date || name == s.dateHeader
		last, start = name, i+1
	}
	return true
}

// setMAC takes lower-case digits only, so that a signature has one spelling.
func (s *Signature) setMAC(text string) {
	if len(text) != 2*len(s.mac) {
		return
	}
	worst := byte(0)
	for i := range s.mac {
		hi, lo := lowerValue[text[2*i]], lowerValue[text[2*i+1]]
		worst |= hi | lo
		s.mac[i] = hi<<4 | lo
	}
	s.hasMAC = worst <= 15
}

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
