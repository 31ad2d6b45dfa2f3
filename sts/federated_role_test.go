package sts_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"iamd/iam"
	"iamd/sts"
)

// TestFederatedRole: what the session says, how long it lasts, and that whoever
// goes on from it is a chained role.
func TestFederatedRole(t *testing.T) {
	role := &iam.Role{ID: "AROAEXAMPLE", Name: "R", MaxSession: 7200}
	seconds := func(n int32) *int32 { return &n }
	for _, kind := range []sts.Kind{sts.WebIdentity, sts.SAML} {
		for _, c := range []struct {
			seconds *int32
			bound   time.Time
			want    time.Duration
		}{
			{nil, time.Time{}, time.Hour},
			{seconds(7200), time.Time{}, 2 * time.Hour},
			{seconds(7200), clock.Add(90*time.Minute + time.Millisecond), 90 * time.Minute},
			{seconds(900), clock.Add(24 * time.Hour), 15 * time.Minute},
		} {
			got, err := sts.FederatedRole{
				Kind: kind, Account: "123456789012", Role: role, SessionName: "session", Seconds: c.seconds, NotAfter: c.bound,
				PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}, Source: "Ann", Provider: "issuer.example", Keys: []sts.Key{{Name: "issuer.example:sub", Values: []string{"me"}}},
				Tags: []iam.Tag{{Key: "team", Value: "red"}}, Transitive: []string{"team"},
			}.Session(clock.Add(time.Millisecond))
			if err != nil {
				t.Fatal(err)
			}
			want := sts.Session{
				Kind: kind, Account: "123456789012", UniqueID: "AROAEXAMPLE", Name: "session", Issued: clock, Expires: clock.Add(c.want),
				PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}, Tags: []iam.Tag{{Key: "team", Value: "red"}},
				Transitive: []string{"team"}, SourceIdentity: "Ann", Provider: "issuer.example", Keys: []sts.Key{{Name: "issuer.example:sub", Values: []string{"me"}}},
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(sts.Session{})); diff != "" {
				t.Error(diff)
			}
			next := sts.AssumeRole{Account: "123456789012", Role: role, SessionName: "next", From: &got, Seconds: seconds(3601)}
			if _, err := next.Session(clock); err == nil {
				t.Errorf("%s: a chained role for more than an hour", kind)
			}
		}
		if _, err := (sts.FederatedRole{Kind: kind, Role: role, Seconds: seconds(7201)}).Session(clock); err == nil {
			t.Errorf("%s: longer than the role allows", kind)
		}
	}
}
