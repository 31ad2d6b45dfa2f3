package sts

import (
	"crypto"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"iamd/iam"
	"iamd/policy"
)

const (
	// IdentityTokenSeconds is how long a web identity token is good unless a
	// request says otherwise.
	IdentityTokenSeconds = 300

	// maxIdentityPayload bounds what a token says, in bytes: the most that AWS was
	// seen to sign.
	maxIdentityPayload = 14984
)

// WebIdentityToken is a request for a token that tells others who the caller is,
// and that the guard admitted.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
type WebIdentityToken struct {
	Account string
	// Principal is the ARN of the user, the role or the root user, and PrincipalTags
	// are its own.
	Principal     string
	PrincipalTags []iam.Tag
	Session       *Session // the caller's; nil for long-term keys
	// OrgID and OrgPath say where the account stands; empty: in no organization.
	OrgID, OrgPath string
	Region         string // that the request was signed for

	Audience  []string
	Algorithm string
	Seconds   *int32 // nil: IdentityTokenSeconds
	Tags      []iam.Tag
}

// identityClaims are what a token says.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html
type identityClaims struct {
	Issuer   string    `json:"iss"`
	Subject  string    `json:"sub"`
	Audience any       `json:"aud"` // a text when there is but one
	Issued   int64     `json:"iat"`
	Expires  int64     `json:"exp"`
	ID       string    `json:"jti"`
	AWS      awsClaims `json:"https://sts.amazonaws.com/"`
}

type awsClaims struct {
	Account            string            `json:"aws_account"`
	SourceRegion       string            `json:"source_region"`
	PrincipalID        string            `json:"principal_id"`
	OrgID              string            `json:"org_id,omitempty"`
	OrgUnitPath        []string          `json:"ou_path,omitempty"`
	PrincipalTags      map[string]string `json:"principal_tags,omitempty"`
	RequestTags        map[string]string `json:"request_tags,omitempty"`
	OriginalSessionEnd string            `json:"original_session_exp,omitempty"`
	SourceIdentity     string            `json:"source_identity,omitempty"`
	FederatedProvider  string            `json:"federated_provider,omitempty"`
}

// Expires applies AWS's rules to a request that is made now, and says until when
// its token will be good: never longer than the caller's own session.
func (r WebIdentityToken) Expires(now time.Time) (time.Time, error) {
	if r.Algorithm != iam.RS256 && r.Algorithm != iam.ES384 {
		return time.Time{}, iam.Errorf(iam.CodeValidation,
			"Requested SigningAlgorithm is not supported. See the GetWebIdentityToken documentation for supported algorithms")
	}
	named := map[string]bool{}
	for _, t := range r.Tags { // a key may begin with aws: here
		if named[policy.FoldKey(t.Key)] {
			return time.Time{}, iam.Errorf(iam.CodeInvalidParameterValue,
				"Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		named[policy.FoldKey(t.Key)] = true
	}
	seconds := int32(IdentityTokenSeconds)
	if r.Seconds != nil {
		seconds = *r.Seconds
	}
	expires := issuedAt(now).Add(time.Duration(seconds) * time.Second)
	if r.Session != nil && !expires.Before(r.Session.Expires) {
		return time.Time{}, iam.Errorf(iam.CodeSessionDurationEscalation,
			"Requested token expiry time must be before the original session's expiry time.")
	}
	return expires, nil
}

// issuedAt is the time that a token tells: whole seconds.
func issuedAt(now time.Time) time.Time { return now.UTC().Truncate(time.Second) }

// Payload is what the token says: a JSON object. The issuer is a URL, the id of
// the token is nobody else's. It fails with AWS's JWTPayloadSizeExceededException.
func (r WebIdentityToken) Payload(issuer, id string, now, expires time.Time) ([]byte, error) {
	claims := identityClaims{
		Issuer: issuer, Subject: r.Principal, Audience: r.Audience, Issued: issuedAt(now).Unix(), Expires: expires.Unix(), ID: id,
		AWS: awsClaims{
			Account: r.Account, SourceRegion: r.Region, PrincipalID: r.Principal, OrgID: r.OrgID,
			PrincipalTags: tagMap(r.principalTags()), RequestTags: tagMap(r.Tags),
		},
	}
	if len(r.Audience) == 1 {
		claims.Audience = r.Audience[0]
	}
	if r.OrgPath != "" {
		claims.AWS.OrgUnitPath = []string{r.OrgPath}
	}
	if s := r.Session; s != nil {
		claims.AWS.OriginalSessionEnd = s.Expires.UTC().Format(time.RFC3339)
		claims.AWS.SourceIdentity, claims.AWS.FederatedProvider = s.SourceIdentity, s.Provider
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return nil, fmt.Errorf("sts: identity token: %w", err)
	}
	if len(payload) > maxIdentityPayload {
		return nil, iam.Errorf(iam.CodeJWTPayloadSizeExceeded, "JWT payload exceeds maximum allowed size")
	}
	return payload, nil
}

// principalTags are the principal's own, and over them, regardless of their
// keys' case, the session's.
func (r WebIdentityToken) principalTags() []iam.Tag {
	if r.Session == nil || len(r.Session.Tags) == 0 {
		return r.PrincipalTags
	}
	own := slices.DeleteFunc(slices.Clone(r.PrincipalTags), func(t iam.Tag) bool {
		return slices.ContainsFunc(r.Session.Tags, func(s iam.Tag) bool { return strings.EqualFold(s.Key, t.Key) })
	})
	return append(own, r.Session.Tags...)
}

func tagMap(tags []iam.Tag) map[string]string {
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[t.Key] = t.Value
	}
	return m
}

// SignIdentityToken signs what a token says with an account's key.
func SignIdentityToken(payload []byte, algorithm, keyID string, key crypto.Signer) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{
		Algorithm: jose.SignatureAlgorithm(algorithm), Key: jose.JSONWebKey{Key: key, KeyID: keyID},
	}, new(jose.SignerOptions).WithType("JWT"))
	if err != nil {
		return "", fmt.Errorf("sts: identity token: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sts: identity token: %w", err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		return "", fmt.Errorf("sts: identity token: %w", err)
	}
	return token, nil
}
