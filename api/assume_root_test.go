package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

const (
	rootTasks   = "arn:aws:iam::aws:policy/root-task/"
	auditRoot   = rootTasks + "IAMAuditRootUserCredentials"
	recoverRoot = rootTasks + "IAMCreateRootUserPassword"
	deleteRoot  = rootTasks + "IAMDeleteRootUserCredentials"
	unlockS3    = rootTasks + "S3UnlockBucketPolicy"
)

func assumeRoot(ctx context.Context, c *clients, target, task string) (*sts.AssumeRootOutput, error) {
	return c.STS.AssumeRoot(ctx, &sts.AssumeRootInput{TargetPrincipal: &target, TaskPolicyArn: &ststypes.PolicyDescriptorType{Arn: &task}})
}

// asRoot gives clients of a session of a member's root user.
func (w *world) asRoot(t testing.TB, by *clients, member, task string) *clients {
	t.Helper()
	out, err := assumeRoot(context.Background(), by, member, task)
	if err != nil {
		t.Fatal(err)
	}
	return w.session(member, out.Credentials)
}

// withRoots makes an organization with a member, whose root user may be assumed.
func withRoots(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	withMember(t, root, made)
	trustService(t, root, iamAWS)
	enableFeatures(t, root)
}

func assumeRootCases() []actionCase {
	assume := func(target string) actionCase {
		return actionCase{
			action: "AssumeRoot", setup: withRoots,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := assumeRoot(ctx, c, strings.ReplaceAll(target, "«member»", made["member"]), auditRoot)
				if err == nil {
					made["id"], made["secret"], made["token"] = *out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken
					if left := time.Until(*out.Credentials.Expiration); left < 14*time.Minute || left > 15*time.Minute || out.SourceIdentity != nil {
						return fmt.Errorf("%v left of it, source %v", left, out.SourceIdentity)
					}
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				who, err := root.world.as(made["member"], made["id"], made["secret"], made["token"]).STS.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
				if err != nil {
					t.Fatal(err)
				}
				same(t, "caller", *who.Arn+" "+*who.UserId, "arn:aws:iam::"+made["member"]+":root "+made["member"])
			},
			grants: []grant{{"sts:AssumeRoot", "arn:aws:iam::«member»:root"}},
			key:    "sts:TaskPolicyArn", holds: auditRoot, other: deleteRoot,
		}
	}
	return []actionCase{assume("«member»"), assume("arn:aws:iam::«member»:root")}
}

