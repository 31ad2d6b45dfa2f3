package iam

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"iamd/store"
)

func TestAccountAlias(t *testing.T) {
	d := policyDraft()
	refused(t, d.DeleteAccountAlias(""), CodeNoSuchEntity, "The account alias with name  cannot be found.")
	must(t, d.CreateAccountAlias("paper"))
	refused(t, d.CreateAccountAlias("paper"), CodeEntityAlreadyExists, "The account alias paper already exists.")
	must(t, d.CreateAccountAlias("pencil"))
	refused(t, d.CreateAccountAlias("210987654321"), CodeValidation, "The account alias 210987654321 is not valid: it must not look like an account ID.")
	refused(t, d.DeleteAccountAlias("paper"), CodeNoSuchEntity, "The account alias with name paper cannot be found.")
	made, changes := d.Seal()
	if diff := cmp.Diff([]store.Unique{{Space: "account-alias", Key: "paper"}, {Space: "account-alias", Key: "pencil"}}, changes.Take); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]store.Unique{{Space: "account-alias", Key: "paper"}}, changes.Free); diff != "" {
		t.Error(diff)
	}
	next := made.Draft()
	must(t, next.DeleteAccountAlias("pencil"))
	after, changes := next.Seal()
	if diff := cmp.Diff([]store.Unique{{Space: "account-alias", Key: "pencil"}}, changes.Free); diff != "" || made.Alias != "pencil" || after.Alias != "" {
		t.Error(made.Alias, after.Alias, diff)
	}

	err := fmt.Errorf("commit: %w", &store.TakenError{Unique: store.Unique{Space: "account-alias", Key: "paper"}})
	refusal, ok := TakenAlias(err)
	if !ok || !errors.Is(refusal, err) {
		t.Fatalf("%v is %v", err, refusal)
	}
	refused(t, refusal, CodeEntityAlreadyExists, "The account alias paper already exists.")
	for _, other := range []error{nil, errors.New("another"), &store.TakenError{Unique: store.Unique{Space: SpaceRootEmail, Key: "paper"}}} {
		if refusal, ok := TakenAlias(other); ok {
			t.Errorf("%v is %v", other, refusal)
		}
	}
}

func TestProperties(t *testing.T) {
	d := policyDraft()
	on, off := map[string]string{"RoleManager/Enabled": "true"}, map[string]string{"RoleManager/Enabled": "false", "RoleManager/Other": "x"}
	for _, bad := range []struct {
		properties map[string]string
		text       string
	}{
		{map[string]string{"RoleManager": "false"}, "Property key must be in format Namespace/PropertyName: RoleManager"},
		{map[string]string{"/Enabled": "false"}, "Property key must be in format Namespace/PropertyName: /Enabled"},
		{map[string]string{"RoleManager/": "false"}, "Property key must be in format Namespace/PropertyName: RoleManager/"},
		{map[string]string{"RoleManager/Enabled": "false", "Probe/Enabled": "false"}, "All properties must belong to the same namespace"},
		{map[string]string{"Probe/Enabled": "false"}, "Unsupported namespace: Probe"},
		{nil, "Unsupported namespace: "},
		{map[string]string{"RoleManager/Other": "false"}, "RoleManager namespace requires Enabled property"},
		{map[string]string{"RoleManager/Enabled": "1"}, "Enabled must be 'true' or 'false'"},
	} {
		refused(t, d.PutProperties(bad.properties), CodeInvalidInput, bad.text)
	}
	must(t, d.PutProperties(off))
	if d.Changed() || d.RoleCount() != 0 {
		t.Error("turning off what is off changes something")
	}
	must(t, d.PutProperties(on))
	r, err := d.Role("AWSServiceRoleForIAMRoleManager")
	must(t, err)
	if got := d.RoleARN(r); got != "arn:aws:iam::123456789012:role/aws-service-role/role-manager.iam.amazonaws.com/AWSServiceRoleForIAMRoleManager" || !r.ServiceLinked() {
		t.Errorf("its role is %s", got)
	}
	if p, ok := d.Policy(r.Attached[0]); !ok || p.Name != "AWSIAMRoleManagerServiceRolePolicy" {
		t.Errorf("its policy is %v", r.Attached)
	}
	must(t, d.PutProperties(off))
	must(t, d.PutProperties(on))
	if again, _ := d.Role(r.Name); again != r || d.Properties()["RoleManager/Enabled"] != "true" {
		t.Errorf("on again: %v, %v", again, d.Properties())
	}

	other := policyDraft()
	mustRole(t, other, "awsserviceroleforiamrolemanager")
	refused(t, other.PutProperties(on), CodeInvalidInput,
		"Service role name awsserviceroleforiamrolemanager has been taken in this account, please try a different suffix.")
	if other.RoleManager {
		t.Error("it is on all the same")
	}
}

