package iam

import (
	"fmt"
	"strings"
	"testing"

	"iamd/catalog"
)

func grantingTo(t *testing.T, d *Draft, e Entity, service string) string {
	t.Helper()
	policies, err := d.PoliciesOf(e)
	must(t, err)
	s, ok := catalog.Service(service)
	if !ok {
		t.Fatalf("no service %s", service)
	}
	var list []string
	for _, p := range NewGranting().Of(s, policies) {
		list = append(list, p.Name)
	}
	return strings.Join(list, " ")
}

// TestGranting: what AWS was seen to answer for one policy.
func TestGranting(t *testing.T) {
	bob := Entity{KindUser, "Bob"}
	for _, c := range []struct{ statements, granted string }{
		{`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`, "s3"},
		{`{"Effect":"Allow","Action":"S3:GETOBJECT","Resource":"*"}`, "s3"},
		{`{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}`, "s3"},
		{`{"Effect":"Allow","Action":"s3:NoSuchAction","Resource":"*"}`, "s3"},
		{`{"Effect":"Allow","Action":"nosuchservice:Read","Resource":"*"}`, ""},
		{`{"Effect":"Allow","Action":"*","Resource":"*"}`, "s3 sqs iam"},
		{`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}`, "iam"},
		{`{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}`, "sqs iam"},
		{`{"Effect":"Allow","NotAction":"s3:Get*","Resource":"*"}`, "s3 sqs iam"},
		{`{"Effect":"Allow","Action":"s3:GetObject","NotResource":"*"}`, ""},
		{`{"Effect":"Allow","Action":"s3:GetObject","NotResource":"arn:aws:s3:::a/*"}`, "s3"},
		{`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"}`, "s3"},
		{`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::a/*"}`, "s3"},
		{`{"Effect":"Allow","Action":"*","Resource":["arn:aws:s3:::a","arn:aws:sqs:us-east-1:123456789012:a"]}`, "s3 sqs"},
		{`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:iam::123456789012:user/nobody"}`, ""},
		{`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:username":"nobody"}}}`, "s3"},
		{`{"Effect":"Deny","Action":"s3:*","Resource":"*"}`, ""},
		{`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"*"}`, ""},
		{`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}`, "iam"},
		{`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Null":{"aws:username":"true"}}}`, "s3"},
		{`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"},{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::*"}`, "s3"},
		{`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"},{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}`, "s3"},
	} {
		d := policyDraft()
		mustUser(t, d, "Bob")
		must(t, d.PutInlinePolicy(bob, "P", `{"Version":"2012-10-17","Statement":[`+c.statements+`]}`))
		var granted []string
		for _, service := range []string{"s3", "sqs", "iam"} {
			if grantingTo(t, d, bob, service) == "P" {
				granted = append(granted, service)
			}
		}
		if got := strings.Join(granted, " "); got != c.granted {
			t.Errorf("%s grants %q, want %q", c.statements, got, c.granted)
		}
	}
}

// TestGrantingOf: whose policies count, and that one does not close what another
// opens.
func TestGrantingOf(t *testing.T) {
	d := policyDraft()
	mustUser(t, d, "Bob")
	_, err := d.CreateGroup("Devs", "/")
	must(t, err)
	mustRole(t, d, "R")
	must(t, d.AddUserToGroup("Devs", "Bob"))
	bob, devs, role := Entity{KindUser, "Bob"}, Entity{KindGroup, "Devs"}, Entity{KindRole, "R"}
	shared := mustPolicy(t, d, "Shared", allowS3)
	for _, e := range []Entity{bob, devs, role} {
		must(t, d.AttachPolicy(e, shared))
	}
	must(t, d.PutInlinePolicy(bob, "own", allowS3))
	must(t, d.PutInlinePolicy(bob, "against", denyS3))
	must(t, d.PutInlinePolicy(devs, "groups", allowS3))
	must(t, d.PutUserPermissionsBoundary("Bob", adminARN))
	for e, want := range map[Entity]string{{KindUser, "bob"}: "own Shared groups", devs: "groups Shared", role: "Shared"} {
		if got := grantingTo(t, d, e, "s3"); got != want {
			t.Errorf("%v: %s", e, got)
		}
		if got := grantingTo(t, d, e, "sqs"); got != "" {
			t.Errorf("%v: %s open sqs", e, got)
		}
	}
	_, err = d.PoliciesOf(Entity{KindUser, "None"})
	refused(t, err, CodeNoSuchEntity, "The user with name None cannot be found.")
}

// TestGrantingIsBounded: patterns by the thousand for services by the hundred.
// What takes too long counts as granting.
func TestGrantingIsBounded(t *testing.T) {
	var policies []GrantingPolicy
	for i := range 500 {
		var list []string
		for j := range 100 {
			list = append(list, fmt.Sprintf(`"*%d?%d:x"`, i, j))
		}
		var p GrantingPolicy
		p.read(NewDocument(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*","Action":[`+strings.Join(list, ",")+`]}}`, nil))
		policies = append(policies, p)
	}
	g, granted := NewGranting(), 0
	for s := range catalog.Services() {
		granted += len(g.Of(s, policies))
	}
	if granted == 0 || g.open.left < -maxOpening {
		t.Errorf("%d services, %d comparisons over", granted, -g.open.left)
	}
}

func TestParseGrantedARN(t *testing.T) {
	e, account, err := ParseGrantedARN("arn:aws:iam::123456789012:group/a/b/Devs")
	if err != nil || e != (Entity{KindGroup, "Devs"}) || account != "123456789012" {
		t.Errorf("%v, %s, %v", e, account, err)
	}
	for arn, want := range map[string][2]string{
		"arn:aws:iam::123456789012":             {CodeValidation, "Invalid ARN:  Could not be parsed!"},
		"arn:aws-cn:iam::123456789012:user/Bob": {CodeValidation, "Invalid ARN partition"},
		"arn:aws:s3::123456789012:user/Bob":     {CodeValidation, "Invalid service in ARN"},
		"arn:aws:iam::12:user/Bob":              {CodeValidation, "ARN arn:aws:iam::12:user/Bob is not valid."},
		"arn:aws:iam::123456789012:root":        {CodeInvalidInput, "Could not extract entity from ARN : arn:aws:iam::123456789012:root"},
		"arn:aws:iam::123456789012:user/":       {CodeInvalidInput, "Could not extract entity from ARN : arn:aws:iam::123456789012:user/"},
		"arn:aws:iam::123456789012:policy/P":    {CodeInvalidInput, "Invalid Entity Arn: arn:aws:iam::123456789012:policy/P is not supported."},
	} {
		_, _, err := ParseGrantedARN(arn)
		refused(t, err, want[0], want[1])
	}
}
