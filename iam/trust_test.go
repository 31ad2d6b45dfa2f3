package iam

import (
	"strings"
	"testing"

	"iamd/policy"
)

const otherAccount = "arn:aws:iam::210987654321:"

// trustDraft holds user Bob and role Boss, and sees one other account, where
// only user Zoe and role Zoo are.
func trustDraft(t *testing.T) *Draft {
	d := policyDraft()
	there := map[string]string{otherAccount + "user/Zoe": "AIDAZZZZZZZZZZZZZZZZZ", otherAccount + "role/Zoo": "AROAZZZZZZZZZZZZZZZZZ"}
	d.env.Principal = func(arn string) (string, bool, bool) {
		id, ok := there[arn]
		return id, ok, strings.HasPrefix(arn, otherAccount)
	}
	d.env.Named = func(id, account string) (string, bool) {
		for arn, has := range there {
			if has == id && strings.Contains(arn, ":"+account+":") {
				return arn, true
			}
		}
		return "", false
	}
	mustUser(t, d, "Bob")
	_, err := d.CreateRole(NewRole{Name: "Boss", Trust: trusting(`"123456789012"`)})
	must(t, err)
	return d
}

func TestTrustBinds(t *testing.T) {
	d := trustDraft(t)
	bob, boss := userNow(t, d, "Bob"), func() *Role { r, _ := d.Role("Boss"); return r }()
	for _, c := range []struct{ principal, id string }{ // an empty id: not bound
		{d.UserARN(bob), bob.ID},
		{d.RoleARN(boss), boss.ID},
		{bob.ID, bob.ID},
		{boss.ID, boss.ID},
		{otherAccount + "user/Zoe", "AIDAZZZZZZZZZZZZZZZZZ"},
		{otherAccount + "role/Zoo", "AROAZZZZZZZZZZZZZZZZZ"},
		{"arn:aws:iam::999999999999:role/Far", nobody},
		{"123456789012", ""},
		{"arn:aws:iam::123456789012:root", ""},
		{"arn:aws:iam::999999999999:root", ""},
		{"arn:aws:sts::123456789012:assumed-role/Boss/me", ""},
		{"arn:aws:sts::123456789012:federated-user/me", ""},
		{"*", ""},
	} {
		doc, err := d.checkTrust(trusting(`["` + c.principal + `"]`))
		if err != nil {
			t.Errorf("%s: %v", c.principal, err)
		} else if got := doc.Bound()[c.principal]; got != c.id || c.id == "" && len(doc.Bound()) != 0 {
			t.Errorf("%s is bound to %q, not %q", c.principal, doc.Bound(), c.id)
		}
	}
}

func TestTrustRefuses(t *testing.T) {
	d := trustDraft(t)
	for _, principal := range []string{
		"arn:aws:iam::123456789012:user/Nobody",
		"arn:aws:iam::123456789012:user/bob", // ARNs are told apart by case
		"arn:aws:iam::123456789012:user/path/Bob",
		"arn:aws:iam::123456789012:role/Bob",
		"arn:aws:iam::123456789012:group/Devs",
		"arn:aws:iam::123456789012:user/*",
		otherAccount + "user/Nobody",
		"arn:aws:sts::123456789012:assumed-role/Boss",
		"AIDAGONEGONEGONEGONEG",
		"Bob",
	} {
		_, err := d.CreateRole(NewRole{Name: "New", Trust: trusting(`"` + principal + `"`)})
		refused(t, err, CodeMalformedPolicy, `Invalid principal in policy: "AWS":"`+principal+`"`)
	}
	_, err := d.CreateRole(NewRole{Name: "New", Trust: `{not json`})
	refused(t, err, CodeMalformedPolicy, "This policy contains invalid Json")
	_, err = d.CreateRole(NewRole{Name: "Self", Trust: trusting(`"arn:aws:iam::123456789012:role/Self"`)})
	refused(t, err, CodeMalformedPolicy, `Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/Self"`)

	long := strings.Replace(trusting(`"123456789012"`), `"Effect"`, `"Sid":"`+strings.Repeat("s", 2048)+`","Effect"`, 1)
	refused(t, d.UpdateAssumeRolePolicy("Boss", long), CodeLimitExceeded, "Cannot exceed quota for ACLSizePerRole: 2048")
	must(t, d.UpdateAssumeRolePolicy("Boss", trusting(`"123456789012"`)+strings.Repeat(" \n", 3000)))
}