// TestAssumeRootRules are AWS's refusals, in its words: who may not hears the same
// whatever the reason.
func TestAssumeRootRules(t *testing.T) {
	w := newWorld(t)
	root, made, ctx := w.account(t), map[string]string{}, t.Context()
	withMember(t, root, made)
	member, admin := made["member"], w.admin(t, root)
	guest, other := w.guestOf(t, root), w.guestOf(t, root)
	refused := func(what string, c *clients, target, task string) {
		t.Helper()
		_, err := assumeRoot(ctx, c, target, task)
		_, message := apiError(err)
		who, _ := c.STS.GetCallerIdentity(ctx, nil)
		wantError(t, what, err, "AccessDenied", "")
		same(t, what, message, "User: "+*who.Arn+" is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::"+target+":root")
		same(t, what, statusOf(err), 403)
	}
	refused("no trusted access", admin, member, auditRoot)
	trustService(t, root, iamAWS, trail)
	refused("no feature", admin, member, auditRoot)
	if _, _, err := enableCredentials(ctx, root); err != nil {
		t.Fatal(err)
	}
	refused("a task of another feature", admin, member, unlockS3)
	enableFeatures(t, root)
	if _, err := assumeRoot(ctx, admin, member, unlockS3); err != nil {
		t.Error(err)
	}

	refused("the management account itself", admin, root.Account, auditRoot)
	refused("the root user", root, member, auditRoot)
	stranger, strange := w.account(t), map[string]string{}
	refused("somebody's account", admin, stranger.Account, auditRoot)
	refused("nobody's account", admin, "000000000000", auditRoot)
	withRoots(t, stranger, strange)
	refused("another organization's member", admin, strange["member"], auditRoot)
	refused("by another organization", w.admin(t, stranger), member, auditRoot)
	insider := w.admin(t, guest)
	refused("by a member", insider, other.Account, auditRoot)
	refused("by a member, itself", insider, guest.Account, auditRoot)
	register(t, root, guest.Account, trail)
	refused("by an administrator of something else", insider, member, auditRoot)
	register(t, root, guest.Account, iamAWS)
	if _, err := assumeRoot(ctx, insider, member, auditRoot); err != nil {
		t.Error(err)
	}
	refused("the management account by an administrator", insider, root.Account, auditRoot)

	arn := "arn:aws:iam::" + member
	for _, target := range []string{arn + ":user/U", arn + ":root:root", arn + ":", "arn:aws:iam::root", "arn:aws:iam:::root", "1234567890123", "arn:aws:sts::" + member + ":root", "arn:aws-cn:iam::" + member + ":root"} {
		_, err := assumeRoot(ctx, admin, target, auditRoot)
		wantError(t, target, err, "ValidationError", "Request must contain a valid target principal")
	}
	for _, task := range []string{"arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::" + member + ":policy/root-task/IAMAuditRootUserCredentials", auditRoot + "x"} {
		_, err := assumeRoot(ctx, admin, member, task)
		wantError(t, task, err, "ValidationError", "Request must contain valid AWS managed task policy ARN")
	}
	in := &sts.AssumeRootInput{TargetPrincipal: &member, TaskPolicyArn: &ststypes.PolicyDescriptorType{Arn: aws.String(auditRoot)}, DurationSeconds: aws.Int32(901)}
	_, err := admin.STS.AssumeRoot(ctx, in)
	wantError(t, "901 seconds", err, "ValidationError", "1 validation error detected: Value '901' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 900")
	in.DurationSeconds, in.TaskPolicyArn = nil, &ststypes.PolicyDescriptorType{}
	_, err = admin.STS.AssumeRoot(ctx, in)
	wantError(t, "no task", err, "ValidationError", "1 validation error detected: Value null at 'taskPolicyArn' failed to satisfy constraint: Member must not be null")
	in.DurationSeconds, in.TaskPolicyArn.Arn = aws.Int32(0), aws.String(auditRoot)
	out, err := admin.STS.AssumeRoot(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.session(member, out.Credentials).STS.GetCallerIdentity(ctx, nil)
	wantError(t, "a session of no length", err, "ExpiredToken", "The security token included in the request is expired")
}

// TestRootSessions: what a session may do is what its task leaves of the root user,
// of nobody else's things and within the control policies.
func TestRootSessions(t *testing.T) {
	w := newWorld(t)
	root, made, ctx := w.account(t), map[string]string{}, t.Context()
	withRoots(t, root, made)
	guest, admin := w.guestOf(t, root), w.admin(t, root)
	member := w.caller(t, guest)
	makeLogin(t, guest, "caller")
	phone := ownPhone(t, guest, guest.Account)
	arn := "arn:aws:iam::" + guest.Account + ":root"
	denied := func(what string, err error, action, resource, why string) {
		t.Helper()
		wantError(t, what, err, "AccessDenied", "User: "+arn+" is not authorized to perform: "+action+" on resource: "+resource+" "+why)
	}
	const bySession = "with an explicit deny in a session policy"

	audit := w.asRoot(t, admin, guest.Account, auditRoot)
	keys, err := audit.IAM.ListAccessKeys(ctx, &iam.ListAccessKeysInput{})
	if err != nil || len(keys.AccessKeyMetadata) != 1 {
		t.Fatalf("%+v, %v", keys, err)
	}
	key := keys.AccessKeyMetadata[0].AccessKeyId
	_, err = audit.IAM.GetLoginProfile(ctx, &iam.GetLoginProfileInput{})
	wantError(t, "no password", err, "NoSuchEntity", "Login Profile for User null cannot be found.")
	user, err := audit.IAM.GetUser(ctx, &iam.GetUserInput{})
	if err != nil || *user.User.Arn != arn {
		t.Errorf("%+v, %v", user, err)
	}
	used, err := audit.IAM.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: key})
	if err != nil || used.UserName != nil {
		t.Errorf("%+v, %v", used, err)
	}
	devices, err := audit.IAM.ListMFADevices(ctx, &iam.ListMFADevicesInput{})
	if err != nil || len(devices.MFADevices) != 1 || *devices.MFADevices[0].SerialNumber != phone["serial"] {
		t.Errorf("%+v, %v", devices, err)
	}
	summary, err := audit.IAM.GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
	if err != nil || summary.SummaryMap["AccountAccessKeysPresent"] != 1 {
		t.Errorf("%+v, %v", summary, err)
	}
	_, err = audit.IAM.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{AccessKeyId: key})
	denied("deleting with an audit", err, "iam:DeleteAccessKey", arn, bySession)
	_, err = audit.IAM.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String("caller")})
	denied("a user's keys", err, "iam:ListAccessKeys", "user caller", bySession)
	_, err = audit.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("mine")})
	denied("making a user", err, "iam:CreateUser", "arn:aws:iam::"+guest.Account+":user/mine", bySession)
	_, err = assumeRoot(ctx, audit, guest.Account, auditRoot)
	wantError(t, "another session", err, "AccessDenied", "Cannot call AssumeRoot with session credentials")
	_, err = audit.STS.GetSessionToken(ctx, &sts.GetSessionTokenInput{})
	wantError(t, "GetSessionToken", err, "AccessDenied", "Cannot call GetSessionToken with session credentials")
	_, err = audit.Organizations.LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
	wantError(t, "leaving", err, "AccessDeniedException", hiddenText)
	_, err = audit.IAM.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{})
	denied("a password with an audit", err, "iam:CreateLoginProfile", arn, bySession)

	// Recovery is allowed, and taken back with everything else.
	recovery := w.asRoot(t, admin, guest.Account, recoverRoot)
	_, err = recovery.IAM.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{Password: aws.String(firstPassword)})
	wantError(t, "a password", err, "ValidationError", "Password must be omitted when calling with AssumeRoot credentials")
	login, err := recovery.IAM.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{})
	if err != nil || login.LoginProfile.CreateDate == nil || login.LoginProfile.UserName != nil {
		t.Fatalf("%+v, %v", login, err)
	}
	_, err = recovery.IAM.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{})
	wantError(t, "a second", err, "EntityAlreadyExists", "Login Profile for user null already exists.")
	if got, err := recovery.IAM.GetLoginProfile(ctx, &iam.GetLoginProfileInput{}); err != nil || !got.LoginProfile.CreateDate.Equal(*login.LoginProfile.CreateDate) {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = recovery.IAM.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{})
	denied("deleting with a recovery", err, "iam:DeleteLoginProfile", arn, bySession)
	_, err = recovery.IAM.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("caller"), Password: aws.String(firstPassword)})
	denied("a user's password", err, "iam:CreateLoginProfile", "user caller", bySession)
	_, err = guest.IAM.GetLoginProfile(ctx, &iam.GetLoginProfileInput{})
	wantError(t, "by the root user's own keys", err, "ValidationError", "Must specify userName when calling with non-User credentials")

	// The root user's credentials go, one by one, and nobody else's.
	gone := w.asRoot(t, admin, guest.Account, deleteRoot)
	other, err := guest.IAM.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("other")})
	if err != nil {
		t.Fatal(err)
	}
	serial := other.VirtualMFADevice.SerialNumber
	_, err = gone.IAM.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: serial})
	denied("somebody's device", err, "iam:DeleteVirtualMFADevice", *serial, bySession)
	_, err = gone.IAM.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: aws.String("caller")})
	denied("a user's password", err, "iam:DeleteLoginProfile", "user caller", bySession)
	userKey, err := guest.IAM.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String("caller")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = gone.IAM.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{AccessKeyId: userKey.AccessKeyMetadata[0].AccessKeyId, UserName: aws.String("caller")})
	denied("a user's key", err, "iam:DeleteAccessKey", "user caller", bySession)
	_, err = gone.IAM.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{AccessKeyId: userKey.AccessKeyMetadata[0].AccessKeyId})
	wantError(t, "a user's key as the root user's", err, "NoSuchEntity", "")
	for what, err := range map[string]error{
		"login": second(gone.IAM.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{})),
		"key":   second(gone.IAM.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{AccessKeyId: key})),
		"phone": second(gone.IAM.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: devices.MFADevices[0].UserName, SerialNumber: devices.MFADevices[0].SerialNumber})),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := gone.IAM.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: devices.MFADevices[0].SerialNumber}); err != nil {
		t.Error(err)
	}
	_, err = guest.IAM.ListUsers(ctx, &iam.ListUsersInput{})
	wantError(t, "the deleted key", err, "InvalidClientTokenId", "The security token included in the request is invalid.")
	_, err = gone.IAM.GetLoginProfile(ctx, &iam.GetLoginProfileInput{})
	wantError(t, "the deleted login", err, "NoSuchEntity", "Login Profile for User null cannot be found.")
	if _, err := member.STS.GetCallerIdentity(ctx, nil); err != nil {
		t.Errorf("a user of the account: %v", err)
	}

	// Control policies bind the session; aws:AssumedRoot tells it from others.
	text := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:GetAccountSummary","Resource":"*","Condition":{"Bool":{"aws:AssumedRoot":"true"}}}]}`
	control := newControl(t, root, "NoRoots", orgtypes.PolicyTypeServiceControlPolicy, text)
	attachControl(t, root, control, guest.Account)
	_, err = audit.IAM.GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
	denied("under a control policy", err, "iam:GetAccountSummary", "*", "with an explicit deny in a service control policy: arn:aws:organizations::"+root.Account+":policy/")
}

