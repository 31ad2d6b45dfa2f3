package guard_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

const foreign = "210987654321"

// member says that every account is in one organization.
type member struct{}

func (member) Organization(string) (guard.Organization, error) {
	return guard.Organization{ID: "o-secret", Path: "o-secret/r-secret/"}, nil
}

// TestMessageOfAnotherAccount: of another account's resource a message tells what
// the denial's sentence tells, and the request itself; the trace tells all.
func TestMessageOfAnotherAccount(t *testing.T) {
	a, caller := bob(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
		{"Sid":"Own","Effect":"Deny","Action":"s3:*","Resource":"*"}]}`)
	g, _ := sealingIn(t, accounts{account: a}, member{})
	text := `{"Version":"2012-10-17","Statement":[{"Sid":"Secret","Effect":"Deny","Principal":"*","Action":"*","Resource":"*",
		"Condition":{"StringNotEquals":{"aws:Referer":"secret-referer"}}}]}`
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	theirs := []policy.Attached{{ID: "theirs", Policy: policy.Compile(doc, policy.CompileOptions{})}}
	base := guard.Check{
		Resource: "arn:aws:iam::" + foreign + ":role/R", Account: foreign, Text: text,
		Tags: []iam.Tag{{Key: "secret-tag", Value: "secret-value"}}, RequestTags: []iam.Tag{{Key: "asked", Value: "yes"}},
	}
	trust, masked, own := base, base, base
	trust.Action, trust.Trust, trust.HasTrust = "sts:AssumeRole", theirs, true
	masked.Action, masked.Policies, masked.Resource = "execute-api:Invoke", theirs, "arn:aws:execute-api:us-east-1:"+foreign+":x/prod/GET/"
	masked.Named = "arn:aws:execute-api:us-east-1:********4321:x/prod/GET/"
	own.Action, own.Resource, own.Policies = "s3:GetObject", "arn:aws:s3:::bucket/key", theirs[:0]
	for name, c := range map[string]struct {
		check  guard.Check
		told   []string
		hidden []string
	}{
		"trust":        {trust, []string{trust.Resource}, []string{"Secret"}},
		"masked":       {masked, []string{masked.Named}, []string{"Secret", foreign}},
		"their own":    {own, []string{`"statementId":"Own"`}, []string{foreign}},
		"as one's own": {ownedBy(masked, account), []string{"Secret", "secret-tag", "o-secret"}, nil},
	} {
		trace, _ := deny(t, g, caller, a, c.check)
		decoded, err := g.DecodeMessage(account, g.Message(trace))
		if err != nil {
			t.Fatal(err)
		}
		if c.hidden != nil {
			c.hidden = append(c.hidden, "secret-referer", "secret-tag", "secret-value", "ResourceOrg", "aws:ResourceAccount")
		}
		for _, part := range append(c.told, `"aws:RequestTag/asked"`, `"aws:PrincipalOrgID"`) {
			if !strings.Contains(decoded, part) {
				t.Errorf("%s: %s is not in %s", name, part, decoded)
			}
		}
		for _, part := range c.hidden {
			if strings.Contains(decoded, part) {
				t.Errorf("%s: %s is in %s", name, part, decoded)
			}
		}
		all, err := json.Marshal(kept(t, trace))
		if err != nil || !strings.Contains(string(all), "secret-value") || !strings.Contains(string(all), c.check.Account) {
			t.Errorf("%s: the operator's trace is %s, %v", name, all, err)
		}
		// Read again it is known no longer how the resource was named.
		if again, err := g.DecodeMessage(account, g.Message(kept(t, trace))); err != nil || c.hidden != nil && strings.Contains(again, c.check.Resource) {
			t.Errorf("%s: of the trace read again: %s, %v", name, again, err)
		}
	}
}

func ownedBy(c guard.Check, account string) guard.Check {
	c.Account = account
	return c
}

// TestMessageOfTwins: the ids of inline policies are made of two names, and two
// may be the same; then no statement is shown rather than the other's.
func TestMessageOfTwins(t *testing.T) {
	first := `{"Version":"2012-10-17","Statement":[{"Sid":"First","Effect":"Deny","Action":"s3:*","Resource":"*"}]}`
	second := `{"Version":"2012-10-17","Statement":[{"Sid":"Second","Effect":"Deny","Action":"iam:*","Resource":"*"}]}`
	plain, caller := bob(t, when("StringEquals", "aws:username", "Bob"))
	for name, want := range map[string]bool{"c": false, "other": true} {
		a := change(t, plain, func(d *iam.Draft) error {
			_, one := d.CreateGroup("a", "/")
			_, two := d.CreateGroup("a_b", "/")
			return errors.Join(one, two, d.AddUserToGroup("a", "Bob"), d.AddUserToGroup("a_b", "Bob"),
				d.PutInlinePolicy(iam.Entity{Kind: iam.KindGroup, Name: "a"}, "b_c", first),
				d.PutInlinePolicy(iam.Entity{Kind: iam.KindGroup, Name: "a_b"}, name, second))
		})
		g, _ := sealing(t, accounts{account: a})
		trace, _ := deny(t, g, caller, a, onAl())
		text, err := g.DecodeMessage(account, g.Message(trace))
		if err != nil || !strings.Contains(text, `"explicitDeny":true`) || strings.Contains(text, "First") || strings.Contains(text, "Second") != want {
			t.Errorf("%s: %s, %v", name, text, err)
		}
	}
}