// admits tells whether a role's trust policy allows a principal.
func admits(d *Draft, p policy.Principal) bool {
	r, _ := d.Role("R")
	return policy.Decide(&policy.Request{
		Principal: p, Action: "sts:AssumeRole", Resource: d.RoleARN(r), ResourceAccount: d.ID, Context: new(policy.Context),
	}, &policy.Policies{
		HasTrust: true, Trust: []policy.Attached{{ID: "trust", Policy: r.Trust.Compiled()}},
	}).Allowed
}

func TestTrustFollowsWhoNotTheName(t *testing.T) {
	d := trustDraft(t)
	// The ARN in the condition is no principal; \/ is a slash.
	text := `{ "Version" : "2012-10-17", "Statement" : { "Effect":"Allow" ,
		"Principal": { "AWS" : [ "arn:aws:iam::123456789012:user\/Bob" , "` + otherAccount + `role/Zoo", "arn:aws:iam::999999999999:role/Far" ], "Service":"ec2.amazonaws.com" },
		"Action":"sts:AssumeRole", "Condition": {"ArnNotEquals":{"aws:PrincipalArn":["arn:aws:iam::999999999999:user/Bob"]}} } }` + "\n"
	_, err := d.CreateRole(NewRole{Name: "R", Trust: text})
	must(t, err)
	shown := func() string { r, _ := d.Role("R"); return d.TrustText(r) }
	bob := func(u *User) policy.Principal {
		return policy.Principal{Kind: policy.User, Account: d.ID, ARN: d.UserARN(u), UniqueID: u.ID}
	}
	first := userNow(t, d, "Bob")
	if shown() != text {
		t.Errorf("shows\n%s", shown())
	}
	if !admits(d, bob(first)) {
		t.Error("Bob is not admitted")
	}

	must(t, d.UpdateUser("Bob", "Robert", "/r&d/<x>/"))
	renamed := strings.Replace(text, `arn:aws:iam::123456789012:user\/Bob`, `arn:aws:iam::123456789012:user/r&d/<x>/Robert`, 1)
	if shown() != renamed {
		t.Errorf("shows\n%s", shown())
	}
	if !admits(d, bob(userNow(t, d, "Robert"))) {
		t.Error("the renamed Bob is not admitted")
	}
	if second := mustUser(t, d, "Bob"); admits(d, bob(second)) {
		t.Error("another Bob is admitted")
	}
	must(t, d.DeleteUser("Robert"))
	gone := strings.Replace(text, `arn:aws:iam::123456789012:user\/Bob`, first.ID, 1)
	if shown() != gone {
		t.Errorf("shows\n%s", shown())
	}
	// What is read back then can't be written again.
	refused(t, d.UpdateAssumeRolePolicy("R", gone), CodeMalformedPolicy, `Invalid principal in policy: "AWS":"`+first.ID+`"`)

	far := policy.Principal{Kind: policy.Role, Account: "999999999999", RoleARN: "arn:aws:iam::999999999999:role/Far",
		ARN: "arn:aws:sts::999999999999:assumed-role/Far/s", UniqueID: "AROAFARFARFARFARFARFA"}
	if admits(d, far) {
		t.Error("somebody is the principal of an account that was not here")
	}
}

func TestTrustTextTouchesPrincipalsOnly(t *testing.T) {
	d := trustDraft(t)
	arn := d.UserARN(userNow(t, d, "Bob"))
	text := `{"Version":"2012-10-17","Id":"` + "x" + `","Statement":[` +
		`{"Sid":"1","Effect":"Allow","Principal":{"AWS":"` + arn + `"},"Action":["sts:AssumeRole"],"Condition":{"StringEquals":{"aws:PrincipalArn":"` + arn + `"}}},` +
		`{"Sid":"2","Effect":"Allow","Principal":{"Service":["a.amazonaws.com"],"AWS":["123456789012","` + arn + `"]},"Action":"sts:TagSession"}]}`
	_, err := d.CreateRole(NewRole{Name: "R", Trust: text})
	must(t, err)
	must(t, d.UpdateUser("Bob", "", "/moved/"))
	r, _ := d.Role("R")
	moved := "arn:aws:iam::123456789012:user/moved/Bob"
	want := strings.ReplaceAll(text, arn, moved)
	want = strings.Replace(want, `"aws:PrincipalArn":"`+moved, `"aws:PrincipalArn":"`+arn, 1)
	if got := d.TrustText(r); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
