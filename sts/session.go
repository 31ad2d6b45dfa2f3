package sts

import (
	"time"

	"iamd/iam"
	"iamd/policy"
)

// Kind is the operation that a session came from; what the session may call
// depends on it.
type Kind string

// Kinds of sessions.
const (
	AssumedRole  Kind = "AssumeRole"
	SessionToken Kind = "GetSessionToken"
	Federation   Kind = "GetFederationToken"
	WebIdentity  Kind = "AssumeRoleWithWebIdentity"
	SAML         Kind = "AssumeRoleWithSAML"
	AssumedRoot  Kind = "AssumeRoot"
	Delegated    Kind = "GetDelegatedAccessToken"
	// Console is a sign-in to the console, which is no operation of AWS's APIs.
	Console Kind = "ConsoleLogin"
)

// OfRole tells whether the session is a role's, however the role was assumed.
func (k Kind) OfRole() bool { return k == AssumedRole || k == WebIdentity || k == SAML }

// Federated tells whether an identity provider, or whoever called
// GetFederationToken, vouches for the person behind the session.
func (k Kind) Federated() bool { return k == WebIdentity || k == SAML || k == Federation }

// Session is what a session token says. Times are whole seconds.
type Session struct {
	Kind    Kind   `json:"k"`
	KeyID   string `json:"-"` // the token is bound to it
	Secret  string `json:"s"`
	Account string `json:"a"`
	// UniqueID is the role's (AROA…) or the user's (AIDA…), for Federation of the
	// user who asked; empty for root.
	UniqueID string `json:"u,omitempty"`
	// Name is the role session's, or the federated user's.
	Name    string    `json:"n,omitempty"`
	Issued  time.Time `json:"i"`
	Expires time.Time `json:"e"`
	// Policies are the inline session policies, PolicyARNs the managed ones;
	// they narrow what the role may do, or the user who federated.
	Policies   []string  `json:"p,omitempty"`
	PolicyARNs []string  `json:"m,omitempty"`
	Tags       []iam.Tag `json:"t,omitempty"`
	// Transitive are the keys of the tags that go on when the session assumes
	// another role.
	Transitive     []string `json:"x,omitempty"`
	SourceIdentity string   `json:"o,omitempty"`
	// Provider is who authenticated a web identity: the ARN of an OpenID Connect
	// provider, or the name of one that AWS knows. It does not go on when the
	// session assumes another role.
	Provider string `json:"v,omitempty"`
	// Keys are the provider's own condition keys that go on with the session, such
	// as accounts.google.com:sub; they don't go on either.
	Keys []Key `json:"y,omitempty"`
	// Request is the delegation request that gives a Delegated session its access,
	// Delegate the account that made it; of an AssumedRoot session it is the account
	// that began it.
	Request  string `json:"d,omitempty"`
	Delegate string `json:"g,omitempty"`
	// Login is the generation of the password that a Console session began with.
	Login string `json:"l,omitempty"`
	// MFA is when the caller last proved a second factor; zero when not.
	MFA time.Time `json:"f,omitzero"`

	compiled []policy.Attached // Policies, ready to decide by
}

// Key is a condition key that a session brings.
type Key = iam.SessionKey

// Narrowed tells whether session policies apply at all.
func (s *Session) Narrowed() bool { return len(s.Policies)+len(s.PolicyARNs) > 0 }

// Inline are the inline session policies, ready to decide by.
func (s *Session) Inline() []policy.Attached { return s.compiled }

func (s *Session) compile() {
	for _, text := range s.Policies {
		s.compiled = append(s.compiled, policy.Attached{
			ID: "SessionPolicy", Type: "Session Policy", Policy: iam.NewDocument(text, nil).Compiled(),
		})
	}
}
