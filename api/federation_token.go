package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"iamd/guard"
	iamsts "iamd/sts"
)

// checkGetFederationToken asks the caller's policies for the federated user that
// is to be, and once more for the tags that its session is to carry.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
func checkGetFederationToken(c *Call, action string, in *sts.GetFederationTokenInput) ([]guard.Check, error) {
	check := guard.Check{
		Action: action, Resource: guard.FederatedUserARN(c.Caller.Account, *in.Name), RequestTags: sessionTags(in.Tags),
	}
	if len(check.RequestTags) == 0 {
		return one(check)
	}
	return []guard.Check{check, also(check, "sts:TagSession")}, nil
}

// getFederationToken gives a user, or the root user, keys for somebody who has
// no user: they may do what the user may and the session policies leave of it.
func (a *API) getFederationToken(c *Call, in *sts.GetFederationTokenInput) (*sts.GetFederationTokenOutput, error) {
	account := c.Caller.Account
	request := iamsts.FederationToken{
		Account: account, UserID: c.Caller.UniqueID, Name: *in.Name, Seconds: in.DurationSeconds,
		Policy: aws.ToString(in.Policy), Tags: sessionTags(in.Tags),
	}
	if c.isRoot() {
		request.UserID = ""
	}
	for _, p := range in.PolicyArns {
		request.PolicyARNs = append(request.PolicyARNs, aws.ToString(p.Arn))
	}
	if err := a.sessionPolicies(c.Context, account, request.PolicyARNs); err != nil {
		return nil, err
	}
	session, err := request.Session(c.Time)
	if err != nil {
		return nil, err
	}
	credentials, err := a.cfg.STS.Issue(session, int(aws.ToInt32(in.MinimumSessionTokenSize)))
	if err != nil {
		return nil, err
	}
	return &sts.GetFederationTokenOutput{
		Credentials: credentialsOut(&credentials),
		FederatedUser: &ststypes.FederatedUser{
			Arn: aws.String(guard.FederatedUserARN(account, session.Name)), FederatedUserId: aws.String(account + ":" + session.Name),
		},
		//lint:ignore SA1019 AWS still answers it, 0 for nothing, and older clients know no other.
		PackedPolicySize: aws.Int32(int32(credentials.PackedPolicySize)),
		SessionTokenSize: aws.Int32(int32(len(credentials.SessionToken))), SessionTokenUtilization: aws.Int32(int32(credentials.Utilization)),
	}, nil
}
