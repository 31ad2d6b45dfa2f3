package api_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/api"
	"iamd/server"
)

// What callers try who may do what they do, and mean harm by it.

// spread is a document with as much white space as a request may bring.
func spread(document string) string {
	const most = 131_000
	return document[:1] + strings.Repeat(" ", most-len(document)) + document[1:]
}

// TestWhiteSpaceIsNotHoarded: no quota counts white space, and what an account
// holds is held in memory. Where a document has more of it than anybody needs, it
// is kept without; within strings, where it can't be left out, it counts.
func TestWhiteSpaceIsNotHoarded(t *testing.T) {
	root, ctx := newWorld(t).account(t), t.Context()
	name, document := aws.String("wide"), allow("s3:GetObject", "*")
	role, err := root.IAM.CreateRole(ctx, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String(spread(trusting(root.Account)))})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "trust policy", unescaped(t, role.Role.AssumeRolePolicyDocument), trusting(root.Account))
	if _, err := root.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: name, PolicyDocument: aws.String(spread(document))}); err != nil {
		t.Fatal(err)
	}
	inline, err := root.IAM.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: name, PolicyName: name})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "inline policy", unescaped(t, inline.PolicyDocument), document)
	managed, err := root.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: name, PolicyDocument: aws.String(spread(document))})
	if err != nil {
		t.Fatal(err)
	}
	version, err := root.IAM.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: managed.Policy.Arn, PolicyDocument: aws.String(spread(document))})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []*string{aws.String("v1"), version.PolicyVersion.VersionId} {
		out, err := root.IAM.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: managed.Policy.Arn, VersionId: id})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "managed policy "+*id, unescaped(t, out.PolicyVersion.Document), document)
	}

	within := aws.String(allow("s3:GetObject", "arn:aws:s3:::b/"+strings.Repeat(" ", 130_000)))
	_, err = root.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("within"), PolicyDocument: within})
	wantError(t, "a managed policy", err, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
	_, err = root.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("within"), PolicyDocument: within})
	wantError(t, "an inline policy", err, "LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role wide")
	trust := strings.Replace(trusting(root.Account), `"Action"`, `"Sid":"", "Condition":{"StringEquals":{"sts:ExternalId":"`+strings.Repeat(" ", 130_000)+`"}},"Action"`, 1)
	_, err = root.IAM.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: aws.String(trust)})
	wantError(t, "a trust policy", err, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")

	pretty := "{\n" + strings.Repeat(" ", 200) + document[1:]
	if _, err := root.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: name, PolicyDocument: &pretty}); err != nil {
		t.Fatal(err)
	}
	if inline, err = root.IAM.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: name, PolicyName: name}); err != nil {
		t.Fatal(err)
	}
	same(t, "a document as people write it", unescaped(t, inline.PolicyDocument), pretty)
}

// TestPagesAreNotEndless: a page with documents ends by their weight too, however
// many items were asked for, and the next one goes on where it ended.
func TestPagesAreNotEndless(t *testing.T) {
	root, ctx := newWorld(t).account(t), t.Context()
	const most = 3 << 19 // characters of documents in one answer
	conditions := strings.Repeat("x", 1500)
	trust := strings.Replace(trusting(root.Account), `"Action"`, `"Condition":{"StringEquals":{"sts:ExternalId":"`+conditions+`"}}`+strings.Repeat("\n ", 2400)+`,"Action"`, 1)
	const roles = 130
	for i := range roles {
		name := aws.String(fmt.Sprintf("R%03d", i))
		if _, err := root.IAM.CreateRole(ctx, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: &trust}); err != nil {
			t.Fatal(err)
		}
		if _, err := root.IAM.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: name}); err != nil {
			t.Fatal(err)
		}
		if _, err := root.IAM.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: name, RoleName: name}); err != nil {
			t.Fatal(err)
		}
	}
	weigh := func(what string, seen *int, page []types.Role) {
		weight := 0
		for _, r := range page {
			weight += len(aws.ToString(r.AssumeRolePolicyDocument))
		}
		if *seen += len(page); weight > most {
			t.Errorf("%s: a page of %d characters", what, weight)
		}
	}
	var listed, carried, detailed int
	for pages := iam.NewListRolesPaginator(root.IAM, &iam.ListRolesInput{MaxItems: aws.Int32(1000)}); pages.HasMorePages(); {
		out, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		weigh("ListRoles", &listed, out.Roles)
	}
	for pages := iam.NewListInstanceProfilesPaginator(root.IAM, &iam.ListInstanceProfilesInput{MaxItems: aws.Int32(1000)}); pages.HasMorePages(); {
		out, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var list []types.Role
		for _, p := range out.InstanceProfiles {
			list = append(list, p.Roles...)
		}
		weigh("ListInstanceProfiles", &carried, list)
	}
	if err := allDetails(ctx, root, &iam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(1000)}, func(out *iam.GetAccountAuthorizationDetailsOutput) {
		var list []types.Role
		for _, r := range out.RoleDetailList {
			list = append(list, types.Role{AssumeRolePolicyDocument: r.AssumeRolePolicyDocument})
			for _, p := range r.InstanceProfileList {
				list = append(list, p.Roles...)
			}
		}
		weigh("GetAccountAuthorizationDetails", &detailed, list)
	}); err != nil {
		t.Fatal(err)
	}
	same(t, "roles and profiles", fmt.Sprint(listed, carried, detailed), fmt.Sprint(roles, roles, 2*roles))
}

