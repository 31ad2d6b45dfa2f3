package org

import (
	"fmt"
	"strings"
	"testing"

	"iamd/catalog"
	"iamd/iam"
)

func taskDocument(t *testing.T, arn string) string {
	t.Helper()
	p, ok := catalog.ManagedPolicyByARN(arn)
	if !ok {
		t.Fatalf("no %s", arn)
	}
	return p.Document
}

// delegating is a delegation policy of one statement.
func delegating(principal, action, rest string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":%s,"Action":%s%s}]}`, principal, action, rest)
}

func TestResourcePolicy(t *testing.T) {
	d := withMembers(t, 1)
	const everything = `,"Resource":"*"`
	refused(t, d.DeleteResourcePolicy(), "ResourcePolicyNotFoundException", "", "No resource-based policy found.")
	_, err := d.FindResourcePolicy()
	refused(t, err, "ResourcePolicyNotFoundException", "", "No resource-based policy found.")

	tags := []iam.Tag{{Key: "k", Value: "v"}}
	p, err := d.PutResourcePolicy(`{ "Statement": {"Effect":"Allow", "Principal": {"AWS": "222233334444"}, "Action": "organizations:Describe*", "Resource": "*"} }`, tags)
	must(t, err)
	if want := `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222233334444:root"},"Action":"organizations:Describe*","Resource":"*"}]}`; p.Document.Text() != want {
		t.Errorf("got %s, want %s", p.Document.Text(), want)
	}
	if !strings.HasPrefix(p.ID, "rp-") || d.ResourcePolicyARN(p) != "arn:aws:organizations::111122223333:resourcepolicy/"+d.ID+"/"+p.ID {
		t.Error(d.ResourcePolicyARN(p))
	}

	json := "This resource-based policy contains invalid JSON."
	account, one := `{"AWS":"222233334444"}`, `"organizations:DescribePolicy"`
	for content, want := range map[string]string{
		delegating(`"*"`, one, everything):                                                                                                                           "",
		delegating(`{"AWS":"*"}`, one, everything):                                                                                                                   "",
		delegating(`{"AWS":["111122223333","arn:aws:iam::222233334444:root"]}`, one, everything):                                                                     "",
		delegating(`{"Service":"kms.amazonaws.com"}`, one, everything):                                                                                               "",
		strings.Replace(delegating(account, one, everything), "Allow", "Deny", 1):                                                                                    "",
		delegating(account, `["organizations:list*","organizations:EnablePolicyType"]`, everything):                                                                  "",
		delegating(account, `"organizations:DescribeResponsibilityTransfer"`, everything):                                                                            "",
		delegating(account, one, everything+`,"Condition":{"StringEquals":{"s3:prefix":"x","organizations:PolicyType":["SERVICE_CONTROL_POLICY","backup_policy"]}}`): "",
		delegating(account, one, everything+`,"Condition":{"StringLike":{"organizations:PolicyType":"*_POLICY"}}`):                                                   "",
		delegating(account, one, `,"Resource":"arn:aws:organizations::111122223333:policy/o-x/service_control_policy/*"`):                                            "",

		`{`: "INVALID_RESOURCE_POLICY_JSON " + json, `{"Version":"2012-10-17"}`: "INVALID_RESOURCE_POLICY_JSON " + json, `[]`: "INVALID_RESOURCE_POLICY_JSON " + json,
		delegating(`{"AWS":"arn:aws:iam::222233334444:role/R"}`, one, everything):             "INVALID_RESOURCE_POLICY_JSON " + json,
		delegating(`{"AWS":"999900001111"}`, one, everything):                                 "INVALID_RESOURCE_POLICY_JSON " + json,
		delegating(`{"AWS":"arn:aws:iam::222233334444:root:root"}`, one, everything):          "INVALID_RESOURCE_POLICY_JSON " + json,
		delegating(`{"AWS":"222233334444:root"}`, one, everything):                            "INVALID_RESOURCE_POLICY_JSON " + json,
		delegating(`{"Federated":"accounts.google.com"}`, one, everything):                    "INVALID_RESOURCE_POLICY_JSON " + json,
		delegating(`{"CanonicalUser":"222233334444"}`, one, everything):                       "INVALID_RESOURCE_POLICY_JSON " + json,
		strings.Replace(delegating(account, one, everything), "Principal", "NotPrincipal", 1): "INVALID_RESOURCE_POLICY_JSON " + json,
		strings.Replace(delegating(account, one, everything), "Action", "NotAction", 1):       "INVALID_RESOURCE_POLICY_JSON " + json,
		strings.Replace(delegating(account, one, everything), "Resource", "NotResource", 1):   "INVALID_RESOURCE_POLICY_JSON " + json,

		delegating(account, `"organizations:CreateAccount"`, everything):                                             "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY organizations:CreateAccount is not a supported action for this resource-based policy.",
		delegating(account, `"organizations:*"`, everything):                                                         "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY organizations:* is not a supported action for this resource-based policy.",
		delegating(account, `"*"`, everything):                                                                       "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY * is not a supported action for this resource-based policy.",
		delegating(account, `"s3:GetObject"`, everything):                                                            "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY s3:GetObject is not a supported action for this resource-based policy.",
		delegating(account, `"organizations:PutResource*"`, everything):                                              "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY organizations:PutResource* is not a supported action for this resource-based policy.",
		delegating(account, `"organizations:De*"`, everything):                                                       "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY organizations:De* is not a supported action for this resource-based policy.",
		delegating(account, `"organizations:Nothing"`, everything):                                                   "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY organizations:Nothing is not a supported action for this resource-based policy.",
		delegating(account, `"organizations:[D]escribe*"`, everything):                                               "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY organizations:[D]escribe* is not a supported action for this resource-based policy.",
		delegating(account, one, `,"Resource":"arn:aws:s3:::bucket"`):                                                "UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY arn:aws:s3:::bucket is not a supported resource for this resource-based policy.",
		delegating(account, one, everything+`,"Condition":{"StringEquals":{"Organizations:policytype":"X_POLICY"}}`): "UNSUPPORTED_POLICY_TYPE_IN_RESOURCE_POLICY X_POLICY is not a supported policy type for this resource-based policy.",
	} {
		next, err := d.PutResourcePolicy(content, nil)
		if want == "" {
			if err != nil || next.ID != p.ID || len(next.Tags) != 1 {
				t.Errorf("%s: %v, %v", content, next, err)
			}
			continue
		}
		reason, text, _ := strings.Cut(want, " ")
		refused(t, err, CodeInvalidInput, reason, text)
		if err == nil {
			t.Errorf("taken: %s", content)
		}
	}
	_, err = d.PutResourcePolicy(delegating(account, one, everything), tags)
	refused(t, err, CodeConstraint, "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED", "Adding tags on updating an existing resource-based policy is not supported.")

	o, changes := d.Seal()
	loaded, err := Load(o.env, o.ID, changes.Rows)
	must(t, err)
	if kept, err := loaded.FindResourcePolicy(); err != nil || kept.ID != p.ID || kept.Document.Text() != o.ResourcePolicy.Document.Text() {
		t.Errorf("%+v, %v", kept, err)
	}
	d = o.Draft()
	must(t, d.DeleteResourcePolicy())
	if d.ResourcePolicy != nil || o.ResourcePolicy == nil {
		t.Error("the policy is still there, or was taken from the value before")
	}
	_, err = d.Tags(p.ID)
	refused(t, err, CodeTargetNotFound, "", "You specified a target that doesn't exist.")
	d.FeatureSet = ConsolidatedBilling
	_, err = d.PutResourcePolicy(delegating(account, one, everything), nil)
	refused(t, err, CodeConstraint, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", "You can perform this operation only if all features are enabled")
}
