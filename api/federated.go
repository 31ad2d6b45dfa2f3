package api

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"iamd/guard"
	"iamd/iam"
	iamsts "iamd/sts"
)

// strangersLoading is how many accounts are loaded at once for callers of whom
// nothing is known yet but the number that they name. Those in memory are for
// everybody.
const strangersLoading = 2

// named gives the account that an unsigned request names. iam.ErrNotFound, which
// the caller must not be able to tell from an account without the provider.
func (a *API) named(ctx context.Context, account string) (*iam.Account, error) {
	if view, ok := a.cfg.Accounts.Loaded(account); ok {
		return view, nil
	}
	select {
	case a.loading <- struct{}{}:
		defer func() { <-a.loading }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// It is loaded to its end: who hangs up must not make room for the next.
	return a.cfg.Accounts.View(context.WithoutCancel(ctx), account)
}

// federation is what somebody's word brings into a session, as AssumeRole's
// caller would by parameters.
type federation struct {
	keys       []guard.Key // the provider's condition keys
	tags       []iam.Tag
	transitive []string
	source     string // source identity
}

// federatedChecks asks the trust policy of a role of c.Account, once for the role,
// and once more each for the tags and the source identity that the session is to
// carry. The role is kept in c.role; one that is not there trusts nobody.
func federatedChecks(c *Call, action, roleARN, sessionName string, f federation) []guard.Check {
	at := roleAt{account: c.Account.ID, held: true}
	if role, ok := c.Account.RoleByARN(roleARN); ok {
		at.role = role
	}
	c.role = at
	check := guard.Assuming(action, roleARN, at.account, at.role)
	check.RequestTags = f.tags
	check.Keys = append([]guard.Key{guard.Value("sts:RoleSessionName", sessionName)}, f.keys...)
	if f.source != "" {
		check.Keys = append(check.Keys, guard.Value("sts:SourceIdentity", f.source))
	}
	if len(f.transitive) > 0 {
		check.Keys = append(check.Keys, guard.Key{Name: "sts:TransitiveTagKeys", Values: f.transitive, Many: true})
	}
	list := []guard.Check{check}
	if len(f.tags) > 0 || len(f.transitive) > 0 {
		list = append(list, also(check, "sts:TagSession"))
	}
	if f.source != "" {
		list = append(list, also(check, "sts:SetSourceIdentity"))
	}
	return list
}

// takeRole gives out the keys of c.role: r says how, but for the role.
func (a *API) takeRole(c *Call, r iamsts.FederatedRole, policies []ststypes.PolicyDescriptorType, minimum *int32) (iamsts.Session, iamsts.Credentials, error) {
	r.Account, r.Role = c.role.account, c.role.role
	for _, p := range policies {
		r.PolicyARNs = append(r.PolicyARNs, aws.ToString(p.Arn))
	}
	if err := a.sessionPolicies(c.Context, r.Account, r.PolicyARNs); err != nil {
		return iamsts.Session{}, iamsts.Credentials{}, err
	}
	session, err := r.Session(c.Time)
	if err != nil {
		return session, iamsts.Credentials{}, err
	}
	credentials, err := a.cfg.STS.Issue(session, int(aws.ToInt32(minimum)))
	return session, credentials, err
}

// user is who a session of the role is.
func (at roleAt) user(session string) *ststypes.AssumedRoleUser {
	return &ststypes.AssumedRoleUser{
		Arn:           aws.String("arn:aws:sts::" + at.account + ":assumed-role/" + at.role.Name + "/" + session),
		AssumedRoleId: aws.String(at.role.ID + ":" + session),
	}
}
