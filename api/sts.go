package api

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"iamd/guard"
	"iamd/iam"
	iamsts "iamd/sts"
)

func stsActions() []Action {
	return []Action{
		issuing(row("sts", "AssumeRole", checkAssumeRole, (*API).assumeRole)),
		open("GetCallerIdentity", (*API).getCallerIdentity),
		issuing(open("GetSessionToken", (*API).getSessionToken)),
		issuing(row("sts", "GetFederationToken", checkGetFederationToken, (*API).getFederationToken)),
		row("sts", "GetAccessKeyInfo", checkAnything[sts.GetAccessKeyInfoInput], (*API).getAccessKeyInfo),
	}
}

// open is a row of STS that policies have no say in.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html
func open[I, O any](name string, run operation[I, O]) Action {
	r := row("sts", name, func(*Call, string, *I) ([]guard.Check, error) { return nil, nil }, run)
	r.Open = true
	return r
}

func issuing(r Action) Action {
	r.issues = true
	return r
}

// checkAnything is for actions that know no resources.
func checkAnything[I any](_ *Call, action string, _ *I) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: "*"})
}

// roleAt is the role that an AssumeRole names: in the caller's account as the
// call sees it, in another as it stands now. A nil role is one that is not
// there; nobody may assume it.
type roleAt struct {
	account string
	held    bool // the account is kept here
	role    *iam.Role
}

func (a *API) roleAt(c *Call, arn string) (roleAt, error) {
	account, err := roleAccount(arn)
	if err != nil {
		return roleAt{}, err
	}
	view := c.Account
	if account != c.Caller.Account {
		view, err = a.cfg.Accounts.View(c.Context, account)
		if errors.Is(err, iam.ErrNotFound) {
			return roleAt{account: account}, nil
		}
		if err != nil {
			return roleAt{}, err
		}
	}
	role, ok := view.RoleByARN(arn)
	if !ok {
		return roleAt{account: account, held: true}, nil
	}
	return roleAt{account, true, role}, nil
}

// roleAccount reads the account out of a role's ARN, which AWS refuses in these
// words.
func roleAccount(arn string) (string, error) {
	const digits = 12
	rest, named := strings.CutPrefix(arn, "arn:")
	partition, rest, _ := strings.Cut(rest, ":")
	rest, ofIAM := strings.CutPrefix(rest, "iam::")
	if !named || partition == "" || !ofIAM || len(rest) < digits || !isAccount(rest[:digits]) || !strings.HasPrefix(rest[digits:], ":role/") {
		return "", iam.Errorf(iam.CodeValidation, "%s is invalid", arn)
	}
	return rest[:digits], nil
}

func isAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// checkAssumeRole asks the caller's policies and the role's trust policy, once
// for the role, and once more each for the tags and the source identity that
// the session is to carry, be they of this request or of the calling session.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func checkAssumeRole(c *Call, action string, in *sts.AssumeRoleInput) ([]guard.Check, error) {
	if c.isRoot() {
		return nil, iam.Errorf(iam.CodeAccessDenied, "Roles may not be assumed by root accounts.")
	}
	at, err := c.api.roleAt(c, *in.RoleArn)
	if err != nil {
		return nil, err
	}
	c.role = at
	if err := c.api.secondFactor(c, in.SerialNumber, in.TokenCode); err != nil {
		return nil, err
	}
	source, inherited := aws.ToString(in.SourceIdentity), iamsts.PassedOn(c.Caller.Session)
	if from := c.Caller.Session; from != nil && from.SourceIdentity != "" {
		source = from.SourceIdentity
	}
	made := new(struct { // in one piece: of most calls there is no more
		list [1]guard.Check
		keys [1]guard.Key
		name [1]string
	})
	check := &made.list[0]
	*check = guard.Assuming(action, *in.RoleArn, at.account, at.role)
	check.RequestTags = append(sessionTags(in.Tags), inherited...)
	made.name[0] = *in.RoleSessionName
	made.keys[0] = guard.Key{Name: "sts:RoleSessionName", Values: made.name[:]}
	check.Keys = made.keys[:]
	if in.ExternalId != nil {
		check.Keys = append(check.Keys, guard.Value("sts:ExternalId", *in.ExternalId))
	}
	check.Keys = append(check.Keys, c.mfaKeys()...)
	if source != "" {
		check.Keys = append(check.Keys, guard.Value("sts:SourceIdentity", source))
	}
	transitive := slices.Clone(in.TransitiveTagKeys)
	for _, t := range inherited {
		transitive = append(transitive, t.Key)
	}
	if len(transitive) > 0 {
		check.Keys = append(check.Keys, guard.Key{Name: "sts:TransitiveTagKeys", Values: transitive, Many: true})
	}
	list := made.list[:]
	if len(check.RequestTags) > 0 || len(transitive) > 0 {
		list = append(list, also(*check, "sts:TagSession"))
	}
	if source != "" {
		list = append(list, also(*check, "sts:SetSourceIdentity"))
	}
	return list, nil
}

func also(c guard.Check, action string) guard.Check {
	c.Action = action
	return c
}

func sessionTags(tags []ststypes.Tag) []iam.Tag {
	var list []iam.Tag
	for _, t := range tags {
		list = append(list, iam.Tag{Key: *t.Key, Value: *t.Value})
	}
	return list
}