// TestOutsideIsShared: whoever points the server at hosts that never answer does
// not keep other accounts from reaching theirs.
func TestOutsideIsShared(t *testing.T) {
	waiting := make(chan struct{}, 16)
	dial := func(ctx context.Context, _, address string) (net.Conn, error) {
		if strings.HasPrefix(address, "silent.") {
			waiting <- struct{}{}
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return nil, errors.New("nobody there")
	}
	w := worldOf(t, server.Config{DataDir: t.TempDir(), Outside: api.Outside{Dial: dial}})
	hostile, other := w.account(t), w.account(t)
	ctx, stop := context.WithCancel(t.Context())
	create := func(ctx context.Context, c *clients, url string) error {
		_, err := c.IAM.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String(url)}, func(o *iam.Options) { o.RetryMaxAttempts = 1 })
		return err
	}
	const theirs = 2 // calls of one account at a time
	done := make(chan error)
	for range theirs {
		go func() { done <- create(ctx, hostile, "https://silent.example.com") }()
	}
	for range theirs {
		<-waiting
	}
	wantError(t, "one too many", create(t.Context(), hostile, "https://silent.example.com"), "Throttling", "Rate exceeded")
	wantError(t, "another account", create(t.Context(), other, "https://away.example.com"), "OpenIdIdpCommunicationError", "Could not connect to https://away.example.com")
	stop()
	for range theirs {
		if err := <-done; err == nil {
			t.Error("nobody answered, and a provider was made")
		}
	}
}

// TestOddPublicKey: a key that could not be read back is refused when it comes.
func TestOddPublicKey(t *testing.T) {
	root, ctx := newWorld(t).account(t), t.Context()
	bob := aws.String("Bob")
	if _, err := root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: bob}); err != nil {
		t.Fatal(err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: key.N, E: 1<<31 - 1}) // more than OpenSSH's form takes
	if err != nil {
		t.Fatal(err)
	}
	out, err := root.IAM.UploadSSHPublicKey(ctx, &iam.UploadSSHPublicKeyInput{
		UserName: bob, SSHPublicKeyBody: aws.String(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))),
	})
	if err == nil {
		_, err = root.IAM.GetSSHPublicKey(ctx, &iam.GetSSHPublicKeyInput{UserName: bob, SSHPublicKeyId: out.SSHPublicKey.SSHPublicKeyId, Encoding: types.EncodingTypePem})
		t.Fatalf("it was kept; read back: %v", err)
	}
	wantError(t, "a great exponent", err, "InvalidPublicKey", "The public key is not a valid RSA public key of 2048 to 16384 bits.")
}

// TestTagsThatDifferInCase: to conditions they are one tag. Whoever may set or use
// one value of it gains nothing by a second tag beside the first.
func TestTagsThatDifferInCase(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	name := aws.String("P")
	mine := func(action, key string) statement {
		return statement{"Allow", action, "*", map[string]map[string]string{"StringEquals": {key: "mallory"}}}
	}
	caller := w.caller(t, root, mine("iam:TagInstanceProfile", "aws:RequestTag/Owner"), mine("iam:DeleteInstanceProfile", "aws:ResourceTag/Owner"),
		statement{"Allow", "iam:GetInstanceProfile", "*", nil},
		statement{"Deny", "iam:GetInstanceProfile", "*", map[string]map[string]string{"StringEquals": {"aws:ResourceTag/Owner": "alice"}}})
	if _, err := root.IAM.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: name, Tags: []types.Tag{tag("Owner", "alice")}}); err != nil {
		t.Fatal(err)
	}
	_, err := caller.IAM.TagInstanceProfile(ctx, &iam.TagInstanceProfileInput{InstanceProfileName: name, Tags: []types.Tag{tag("Owner", "eve"), tag("owner", "mallory")}})
	wantError(t, "another's tag with one's own", err, "AccessDenied", "iam:TagInstanceProfile")
	if _, err := root.IAM.TagInstanceProfile(ctx, &iam.TagInstanceProfileInput{InstanceProfileName: name, Tags: []types.Tag{tag("owner", "mallory")}}); err != nil {
		t.Fatal(err)
	}
	_, err = caller.IAM.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: name})
	wantError(t, "a resource with another's tag and one's own", err, "AccessDenied", "iam:DeleteInstanceProfile")
	_, err = caller.IAM.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: name})
	wantError(t, "what one of the tags denies", err, "AccessDenied", "with an explicit deny")

	if _, err := root.IAM.UntagInstanceProfile(ctx, &iam.UntagInstanceProfileInput{InstanceProfileName: name, TagKeys: []string{"Owner"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := caller.IAM.TagInstanceProfile(ctx, &iam.TagInstanceProfileInput{InstanceProfileName: name, Tags: []types.Tag{tag("owner", "mallory")}}); err != nil {
		t.Error(err)
	}
	if _, err := caller.IAM.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: name}); err != nil {
		t.Error(err)
	}
}