// TestServiceLinkedRoles: only AWS changes what they are; descriptions and tags
// are the customer's.
func TestServiceLinkedRoles(t *testing.T) {
	d := policyDraft()
	must(t, d.PutProperties(map[string]string{"RoleManager/Enabled": "true"}))
	mustProfile(t, d, "P")
	const name = "AWSServiceRoleForIAMRoleManager"
	e, text := Entity{KindRole, name}, "described"
	for what, err := range map[string]error{
		"delete": d.DeleteRole(name), "trust": d.UpdateAssumeRolePolicy(name, trusting(`"123456789012"`)),
		"inline": d.PutInlinePolicy(e, "in", allowS3), "attach": d.AttachPolicy(e, adminARN), "detach": d.DetachPolicy(e, roleManagerPolicy),
		"boundary": d.PutRolePermissionsBoundary(name, adminARN), "no boundary": d.DeleteRolePermissionsBoundary(name),
		"profile": d.AddRoleToInstanceProfile("P", name), "no profile": d.RemoveRoleFromInstanceProfile("P", name),
	} {
		t.Run(what, func(t *testing.T) {
			refused(t, err, CodeUnmodifiableEntity, "Cannot perform the operation on the protected role '"+name+"' - this role is only modifiable by AWS")
		})
	}
	refused(t, d.UpdateRole(name, nil, 7200), CodeUnmodifiableEntity, name+" is an AWS service linked role, max session duration cannot be changed.")
	must(t, d.UpdateRole(name, &text, 0))
	must(t, d.TagRole(name, []Tag{{"k", "v"}}))
	if r, _ := d.Role(name); r.Description != text || len(r.Tags) != 1 || strings.Join(r.Attached, "") != roleManagerPolicy || r.Boundary != "" {
		t.Errorf("is now %+v", r)
	}
}

func TestSummary(t *testing.T) {
	d := policyDraft()
	want := d.Summary()
	expect := func(what string, change map[string]int) {
		t.Helper()
		for k, n := range change {
			want[k] = n
		}
		if diff := cmp.Diff(want, d.Summary()); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	if want["Users"] != 0 || want["UsersQuota"] != 5000 || want["InstanceProfilesQuota"] != 1000 || want["PolicyVersionsInUseQuota"] != 10000 || want["GlobalEndpointTokenVersion"] != 1 {
		t.Errorf("of nothing: %v", want)
	}
	mustUser(t, d, "Bob")
	mustRole(t, d, "R")
	mustProfile(t, d, "P")
	_, err := d.CreateGroup("G", "/")
	must(t, err)
	expect("entities", map[string]int{"Users": 1, "Roles": 1, "Groups": 1, "InstanceProfiles": 1})
	own, other := mustPolicy(t, d, "Own", allowS3), mustPolicy(t, d, "Other", allowS3)
	_, err = d.CreatePolicyVersion(own, denyS3, false)
	must(t, err)
	expect("unused policies", map[string]int{"Policies": 2})
	must(t, d.AttachPolicy(Entity{KindUser, "Bob"}, own))
	must(t, d.AttachPolicy(Entity{KindRole, "R"}, own))
	must(t, d.AttachPolicy(Entity{KindRole, "R"}, adminARN))
	must(t, d.PutUserPermissionsBoundary("Bob", own))
	expect("used policies", map[string]int{"PolicyVersionsInUse": 2})
	must(t, d.PutUserPermissionsBoundary("Bob", other))
	expect("a boundary", map[string]int{"PolicyVersionsInUse": 3})
	must(t, d.DetachPolicy(Entity{KindUser, "Bob"}, own))
	must(t, d.DetachPolicy(Entity{KindRole, "R"}, own))
	expect("detached", map[string]int{"PolicyVersionsInUse": 2})
	d.Begin(NewAccountInput{Name: "n", Password: "secret"})
	expect("root's", map[string]int{"AccountAccessKeysPresent": 1, "AccountPasswordPresent": 1})
	mustDevice(t, d, "", "spare")
	enabled(t, d, userNow(t, d, "Bob"), "phone")
	expect("a user's device, and a spare one", map[string]int{"MFADevices": 2, "MFADevicesInUse": 1})
	enabled(t, d, nil, "root")
	expect("root's device", map[string]int{"MFADevices": 3, "MFADevicesInUse": 2, "AccountMFAEnabled": 1})
	mustServerCertificate(t, d, "site")
	mustSigningCertificate(t, d, userNow(t, d, "Bob"))
	expect("a server's certificate, and a user's", map[string]int{"ServerCertificates": 1})
	mustSigningCertificate(t, d, nil)
	expect("root's certificate", map[string]int{"AccountSigningCertificatesPresent": 1})
	d.SetGlobalEndpointTokenVersion(TokenVersion2)
	expect("tokens", map[string]int{"GlobalEndpointTokenVersion": 2})
	d.SetGlobalEndpointTokenVersion(TokenVersion1)
	expect("tokens", map[string]int{"GlobalEndpointTokenVersion": 1})
	d.env.Quotas.Users = 7
	expect("quota", map[string]int{"UsersQuota": 7})
}

func TestManagedInUse(t *testing.T) {
	d := policyDraft()
	arns := []string{mustPolicy(t, d, "a", allowS3), mustPolicy(t, d, "a-b", allowS3), mustPolicy(t, d, "ab", allowS3), adminARN}
	mustPolicy(t, d, "unused", allowS3)
	for i := range 3 {
		name := fmt.Sprint("u", i)
		mustUser(t, d, name)
		for _, arn := range arns {
			must(t, d.AttachPolicy(Entity{KindUser, name}, arn))
		}
		must(t, d.PutUserPermissionsBoundary(name, arns[0]))
	}
	for i := range len(arns) + 1 {
		after, want := "", arns
		if i > 0 {
			after, want = arns[i-1], arns[i:]
		}
		var got []string
		for arn, p := range d.ManagedInUseAfter(after) {
			if got = append(got, arn); p.ARN != arn {
				t.Errorf("%s is %s", arn, p.ARN)
			}
		}
		if diff := cmp.Diff(strings.Join(want, "\n"), strings.Join(got, "\n")); diff != "" {
			t.Errorf("after %q: %s", after, diff)
		}
	}
}
