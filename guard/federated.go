package guard

import (
	"strings"

	"iamd/audit"
	"iamd/policy"
)

// Federated is the bearer of a token or an assertion that proved good, before
// there is a role: policy.WebIdentity or policy.SAML. The provider is what trust
// policies call it: an ARN, or the domain of one that AWS knows by name. The name
// is the subject, for events; the caller's UserID, which events call its
// principal, begins as both and may be set to what the kind has for it.
func Federated(kind policy.PrincipalKind, provider, name string, o Origin) *Caller {
	return &Caller{
		Principal: policy.Principal{Kind: kind, Federated: provider},
		UserID:    provider + ":" + name, UserName: name, Origin: o,
	}
}

// isFederated tells whether somebody else's word is all that is known of the
// caller: it has no account and no policies, and the trust policy alone decides.
func (c *Caller) isFederated() bool { return c.Kind == policy.WebIdentity || c.Kind == policy.SAML }

// federatedIdentity is who a federated caller is in events.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html#cloudtrail-integration_examples-sts-api
func (c *Caller) federatedIdentity() audit.Identity {
	id := audit.Identity{Type: "WebIdentityUser", PrincipalID: clip(c.UserID), UserName: clip(c.UserName), IdentityProvider: c.Federated}
	if c.Kind == policy.SAML {
		// CloudTrail has the assertion's name qualifier there, which the principal's
		// id begins with.
		id.Type, id.IdentityProvider = "SAMLUser", clip(strings.TrimSuffix(c.UserID, ":"+c.UserName))
	}
	return id
}

// fillWebIdentity sets what AWS makes known of the bearer of a token beside the
// provider's own keys: it stands for the provider, which belongs to an account
// unless AWS knows it by name. There is no aws:PrincipalArn.
func fillWebIdentity(ctx *policy.Context, provider string) {
	ctx.Set("aws:federatedprovider", provider)
	ctx.Set("aws:principaltype", "User")
	ctx.Set("aws:userid", provider)
	if part := strings.SplitN(provider, ":", 6); len(part) == 6 && part[0] == "arn" {
		ctx.Set("aws:principalaccount", part[4])
	}
}
