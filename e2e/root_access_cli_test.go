package e2e_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// TestRootAccessCLI takes a member's root credentials away with the real AWS CLI,
// from the management account, and lets its owner recover them.
func TestRootAccessCLI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sh := newShell(t, w.url, &secrets{})
	root := sh.as(w.root.key)
	member, owner := w.account(t, "member")
	root.run(t, "organizations", "create-organization")
	invitation := root.run(t, "organizations", "invite-account-to-organization", "--target", "Id="+member+",Type=ACCOUNT").str(t, "Handshake", "Id")
	sh.as(owner.key).run(t, "organizations", "accept-handshake", "--handshake-id", invitation)

	ada, _ := user(t, w.url, w.root, "ada")
	putUserPolicy(t, w.root, "ada", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	admin := sh.as(ada.key)
	task := func(name string) []string {
		return []string{"sts", "assume-root", "--target-principal", member, "--task-policy-arn", "arn=arn:aws:iam::aws:policy/root-task/" + name}
	}
	admin.refused(t, "AccessDenied", "User: arn:aws:iam::"+account+":user/ada is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::"+member+":root",
		task("IAMDeleteRootUserCredentials")...)
	admin.refused(t, "ServiceAccessNotEnabledException", "Trusted Access for IAM not enabled by organization of input account "+account+".", "iam", "list-organizations-features")
	admin.run(t, "organizations", "enable-aws-service-access", "--service-principal", "iam.amazonaws.com")
	admin.run(t, "iam", "enable-organizations-root-credentials-management")
	admin.run(t, "iam", "enable-organizations-root-sessions").want(t, "EnabledFeatures.0", "RootCredentialsManagement", "EnabledFeatures.1", "RootSessions")

	as := func(name string) shell {
		t.Helper()
		c := admin.run(t, task(name)...)
		return sh.as(aws.Credentials{
			AccessKeyID: c.str(t, "Credentials", "AccessKeyId"), SecretAccessKey: c.str(t, "Credentials", "SecretAccessKey"), SessionToken: c.str(t, "Credentials", "SessionToken"),
		})
	}
	gone := as("IAMDeleteRootUserCredentials")
	gone.run(t, "sts", "get-caller-identity").want(t, "Arn", "arn:aws:iam::"+member+":root", "Account", member)
	key := gone.run(t, "iam", "list-access-keys").str(t, "AccessKeyMetadata", 0, "AccessKeyId")
	gone.run(t, "iam", "delete-access-key", "--access-key-id", key)
	gone.refused(t, "AccessDenied", "is not authorized to perform: iam:CreateAccessKey on resource: arn:aws:iam::"+member+":root with an explicit deny in a session policy", "iam", "create-access-key")
	sh.as(owner.key).refused(t, "InvalidClientTokenId", "The security token included in the request is invalid", "iam", "get-user")
	as("IAMCreateRootUserPassword").run(t, "iam", "create-login-profile")
	if _, err := owner.IAM.GetUser(t.Context(), &iam.GetUserInput{}); err == nil {
		t.Error("the deleted key still works")
	}
}
