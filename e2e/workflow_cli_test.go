package e2e_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// TestWorkflowCLI does the whole job with the real AWS CLI from an empty folder,
// and once more on what the first run left.
func TestWorkflowCLI(t *testing.T) {
	t.Parallel()
	up, saw, dir := newUpstream(t), &secrets{}, t.TempDir()
	sh := newShell(t, "", saw)
	listen := anyPort
	var before *job
	for _, state := range []string{"made", "exists"} {
		p := start(t, dir, listen, up)
		listen = strings.TrimPrefix(p.url, "http://") // the profiles say where it was
		sh.url = p.url
		key, password := rootKey(t, dir), rootPassword(t, dir)
		saw.add(password)
		j := &job{process: p, gate: gate{p.gateway, up}, shell: sh, root: sh.as(key)}
		j.accounts(t, state)
		j.setup(t, state)
		j.users(t)
		j.policies(t)
		j.roles(t)
		j.assume(t)
		if before != nil {
			before.gone(t, j) // though all of it was made again
		}
		j.verify(t)
		if state == "made" {
			j.validate(t)
		}
		j.reports(t, state)
		j.invoke(t)
		j.used(t)
		j.anotherAccount(t)
		j.tidy(t)
		p.stop(t)
		if shown := strings.Contains(p.stdout.String(), key.SecretAccessKey); shown != (state == "made") {
			t.Errorf("state %s: the root key was shown: %v", state, shown)
		}
		if shown := strings.Contains(p.stdout.String(), password); shown != (state == "made") {
			t.Errorf("state %s: the root password was shown: %v", state, shown)
		}
		saw.absent(t, p, dir, j.first.AccessKeyID)
		before = j
	}
}

// job is one run through the workflow.
type job struct {
	process *process
	gate    gate
	shell   shell // without a key
	root    shell
	second  struct{ account, id, secret string } // the other account's root

	user                shell
	first, spare        aws.Credentials // the user's keys
	userARN, userID     string
	invokeARN, checkARN string // policies
	roleARN             string
	session, other      aws.Credentials
}

const (
	userName = "orders-app"
	roleName = "OrdersRole"
)

func arn(rest string) string { return "arn:aws:iam::" + account + ":" + rest }

// accounts: a root user, made at first start, and more accounts by command.
func (j *job) accounts(t *testing.T, state string) {
	j.root.run(t, "sts", "get-caller-identity").want(t, "Account", account, "UserId", account, "Arn", arn("root"))
	data := []string{"--data-dir", j.process.dir, "--json"}
	name := "second-" + state
	out, _ := j.process.run(t, nil, append([]string{"account", "create", name}, data...)...)
	var made struct{ ID, Name, AccessKeyID, SecretAccessKey string }
	if err := json.Unmarshal([]byte(out), &made); err != nil || made.Name != name {
		t.Fatalf("account create: %v\n%s", err, out)
	}
	j.second.account, j.second.id, j.second.secret = made.ID, made.AccessKeyID, made.SecretAccessKey
	list, _ := j.process.run(t, nil, append([]string{"account", "list"}, data...)...)
	if !strings.Contains(list, account) || !strings.Contains(list, made.ID) || strings.Contains(list, made.SecretAccessKey) {
		t.Errorf("account list: %s", list)
	}
	j.shell.as(aws.Credentials{AccessKeyID: made.AccessKeyID, SecretAccessKey: made.SecretAccessKey}).
		run(t, "sts", "get-caller-identity").want(t, "Account", made.ID, "Arn", "arn:aws:iam::"+made.ID+":root")
}

