package sts

import (
	"time"

	"iamd/iam"
)

// FederatedRole is a request for a role's credentials by somebody whom an
// identity provider vouches for, and whom the guard admitted.
type FederatedRole struct {
	Kind        Kind   // WebIdentity or SAML
	Account     string // of the role
	Role        *iam.Role
	SessionName string
	Seconds     *int32 // nil: one hour
	Policy      string // an inline session policy; empty for none
	PolicyARNs  []string
	Tags        []iam.Tag
	Transitive  []string
	Source      string // source identity
	// Provider is who vouches, where that is to be known of the session:
	// Session.Provider.
	Provider string
	Keys     []Key // that go on with the session
	// NotAfter ends the session earlier, if the provider says so; zero: it doesn't.
	NotAfter time.Time
}

// Session applies AWS's rules, which are those of AssumeRole with nobody calling,
// and says what the credentials will be.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
func (r FederatedRole) Session(now time.Time) (Session, error) {
	s, err := AssumeRole{
		Account: r.Account, Role: r.Role, SessionName: r.SessionName, Seconds: r.Seconds,
		Policy: r.Policy, PolicyARNs: r.PolicyARNs, Tags: r.Tags, Transitive: r.Transitive, Source: r.Source,
	}.Session(now)
	s.Kind, s.Provider, s.Keys = r.Kind, r.Provider, r.Keys
	if end := r.NotAfter.UTC().Truncate(time.Second); !r.NotAfter.IsZero() && end.Before(s.Expires) {
		s.Expires = end
	}
	return s, err
}
