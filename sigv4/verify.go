package sigv4

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

const defaultSkew = 15 * time.Minute

// Options are a service's own rules of signing. The zero value is S3's form of
// path, any service, any region, 15 minutes.
type Options struct {
	// Service and Region are those that the scope must name; "" means any, and
	// of regions any whose name has the form of one: letters in lower case,
	// digits and hyphens. To Sign and Presign they are the scope.
	Service, Region string
	// DoubleEncode encodes the path as it is on the wire once more, as every
	// service but S3 does.
	DoubleEncode bool
	// WireToo accepts, beside that, the path as it is on the wire, as clients sign
	// it that encode once. A path that holds "%25" must be encoded twice all the
	// same; appendPath says why.
	WireToo bool
	// NormalizePath removes dot segments and empty segments before signing, as
	// every service but S3 does. The SDK for Go does not; paths that have none
	// are the same either way.
	NormalizePath bool
	// MaxSkew is how far the signing time may be from now, either way; 0 means
	// 15 minutes. execute-api has 5.
	MaxSkew time.Duration
	// MaxExpires caps what X-Amz-Expires, then required, asks for. 0 ignores
	// X-Amz-Expires, as STS and IAM do: a presigned URL then lives MaxSkew.
	MaxExpires time.Duration
	// AllowUnsigned accepts UNSIGNED-PAYLOAD, and takes it for granted in a
	// presigned URL that declares no hash, as S3 does.
	AllowUnsigned bool
	// Loose are x-amz-* headers, in net/http's spelling, that may be there without
	// being signed: those that change nothing unless they are true.
	Loose []string

	onWire bool // the second try of WireToo
}

// Verify reports whether s, which Parse read from r, was made with key. The
// hash is that of the body's bytes as received. Any doubt is an *Error: about
// time (Expired, NotYetCurrent), coverage (Unsigned), Scope, the body (Payload),
// the request's form (Malformed) or, in the end, the signature (Mismatch).
func (s *Signature) Verify(r *http.Request, bodyHash [32]byte, key Key, now time.Time, opt Options) error {
	if err := s.check(r, now, &opt); err != nil {
		return err
	}
	return s.match(r, &bodyHash, &key, &opt)
}

// check judges all that needs no key.
func (s *Signature) check(r *http.Request, now time.Time, opt *Options) error {
	skew := opt.MaxSkew
	if skew <= 0 {
		skew = defaultSkew
	}
	life := skew
	if s.Presigned && opt.MaxExpires > 0 {
		if s.Expires == 0 {
			return incomplete("AWS query-string parameters must include 'X-Amz-Expires'. Re-examine the query-string parameters.")
		}
		life = min(s.Expires, opt.MaxExpires)
	}
	if s.Time.Before(now.Add(-life)) {
		return expired(s.Time, now, life)
	}
	if s.Time.After(now.Add(skew)) {
		return notYetCurrent(s.Time, now, skew)
	}
	if !s.host {
		return unsigned("Host' or ':authority")
	}
	// The time is part of what is signed, listed or not.
	if s.dateHeader != "" && !s.date && !opt.loose(s.dateHeader) {
		return unsigned(s.dateHeader)
	}
	if err := s.covered(r.Header, opt); err != nil {
		return err
	}
	return s.scoped(opt)
}

// covered wants every x-amz-* header that is present to be signed. Such headers
// change what a request means (its token, target, conditions), so one that was
// added on the way is an attack. AWS leaves some services the freedom to add
// the token afterwards; none of them is served here, and no SDK does it for
// others. Content-Type and the rest may stay unsigned: the SDKs differ there.
// Of loose headers one spelling is excused, the one that readers look for.
func (s *Signature) covered(h http.Header, opt *Options) error {
	twice := false
	for name, values := range h {
		if !isAmz(name) || slices.Contains(opt.Loose, name) || len(values) > 0 && listedAs(s.SignedHeaders, name) {
			continue
		}
		if lower := strings.ToLower(name); !listed(s.SignedHeaders, lower) || header(h, lower) == nil {
			return unsigned(clip(lower))
		}
		twice = true // a signed header is there in another spelling, too
	}
	if twice {
		return mismatch()
	}
	return nil
}

// isAmz reports whether a header must be signed by its name. CloudFront adds
// its request id on the way; it carries no authority.
func isAmz(name string) bool {
	return len(name) > 6 && name[0]|0x20 == 'x' && (name[:6] == "X-Amz-" || strings.EqualFold(name[:6], "x-amz-")) &&
		(len(name) != len(requestID) || !strings.EqualFold(name, requestID))
}

const requestID = "x-amz-cf-id" // CloudFront's

// loose reports whether a header, in lower case, may stay unsigned.
func (o *Options) loose(name string) bool {
	return slices.ContainsFunc(o.Loose, func(l string) bool { return strings.EqualFold(l, name) })
}

// Covers reports whether s claims to cover a header, named in lower case.
func (s *Signature) Covers(name string) bool { return listed(s.SignedHeaders, name) }

// listed reports whether a list of signed headers has name in it.
func listed(list, name string) bool {
	for more := true; more; {
		var next string
		if next, list, more = cut(list, ';'); next == name {
			return true
		}
	}
	return false
}