// assumeRole gives out a role's keys. Nothing is written: what the session is
// stands in its token.
func (a *API) assumeRole(c *Call, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	at := c.role
	request := iamsts.AssumeRole{
		Account: at.account, Role: at.role, SessionName: *in.RoleSessionName, Seconds: in.DurationSeconds,
		Policy: aws.ToString(in.Policy), Tags: sessionTags(in.Tags), Transitive: in.TransitiveTagKeys,
		Source: aws.ToString(in.SourceIdentity), From: c.Caller.Session,
	}
	for _, p := range in.PolicyArns {
		request.PolicyARNs = append(request.PolicyARNs, aws.ToString(p.Arn))
	}
	if err := a.sessionPolicies(c.Context, at.account, request.PolicyARNs); err != nil {
		return nil, err
	}
	session, err := request.Session(c.Time)
	if err != nil {
		return nil, err
	}
	// In one piece, as it is the answer that is given most.
	made := &struct {
		out        sts.AssumeRoleOutput
		user       ststypes.AssumedRoleUser
		keys       ststypes.Credentials
		issued     iamsts.Credentials
		arn, id    string
		size, used int32
	}{}
	if made.issued, err = a.cfg.STS.Issue(session, int(aws.ToInt32(in.MinimumSessionTokenSize))); err != nil {
		return nil, err
	}
	credentials := &made.issued
	made.arn, made.id = "arn:aws:sts::"+at.account+":assumed-role/"+at.role.Name+"/"+session.Name, at.role.ID+":"+session.Name
	made.size, made.used = int32(len(credentials.SessionToken)), int32(credentials.Utilization)
	out := &made.out
	made.user = ststypes.AssumedRoleUser{Arn: &made.arn, AssumedRoleId: &made.id}
	made.keys = *credentialsOut(credentials)
	out.AssumedRoleUser, out.Credentials = &made.user, &made.keys
	out.SessionTokenSize, out.SessionTokenUtilization = &made.size, &made.used
	if session.SourceIdentity != "" {
		out.SourceIdentity = aws.String(session.SourceIdentity)
	}
	if session.Narrowed() || len(session.Tags) > 0 {
		//lint:ignore SA1019 AWS still answers it, and older clients know no other.
		out.PackedPolicySize = aws.Int32(int32(credentials.PackedPolicySize))
	}
	return out, nil
}

// sessionPolicies makes sure that managed session policies exist in the account
// of the role or user.
func (a *API) sessionPolicies(ctx context.Context, account string, arns []string) error {
	if len(arns) == 0 {
		return nil
	}
	view, err := a.cfg.Accounts.View(ctx, account)
	if err != nil {
		return err
	}
	for _, arn := range arns {
		if _, ok := view.Policy(arn); !ok {
			return iam.Errorf(iam.CodeInvalidParameterValue, "Policy %s does not exist or is not attachable.", arn)
		}
	}
	return nil
}

// credentialsOut points into c.
func credentialsOut(c *iamsts.Credentials) *ststypes.Credentials {
	return &ststypes.Credentials{
		AccessKeyId: &c.AccessKeyID, SecretAccessKey: &c.SecretAccessKey, SessionToken: &c.SessionToken, Expiration: &c.Expiration,
	}
}

// getCallerIdentity tells callers who they are; no policy can forbid it.
func (a *API) getCallerIdentity(c *Call, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	by := c.Caller // which does not change any more
	return &sts.GetCallerIdentityOutput{Account: &by.Account, Arn: &by.ARN, UserId: &by.UserID}, nil
}

// getSessionToken gives a user, or the root user, temporary keys of their own.
func (a *API) getSessionToken(c *Call, in *sts.GetSessionTokenInput) (*sts.GetSessionTokenOutput, error) {
	if err := a.secondFactor(c, in.SerialNumber, in.TokenCode); err != nil {
		return nil, err
	}
	user := c.Caller.UniqueID
	if c.isRoot() {
		user = ""
	}
	session := iamsts.GetSessionToken(c.Caller.Account, user, in.DurationSeconds, c.Time)
	if c.mfa {
		session.MFA = session.Issued
	}
	credentials, err := a.cfg.STS.Issue(session, int(aws.ToInt32(in.MinimumSessionTokenSize)))
	if err != nil {
		return nil, err
	}
	return &sts.GetSessionTokenOutput{
		Credentials:      credentialsOut(&credentials),
		SessionTokenSize: aws.Int32(int32(len(credentials.SessionToken))), SessionTokenUtilization: aws.Int32(int32(credentials.Utilization)),
	}, nil
}

// getAccessKeyInfo tells which account a key id belongs to. As with AWS, the id
// alone says so; the key need not exist any more.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
func (a *API) getAccessKeyInfo(c *Call, in *sts.GetAccessKeyInfoInput) (*sts.GetAccessKeyInfoOutput, error) {
	owner, err := iam.OwnerOfKey(c.Context, a.cfg.Accounts, *in.AccessKeyId)
	if err == nil {
		return &sts.GetAccessKeyInfoOutput{Account: aws.String(owner)}, nil
	}
	if !errors.Is(err, iam.ErrNotFound) {
		return nil, err
	}
	prefix := (*in.AccessKeyId)[:min(4, len(*in.AccessKeyId))]
	account, ok := iam.KeyAccount(*in.AccessKeyId)
	if !ok || prefix != iam.PrefixAccessKey && prefix != iam.PrefixTempKey {
		return nil, iam.Errorf(iam.CodeValidation, "The specified value for accessKeyId is invalid.")
	}
	return &sts.GetAccessKeyInfoOutput{Account: aws.String(account)}, nil
}