// setup: the program does the workflow by itself, and the second time nothing.
func (j *job) setup(t *testing.T, state string) {
	args := []string{"setup", "sp-api", "--endpoint", j.process.url, "--out", j.shell.home,
		"--credentials-file", filepath.Join(j.process.dir, "root-credentials.csv")}
	out, errs := j.process.run(t, j.shell.files(), args...)
	key := keyFile(t, filepath.Join(j.shell.home, "sp-api-user_accessKeys.csv"))
	j.shell.saw.add(key.SecretAccessKey)
	if strings.Contains(out+errs, key.SecretAccessKey) {
		t.Error("setup printed the secret key")
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	roleARN := lines[len(lines)-1]
	if roleARN != arn("role/SellingPartnerAPIRole") || len(lines) < 10 {
		t.Fatalf("setup: %s", out)
	}
	for _, line := range lines[1 : len(lines)-1] {
		if !strings.HasPrefix(line, state+" ") {
			t.Errorf("setup said %q, not %q", line, state)
		}
	}
	j.shell.profile("sp-api").run(t, "sts", "get-caller-identity").want(t, "Arn", arn("user/sp-api-user"))
	got := j.shell.profile("sp-api").run(t, "sts", "assume-role", "--role-arn", roleARN, "--role-session-name", "setup")
	j.gate.passes(t, got.key(t, "Credentials"), ask{}, sessionARN(roleARN, "setup"))
	j.roleProfile(t, roleARN)
}

// roleProfile: an SDK that is told just the role's profile finds keys that come
// through.
func (j *job) roleProfile(t *testing.T, roleARN string) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cfg, err := config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile("sp-api-role"),
		config.WithSharedConfigFiles([]string{filepath.Join(j.shell.home, "config")}),
		config.WithSharedCredentialsFiles([]string{filepath.Join(j.shell.home, "credentials")}))
	if err != nil {
		t.Fatal(err)
	}
	cred := must[aws.Credentials](t)(cfg.Credentials.Retrieve(ctx))
	j.shell.saw.add(cred.SecretAccessKey, cred.SessionToken)
	who := must[*sts.GetCallerIdentityOutput](t)(sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}))
	if !strings.HasPrefix(*who.Arn, sessionARN(roleARN, "")) {
		t.Errorf("the role's profile is %s", *who.Arn)
	}
	j.gate.passes(t, cred, ask{}, *who.Arn)
}

