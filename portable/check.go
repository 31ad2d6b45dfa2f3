package portable

import (
	"errors"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/iam"
	"iamd/wire"
)

// maxShown is how much of a text that was read is repeated, in bytes.
const maxShown = 100

func clip(s string) string {
	if len(s) <= maxShown {
		return s
	}
	return strings.ToValidUTF8(s[:maxShown], "") + "…"
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// valid holds what was read to the limits of the parameters of an action that
// would make it.
func valid(service, what, action string, in any) error {
	err := wire.Validate(wire.Op{Service: service, Name: action}, in)
	var refusal *wire.Error
	if errors.As(err, &refusal) {
		return &iam.Error{Code: refusal.Code, Message: what + ": " + refusal.Message, Reason: refusal.Reason}
	}
	return err
}

var accountNumber = regexp.MustCompile(`^[0-9]{12}$`)

// owner finds whose the file is: the account that its ARNs name.
func (a *Account) owner() error {
	if a.AccountID == "" && a.fromAWS {
		var arns []string
		for i := range a.UserDetailList {
			arns = append(arns, a.UserDetailList[i].ARN)
		}
		for i := range a.RoleDetailList {
			arns = append(arns, a.RoleDetailList[i].ARN)
		}
		for i := range a.GroupDetailList {
			arns = append(arns, a.GroupDetailList[i].ARN)
		}
		for i := range a.Policies {
			arns = append(arns, a.Policies[i].ARN)
		}
		for _, arn := range arns {
			if part := strings.SplitN(arn, ":", 6); len(part) == 6 && accountNumber.MatchString(part[4]) {
				a.AccountID = part[4]
				break
			}
		}
	}
	if !accountNumber.MatchString(a.AccountID) {
		return malformed("The file does not tell whose it is: an account number is 12 digits, %q is not.", clip(a.AccountID))
	}
	return nil
}

// is holds an ARN, if there is one, to what the entity's is.
func (a *Account) is(what, kind string, n named, name string) error {
	path := n.Path
	if path == "" {
		path = "/"
	}
	if own := "arn:aws:iam::" + a.AccountID + ":" + kind + path + name; n.ARN != "" && n.ARN != own {
		return iam.Errorf(iam.CodeValidation, "%s: the ARN %s is not that of the entity in account %s, %s.", what, clip(n.ARN), a.AccountID, clip(own))
	}
	return nil
}

func sdkTags(list []tag) []types.Tag {
	var out []types.Tag
	for _, t := range list {
		out = append(out, types.Tag{Key: aws.String(t.Key), Value: aws.String(t.Value)})
	}
	return out
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (b *boundary) arn() string {
	if b == nil {
		return ""
	}
	return b.PermissionsBoundaryARN
}

func (a *Account) checkSettings() error {
	if n := utf8.RuneCountInString(a.AccountName); n > 50 {
		return malformed("An account's name has at most 50 characters.")
	}
	if e := a.RootUser.Email; e != "" {
		if m, err := mail.ParseAddress(e); err != nil || m.Address != e || len(e) > 64 {
			return malformed("%q is no e-mail address of at most 64 characters.", clip(e))
		}
	}
	if a.AccountAlias != "" {
		if err := valid("iam", "account alias", "CreateAccountAlias", &sdk.CreateAccountAliasInput{AccountAlias: &a.AccountAlias}); err != nil {
			return err
		}
	}
	if p := a.PasswordPolicy; p != nil {
		in := &sdk.UpdateAccountPasswordPolicyInput{MinimumPasswordLength: &p.MinimumPasswordLength}
		if p.MaxPasswordAge != 0 {
			in.MaxPasswordAge = &p.MaxPasswordAge
		}
		if p.PasswordReusePrevention != 0 {
			in.PasswordReusePrevention = &p.PasswordReusePrevention
		}
		return valid("iam", "password policy", "UpdateAccountPasswordPolicy", in)
	}
	return nil
}

func (a *Account) checkUser(u *user) error {
	what := "user " + clip(u.UserName)
	err := errors.Join(
		valid("iam", what, "CreateUser", &sdk.CreateUserInput{UserName: &u.UserName, Path: optional(u.Path), PermissionsBoundary: optional(u.PermissionsBoundary.arn()), Tags: sdkTags(u.Tags)}),
		a.is(what, "user", u.named, u.UserName),
	)
	for i := range u.UserPolicyList {
		p := &u.UserPolicyList[i]
		err = errors.Join(err, valid("iam", what, "PutUserPolicy", &sdk.PutUserPolicyInput{UserName: &u.UserName, PolicyName: &p.PolicyName, PolicyDocument: aws.String(string(p.PolicyDocument))}))
	}
	for i := range u.SSHPublicKeys {
		err = errors.Join(err, valid("iam", what, "UploadSSHPublicKey", &sdk.UploadSSHPublicKeyInput{UserName: &u.UserName, SSHPublicKeyBody: &u.SSHPublicKeys[i].SSHPublicKeyBody}))
	}
	return errors.Join(err, checkCertificates(what, u.SigningCertificates))
}

func checkCertificates(what string, list []signingCertificate) (err error) {
	for i := range list {
		err = errors.Join(err, valid("iam", what, "UploadSigningCertificate", &sdk.UploadSigningCertificateInput{CertificateBody: &list[i].CertificateBody}))
	}
	return err
}

func (a *Account) checkGroup(g *group) error {
	what := "group " + clip(g.GroupName)
	err := errors.Join(
		valid("iam", what, "CreateGroup", &sdk.CreateGroupInput{GroupName: &g.GroupName, Path: optional(g.Path)}),
		a.is(what, "group", g.named, g.GroupName),
	)
	for i := range g.GroupPolicyList {
		p := &g.GroupPolicyList[i]
		err = errors.Join(err, valid("iam", what, "PutGroupPolicy", &sdk.PutGroupPolicyInput{GroupName: &g.GroupName, PolicyName: &p.PolicyName, PolicyDocument: aws.String(string(p.PolicyDocument))}))
	}
	return err
}

func (a *Account) checkRole(r *role) error {
	what := "role " + clip(r.RoleName)
	in := &sdk.CreateRoleInput{
		RoleName: &r.RoleName, Path: optional(r.Path), Description: optional(r.Description),
		AssumeRolePolicyDocument: aws.String(string(r.AssumeRolePolicyDocument)),
		PermissionsBoundary:      optional(r.PermissionsBoundary.arn()), Tags: sdkTags(r.Tags),
	}
	if r.MaxSessionDuration != 0 {
		in.MaxSessionDuration = &r.MaxSessionDuration
	}
	err := errors.Join(valid("iam", what, "CreateRole", in), a.is(what, "role", r.named, r.RoleName))
	for i := range r.RolePolicyList {
		p := &r.RolePolicyList[i]
		err = errors.Join(err, valid("iam", what, "PutRolePolicy", &sdk.PutRolePolicyInput{RoleName: &r.RoleName, PolicyName: &p.PolicyName, PolicyDocument: aws.String(string(p.PolicyDocument))}))
	}
	return err
}

func (a *Account) checkPolicy(p *managedPolicy) error {
	what := "policy " + clip(p.PolicyName)
	err := a.is(what, "policy", p.named, p.PolicyName)
	for i := range p.PolicyVersionList {
		err = errors.Join(err, valid("iam", what, "CreatePolicy", &sdk.CreatePolicyInput{
			PolicyName: &p.PolicyName, Path: optional(p.Path), Description: optional(p.Description), Tags: sdkTags(p.Tags),
			PolicyDocument: aws.String(string(p.PolicyVersionList[i].Document)),
		}))
	}
	if len(p.PolicyVersionList) == 0 {
		err = errors.Join(err, iam.Errorf(iam.CodeValidation, "%s has no version.", what))
	}
	return err
}

func (a *Account) checkProfile(p *instanceProfile) error {
	what := "instance profile " + clip(p.InstanceProfileName)
	err := errors.Join(
		valid("iam", what, "CreateInstanceProfile", &sdk.CreateInstanceProfileInput{InstanceProfileName: &p.InstanceProfileName, Path: optional(p.Path), Tags: sdkTags(p.Tags)}),
		a.is(what, "instance-profile", p.named, p.InstanceProfileName),
	)
	if len(p.Roles) > 1 {
		err = errors.Join(err, iam.Errorf(iam.CodeLimitExceeded, "%s: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", what))
	}
	return err
}
