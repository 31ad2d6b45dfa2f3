package e2e_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// invoke: the role's keys come through the gateway, and nothing else does.
func (j *job) invoke(t *testing.T) {
	session := sessionARN(j.roleARN, "one")
	j.gate.passes(t, j.session, ask{}, session)
	// Two keys are the most, so that one must go before there is another.
	deleted := j.spare
	j.root.run(t, "iam", "delete-access-key", "--user-name", userName, "--access-key-id", deleted.AccessKeyID)
	j.spare = j.root.run(t, "iam", "create-access-key", "--user-name", userName).key(t, "AccessKey")
	j.root.run(t, "iam", "update-access-key", "--user-name", userName, "--access-key-id", j.spare.AccessKeyID, "--status", "Inactive")
	j.gate.refusals(t, callers{
		user: j.first, userARN: j.userARN, role: j.session, other: j.other,
		roleSession: session, otherSession: sessionARN(j.roleARN, "two"), inactive: j.spare, deleted: deleted,
	})
}

// used: what the role did at the gateway stands in its last accessed details,
// and the user's key was last used there, in vain.
func (j *job) used(t *testing.T) {
	s := j.lastAccessed(t, j.roleARN)["execute-api"]
	if s == nil || s["LastAuthenticatedEntity"] != j.roleARN || s["TotalAuthenticatedEntities"] != 1.0 || s["LastAuthenticatedRegion"] != region {
		t.Errorf("last accessed of the role: execute-api %v", s)
	}
	j.root.run(t, "iam", "get-access-key-last-used", "--access-key-id", j.first.AccessKeyID).
		want(t, "UserName", userName, "AccessKeyLastUsed.ServiceName", "iam", "AccessKeyLastUsed.Region", region)
}

// anotherAccount: its user takes the role as soon as both sides allow it.
func (j *job) anotherAccount(t *testing.T) {
	root := j.shell.as(aws.Credentials{AccessKeyID: j.second.id, SecretAccessKey: j.second.secret})
	root.run(t, "iam", "create-user", "--user-name", "partner")
	key := root.run(t, "iam", "create-access-key", "--user-name", "partner").key(t, "AccessKey")
	partner := j.shell.as(key)
	take := []string{"sts", "assume-role", "--role-arn", j.roleARN, "--role-session-name", "partner"}
	words := "User: arn:aws:iam::" + j.second.account + ":user/partner is not authorized to perform: sts:AssumeRole on resource: " + j.roleARN
	j.root.run(t, "iam", "update-assume-role-policy", "--role-name", roleName, "--policy-document", trusting(j.second.account))
	partner.refused(t, "AccessDenied", words, take...)
	root.run(t, "iam", "put-user-policy", "--user-name", "partner", "--policy-name", "take", "--policy-document", mayAssume(j.roleARN))
	got := partner.run(t, take...).key(t, "Credentials")
	j.gate.passes(t, got, ask{}, sessionARN(j.roleARN, "partner"))
	j.root.run(t, "iam", "update-assume-role-policy", "--role-name", roleName, "--policy-document", trusting(arn("root")))
	partner.refused(t, "AccessDenied", words, take...)
}

// tidy: everything goes in AWS's order, which refuses what is still in use.
func (j *job) tidy(t *testing.T) {
	j.root.refused(t, "DeleteConflict", "Cannot delete entity, must ", "iam", "delete-user", "--user-name", userName)
	j.root.refused(t, "DeleteConflict", "Cannot delete entity, must ", "iam", "delete-role", "--role-name", roleName)
	j.root.refused(t, "DeleteConflict", "Cannot delete a policy attached to entities.", "iam", "delete-policy", "--policy-arn", j.invokeARN)
	for _, line := range []string{
		"delete-access-key --user-name " + userName + " --access-key-id " + j.first.AccessKeyID,
		"delete-access-key --user-name " + userName + " --access-key-id " + j.spare.AccessKeyID,
		"delete-user-policy --user-name " + userName + " --policy-name AssumeOrders",
		"detach-user-policy --user-name " + userName + " --policy-arn " + j.checkARN,
		"delete-user --user-name " + userName,
		"delete-role-policy --role-name " + roleName + " --policy-name NoSecret",
		"detach-role-policy --role-name " + roleName + " --policy-arn " + j.invokeARN,
		"delete-role --role-name " + roleName,
		"delete-policy --policy-arn " + j.invokeARN,
		"delete-policy --policy-arn " + j.checkARN,
	} {
		j.root.run(t, append([]string{"iam"}, strings.Fields(line)...)...)
	}
	j.root.refused(t, "NoSuchEntity", "The user with name "+userName+" cannot be found.", "iam", "get-user", "--user-name", userName)
	j.root.refused(t, "NoSuchEntity", "The role with name "+roleName+" cannot be found.", "iam", "get-role", "--role-name", roleName)
}

// gone: what an earlier run's keys could do, they can't any more, after a
// restart either.
func (j *job) gone(t *testing.T, now *job) {
	for what, cred := range map[string]aws.Credentials{"user": j.first, "role": j.session} {
		now.shell.as(cred).refused(t, "InvalidClientTokenId", unknown, "sts", "get-caller-identity")
		now.gate.refuses(t, "the deleted "+what+"'s key", now.gate.signed(t, cred, ask{}), "UnrecognizedClientException", unknown)
	}
}
