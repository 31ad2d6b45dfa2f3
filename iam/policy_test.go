package iam

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/policy"
)

const (
	testAccount = "123456789012"
	allowS3     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
	denyS3      = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`
	adminARN    = "arn:aws:iam::aws:policy/AdministratorAccess"
)

// policyDraft begins a change of an account that holds nothing, in a world
// where nothing is left to chance.
func policyDraft() *Draft {
	env := &Env{
		Now:    func() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 5, time.UTC) },
		Rand:   rand.NewChaCha8([32]byte{1}),
		Seal:   func(_, _, secret string) []byte { return []byte(secret) },
		Unseal: func(_, _ string, sealed []byte) (string, error) { return string(sealed), nil },
		Quotas: DefaultQuotas(), PasswordCost: PasswordCost{Memory: 64, Passes: 1}, // nobody guesses here
	}
	return NewAccount(env, testAccount).Draft()
}

func mustPolicy(t *testing.T, d *Draft, name, document string) string {
	t.Helper()
	p, err := d.CreatePolicy(NewPolicy{Name: name, Document: document})
	if err != nil {
		t.Fatalf("CreatePolicy %s: %v", name, err)
	}
	return p.ARN
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused holds err to AWS's code and text.
func refused(t *testing.T, err error, code, message string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want %s: %s", err, code, message)
	}
	if e.Code != code || e.Message != message {
		t.Fatalf("got  %s: %s\nwant %s: %s", e.Code, e.Message, code, message)
	}
}

// sized is a document that counts exactly n characters, padded by white space
// that does not count.
func sized(n int) string {
	const frame = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::"}]}`
	return strings.Replace(frame, `s3:::"`, `s3:::`+strings.Repeat("b", n-len(frame))+`"`, 1) + strings.Repeat(" \n", 500)
}