// listedAs is listed for a name in net/http's spelling.
func listedAs(list, name string) bool {
	for more := true; more; {
		var next string
		if next, list, more = cut(list, ';'); len(next) == len(name) && spells(next, name) {
			return true
		}
	}
	return false
}

// spells reports whether net/http spells a lower-case name as another of its length.
func spells(lower, name string) bool {
	first := true
	for i := range len(lower) {
		c := lower[i]
		if first && 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		if name[i] != c {
			return false
		}
		first = c == '-'
	}
	return true
}

func (s *Signature) scoped(opt *Options) error {
	day := s.stamp[:len("YYYYMMDD")]
	region := opt.Region == s.Region || opt.Region == "" && isRegion(s.Region)
	if region && (opt.Service == "" || opt.Service == s.Service) &&
		s.Terminator == terminator && s.Date == day {
		return nil
	}
	text := ""
	if !region {
		text += "Credential should be scoped to a valid region. "
	}
	if opt.Service != "" && opt.Service != s.Service {
		text += "Credential should be scoped to correct service: '" + opt.Service + "'. "
	}
	if s.Terminator != terminator {
		text += "Credential should be scoped with a valid terminator: '" + terminator + "', not '" + clip(s.Terminator) + "'. "
	}
	if s.Date != day {
		text += "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
			clip(s.Date) + "' != '" + day + "', from '" + s.stamp + "'."
	}
	return doesNotMatch(Scope, text)
}

// isRegion reports whether a text has the form of a region's name. The region
// ends up in ARNs and condition keys, where a colon or a "*" would mean more.
// Whether there is such a region is not looked at: AWS adds some every year.
func isRegion(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return s != "" && len(s) <= maxRegion
}

// match rebuilds the signature and compares. The buffer is on the stack unless
// the request is unusually long; two sizes, since all of it has to be cleared.
func (s *Signature) match(r *http.Request, bodyHash *[32]byte, key *Key, opt *Options) error {
	n := 512 + len(r.URL.RawPath) + len(r.URL.Path) + len(r.URL.RawQuery) + len(s.Token) + len(s.SignedHeaders)
	switch {
	case n <= 1024:
		var stack [1024]byte
		return s.matchIn(stack[:0], r, bodyHash, key, opt)
	case n <= 4096:
		var stack [4096]byte
		return s.matchIn(stack[:0], r, bodyHash, key, opt)
	}
	return s.matchIn(make([]byte, 0, n), r, bodyHash, key, opt)
}

func (s *Signature) matchIn(buf []byte, r *http.Request, bodyHash *[32]byte, key *Key, opt *Options) error {
	if err := s.checkPayload(bodyHash, opt); err != nil {
		return err
	}
	mac, err := s.sum(buf, r, bodyHash, key, opt)
	if err != nil {
		return err
	}
	if s.is(mac) {
		return nil
	}
	if opt.WireToo && opt.DoubleEncode && wireDiffers(r.URL.EscapedPath()) {
		again := *opt
		again.onWire = true
		if mac, err = s.sum(buf, r, bodyHash, key, &again); err != nil {
			return err
		}
		if s.is(mac) {
			return nil
		}
	}
	return mismatch()
}

func (s *Signature) is(mac Key) bool {
	return subtle.ConstantTimeCompare(mac[:], s.mac[:]) == 1 && s.hasMAC
}

// checkPayload holds what the request declares about its body against the hash of
// what arrived.
func (s *Signature) checkPayload(bodyHash *[32]byte, opt *Options) error {
	declared := s.PayloadHash
	if declared == "" || s.withoutPayload(opt) {
		return nil
	}
	var stack [64]byte
	if string(hex.AppendEncode(stack[:0], bodyHash[:])) == declared {
		return nil
	}
	if strings.HasPrefix(declared, "STREAMING-") {
		return doesNotMatch(Payload, "Bodies that are signed in chunks are not supported: '"+clip(declared)+"'.")
	}
	return doesNotMatch(Payload, "The provided 'x-amz-content-sha256' header does not match what was computed.")
}

// withoutPayload tells whether the body is no part of what is signed.
func (s *Signature) withoutPayload(opt *Options) bool {
	return opt.AllowUnsigned && (s.PayloadHash == UnsignedPayload || s.PayloadHash == "" && s.Presigned)
}

// sum computes the signature of r, using buf's room. What stands for the body is the
// hash of what arrived, whatever the request declares.
func (s *Signature) sum(buf []byte, r *http.Request, bodyHash *[32]byte, key *Key, opt *Options) (Key, error) {
	buf, err := s.appendCanonical(buf, r, opt)
	if err != nil {
		return Key{}, err
	}
	if s.withoutPayload(opt) {
		buf = append(buf, UnsignedPayload...)
	} else {
		buf = hex.AppendEncode(buf, bodyHash[:])
	}
	canonical := sha256.Sum256(buf)
	var stack [sha256.BlockSize + 256]byte
	text := append(stack[:sha256.BlockSize], Algorithm+"\n"...)
	text = append(append(text, s.stamp...), '\n')
	text = append(append(text, s.credential[len(s.KeyID)+1:]...), '\n')
	text = hex.AppendEncode(text, canonical[:])
	return seal(key[:], text), nil
}
