package api

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/guard"
	"iamd/iam"
	"iamd/org"
	"iamd/policy"
	iamsts "iamd/sts"
)

func assumeRootActions() []Action {
	return []Action{issuing(row("sts", "AssumeRoot", checkAssumeRoot, (*API).assumeRoot))}
}

// rootTrust is what a member's root user trusts: who may act as it, its
// organization says.
var rootTrust = policy.Attached{ID: "AWSRootAccess", Type: "Trust Policy", Policy: iam.NewDocument(
	`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRoot"}}`, nil).Compiled()}

// checkAssumeRoot asks the caller's policies, and the organization for the root
// user that is named. AWS has one answer for who may not: whether the account is
// a member, the feature enabled or the caller's account the right one, nobody
// learns from it.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
func checkAssumeRoot(c *Call, action string, in *sts.AssumeRootInput) ([]guard.Check, error) {
	account, ok := rootAccount(aws.ToString(in.TargetPrincipal))
	if !ok {
		return nil, iam.Errorf(iam.CodeValidation, "Request must contain a valid target principal")
	}
	task := aws.ToString(in.TaskPolicyArn.Arn) // which must be there, but may be empty
	if !org.RootTask(task) {
		return nil, iam.Errorf(iam.CodeValidation, "Request must contain valid AWS managed task policy ARN")
	}
	check := guard.Check{
		Action: action, Resource: "arn:aws:iam::" + account + ":root", Account: account, HasTrust: true, Bare: true,
		Keys: []guard.Key{guard.Value("sts:TaskPolicyArn", task)},
	}
	where, err := c.api.cfg.Guard.Organization(account)
	if err != nil {
		return nil, err
	}
	// Root users themselves may not: neither for good nor by a session.
	if where.MayAssumeRoot != nil && where.MayAssumeRoot(c.Home, task) && !c.isRoot() {
		check.Trust = []policy.Attached{rootTrust}
		c.role = roleAt{account: account, held: true}
	}
	return one(check)
}

// rootAccount reads whose root user is meant: by its ARN, or by the account number.
func rootAccount(principal string) (account string, ok bool) {
	if rest, isARN := strings.CutPrefix(principal, "arn:aws:iam::"); isARN {
		principal, ok = strings.CutSuffix(rest, ":root")
		return principal, ok && isAccount(principal)
	}
	return principal, isAccount(principal)
}

// assumeRoot gives out keys of a member's root user. Nothing is written: what the
// session is stands in its token.
func (a *API) assumeRoot(c *Call, in *sts.AssumeRootInput) (*sts.AssumeRootOutput, error) {
	session := iamsts.AssumeRoot{
		Account: c.role.account, By: c.Home, Task: *in.TaskPolicyArn.Arn, Seconds: in.DurationSeconds, From: c.Caller.Session,
	}.Session(c.Time)
	credentials, err := a.cfg.STS.Issue(session, int(aws.ToInt32(in.MinimumSessionTokenSize)))
	if err != nil {
		return nil, err
	}
	out := &sts.AssumeRootOutput{
		Credentials:      credentialsOut(&credentials),
		SessionTokenSize: aws.Int32(int32(len(credentials.SessionToken))), SessionTokenUtilization: aws.Int32(int32(credentials.Utilization)),
	}
	if session.SourceIdentity != "" {
		out.SourceIdentity = aws.String(session.SourceIdentity)
	}
	return out, nil
}

// asAssumedRoot tells whether a session of AssumeRoot calls, which need not say
// that it means the root user.
func (c *Call) asAssumedRoot() bool {
	return c.isRoot() && c.Caller.Session != nil && c.Caller.Session.Kind == iamsts.AssumedRoot
}
