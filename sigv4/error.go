package sigv4

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Kind says what is wrong with a signature, for doors that answer in words
// other than IAM's.
type Kind uint8

const (
	Missing       Kind = iota + 1 // the request carries no signature at all
	Incomplete                    // a signature is there, but it is no well-formed one
	Malformed                     // the request itself cannot be put into canonical form
	Expired                       // signed too long ago
	NotYetCurrent                 // signed too far in the future
	Unsigned                      // a header that must be signed is not
	Scope                         // signed for another service, region, date or protocol
	Payload                       // the body is not the one whose hash the request declares
	Mismatch                      // the signature is not the one that the key makes
	UnknownKey                    // nobody holds the access key
)

// Error is a refusal. Code, Message and Status are those of IAM and STS; the
// message tells the caller what to mend and repeats no secret.
type Error struct {
	Kind    Kind
	Code    string
	Message string
	Status  int
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func missing() *Error {
	return &Error{Missing, "MissingAuthenticationToken", "Request is missing Authentication Token", http.StatusForbidden}
}

func incomplete(message string) *Error {
	return &Error{Incomplete, "IncompleteSignature", message, http.StatusForbidden}
}

func malformed(message string) *Error {
	return &Error{Malformed, "MalformedQueryString", message, http.StatusBadRequest}
}

func doesNotMatch(kind Kind, message string) *Error {
	return &Error{kind, "SignatureDoesNotMatch", message, http.StatusForbidden}
}

func mismatch() *Error {
	return doesNotMatch(Mismatch, "The request signature we calculated does not match the signature you provided. "+
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
}

func unsigned(header string) *Error {
	return doesNotMatch(Unsigned, "'"+header+"' must be a 'SignedHeader' in the AWS Authorization.")
}

func unknownKey() *Error {
	return &Error{UnknownKey, "InvalidClientTokenId", "The security token included in the request is invalid.", http.StatusForbidden}
}

func badDate(value string) *Error {
	return incomplete("Date must be in ISO-8601 'basic format'. Got '" + clip(value) + "'. See http://en.wikipedia.org/wiki/ISO_8601")
}

func unsupported(algorithm string) *Error {
	return incomplete("Unsupported AWS 'algorithm': '" + clip(algorithm) + "' (only " + Algorithm + " for now). ")
}

// badPair names the header by its hash, as AWS does: it may well be another
// scheme's password or token.
func badPair(authorization string) *Error {
	return incomplete("Invalid key=value pair (missing equal-sign) in Authorization header " +
		"(hashed with SHA-256 and encoded with Base64): '" + digest(authorization) + "'.")
}

func expired(signed, now time.Time, life time.Duration) *Error {
	return doesNotMatch(Expired, "Signature expired: "+stamp(signed)+" is now earlier than "+
		stamp(now.Add(-life))+" ("+stamp(now)+" - "+span(life)+")")
}

func notYetCurrent(signed, now time.Time, skew time.Duration) *Error {
	return doesNotMatch(NotYetCurrent, "Signature not yet current: "+stamp(signed)+" is still later than "+
		stamp(now.Add(skew))+" ("+stamp(now)+" + "+span(skew)+")")
}

func span(d time.Duration) string {
	if d%time.Minute == 0 {
		return strconv.FormatInt(int64(d/time.Minute), 10) + " min."
	}
	return strconv.FormatInt(int64(d/time.Second), 10) + " sec."
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// clip makes a stranger's text fit for a message and a log line: at most 200
// bytes, printable ASCII only.
func clip(s string) string {
	const most = 200
	rest := ""
	if len(s) > most {
		s, rest = s[:most], "..."
	}
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, s) + rest
}
