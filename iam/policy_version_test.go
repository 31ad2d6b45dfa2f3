package iam

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func versionIDs(p *Policy) (ids []string) {
	for _, v := range p.Versions {
		ids = append(ids, v.ID)
	}
	return ids
}

func TestPolicyVersions(t *testing.T) {
	d := policyDraft()
	arn := mustPolicy(t, d, "P", allowS3)
	v, err := d.CreatePolicyVersion(arn, denyS3, false)
	must(t, err)
	if v.ID != "v2" {
		t.Errorf("made %s", v.ID)
	}
	in := func() string { p, _ := d.Policy(arn); return p.DefaultVersion + " " + p.Default().Document.Text() }
	if got := in(); got != "v1 "+allowS3 {
		t.Errorf("in force: %s", got)
	}
	must(t, d.SetDefaultPolicyVersion(arn, "v2"))
	if got := in(); got != "v2 "+denyS3 {
		t.Errorf("in force: %s", got)
	}
	refused(t, d.DeletePolicyVersion(arn, "v2"), "DeleteConflict", "Cannot delete the default version of a policy.")

	for range 3 {
		_, err := d.CreatePolicyVersion(arn, allowS3, false)
		must(t, err)
	}
	_, err = d.CreatePolicyVersion(arn, allowS3, true)
	refused(t, err, "LimitExceeded", "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")

	before, _ := d.Policy(arn)
	must(t, d.DeletePolicyVersion(arn, "v5"))
	v, err = d.CreatePolicyVersion(arn, allowS3, true)
	must(t, err)
	after, _ := d.Policy(arn)
	if diff := cmp.Diff([]string{"v1", "v2", "v3", "v4", "v6"}, versionIDs(after)); diff != "" || v.ID != "v6" {
		t.Errorf("a number was used twice: %s", diff)
	}
	if diff := cmp.Diff([]string{"v1", "v2", "v3", "v4", "v5"}, versionIDs(before)); diff != "" {
		t.Errorf("the policy that stood was changed: %s", diff)
	}

	none := "Policy " + arn + " version v9 does not exist or is not attachable."
	refused(t, d.SetDefaultPolicyVersion(arn, "v9"), "NoSuchEntity", none)
	refused(t, d.DeletePolicyVersion(arn, "v9"), "NoSuchEntity", none)
	_, err = after.Version("v9")
	refused(t, err, "NoSuchEntity", none)
	_, err = d.CreatePolicyVersion(arn, "{}", true)
	refused(t, err, "MalformedPolicyDocument", "Syntax errors in policy.")
	_, err = d.CreatePolicyVersion(arn, sized(6145), true)
	refused(t, err, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
	_, err = d.CreatePolicyVersion(arn+"x", allowS3, true)
	refused(t, err, "NoSuchEntity", "Policy "+arn+"x was not found.")
	refused(t, d.SetDefaultPolicyVersion(arn+"x", "v1"), "NoSuchEntity", "Policy "+arn+"x was not found.")
}
