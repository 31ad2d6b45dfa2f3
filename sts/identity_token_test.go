package sts_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/iam"
	"iamd/sts"
)

func identityRequest() sts.WebIdentityToken {
	return sts.WebIdentityToken{
		Account: "123456789012", Principal: "arn:aws:iam::123456789012:user/team/Bob", Region: "eu-west-1",
		Audience: []string{"https://api.example.com"}, Algorithm: iam.ES384,
	}
}

// refusedWith holds an error to AWS's code and text.
func refusedWith(t *testing.T, what string, err error, code, message string) {
	t.Helper()
	var refusal *iam.Error
	if !errors.As(err, &refusal) || refusal.Code != code || refusal.Message != message {
		t.Errorf("%s: %v, want %s: %s", what, err, code, message)
	}
}

// TestIdentityTokenExpires: for how long a token is good, and who is refused one.
func TestIdentityTokenExpires(t *testing.T) {
	seconds := func(n int32) *int32 { return &n }
	for _, c := range []struct {
		seconds *int32
		left    time.Duration // of the caller's session; 0: long-term keys
		want    time.Duration // 0: refused
	}{
		{nil, 0, 5 * time.Minute},
		{seconds(60), 0, time.Minute},
		{seconds(3600), 0, time.Hour},
		{seconds(3600), time.Hour, 0}, // before the session's end, not at it
		{seconds(3599), time.Hour, time.Hour - time.Second},
		{seconds(3600), 15 * time.Minute, 0},
		{nil, 4 * time.Minute, 0},
	} {
		r := identityRequest()
		r.Seconds = c.seconds
		if c.left > 0 {
			r.Session = &sts.Session{Expires: clock.Add(c.left)}
		}
		got, err := r.Expires(clock.Add(time.Millisecond))
		if c.want == 0 {
			refusedWith(t, c.left.String(), err, "SessionDurationEscalationException",
				"Requested token expiry time must be before the original session's expiry time.")
		} else if err != nil || !got.Equal(clock.Add(c.want)) {
			t.Errorf("%v of %v: %v, %v", c.seconds, c.left, got, err)
		}
	}
	for _, algorithm := range []string{"RS384", "ES256", "HS256", "rs256"} {
		r := identityRequest()
		r.Algorithm = algorithm
		_, err := r.Expires(clock)
		refusedWith(t, algorithm, err, "ValidationError", "Requested SigningAlgorithm is not supported. See the GetWebIdentityToken documentation for supported algorithms")
	}
	r := identityRequest()
	r.Tags = []iam.Tag{{Key: "aws:team", Value: "1"}, {Key: "team", Value: "1"}}
	if _, err := r.Expires(clock); err != nil {
		t.Errorf("a key of AWS's: %v", err)
	}
	r.Tags = append(r.Tags, iam.Tag{Key: "Team", Value: "2"})
	_, err := r.Expires(clock)
	refusedWith(t, "a key twice", err, "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
}

// TestIdentityTokenPayload: each claim, as AWS has it.
func TestIdentityTokenPayload(t *testing.T) {
	const issuer = "https://iam.example.com/tokens/x"
	says := func(r sts.WebIdentityToken) map[string]any {
		t.Helper()
		payload, err := r.Payload(issuer, "id", clock.Add(time.Millisecond), clock.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		claims := map[string]any{}
		if err := json.Unmarshal(payload, &claims); err != nil {
			t.Fatal(err)
		}
		return claims
	}
	at := float64(clock.Unix())
	own := map[string]any{
		"aws_account": "123456789012", "source_region": "eu-west-1", "principal_id": "arn:aws:iam::123456789012:user/team/Bob",
	}
	want := map[string]any{
		"iss": issuer, "sub": "arn:aws:iam::123456789012:user/team/Bob", "aud": "https://api.example.com",
		"iat": at, "exp": at + 60, "jti": "id", "https://sts.amazonaws.com/": own,
	}
	if diff := cmp.Diff(want, says(identityRequest())); diff != "" {
		t.Errorf("a user's: %s", diff)
	}

	r := identityRequest()
	r.Principal, r.Audience, r.OrgID, r.OrgPath = "arn:aws:iam::123456789012:role/r", []string{"one", "one"}, "o-1", "o-1/r-1/"
	r.PrincipalTags = []iam.Tag{{Key: "Team", Value: "role"}, {Key: "kept", Value: "1"}}
	r.Tags = []iam.Tag{{Key: "job", Value: "7"}}
	r.Session = &sts.Session{
		Expires: clock.Add(time.Hour), SourceIdentity: "Ann", Provider: "arn:aws:iam::123456789012:oidc-provider/id.example.com",
		Tags: []iam.Tag{{Key: "team", Value: "session"}},
	}
	want["sub"], want["aud"] = "arn:aws:iam::123456789012:role/r", []any{"one", "one"}
	want["https://sts.amazonaws.com/"] = map[string]any{
		"aws_account": "123456789012", "source_region": "eu-west-1", "principal_id": "arn:aws:iam::123456789012:role/r",
		"org_id": "o-1", "ou_path": []any{"o-1/r-1/"}, "source_identity": "Ann",
		"federated_provider":   "arn:aws:iam::123456789012:oidc-provider/id.example.com",
		"principal_tags":       map[string]any{"kept": "1", "team": "session"},
		"request_tags":         map[string]any{"job": "7"},
		"original_session_exp": "2026-11-01T13:00:00Z",
	}
	if diff := cmp.Diff(want, says(r)); diff != "" {
		t.Errorf("a role session's: %s", diff)
	}
}

// TestIdentityTokenRoom: what AWS has room for, to the byte.
func TestIdentityTokenRoom(t *testing.T) {
	r := identityRequest()
	size := func() (int, error) {
		payload, err := r.Payload("https://iam.example.com/tokens/x", "id", clock, clock.Add(time.Minute))
		return len(payload), err
	}
	empty, err := size()
	if err != nil {
		t.Fatal(err)
	}
	r.Audience[0] += strings.Repeat("a", 14984-empty)
	if n, err := size(); err != nil || n != 14984 {
		t.Errorf("%d bytes: %v", n, err)
	}
	r.Audience[0] += "a"
	_, err = size()
	refusedWith(t, "one more", err, "JWTPayloadSizeExceededException", "JWT payload exceeds maximum allowed size")
}
