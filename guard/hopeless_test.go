package guard_test

import (
	"testing"

	"iamd/guard"
)

// TestHopeless: only what no request could be allowed is hopeless.
func TestHopeless(t *testing.T) {
	const (
		create = "iam:CreateUser"
		any    = "*"
		dev    = "arn:aws:iam::" + account + ":user/dev/ann"
	)
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":[` + s + `]}` }
	all := `{"Effect":"Allow","Action":"*","Resource":"*"}`
	for name, c := range map[string]struct {
		statements, resource string
		want                 bool
	}{
		"nothing allows it":                       {`{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}`, any, true},
		"it is allowed":                           {all, any, false},
		"it is allowed on some resources":         {`{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/dev/*"}`, any, false},
		"it is allowed on this resource":          {`{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/dev/*"}`, dev, false},
		"it is allowed on other resources":        {`{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/ops/*"}`, dev, true},
		"it is denied":                            {all + `,{"Effect":"Deny","Action":"iam:Create*","Resource":"*"}`, any, true},
		"it is denied on other resources":         {all + `,{"Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::*:user/ops/*"}`, dev, false},
		"the resource's tags may allow it":        {`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}`, dev, false},
		"the request's tags may allow it":         {`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"red"}}}`, any, false},
		"a boundary may lift the denial":          {all + `,{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"StringNotEquals":{"iam:PermissionsBoundary":"arn:aws:iam::aws:policy/P"}}}`, any, false},
		"the caller's own tag does not allow it":  {`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue"}}}`, any, true},
		"the caller's own tag allows it":          {`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}`, any, false},
		"the caller's own tag denies it for good": {all + `,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}`, dev, true},
	} {
		a, caller := bob(t, statement(c.statements))
		g := newGuard(t, accounts{account: a})
		if got := g.Hopeless(caller, a, guard.Check{Action: create, Resource: c.resource}); got != c.want {
			t.Errorf("%s: hopeless is %t", name, got)
		}
	}
}

// asking is an organization that everybody is in, and counts who was asked about.
type asking struct {
	member
	about map[string]int
}

func (o asking) Organization(account string) (guard.Organization, error) {
	o.about[account]++
	return o.member.Organization(account)
}

// TestHopelessElsewhere: of another account's resource the advice tells nothing that
// the caller does not know, not even where that account stands, and looks at nothing.
func TestHopelessElsewhere(t *testing.T) {
	for _, conditions := range []string{
		`{}`, `{"StringLike":{"aws:ResourceOrgID":"o-s*","aws:ResourceTag/x":"y"}}`, `{"StringLike":{"aws:ResourceOrgID":"o-t*","aws:ResourceTag/x":"y"}}`,
		`{"StringEquals":{"aws:ResourceOrgID":"o-secret"}}`,
	} {
		a, caller := bob(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":`+conditions+`}}`)
		o := asking{about: map[string]int{}}
		g, _ := sealingIn(t, accounts{account: a}, o)
		for action, want := range map[string]bool{"s3:GetObject": false, "sts:AssumeRole": false, "iam:GetRole": true, "IAM:PassRole": true} {
			check := guard.Check{Action: action, Resource: "arn:aws:iam::" + foreign + ":role/R", Account: foreign}
			if got := g.Hopeless(caller, a, check); got != want {
				t.Errorf("%s by %s: hopeless is %t", action, conditions, got)
			}
		}
		if o.about[foreign] != 0 {
			t.Errorf("where the other account stands was asked %d times", o.about[foreign])
		}
	}
	// A role's trust policy alone may let a user of its account assume it.
	a, caller := bob(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*"}}`)
	g := newGuard(t, accounts{account: a})
	if g.Hopeless(caller, a, guard.Check{Action: "sts:AssumeRole", Resource: "arn:aws:iam::" + account + ":role/R"}) {
		t.Error("what a trust policy may allow is hopeless")
	}
	a, caller = bob(t, `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"sts:*","Resource":"*"}}`)
	if g := newGuard(t, accounts{account: a}); !g.Hopeless(caller, a, guard.Check{Action: "sts:AssumeRole", Resource: "arn:aws:iam::" + account + ":role/R"}) {
		t.Error("what is denied is not hopeless")
	}
}
