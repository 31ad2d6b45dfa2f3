package api

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"

	"iamd/iam"
)

// webToken is a JSON Web Token as an OpenID Connect provider issues it. Until
// verify was asked, all of it is only what a stranger says.
type webToken struct {
	signer  signer
	signed  *jose.JSONWebSignature
	payload []byte
	claims  map[string]json.RawMessage

	issuer, subject string
	// audience is whom the token is for, as AWS sees it: the authorized party
	// (azp) if there is one, else the audience. audiences are all that aud names.
	audience  string
	audiences []string
	// In seconds since 1970; notBefore is the least of numbers if there is none.
	issued, expires, notBefore int64
}

// signer is by whom a token says it was signed: the key's id and the algorithm.
type signer struct {
	keyID     string
	algorithm jose.SignatureAlgorithm
}

// tokenAlgorithms are those that AWS takes: never none, and none with a secret
// that both sides share.
var tokenAlgorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512}

// tokenSkew is how far a token's clock and ours may differ, in seconds, as AWS
// has it.
const tokenSkew = 300

// AWS's refusals of tokens; err is for the log.
func notJWT(err error) *iam.Error {
	return &iam.Error{
		Code: iam.CodeInvalidIdentityToken, Err: err,
		Message: "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
	}
}

func notValidated(err error) *iam.Error {
	return &iam.Error{
		Code: iam.CodeInvalidIdentityToken, Err: err,
		Message: "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements.",
	}
}

func badTimestamp() *iam.Error {
	return iam.Errorf(iam.CodeInvalidIdentityToken, "Invalid timestamp in token claims.")
}

// readWebToken reads a token of three parts, signed once, and the claims that
// every token must have. It is stricter than AWS in one point: a member that
// stands twice in a header or among the claims, of which AWS takes the last, is
// refused, since two readers could take it differently.
func readWebToken(text string) (*webToken, error) {
	part := strings.Split(text, ".")
	if len(part) != 3 { // five are an encrypted one's
		return nil, notJWT(errors.New("not three parts"))
	}
	header, err := base64.RawURLEncoding.Strict().DecodeString(part[0])
	if err != nil {
		return nil, notJWT(err)
	}
	t := new(webToken)
	if t.payload, err = base64.RawURLEncoding.Strict().DecodeString(part[1]); err != nil {
		return nil, notJWT(err)
	}
	if t.signed, err = jose.ParseSignedCompact(text, tokenAlgorithms); err != nil {
		return nil, notJWT(err)
	}
	said, err := jsonMembers(header)
	if err != nil {
		return nil, notJWT(err)
	}
	for _, name := range []string{"crit", "b64", "zip", "enc"} { // what changes how the rest is to be read
		if _, ok := said[name]; ok {
			return nil, notJWT(errors.New("a header with " + name))
		}
	}
	t.signer = signer{t.signed.Signatures[0].Header.KeyID, jose.SignatureAlgorithm(t.signed.Signatures[0].Header.Algorithm)}
	if t.claims, err = jsonMembers(t.payload); err != nil {
		return nil, notJWT(err)
	}
	for _, name := range []string{"iss", "sub", "aud", "iat", "exp"} {
		if _, ok := t.claims[name]; !ok {
			return nil, iam.Errorf(iam.CodeInvalidIdentityToken, "Missing a required claim: %s", name)
		}
	}
	if t.issuer, err = claimText(t.claims["iss"]); err != nil {
		return nil, notValidated(err)
	}
	if t.subject, err = claimText(t.claims["sub"]); err != nil {
		return nil, notValidated(err)
	}
	if err := t.readTimes(); err != nil {
		return nil, err
	}
	return t, t.readAudience()
}

func (t *webToken) readTimes() error {
	t.notBefore = -1 << 63
	for name, to := range map[string]*int64{"iat": &t.issued, "exp": &t.expires, "nbf": &t.notBefore} {
		raw, ok := t.claims[name]
		if !ok {
			continue
		}
		text, err := claimText(raw)
		if err != nil {
			return badTimestamp()
		}
		if *to, err = strconv.ParseInt(text, 10, 64); err != nil {
			return badTimestamp()
		}
	}
	return nil
}

func (t *webToken) readAudience() error {
	if err := json.Unmarshal(t.claims["aud"], &t.audiences); err != nil {
		one, err := claimText(t.claims["aud"])
		if err != nil {
			return notValidated(err)
		}
		t.audiences = []string{one}
	}
	azp, ok := t.claims["azp"]
	switch {
	case len(t.audiences) == 0:
		return iam.Errorf(iam.CodeInvalidIdentityToken, "Claim is not allowed to be empty: aud")
	case ok:
		var err error
		if t.audience, err = claimText(azp); err != nil {
			return notValidated(err)
		}
	case len(t.audiences) > 1:
		return iam.Errorf(iam.CodeInvalidIdentityToken, "Token audience contains more than one audience while authorized party is not present")
	default:
		t.audience = t.audiences[0]
	}
	if t.audience == "" {
		return notValidated(errors.New("no audience"))
	}
	return nil
}

// timely refuses a token that is no more, or not yet, good.
func (t *webToken) timely(at time.Time) error {
	now := at.Unix()
	switch {
	case t.issued > now+tokenSkew:
		return iam.Errorf(iam.CodeInvalidIdentityToken, "Token issued in the future: %d", t.issued)
	case t.notBefore > now+tokenSkew:
		return iam.Errorf(iam.CodeInvalidIdentityToken,
			"Token not yet valid: current date/time %d must be after or equal to the not-before date/time %d", now+tokenSkew, t.notBefore)
	case t.expires <= now-tokenSkew:
		return iam.Errorf(iam.CodeExpiredIdentityToken,
			"Token expired: current date/time %d must be before the expiration date/time %d", now-tokenSkew, t.expires)
	}
	return nil
}

// verify makes sure that the owner of a key signed the very bytes that the claims
// were read from.
func (t *webToken) verify(key crypto.PublicKey) error {
	payload, err := t.signed.Verify(key)
	if err != nil {
		return notValidated(err)
	}
	if !bytes.Equal(payload, t.payload) {
		return notValidated(errors.New("another payload than the one that was read"))
	}
	return nil
}

// jsonMembers reads a JSON object in which nothing stands twice.
func jsonMembers(raw []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, fmt.Errorf("not an object: %w", err)
	}
	found := map[string]json.RawMessage{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string) // the decoder takes no other
		if _, twice := found[name]; twice {
			return nil, errors.New("a member stands twice")
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		found[name] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than an object")
	}
	return found, nil
}

// claimText is the text of a claim with one value: a string as it is, a number or
// a truth as JSON writes it. Tokens of some providers have numbers where others
// have strings.
func claimText(raw json.RawMessage) (string, error) {
	var value any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return "", err
	}
	switch v := value.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		return strconv.FormatBool(v), nil
	}
	return "", errors.New("a claim of several values, or of none")
}
