package api

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
	iamsts "iamd/sts"
)

func webIdentityActions() []Action {
	return []Action{
		unsigned(issuing(row("sts", "AssumeRoleWithWebIdentity", checkAssumeRoleWithWebIdentity, (*API).assumeRoleWithWebIdentity)),
			(*API).admitWebIdentity),
	}
}

// webIdentity is what a token that proved good says of its bearer.
type webIdentity struct {
	*webToken
	provider string // the provider's ARN, or the name that AWS knows it by
	by       *webProvider
	federation
	session []iamsts.Key // the condition keys that go on with the session
}

// admitWebIdentity verifies the token against a provider of the role's account,
// and says who the bearer is. What costs least comes first; nothing is known of
// the caller until the signature was verified, and no account hears of it.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
func (a *API) admitWebIdentity(c *Call, in *sts.AssumeRoleWithWebIdentityInput) error {
	account, err := roleAccount(*in.RoleArn)
	if err != nil {
		return err
	}
	if in.ProviderId != nil {
		return refuseAccessToken(*in.ProviderId, *in.WebIdentityToken)
	}
	token, err := readWebToken(*in.WebIdentityToken)
	if err != nil {
		return err
	}
	if err := token.timely(c.Time); err != nil {
		return err
	}
	p, err := a.webProvider(c.Context, account, *in.RoleArn, token.issuer)
	if err != nil {
		return err
	}
	if p.registered && !slices.Contains(p.ClientIDs, token.audience) {
		return notValidated(errors.New("the audience is none of the provider's client ids"))
	}
	key, err := a.issuers.key(c.Context, account, p.Name, p.Thumbprints, token.signer)
	if err != nil {
		return err
	}
	if err := token.verify(key); err != nil {
		return err
	}
	id := &webIdentity{webToken: token, provider: p.principal, by: p}
	if err := id.read(p.Name, *in.RoleArn); err != nil {
		return err
	}
	if !p.wanted {
		return iam.Errorf(iam.CodeAccessDenied, "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	}
	c.Caller = guard.Federated(policy.WebIdentity, id.provider, id.subject, c.Caller.Origin)
	c.Caller.UserID = id.provider + ":" + id.audience + ":" + id.subject
	c.Home, c.Prepared = account, id
	return nil
}

// webProvider is who issued a token, as the role's account knows it.
type webProvider struct {
	*iam.OpenIDProvider
	registered bool   // by the account, with its client ids
	wanted     bool   // by the account, or by the role's trust policy
	principal  string // as trust policies name it
}

// knownIssuers are the providers of OpenID Connect that AWS knows by name, whom
// an account need not register: trust policies name them by it. Their tokens have
// no client ids here; AWS makes trust policies say which they want.
var knownIssuers = []string{"accounts.google.com", "cognito-identity.amazonaws.com"}

// webProvider finds the issuer of a token among the providers of an account: by
// its whole URL, in which case and a slash at its end count. An account that is
// not kept here has none but those that AWS knows.
func (a *API) webProvider(ctx context.Context, account, roleARN, issuer string) (*webProvider, error) {
	none := iam.Errorf(iam.CodeInvalidIdentityToken, "No OpenIDConnect provider found in your account for %s", clip(issuer))
	name, secure := strings.CutPrefix(issuer, "https://")
	if !secure && name != "accounts.google.com" { // Google's tokens may have either
		return nil, none
	}
	known := &webProvider{&iam.OpenIDProvider{Name: name}, false, false, name}
	view, err := a.named(ctx, account)
	switch {
	case err == nil:
		arn := view.OpenIDProviderARN(known.OpenIDProvider)
		if p, err := view.OpenIDProvider(arn); err == nil {
			return &webProvider{p, true, true, arn}, nil
		}
		role, ok := view.RoleByARN(roleARN)
		known.wanted = ok && trusts(role, name)
	case !errors.Is(err, iam.ErrNotFound):
		return nil, err
	}
	// Everybody may have a token of these, or make one up: their bearers are all
	// told the same, whether the role wants it, does not, or is not there. Of those
	// that it does not want the account does not hear.
	if slices.Contains(knownIssuers, name) {
		return known, nil
	}
	return nil, none
}

// trusts tells whether a role's trust policy names a provider at all.
func trusts(r *iam.Role, provider string) bool {
	document, err := policy.Parse([]byte(r.Trust.Text()))
	if err != nil {
		return false
	}
	for i := range document.Statements {
		s := &document.Statements[i]
		if s.Effect == "Allow" && s.Principal != nil && slices.Contains(s.Principal.Named, policy.NamedPrincipal{Type: "Federated", Value: provider}) {
			return true
		}
	}
	return false
}

// refuseAccessToken refuses OAuth access tokens, which only their provider can
// verify, for the app that they were given to: AWS has agreements with two of
// them, and this program with none. The first and the last are AWS's words.
func refuseAccessToken(provider, token string) error {
	switch {
	case provider == "www.amazon.com" && !strings.HasPrefix(token, "Atza|"):
		return iam.Errorf(iam.CodeInvalidIdentityToken, "Provided Token is not a Login With Amazon token")
	case provider == "www.amazon.com" || provider == "graph.facebook.com":
		return iam.Errorf(iam.CodeIDPRejectedClaim, "%s: access tokens of this provider can't be verified by this server", provider)
	}
	return iam.Errorf(iam.CodeAccessDenied, "Not authorized to perform sts:AssumeRoleWithWebIdentity")
}

// stands tells whether a provider is in the account as it was when it vouched; its
// keys may have been on their way for seconds since.
func (p *webProvider) stands(in *iam.Account, audience string) bool {
	if !p.registered {
		return true
	}
	now, err := in.OpenIDProvider(p.principal)
	return err == nil && now.CreateDate.Equal(p.CreateDate) && slices.Equal(now.Thumbprints, p.Thumbprints) && slices.Contains(now.ClientIDs, audience)
}

// checkAssumeRoleWithWebIdentity asks the role's trust policy, which alone has a
// say: the bearer has no policies.
func checkAssumeRoleWithWebIdentity(c *Call, action string, in *sts.AssumeRoleWithWebIdentityInput) ([]guard.Check, error) {
	id, ok := c.Prepared.(*webIdentity)
	if !ok {
		return nil, errors.New("api: nobody was admitted")
	}
	if !id.by.stands(c.Account, id.audience) {
		return nil, notValidated(errors.New("the provider changed since it vouched"))
	}
	return federatedChecks(c, action, *in.RoleArn, *in.RoleSessionName, id.federation), nil
}

// assumeRoleWithWebIdentity gives out a role's keys. As with AWS the session may
// outlast the token.
func (a *API) assumeRoleWithWebIdentity(c *Call, in *sts.AssumeRoleWithWebIdentityInput) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	id := c.Prepared.(*webIdentity)
	session, credentials, err := a.takeRole(c, iamsts.FederatedRole{
		Kind: iamsts.WebIdentity, SessionName: *in.RoleSessionName, Seconds: in.DurationSeconds, Policy: aws.ToString(in.Policy),
		Tags: id.tags, Transitive: id.transitive, Source: id.source, Provider: id.provider, Keys: id.session,
	}, in.PolicyArns, in.MinimumSessionTokenSize)
	if err != nil {
		return nil, err
	}
	out := &sts.AssumeRoleWithWebIdentityOutput{
		Credentials: credentialsOut(&credentials), AssumedRoleUser: c.role.user(session.Name),
		SubjectFromWebIdentityToken: aws.String(id.subject), Provider: aws.String(id.provider), Audience: aws.String(id.audience),
		//lint:ignore SA1019 AWS still answers it, and older clients know no other.
		PackedPolicySize: aws.Int32(int32(credentials.PackedPolicySize)),
		SessionTokenSize: aws.Int32(int32(len(credentials.SessionToken))), SessionTokenUtilization: aws.Int32(int32(credentials.Utilization)),
	}
	if session.SourceIdentity != "" {
		out.SourceIdentity = aws.String(session.SourceIdentity)
	}
	return out, nil
}
