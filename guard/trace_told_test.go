package guard_test

import (
	"encoding/json"
	"strings"
	"testing"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

// TestToldTo: an account reads what its own policies said, of others' what the
// denial's sentence told, and of control policies which ones apply.
func TestToldTo(t *testing.T) {
	a, caller := bob(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
		{"Sid":"Own","Effect":"Deny","Action":"s3:*","Resource":"*"}]}`)
	g, _ := sealingIn(t, accounts{account: a}, member{})
	text := `{"Version":"2012-10-17","Statement":[{"Sid":"Secret","Effect":"Deny","Principal":"*","Action":"*","Resource":"*",
		"Condition":{"StringNotEquals":{"aws:SourceVpce":"secret-condition"}}}]}`
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	theirs := []policy.Attached{{ID: "theirs", Policy: policy.Compile(doc, policy.CompileOptions{})}}
	base := guard.Check{
		Resource: "arn:aws:iam::" + foreign + ":role/R", Account: foreign, Text: text, Tags: []iam.Tag{{Key: "secret-tag", Value: "secret-value"}},
	}
	trust, masked, denied := base, base, base
	trust.Action, trust.Trust, trust.HasTrust = "sts:AssumeRole", theirs, true
	masked.Action, masked.Policies, masked.Resource = "execute-api:Invoke", theirs, "arn:aws:execute-api:us-east-1:"+foreign+":x/prod/GET/"
	masked.Named = "arn:aws:execute-api:us-east-1:********4321:x/prod/GET/"
	denied.Action, denied.Policies, denied.Resource = "s3:GetObject", theirs, "arn:aws:s3:::bucket/key"
	never := []string{"secret-", "Secret", "theirs", "aws:SourceVpce", `"resourceAccount"`, "aws:ResourceOrgID", "aws:ResourceAccount", `"role trust policy","result"`}
	for name, c := range map[string]struct {
		check        guard.Check
		told, hidden []string
	}{
		"trust":        {trust, []string{trust.Resource, `"decidedBy":"role trust policy"`, `"statement":-1`, "belongs to the account of the resource", "identity-based policy"}, never},
		"masked":       {masked, []string{masked.Named, `"decidedBy":"resource-based policy"`}, append([]string{foreign}, never...)},
		"its own deny": {denied, []string{`"sid":"Own"`}, append([]string{foreign}, never...)},
		"own resource": {ownedBy(masked, account), []string{`"Secret"`, "secret-tag", "aws:SourceVpce", `"policy":"theirs"`, `"resourceAccount"`}, nil},
	} {
		trace, _ := deny(t, g, caller, a, c.check)
		whole := kept(t, trace)
		before, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		out, err := json.Marshal(whole.ToldTo(account))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range append(c.told, "aws:PrincipalOrgID", trace.RequestID, trace.Message) {
			if !strings.Contains(string(out), part) {
				t.Errorf("%s: %s is not in %s", name, part, out)
			}
		}
		for _, part := range c.hidden {
			if strings.Contains(string(out), part) {
				t.Errorf("%s: %s is in %s", name, part, out)
			}
		}
		if after, err := json.Marshal(whole); err != nil || string(after) != string(before) {
			t.Errorf("%s: the trace itself is another: %s, %v", name, after, err)
		}
	}
}

// TestToldOfControlPolicies: a member hears which control policies apply, and not
// what they say.
func TestToldOfControlPolicies(t *testing.T) {
	whole := guard.Trace{
		Principal: guard.TracedCaller{Account: account}, ResourceAccount: account, Resource: "*", DecidedBy: "service control policy",
		Policy: "p-1", Statement: 1, Missing: []string{"aws:SourceVpce", "aws:MultiFactorAuthPresent"},
		Types: []guard.TracedType{{Type: "service control policy", Level: 1, Result: "explicitDeny", Statements: []guard.TracedStatement{
			{Policy: "p-1", Index: 1, Line: 7, SID: "secret", Effect: "Deny", Applies: true, Element: "secret", Detail: "StringEquals aws:SourceVpce: secret"},
		}}, {Type: "identity-based policy", Result: "implicitDeny", Statements: []guard.TracedStatement{
			{Policy: "own", Effect: "Allow", Element: "Condition", Detail: "Bool aws:MultiFactorAuthPresent: the request has no such key"},
		}}},
	}
	told := whole.ToldTo(account)
	want := guard.TracedStatement{Policy: "p-1", Index: 1, Effect: "Deny", Applies: true}
	if len(told.Types) != 2 || told.Types[0].Statements[0] != want || len(told.Omitted) != 1 || told.Policy != "p-1" || told.Resource != "*" {
		t.Errorf("%+v", told)
	}
	if len(told.Missing) != 1 || told.Missing[0] != "aws:MultiFactorAuthPresent" {
		t.Errorf("the keys that control policies ask for are told: %q", told.Missing)
	}
	if whole.Types[0].Statements[0].SID != "secret" || whole.Omitted != nil || len(whole.Missing) != 2 {
		t.Error("the trace itself was changed")
	}
}