// users: a user with tags, and keys that are shown once, two at most, active or
// not.
func (j *job) users(t *testing.T) {
	made := j.root.run(t, "iam", "create-user", "--user-name", userName, "--tags", "Key=team,Value=orders")
	made.want(t, "User.UserName", userName, "User.Arn", arn("user/"+userName), "User.Path", "/",
		"User.Tags", []any{map[string]string{"Key": "team", "Value": "orders"}})
	j.userARN, j.userID = made.str(t, "User", "Arn"), made.str(t, "User", "UserId")
	if !strings.HasPrefix(j.userID, "AIDA") || len(j.userID) != 21 {
		t.Errorf("UserId %s", j.userID)
	}
	j.root.refused(t, "EntityAlreadyExists", "User with name "+userName+" already exists.", "iam", "create-user", "--user-name", userName)
	named := []string{"--user-name", userName}
	key := func(words ...string) []string { return append(append([]string{"iam"}, words...), named...) }

	one := j.root.run(t, key("create-access-key")...)
	one.want(t, "AccessKey.UserName", userName, "AccessKey.Status", "Active")
	two := j.root.run(t, key("create-access-key")...)
	j.root.refused(t, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", key("create-access-key")...)
	j.first, j.spare = one.key(t, "AccessKey"), two.key(t, "AccessKey")
	if !strings.HasPrefix(j.first.AccessKeyID, "AKIA") || len(j.first.SecretAccessKey) != 40 {
		t.Errorf("key id %s, a secret of %d characters", j.first.AccessKeyID, len(j.first.SecretAccessKey))
	}
	list := j.root.run(t, key("list-access-keys")...)
	if n := len(list.at("AccessKeyMetadata").([]any)); n != 2 || strings.Contains(list.text, "Secret") {
		t.Errorf("list-access-keys: %s", list.text)
	}
	j.user = j.shell.as(j.first)
	spare := j.shell.as(j.spare)
	spare.run(t, "sts", "get-caller-identity").want(t, "Arn", j.userARN, "UserId", j.userID)
	j.root.run(t, key("update-access-key", "--access-key-id", j.spare.AccessKeyID, "--status", "Inactive")...)
	status := map[string]any{}
	for _, k := range j.root.run(t, key("list-access-keys")...).at("AccessKeyMetadata").([]any) {
		k := k.(map[string]any)
		status[k["AccessKeyId"].(string)] = k["Status"]
	}
	if status[j.spare.AccessKeyID] != "Inactive" || status[j.first.AccessKeyID] != "Active" {
		t.Errorf("keys are %v", status)
	}
	spare.refused(t, "InvalidClientTokenId", "The security token included in the request is invalid.", "sts", "get-caller-identity")
	j.root.run(t, "iam", "get-access-key-last-used", "--access-key-id", j.spare.AccessKeyID).
		want(t, "UserName", userName, "AccessKeyLastUsed.ServiceName", "sts", "AccessKeyLastUsed.Region", region)
	j.root.run(t, "iam", "get-access-key-last-used", "--access-key-id", j.first.AccessKeyID).
		want(t, "AccessKeyLastUsed.ServiceName", "N/A", "AccessKeyLastUsed.Region", "N/A")
}

// policies: a managed policy with description, tags and versions.
func (j *job) policies(t *testing.T) {
	made := j.root.run(t, "iam", "create-policy", "--policy-name", "OrdersInvoke", "--policy-document", invokePolicy,
		"--description", "Calls the orders API", "--tags", "Key=team,Value=orders")
	made.want(t, "Policy.Arn", arn("policy/OrdersInvoke"), "Policy.DefaultVersionId", "v1", "Policy.AttachmentCount", 0, "Policy.IsAttachable", true)
	j.invokeARN = made.str(t, "Policy", "Arn")
	policy := []string{"--policy-arn", j.invokeARN}
	j.root.run(t, append([]string{"iam", "create-policy-version", "--policy-document", verifyPolicy, "--set-as-default"}, policy...)...).
		want(t, "PolicyVersion.VersionId", "v2", "PolicyVersion.IsDefaultVersion", true)
	j.root.refused(t, "DeleteConflict", "Cannot delete the default version of a policy.",
		append([]string{"iam", "delete-policy-version", "--version-id", "v2"}, policy...)...)
	j.root.run(t, append([]string{"iam", "set-default-policy-version", "--version-id", "v1"}, policy...)...)
	j.root.run(t, append([]string{"iam", "delete-policy-version", "--version-id", "v2"}, policy...)...)
	j.root.run(t, append([]string{"iam", "list-policy-versions"}, policy...)...).
		want(t, "Versions.0.VersionId", "v1", "Versions.0.IsDefaultVersion", true, "Versions.1", nil)
	j.root.refused(t, "MalformedPolicyDocument", "", "iam", "create-policy", "--policy-name", "Broken", "--policy-document", `{"Version":"2012-10-17"}`)
}

// roles: one that trusts this account and carries the policy.
func (j *job) roles(t *testing.T) {
	trust := trusting(arn("root"))
	made := j.root.run(t, "iam", "create-role", "--role-name", roleName, "--assume-role-policy-document", trust)
	j.roleARN = made.str(t, "Role", "Arn")
	made.want(t, "Role.Arn", arn("role/"+roleName), "Role.AssumeRolePolicyDocument", json.RawMessage(trust))
	j.root.run(t, "iam", "attach-role-policy", "--role-name", roleName, "--policy-arn", j.invokeARN)
	j.root.run(t, "iam", "list-attached-role-policies", "--role-name", roleName).
		want(t, "AttachedPolicies", []any{map[string]string{"PolicyName": "OrdersInvoke", "PolicyArn": j.invokeARN}})
	j.root.run(t, "iam", "put-role-policy", "--role-name", roleName, "--policy-name", "NoSecret", "--policy-document", denySecret)
}

// assume: the user takes the role's keys, once a policy lets them.
func (j *job) assume(t *testing.T) {
	take := func(session string) []string {
		return []string{"sts", "assume-role", "--role-arn", j.roleARN, "--role-session-name", session}
	}
	j.user.refused(t, "AccessDenied", "User: "+j.userARN+" is not authorized to perform: sts:AssumeRole on resource: "+j.roleARN, take("early")...)
	j.root.run(t, "iam", "put-user-policy", "--user-name", userName, "--policy-name", "AssumeOrders", "--policy-document", mayAssume(j.roleARN))
	j.root.refused(t, "AccessDenied", "Roles may not be assumed by root accounts.", take("root")...)
	got := j.user.run(t, take("one")...)
	got.want(t, "AssumedRoleUser.Arn", sessionARN(j.roleARN, "one"))
	j.session, j.other = got.key(t, "Credentials"), j.user.run(t, take("two")...).key(t, "Credentials")
	ends, err := time.Parse(time.RFC3339, got.str(t, "Credentials", "Expiration"))
	if left := time.Until(ends); err != nil || left < 50*time.Minute || left > time.Hour || !strings.HasPrefix(j.session.AccessKeyID, "ASIA") {
		t.Errorf("keys %s that end in %v, %v", j.session.AccessKeyID, left, err)
	}
	j.shell.as(j.session).run(t, "sts", "get-caller-identity").want(t, "Account", account, "Arn", sessionARN(j.roleARN, "one"))
}