// TestReportsTellNoPaths: who may not ask about anybody learns of nobody, neither
// that there is one of a name nor where.
func TestReportsTellNoPaths(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	if _, err := root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("Bob"), Path: aws.String("/hidden/")}); err != nil {
		t.Fatal(err)
	}
	caller := w.caller(t, root)
	for _, name := range []string{"Bob", "Nobody"} {
		arn := aws.String("arn:aws:iam::" + root.Account + ":user/" + name)
		for action, ask := range map[string]func() error{
			"GenerateServiceLastAccessedDetails": func() error {
				_, err := caller.IAM.GenerateServiceLastAccessedDetails(ctx, &iam.GenerateServiceLastAccessedDetailsInput{Arn: arn})
				return err
			},
			"ListPoliciesGrantingServiceAccess": func() error {
				_, err := caller.IAM.ListPoliciesGrantingServiceAccess(ctx, &iam.ListPoliciesGrantingServiceAccessInput{Arn: arn, ServiceNamespaces: []string{"s3"}})
				return err
			},
		} {
			wantError(t, action+" "+name, ask(), "AccessDenied", "iam:"+action+" on resource: "+*arn+" because")
		}
	}
}

// TestOneCodeAtOnce: a one-time code is good once, for however many calls at the
// same time.
func TestOneCodeAtOnce(t *testing.T) {
	w := newWorld(t)
	root := w.account(t)
	phone := ownPhone(t, root, root.Account)
	code, results := shown(phone, 1), make(chan error)
	const calls = 5 // as many as may guess
	for range calls {
		go func() {
			_, err := sessionToken(t.Context(), root, aws.String(phone["serial"]), code)
			results <- err
		}()
	}
	good := 0
	for range calls {
		if err := <-results; err == nil {
			good++
		}
	}
	same(t, "sessions by one code", good, 1)
}

// TestServiceLinkedRolesAreProtected: nobody changes what a service's role may do
// or who may take it, not even the root user.
func TestServiceLinkedRolesAreProtected(t *testing.T) {
	root, ctx := newWorld(t).account(t), t.Context()
	makeServiceLinkedRole(t, root, nil)
	name, policy := aws.String(autoScalingRole), aws.String("P")
	if _, err := root.IAM.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: policy}); err != nil {
		t.Fatal(err)
	}
	before := detailsOf(t, root, autoScalingRole)
	attached, err := root.IAM.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: name})
	if err != nil || len(attached.AttachedPolicies) != 1 {
		t.Fatalf("attached: %v, %v", attached, err)
	}
	for what, try := range map[string]func() error{
		"AttachRolePolicy": func() error {
			_, err := root.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(adminARN)})
			return err
		},
		"DetachRolePolicy": func() error {
			_, err := root.IAM.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: attached.AttachedPolicies[0].PolicyArn})
			return err
		},
		"PutRolePolicy": func() error {
			_, err := root.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: policy, PolicyDocument: aws.String(allow("*", "*"))})
			return err
		},
		"UpdateAssumeRolePolicy": func() error {
			_, err := root.IAM.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: aws.String(trusting(root.Account))})
			return err
		},
		"PutRolePermissionsBoundary": func() error {
			_, err := root.IAM.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: name, PermissionsBoundary: aws.String(adminARN)})
			return err
		},
		"DeleteRolePermissionsBoundary": func() error {
			_, err := root.IAM.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: name})
			return err
		},
		"UpdateRole": func() error {
			_, err := root.IAM.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: name, MaxSessionDuration: aws.Int32(43200)})
			return err
		},
		"AddRoleToInstanceProfile": func() error {
			_, err := root.IAM.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: policy, RoleName: name})
			return err
		},
		"DeleteRole": func() error {
			_, err := root.IAM.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name})
			return err
		},
	} {
		wantError(t, what, try(), "UnmodifiableEntity", autoScalingRole)
	}
	same(t, "the role", detailsOf(t, root, autoScalingRole), before)
}

// detailsOf is what a role is, in one text.
func detailsOf(t *testing.T, root *clients, name string) string {
	t.Helper()
	var text []byte
	err := allDetails(t.Context(), root, &iam.GetAccountAuthorizationDetailsInput{Filter: []types.EntityType{types.EntityTypeRole}}, func(out *iam.GetAccountAuthorizationDetailsOutput) {
		for _, r := range out.RoleDetailList {
			if *r.RoleName == name {
				text, _ = json.Marshal(r)
			}
		}
	})
	if err != nil || text == nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(text)
}
