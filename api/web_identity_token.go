package api

import (
	"errors"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
	iamsts "iamd/sts"
)

// webIdentityTokenActions is the row of GetWebIdentityToken.
func webIdentityTokenActions() []Action {
	return []Action{issuing(row("sts", "GetWebIdentityToken", checkGetWebIdentityToken, (*API).getWebIdentityToken))}
}

// tagIdentityToken is what tags in a token are asked for by.
const tagIdentityToken = "sts:TagGetWebIdentityToken"

// checkGetWebIdentityToken asks the caller's policies for a token, and once more
// for the tags that it is to carry.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_policies.html
func checkGetWebIdentityToken(c *Call, action string, in *sts.GetWebIdentityTokenInput) ([]guard.Check, error) {
	seconds := int32(iamsts.IdentityTokenSeconds)
	if in.DurationSeconds != nil {
		seconds = *in.DurationSeconds
	}
	check := guard.Check{
		Action: action, Resource: "arn:aws:sts::" + c.Caller.Account + ":self", RequestTags: sessionTags(in.Tags),
		Keys: []guard.Key{
			{Name: "sts:IdentityTokenAudience", Values: in.Audience, Many: true},
			guard.Value("sts:SigningAlgorithm", *in.SigningAlgorithm),
			guard.Value("sts:DurationSeconds", strconv.Itoa(int(seconds))),
		},
	}
	if len(check.RequestTags) == 0 {
		return one(check)
	}
	return []guard.Check{check, also(check, tagIdentityToken)}, nil
}

// getWebIdentityToken gives callers a token by which others know them.
func (a *API) getWebIdentityToken(c *Call, in *sts.GetWebIdentityTokenInput) (*sts.GetWebIdentityTokenOutput, error) {
	request := iamsts.WebIdentityToken{
		Account: c.Caller.Account, Session: c.Caller.Session, Region: c.Caller.Region,
		Audience: in.Audience, Algorithm: *in.SigningAlgorithm, Seconds: in.DurationSeconds, Tags: sessionTags(in.Tags),
	}
	if err := c.nameIn(&request); err != nil {
		return nil, err
	}
	stands, err := a.cfg.Guard.Organization(c.Caller.Account)
	if err != nil {
		return nil, err
	}
	request.OrgID, request.OrgPath = stands.ID, stands.Path
	expires, err := request.Expires(c.Time)
	if err != nil {
		return nil, err
	}
	keyID, key, err := c.Account.SigningKey(request.Algorithm)
	if err != nil {
		return nil, err
	}
	id, err := c.Account.TokenIssuer()
	if err != nil {
		return nil, err
	}
	payload, err := request.Payload(a.cfg.Issuer(id), a.newID(), c.Time, expires)
	if err != nil {
		return nil, err
	}
	token, err := iamsts.SignIdentityToken(payload, request.Algorithm, keyID, key)
	if err != nil {
		return nil, err
	}
	return &sts.GetWebIdentityTokenOutput{WebIdentityToken: aws.String(token), Expiration: aws.Time(expires)}, nil
}

// nameIn tells a request who the caller is: the user, the root user, or the role
// itself, whose sessions are not told apart by the subject.
func (c *Call) nameIn(request *iamsts.WebIdentityToken) error {
	var tags []iam.Tag
	switch c.Caller.Kind {
	case policy.Root:
		request.Principal = c.Caller.ARN
		return nil
	case policy.User:
		if u, ok := c.Account.UserByID(c.Caller.UniqueID); ok {
			request.Principal, tags = c.Account.UserARN(u), u.Tags
		}
	case policy.Role:
		if r, ok := c.Account.RoleByID(c.Caller.UniqueID); ok {
			request.Principal, tags = c.Account.RoleARN(r), r.Tags
		}
	}
	if request.Principal == "" {
		return errors.New("api: a caller who has no name to tell")
	}
	request.PrincipalTags = tags
	return nil
}
