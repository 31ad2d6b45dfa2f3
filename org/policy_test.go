package org

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"iamd/iam"
)

const (
	denyS3     = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`
	denySTS    = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*"}]}`
	unsuitable = "The provided policy document does not meet the requirements of the specified policy type."
)

// makePolicy makes one of a type, by a name.
func makePolicy(t *testing.T, d *Draft, kind PolicyType, name string) *Policy {
	t.Helper()
	content := denyS3
	switch {
	case kind == RCP:
		content = denySTS
	case kind != SCP:
		content = `{}`
	}
	if kind == "TAG_POLICY" {
		content = `{"tags":{"team":{"tag_key":{"@@assign":"Team"}}}}`
	}
	p, err := d.CreatePolicy(NewPolicy{Name: name, Description: "d", Content: content, Type: kind})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPolicies(t *testing.T) {
	q := DefaultQuotas()
	q.Policies, q.Tags = 2, 1
	o := newOrganization(t, q)
	d := o.Draft()
	p, err := d.CreatePolicy(NewPolicy{Name: "P", Description: "d", Content: denyS3, Type: SCP, Tags: []iam.Tag{{Key: "k", Value: "v"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := &Policy{ID: p.ID, Name: "P", Description: "d", Content: p.Content, Type: SCP, Created: d.now(), Tags: []iam.Tag{{Key: "k", Value: "v"}}}
	if diff := cmp.Diff(want, p, cmp.Comparer(func(a, b *iam.Document) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	if got, want := d.PolicyARN(p), "arn:aws:organizations::111122223333:policy/"+o.ID+"/service_control_policy/"+p.ID; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	other := makePolicy(t, d, RCP, "P") // names are unique within a type

	name, blank, description, content := "Q", "", "more", denyS3+" "
	next, err := d.UpdatePolicy(p.ID, &name, &description, &content)
	if err != nil || next.Name != name || next.Description != description || next.Content.Text() != content || next.Type != SCP {
		t.Errorf("%+v, %v", next, err)
	}
	if next, err = d.UpdatePolicy(p.ID, nil, &blank, nil); err != nil || next.Name != name || next.Description != description {
		t.Errorf("%+v, %v", next, err)
	}
	if p.Name != "P" {
		t.Error("the policy that was is another")
	}
	second := makePolicy(t, d, SCP, "second")

	create := func(n NewPolicy) error { _, err := d.CreatePolicy(n); return err }
	update := func(id string, name, content *string) error {
		_, err := d.UpdatePolicy(id, name, nil, content)
		return err
	}
	long, wrong, rcpName := denyS3+strings.Repeat(" ", q.SCPSize), `{"Version":"2012-10-17"}`, "RCPFullAWSAccess"
	for _, c := range []struct {
		err                error
		code, reason, text string
	}{
		{create(NewPolicy{Name: "x", Content: denyS3, Type: "X_POLICY"}), CodeInvalidInput, "INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type."},
		{create(NewPolicy{Name: "x", Content: wrong, Type: SCP}), CodeMalformedPolicy, "", unsuitable},
		{create(NewPolicy{Name: "x", Content: denySTS, Type: SCP}), CodeMalformedPolicy, "", unsuitable},
		{create(NewPolicy{Name: "x", Content: denyS3, Type: RCP}), CodeMalformedPolicy, "", unsuitable},
		{create(NewPolicy{Name: "x", Content: strings.Replace(denySTS, "sts:", "iam:", 1), Type: RCP}), CodeMalformedPolicy, "", unsuitable},
		{create(NewPolicy{Name: "x", Content: strings.Replace(denySTS, "Deny", "Allow", 1), Type: RCP}), CodeMalformedPolicy, "", unsuitable},
		{create(NewPolicy{Name: "x", Content: `{`, Type: SCP}), CodeMalformedPolicy, "", unsuitable},
		{create(NewPolicy{Name: "x", Content: `[]`, Type: "TAG_POLICY"}), CodeMalformedPolicy, "", unsuitable},
		{create(NewPolicy{Name: "x", Content: `null`, Type: "BACKUP_POLICY"}), CodeMalformedPolicy, "", unsuitable},
		{create(NewPolicy{Name: "x", Content: long, Type: SCP}), CodeConstraint, "POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum policy size."},
		{create(NewPolicy{Name: "Q", Content: denyS3, Type: SCP}), "DuplicatePolicyException", "", "A policy with the specified name and type already exists."},
		{create(NewPolicy{Name: "FullAWSAccess", Content: denyS3, Type: SCP}), "DuplicatePolicyException", "", "A policy with"},
		{create(NewPolicy{Name: "x", Content: denyS3, Type: SCP}), CodeConstraint, "POLICY_NUMBER_LIMIT_EXCEEDED", "You have reached the maximum number of policies"},
		{create(NewPolicy{Name: "x", Content: denySTS, Type: RCP, Tags: []iam.Tag{{Key: "a"}, {Key: "b"}}}), CodeConstraint, "MAX_TAG_LIMIT_EXCEEDED", "You have exceeded"},
		{update(p.ID, &second.Name, nil), "DuplicatePolicyException", "", "A policy with"},
		{update(other.ID, &rcpName, nil), "DuplicatePolicyException", "", "A policy with"},
		{update(p.ID, nil, &wrong), CodeMalformedPolicy, "", unsuitable},
		{update("p-12345678", nil, nil), CodePolicyNotFound, "", "You specified a policy that doesn't exist."},
		{update(FullAccess, nil, nil), CodeInvalidInput, "IMMUTABLE_POLICY", "You specified a policy that is managed by AWS"},
		{d.DeletePolicy(RCPFullAccess), CodeInvalidInput, "IMMUTABLE_POLICY", "You specified a policy that is managed by AWS"},
		{d.DeletePolicy("p-12345678"), CodePolicyNotFound, "", "You specified a policy that doesn't exist."},
	} {
		refused(t, c.err, c.code, c.reason, c.text)
	}
	if err := d.DeletePolicy(p.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := d.FindPolicy(p.ID); err == nil {
		t.Error("the policy is still there")
	}
}

// TestPolicyText: AWS keeps a service control policy as it was written, and
// writes a resource control policy anew.
func TestPolicyText(t *testing.T) {
	d := newOrganization(t, DefaultQuotas()).Draft()
	for i, c := range []struct {
		kind       PolicyType
		text, want string // "": as it was written
	}{
		{SCP, "{ \"Statement\": {\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"} }\n", ""},
		{SCP, `{"Version":"2008-10-17","Statement":[{"Effect":"Deny","NotAction":["s3:*"],"Resource":"*"}]}`, ""},
		{
			RCP, `{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:222222222222:q"}}`,
			`{"Version":"2008-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:222222222222:q"}]}`,
		},
		{
			RCP, `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "SQS:SendMessage", "NotResource": "arn:aws:sqs:us-east-1:222222222222:q"}]}`,
			`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"SQS:SendMessage","NotResource":"arn:aws:sqs:us-east-1:222222222222:q"}]}`,
		},
		{RCP, denySTS, ""},
	} {
		p, err := d.CreatePolicy(NewPolicy{Name: fmt.Sprint(i), Content: c.text, Type: c.kind})
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if c.want == "" {
			c.want = c.text
		}
		if got := p.Content.Text(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestPolicyTypes(t *testing.T) {
	o := newOrganization(t, DefaultQuotas())
	d := o.Draft()
	u, err := d.CreateUnit(d.Root.ID, "U", nil)
	if err != nil {
		t.Fatal(err)
	}
	targets := []string{d.Root.ID, u.ID, d.Management}
	attached := func(kind PolicyType) (list []string) {
		for _, target := range targets {
			for _, p := range d.AttachedTo(target, kind) {
				list = append(list, p.Name)
			}
		}
		return list
	}
	all := func(name string) []string { return []string{name, name, name} }
	if !d.Enabled(SCP) || !slices.Equal(attached(SCP), all("FullAWSAccess")) || len(attached(RCP)) > 0 {
		t.Errorf("at first: %v, %v, %v", d.Root.Types, attached(SCP), attached(RCP))
	}
	refused(t, d.EnablePolicyType(d.Root.ID, SCP), "PolicyTypeAlreadyEnabledException", "", "The specified policy type is already enabled.")
	refused(t, d.EnablePolicyType("r-none", RCP), CodeRootNotFound, "", "You specified a root that doesn't exist.")
	refused(t, d.DisablePolicyType("r-none", RCP), CodeRootNotFound, "", "You specified a root that doesn't exist.")
	refused(t, d.DisablePolicyType(d.Root.ID, RCP), CodePolicyTypeDisabled, "", "This operation can be performed only for enabled policy types.")
	refused(t, d.EnablePolicyType(d.Root.ID, "X_POLICY"), CodeInvalidInput, "INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type.")
	refused(t, d.DisablePolicyType(d.Root.ID, "X_POLICY"), CodeInvalidInput, "INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type.")
	refused(t, d.EnablePolicyType(d.Root.ID, "SECURITYHUB_POLICY"), CodeConstraint, "SERVICE_ACCESS_NOT_ENABLED", "You attempted to enable a policy type before")
	for kind, service := range types {
		if service != "" {
			d.Services = append(d.Services, EnabledService{Principal: service})
		}
		if kind == SCP {
			continue
		}
		if err := d.EnablePolicyType(d.Root.ID, kind); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if got := d.TypesOf("securityhub.amazonaws.com"); !slices.Equal(got, []PolicyType{"SECURITYHUB_POLICY"}) {
		t.Errorf("types of a service: %v", got)
	}
	if list := d.EnabledTypes(); len(list) != 14 || !slices.IsSorted(list) {
		t.Errorf("enabled: %v", list)
	}
	late, err := d.CreateUnit(u.ID, "late", nil)
	if err != nil {
		t.Fatal(err)
	}
	targets[1] = late.ID
	if !slices.Equal(attached(RCP), all("RCPFullAWSAccess")) || !slices.Equal(attached(SCP), all("FullAWSAccess")) {
		t.Errorf("enabled: %v, %v", attached(SCP), attached(RCP))
	}
	p := makePolicy(t, d, SCP, "P")
	if err := d.AttachPolicy(p.ID, late.ID); err != nil {
		t.Fatal(err)
	}
	if err := d.DetachPolicy(FullAccess, late.ID); err != nil {
		t.Fatal(err)
	}
	// Disabled and enabled again, everything is allowed as in the beginning.
	if err := d.DisablePolicyType(d.Root.ID, SCP); err != nil || len(attached(SCP)) > 0 || len(attached(RCP)) != 3 {
		t.Errorf("disabled: %v, %v, %v", err, attached(SCP), attached(RCP))
	}
	for id := range d.TargetsAfter(p.ID, "") {
		t.Errorf("the policy is attached to %s", id)
	}
	if err := d.EnablePolicyType(d.Root.ID, SCP); err != nil || !slices.Equal(attached(SCP), all("FullAWSAccess")) {
		t.Errorf("enabled again: %v, %v", err, attached(SCP))
	}
}

// TestNoPolicyTypes: what is for consolidated billing only has no policies.
func TestNoPolicyTypes(t *testing.T) {
	env := newOrganization(t, DefaultQuotas()).env
	d := New(env, NewID(env.Rand)).Draft()
	d.Begin(ConsolidatedBilling, Account{ID: "111122223333"})
	if len(d.Root.Types) > 0 || d.attached.Len() > 0 {
		t.Errorf("%v, %d attachments", d.Root.Types, d.attached.Len())
	}
	_, err := d.CreatePolicy(NewPolicy{Name: "x", Content: denyS3, Type: SCP})
	for _, err := range []error{
		err, d.EnablePolicyType(d.Root.ID, SCP), d.DisablePolicyType(d.Root.ID, SCP),
		d.AttachPolicy(FullAccess, d.Root.ID), d.DetachPolicy(FullAccess, d.Root.ID),
	} {
		refused(t, err, "PolicyTypeNotAvailableForOrganizationException", "", "You can't use the specified policy type with the feature set")
	}
}