// second is the error of a call whose answer says nothing.
func second[T any](_ T, err error) error { return err }

// TestRootSessionsEnd: a session ends with the feature, with the membership of its
// account, and with whatever made the account that began it one that may.
func TestRootSessionsEnd(t *testing.T) {
	w := newWorld(t)
	root, made, ctx := w.account(t), map[string]string{}, t.Context()
	withRoots(t, root, made)
	guest, deputy := w.guestOf(t, root), w.guestOf(t, root)
	register(t, root, deputy.Account, iamAWS)
	byManager, byDeputy := w.admin(t, root), w.admin(t, deputy)
	alive := func(c *clients) bool {
		t.Helper()
		_, err := c.STS.GetCallerIdentity(ctx, nil)
		if err != nil {
			wantError(t, "a session that ended", err, "InvalidClientTokenId", "The security token included in the request is invalid.")
		}
		return err == nil
	}
	audit, wipe, unlock := w.asRoot(t, byManager, guest.Account, auditRoot), w.asRoot(t, byManager, guest.Account, deleteRoot), w.asRoot(t, byDeputy, guest.Account, unlockS3)
	if !alive(audit) || !alive(wipe) || !alive(unlock) {
		t.Fatal("a session is not alive")
	}
	if _, _, err := disableCredentials(ctx, root); err != nil {
		t.Fatal(err)
	}
	same(t, "alive without credentials management", fmt.Sprint(alive(audit), alive(wipe), alive(unlock)), "true false true")
	if _, err := root.Organizations.DeregisterDelegatedAdministrator(ctx, &organizations.DeregisterDelegatedAdministratorInput{AccountId: &deputy.Account, ServicePrincipal: aws.String(iamAWS)}); err != nil {
		t.Fatal(err)
	}
	same(t, "alive without the administrator", fmt.Sprint(alive(audit), alive(unlock)), "true false")
	if _, err := guest.Organizations.LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{}); err != nil {
		t.Fatal(err)
	}
	same(t, "alive outside", alive(audit), false)
	// It comes back, and belongs to another organization in the meantime.
	inNewOrganization(t, guest, map[string]string{})
	same(t, "alive in an organization of its own", alive(audit), false)

	closing := w.asRoot(t, byManager, made["member"], auditRoot)
	if !alive(closing) {
		t.Error("not alive")
	}
	if _, err := root.Organizations.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: aws.String(made["member"])}); err != nil {
		t.Fatal(err)
	}
	same(t, "alive in a closed account", alive(closing), false)
}
