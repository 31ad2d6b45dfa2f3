package api

import (
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
	"iamd/saml"
	iamsts "iamd/sts"
)

// samlRoleActions is the row of those who come with a SAML assertion. It writes:
// an assertion is good once.
func samlRoleActions() []Action {
	r := issuing(row("sts", "AssumeRoleWithSAML", checkAssumeRoleWithSAML, (*API).assumeRoleWithSAML))
	r.Write = true
	return []Action{unsigned(r, (*API).admitSAML)}
}

// longMetadata is the length, in bytes, from which reading a provider's metadata
// waits with what takes long; providers' own are a tenth of it.
const longMetadata = 64 << 10

// samlBearer is who brought an assertion that proved good.
type samlBearer struct {
	provider  *iam.SAMLProvider // as it was when it vouched
	assertion *saml.Assertion
	session   saml.Session
}

// noSAMLProvider is AWS's refusal of a provider that is not there; one of an
// account that is not kept here is no other.
func noSAMLProvider() error {
	return iam.Errorf(iam.CodeInvalidIdentityToken, "Specified provider doesn't exist")
}

// admitSAML verifies the assertion by the provider that the request names, which
// must be of the role's account: AWS lets no role trust another account's.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
func (a *API) admitSAML(c *Call, in *sts.AssumeRoleWithSAMLInput) error {
	arn := aws.ToString(in.PrincipalArn)
	account, err := roleAccount(aws.ToString(in.RoleArn))
	if err != nil {
		return iam.Errorf(iam.CodeValidation, "Request ARN is invalid")
	}
	owner, err := iam.SAMLProviderOwner(arn)
	if err != nil {
		return iam.Errorf(iam.CodeValidation, "Request ARN is invalid")
	}
	if owner != account {
		return iam.Errorf(iam.CodeAccessDenied, "Not authorized to perform sts:AssumeRoleWithSAML")
	}
	response, err := saml.Read(aws.ToString(in.SAMLAssertion))
	if err != nil {
		return err
	}
	view, err := a.named(c.Context, account)
	if errors.Is(err, iam.ErrNotFound) {
		return noSAMLProvider()
	}
	if err != nil {
		return err
	}
	provider, err := view.SAMLProvider(arn)
	if err != nil {
		return noSAMLProvider()
	}
	bearer := &samlBearer{provider: provider}
	verify := func() error {
		trust, err := view.SAMLTrust(provider)
		if err != nil {
			return err
		}
		bearer.assertion, err = response.Verify(trust, c.Time)
		return err
	}
	if response.Encrypted() || len(provider.Metadata) > longMetadata { // costs us more than whoever sends it
		err = a.verifying.Do(c.Context, account, verify)
	} else {
		err = verify()
	}
	if err != nil {
		return err
	}
	subject := bearer.assertion.Subject
	c.Caller = guard.Federated(policy.SAML, arn, subject, c.Caller.Origin)
	c.Caller.UserID = bearer.assertion.NameQualifier(account, provider.Name) + ":" + subject
	c.Home, c.Prepared = account, bearer
	if err := bearer.assertion.Allows(*in.RoleArn, arn); err != nil {
		return err
	}
	bearer.session, err = bearer.assertion.Session()
	return err
}

// checkAssumeRoleWithSAML asks the role's trust policy. A provider that changed
// since it vouched does not vouch.
func checkAssumeRoleWithSAML(c *Call, action string, in *sts.AssumeRoleWithSAMLInput) ([]guard.Check, error) {
	bearer, ok := c.Prepared.(*samlBearer)
	if !ok {
		return nil, errors.New("api: nobody was admitted")
	}
	was := bearer.provider
	p, err := c.Account.SAMLProvider(aws.ToString(in.PrincipalArn))
	if err != nil || p.ID != was.ID || p.Metadata != was.Metadata || p.Encryption != was.Encryption {
		return nil, noSAMLProvider()
	}
	said := federation{tags: bearer.session.Tags, transitive: bearer.session.Transitive, source: bearer.session.Source}
	for _, k := range bearer.assertion.Keys(c.Home, p.Name) {
		said.keys = append(said.keys, guard.Key{Name: k.Name, Values: k.Values, Many: k.Many})
	}
	return federatedChecks(c, action, *in.RoleArn, bearer.session.Name, said), nil
}

// lastingSAMLKeys are the condition keys that go on with a session: they tell
// people apart wherever the session is used.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_saml.html#CreatingSAML-userid
var lastingSAMLKeys = []string{"saml:namequalifier", "saml:sub", "saml:sub_type"}

// assumeRoleWithSAML uses the assertion up, and gives out the role's keys.
func (a *API) assumeRoleWithSAML(c *Call, in *sts.AssumeRoleWithSAMLInput) (*sts.AssumeRoleWithSAMLOutput, error) {
	bearer := c.Prepared.(*samlBearer)
	said, name := bearer.assertion, bearer.provider.Name
	if err := c.Draft.UseSAMLAssertion(said.Issuer, said.ID, said.Expires); err != nil {
		return nil, err
	}
	request := iamsts.FederatedRole{
		Kind: iamsts.SAML, SessionName: bearer.session.Name, Seconds: in.DurationSeconds, Policy: aws.ToString(in.Policy),
		Tags: bearer.session.Tags, Transitive: bearer.session.Transitive, Source: bearer.session.Source, NotAfter: said.End(bearer.session, c.Time),
	}
	for _, k := range said.Keys(c.Home, name) {
		if slices.Contains(lastingSAMLKeys, k.Name) {
			request.Keys = append(request.Keys, iamsts.Key{Name: k.Name, Values: k.Values})
		}
	}
	session, credentials, err := a.takeRole(c, request, in.PolicyArns, in.MinimumSessionTokenSize)
	if err != nil {
		return nil, err
	}
	out := &sts.AssumeRoleWithSAMLOutput{
		AssumedRoleUser: c.role.user(session.Name), Credentials: credentialsOut(&credentials),
		Audience: aws.String(said.Recipient), Issuer: aws.String(said.Issuer), Subject: aws.String(said.Subject),
		NameQualifier: aws.String(said.NameQualifier(c.Home, name)),
		//lint:ignore SA1019 AWS still answers it, and older clients know no other.
		PackedPolicySize: aws.Int32(int32(credentials.PackedPolicySize)),
		SessionTokenSize: aws.Int32(int32(len(credentials.SessionToken))), SessionTokenUtilization: aws.Int32(int32(credentials.Utilization)),
	}
	if said.Format != "" {
		out.SubjectType = aws.String(said.Format)
	}
	if session.SourceIdentity != "" {
		out.SourceIdentity = aws.String(session.SourceIdentity)
	}
	return out, nil
}