func TestCreatePolicy(t *testing.T) {
	d := policyDraft()
	p, err := d.CreatePolicy(NewPolicy{
		Name: "Read", Path: "/team/", Description: "reads", Document: allowS3, Tags: []Tag{{"team", "a"}, {"Team", "b"}},
	})
	must(t, err)
	if p.ARN != "arn:aws:iam::123456789012:policy/team/Read" || !strings.HasPrefix(p.ID, PrefixPolicy) || p.DefaultVersion != "v1" {
		t.Errorf("made %+v", p)
	}
	if got, ok := d.Policy(p.ARN); !ok || got.Default().Document.Text() != allowS3 {
		t.Errorf("not read back: %+v", got)
	}
	for _, arn := range []string{
		"arn:aws:iam::123456789012:policy/Read", "arn:aws:iam::123456789012:policy/team/read", "arn:aws:iam::210987654321:policy/team/Read", "Read", "",
	} {
		if _, ok := d.Policy(arn); ok {
			t.Errorf("%q finds the policy", arn)
		}
	}

	_, err = d.CreatePolicy(NewPolicy{Name: "rEAD", Document: allowS3})
	refused(t, err, "EntityAlreadyExists", "A policy called rEAD already exists. Duplicate names are not allowed.")
	_, err = d.CreatePolicy(NewPolicy{Name: "Tagged", Document: allowS3, Tags: []Tag{{"aws:x", "1"}}})
	refused(t, err, "InvalidInput", "aws: prefixed tag key names are not allowed for external use.")

	if _, err = d.CreatePolicy(NewPolicy{Name: "Full", Document: sized(6144)}); err != nil {
		t.Errorf("6,144 characters refused: %v", err)
	}
	_, err = d.CreatePolicy(NewPolicy{Name: "TooFull", Document: sized(6145)})
	refused(t, err, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144")

	d.env.Quotas.Policies = d.PolicyCount()
	_, err = d.CreatePolicy(NewPolicy{Name: "More", Document: allowS3})
	refused(t, err, "LimitExceeded", "Cannot exceed quota for PoliciesPerAccount: 2")
}

func TestCheckDocument(t *testing.T) {
	for _, c := range []struct {
		name, text string
		kind       policy.Kind
		managed    bool
		want       string
	}{
		{"good", allowS3, policy.Identity, true, ""},
		{"good inline without version", `{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`, policy.Identity, false, ""},
		{"managed without version", `{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`, policy.Identity, true, "Policy document must be version 2012-10-17 or greater."},
		{"broken JSON", `{"Version":"2012-10-17",}`, policy.Identity, true, "Syntax errors in policy."},
		{"broken JSON in an inline policy", `x`, policy.Identity, false, "Syntax errors in policy."},
		{"broken JSON in a trust policy", `{"Version":"2012-10-17",}`, policy.Trust, false, "This policy contains invalid Json"},
		{"no grammar", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Act":"s3:*"}]}`, policy.Identity, true, "Syntax errors in policy."},
		{"no actions", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*"}]}`, policy.Identity, true, "Policy statement must contain actions."},
		{"a principal", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}`, policy.Identity, false, "Policy document should not specify a principal."},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, err := checkDocument(c.text, c.kind, c.managed)
			if c.want != "" {
				refused(t, err, "MalformedPolicyDocument", c.want)
				if errors.Unwrap(err) == nil {
					t.Error("the log learns nothing")
				}
			} else if err != nil || doc == nil {
				t.Errorf("refused: %v", err)
			}
		})
	}
}

func TestPolicyOwner(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:iam::123456789012:policy/P":   testAccount,
		"arn:aws:iam::123456789012:policy/a/P": testAccount,
		adminARN:                               "aws",
	} {
		if got, err := PolicyOwner(arn); err != nil || got != want {
			t.Errorf("%s: %q, %v", arn, got, err)
		}
	}
	for arn, want := range map[string]string{
		"longpolicynamebutnoarn":            "Invalid ARN:  Could not be parsed!",
		"":                                  "Invalid ARN:  Could not be parsed!",
		"arn:aws:iam::policy/P":             "Invalid ARN:  Could not be parsed!",
		"arn:aws:iam::123456789012:role/R":  "ARN arn:aws:iam::123456789012:role/R is not valid.",
		"arn:aws:iam::123456789012:policy/": "ARN arn:aws:iam::123456789012:policy/ is not valid.",
		"arn:aws:s3:::policy/P":             "ARN arn:aws:s3:::policy/P is not valid.",
		"arn:aws:iam:us-east-1:123456789012:policy/P": "ARN arn:aws:iam:us-east-1:123456789012:policy/P is not valid.",
		"arn:aws:iam::AWS:policy/P":                   "ARN arn:aws:iam::AWS:policy/P is not valid.",
	} {
		_, err := PolicyOwner(arn)
		refused(t, err, "ValidationError", want)
	}
}

func TestDeletePolicy(t *testing.T) {
	d := policyDraft()
	arn := mustPolicy(t, d, "P", allowS3)
	_, err := d.CreateUser(NewUser{Name: "Bob", Boundary: arn})
	must(t, err)
	const inUse = "Cannot delete a policy attached to entities."
	refused(t, d.DeletePolicy(arn), "DeleteConflict", inUse) // as a boundary
	must(t, d.DeleteUserPermissionsBoundary("Bob"))
	must(t, d.AttachPolicy(Entity{KindUser, "Bob"}, arn))
	refused(t, d.DeletePolicy(arn), "DeleteConflict", inUse)
	must(t, d.DetachPolicy(Entity{KindUser, "Bob"}, arn))

	_, err = d.CreatePolicyVersion(arn, denyS3, true)
	must(t, err)
	refused(t, d.DeletePolicy(arn), "DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	must(t, d.DeletePolicyVersion(arn, "v1"))
	must(t, d.DeletePolicy(arn))

	refused(t, d.DeletePolicy(arn), "NoSuchEntity", "Policy "+arn+" was not found.")
	refused(t, d.DeletePolicy("nonsense, and long enough"), "ValidationError", "Invalid ARN:  Could not be parsed!")
	mustPolicy(t, d, "p", allowS3) // the name is free again
}

func TestAWSManagedPolicies(t *testing.T) {
	d := policyDraft()
	p, err := d.FindPolicy(adminARN)
	must(t, err)
	if p.Name != "AdministratorAccess" || p.DefaultVersion == "" || !p.AWSManaged() {
		t.Errorf("found %+v", p)
	}
	if _, err := p.Version(p.DefaultVersion); err != nil {
		t.Error(err)
	}
	gone := "Policy " + adminARN + " was not found."
	refused(t, d.DeletePolicy(adminARN), "NoSuchEntity", gone)
	refused(t, d.DeletePolicyVersion(adminARN, "v1"), "NoSuchEntity", gone)
	refused(t, d.SetDefaultPolicyVersion(adminARN, "v1"), "NoSuchEntity", gone)
	refused(t, d.TagPolicy(adminARN, []Tag{{"a", "b"}}), "NoSuchEntity", gone)
	refused(t, d.UntagPolicy(adminARN, []string{"a"}), "NoSuchEntity", gone)
	_, err = d.CreatePolicyVersion(adminARN, denyS3, true)
	refused(t, err, "NoSuchEntity", gone)
	if d.Changed() {
		t.Error("something was changed")
	}
}

func TestTagPolicy(t *testing.T) {
	d := policyDraft()
	arn := mustPolicy(t, d, "P", allowS3)
	must(t, d.TagPolicy(arn, []Tag{{"b", "1"}, {"a", "1"}}))
	before, _ := d.Policy(arn)
	must(t, d.TagPolicy(arn, []Tag{{"b", "2"}, {"B", "3"}}))
	must(t, d.UntagPolicy(arn, []string{"a", "never was"}))
	if diff := cmp.Diff([]Tag{{"a", "1"}, {"b", "1"}}, before.Tags); diff != "" {
		t.Errorf("the policy that stood was changed: %s", diff)
	}
	p, _ := d.Policy(arn)
	if diff := cmp.Diff([]Tag{{"B", "3"}, {"b", "2"}}, p.Tags); diff != "" {
		t.Error(diff)
	}
	many := make([]Tag, 49)
	for i := range many {
		many[i] = Tag{fmt.Sprint(i), ""}
	}
	refused(t, d.TagPolicy(arn, many), "LimitExceeded", "The number of tags has reached the maximum limit.")
	refused(t, d.TagPolicy(arn, []Tag{{"x", "1"}, {"x", "2"}}), "InvalidInput", "Duplicate tag keys found.")
}

func TestManagedPoliciesAfter(t *testing.T) {
	d := policyDraft()
	for _, name := range []string{"b", "C", "a"} {
		mustPolicy(t, d, name, allowS3)
	}
	names := func(scope PolicyScope, key string, limit int) (got []string, last string) {
		for k, p := range d.ManagedPoliciesAfter(scope, key) {
			if len(got) == limit {
				break
			}
			got, last = append(got, p.Name), k
		}
		return got, last
	}
	got, last := names(ScopeLocal, "", 2)
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
		t.Error(diff)
	}
	mustPolicy(t, d, "aa", allowS3) // behind the page
	must(t, d.DeletePolicy("arn:aws:iam::123456789012:policy/b"))
	if got, _ = names(ScopeLocal, last, 9); !cmp.Equal(got, []string{"C"}) {
		t.Errorf("second page %v", got)
	}

	all, _ := names(ScopeAll, "", 1<<30)
	aws, _ := names(ScopeAWS, "", 1<<30)
	if len(aws) < 1200 || len(all) != len(aws)+3 || all[3] != aws[0] {
		t.Errorf("%d in all, %d of AWS's", len(all), len(aws))
	}
	// Paged by 100, the same list comes out.
	var paged []string
	for key := ""; ; {
		got, last := names(ScopeAll, key, 100)
		if len(got) == 0 {
			break
		}
		paged, key = append(paged, got...), last
	}
	if diff := cmp.Diff(all, paged); diff != "" {
		t.Error(diff)
	}
}
