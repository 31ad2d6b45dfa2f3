package iam

import (
	"slices"
	"strings"
	"testing"

	"iamd/catalog"
)

func TestServices(t *testing.T) {
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":[` + s + `]}` }
	allow := func(element string) string {
		return statement(`{"Effect":"Allow",` + element + `,"Resource":"arn:aws:s3:::x","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`)
	}
	for _, c := range []struct{ document, want string }{
		{allow(`"Action":"*"`), "everything"},
		{allow(`"Action":"*:*"`), "everything"},
		{allow(`"Action":["s3:GetObject","SQS:*"]`), "s3 sqs"},
		{allow(`"Action":"s3:getobj*"`), "s3"},
		{allow(`"Action":"s3:NoSuchAction"`), ""},
		{allow(`"Action":"s3:NoSuch*"`), ""},
		{allow(`"Action":"nosuchservice:*"`), ""},
		{allow(`"Action":"sq?:*"`), "sqs"},
		{statement(`{"Effect":"Deny","Action":"s3:*","Resource":"*"}`), ""},
		{statement(`{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Allow","Action":"sns:*","Resource":"*"}`), "s3 sns"},
		{allow(`"NotAction":"nosuchservice:*"`), "everything"},
		{allow(`"NotAction":"*"`), ""},
		{"{", ""},
	} {
		all, list := (&Access{Documents: []*Document{NewDocument(c.document, nil)}}).Services()
		got := strings.Join(list, " ")
		if all {
			got = "everything" + got
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.document, got, c.want)
		}
	}

	const everywhere, bucket = `"Resource":"*"`, `"Resource":"arn:aws:s3:::a/*"`
	for _, c := range []struct{ allow, deny, want string }{
		{`"Action":["s3:GetObject","sqs:*"],` + everywhere, `"Action":"sqs:*",` + everywhere, "s3"},
		{`"Action":"s3:GetObject",` + bucket, `"Action":"s3:*",` + bucket, ""},
		{`"Action":"s3:GetObject",` + bucket, `"Action":"s3:*","Resource":"arn:aws:s3:::*"`, ""},
		{`"Action":"s3:GetObject",` + bucket, `"Action":"s3:*","Resource":"arn:aws:s3:::A/*"`, "s3"},
		{`"Action":"s3:GetObject","Resource":["arn:aws:s3:::a/*","arn:aws:s3:::b/*"]`, `"Action":"s3:*",` + bucket, "s3"},
		{`"Action":"s3:GetObject","NotResource":"arn:aws:s3:::b"`, `"Action":"s3:*",` + bucket, "s3"},
		{`"Action":"s3:GetObject","NotResource":"arn:aws:s3:::b"`, `"Action":"*",` + everywhere, ""},
		{`"Action":"s3:Get*",` + everywhere, `"Action":"s3:GetObject",` + everywhere, "s3"},
		{`"Action":"s3:GetObject",` + everywhere, `"Action":"s3:getobject",` + everywhere, ""},
		{`"Action":"s3:GetObject",` + everywhere, `"NotAction":"sqs:*",` + everywhere, ""},
		{`"Action":"sqs:SendMessage",` + everywhere, `"NotAction":"sqs:*",` + everywhere, "sqs"},
		{`"Action":"s3:GetObject",` + everywhere, `"Action":"s3:*","NotResource":"*"`, "s3"},
		{`"Action":"s3:GetObject",` + everywhere, `"Action":"s3:*",` + everywhere + `,"Condition":{"StringEquals":{"aws:username":"nobody"}}`, "s3"},
		{`"NotAction":"iam:*",` + everywhere, `"NotAction":["s3:*","iam:*"],` + everywhere, "s3"},
		{`"Action":"*",` + everywhere, `"NotAction":["s3:Get*","sqs:SendMessage"],` + everywhere, "s3 sqs"},
		{`"Action":"s*:*",` + everywhere, `"NotAction":["s3:Get*","sqs:SendMessage"],` + everywhere, "s3 sqs"},
		{`"Action":"*:*Message",` + everywhere, `"NotAction":["s3:Get*","sqs:SendMessage"],` + everywhere, "sqs"},
		{`"Action":"*",` + everywhere, `"Action":"s3:*",` + bucket, "everything"},
	} {
		// Whichever policy of the entity's says so.
		all, list := (&Access{Documents: []*Document{
			NewDocument(statement(`{"Effect":"Deny",`+c.deny+`}`), nil), NewDocument(statement(`{"Effect":"Allow",`+c.allow+`}`), nil),
		}}).Services()
		got := strings.Join(list, " ")
		if all {
			got = "everything" + got
		}
		if got != c.want {
			t.Errorf("allow %s, deny %s: %q, want %q", c.allow, c.deny, got, c.want)
		}
	}

	var but []string
	for s := range catalog.Services() {
		if s.Prefix != "iam" {
			but = append(but, s.Prefix)
		}
	}
	for _, not := range []string{`["iam:*","iam:GetUser"]`, `["iam:A*","iam:B*","iam:C*","iam:D*","iam:E*","iam:[","iam:F*","iam:G*","iam:H*","iam:I*","iam:J*","iam:K*","iam:L*","iam:M*","iam:N*","iam:O*","iam:P*","iam:Q*","iam:R*","iam:S*","iam:T*","iam:U*"]`} {
		all, list := (&Access{Documents: []*Document{NewDocument(allow(`"NotAction":`+not), nil)}}).Services()
		if all || !slices.Equal(list, but) {
			t.Errorf("NotAction %s: all %v, %d services of %d", not, all, len(list), len(but))
		}
	}
	if all, _ := (&Access{Documents: []*Document{NewDocument(allow(`"NotAction":"iam:Get*"`), nil)}}).Services(); !all {
		t.Error("NotAction iam:Get* closes the whole service")
	}
}

// TestServicesIsBounded: patterns that match nothing, or nearly, by the
// thousand. What can be told by a look at the names is told; what would take a
// comparison with each of them is given up in time, and then all is open.
func TestServicesIsBounded(t *testing.T) {
	ten := func(pattern func(i int) string, element string) *Access {
		var a Access
		for n := range 10 {
			var list []string
			for i := range 550 {
				list = append(list, `"`+pattern(550*n+i)+`"`)
			}
			a.Documents = append(a.Documents, NewDocument(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*","`+element+`":[`+strings.Join(list, ",")+`]}}`, nil))
		}
		return &a
	}
	letters := func(i int) string {
		return string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676%26))
	}
	for name, c := range map[string]struct {
		access     *Access
		everything bool
		services   string
	}{
		"by their start":   {ten(func(i int) string { return "*:" + letters(i) + "9?" }, "Action"), false, ""},
		"of one service":   {ten(func(i int) string { return "sqs:*" + letters(i) + "9?" }, "Action"), false, ""},
		"one that matches": {ten(func(i int) string { return []string{"*q?:SendMessage*", "*:" + letters(i) + "9?"}[min(i, 1)] }, "Action"), false, "sqs"},
		"the same again":   {ten(func(i int) string { return "*:*9" + letters(i%20) }, "Action"), false, ""},
		"by their end":     {ten(func(i int) string { return "*:*" + letters(i) + "9?" }, "Action"), true, ""},
		"stars without end": {ten(func(i int) string {
			return "*" + strings.Repeat("*", i%99) + ":" + strings.Repeat("*a", 50) + letters(i)
		}, "Action"), true, ""},
		"denied one by one": {&Access{Documents: append(ten(func(i int) string { return "*:*" }, "Action").Documents,
			NewDocument(strings.Replace(ten(func(i int) string { return "*:*" + letters(i) + "9?" }, "Action").Documents[0].Text(), "Allow", "Deny", 1), nil))}, true, ""},
		"all but what is not there": {ten(func(i int) string { return "*:" + letters(i) + "9?" }, "NotAction"), true, ""},
	} {
		all, list := c.access.Services()
		if got := strings.Join(list, " "); all != c.everything || got != c.services {
			t.Errorf("%s: everything %v, %q", name, all, got)
		}
	}
}

func TestAccess(t *testing.T) {
	d := policyDraft()
	al, bob := mustUser(t, d, "Al"), mustUser(t, d, "Bob")
	group, err := d.CreateGroup("Devs", "/")
	must(t, err)
	role, err := d.CreateRole(NewRole{Name: "R", Path: "/", Trust: trusting(`"123456789012"`)})
	must(t, err)
	must(t, d.AddUserToGroup("Devs", "Al"))
	must(t, d.AddUserToGroup("Devs", "Bob"))
	arn := mustPolicy(t, d, "P", allowS3)
	for _, e := range []Entity{{KindUser, "Bob"}, {KindGroup, "Devs"}, {KindRole, "R"}} {
		must(t, d.AttachPolicy(e, arn))
	}
	must(t, d.PutInlinePolicy(Entity{KindUser, "Bob"}, "own", denyS3))
	for _, c := range []struct {
		arn       string
		entities  []string
		documents int
	}{
		{d.UserARN(bob), []string{bob.ID}, 3}, // its own two and the group's
		{d.UserARN(al), []string{al.ID}, 1},
		{d.GroupARN(group), []string{al.ID, bob.ID}, 1},
		{d.RoleARN(role), []string{role.ID}, 1},
		{arn, []string{al.ID, bob.ID, role.ID}, 1},
		{"arn:aws:iam::123456789012:user/any/path/Bob", []string{bob.ID}, 3},
		{"arn:aws:iam::123456789012:user/any:policy/Bob", []string{bob.ID}, 3},
	} {
		access, err := d.Access(c.arn)
		must(t, err)
		var ids []string
		for _, e := range access.Entities {
			ids = append(ids, e.ID)
		}
		slices.Sort(ids)
		slices.Sort(c.entities)
		if !slices.Equal(ids, c.entities) || len(access.Documents) != c.documents {
			t.Errorf("%s: %v, %d documents", c.arn, ids, len(access.Documents))
		}
	}
	for arn, want := range map[string][2]string{
		"arn:aws:iam::123456789012:user/None":  {CodeNoSuchEntity, "ARN arn:aws:iam::123456789012:user/None does not exist."},
		"arn:aws:iam::123456789012:group/None": {CodeNoSuchEntity, "ARN arn:aws:iam::123456789012:group/None does not exist."},
		"arn:aws:iam::123456789012:role/None":  {CodeNoSuchEntity, "ARN arn:aws:iam::123456789012:role/None does not exist."},
		"arn:aws:iam::123456789012:policy/No":  {CodeNoSuchEntity, "ARN arn:aws:iam::123456789012:policy/No does not exist."},
		"arn:aws:iam::999999999999:user/Bob":   {CodeNoSuchEntity, "ARN arn:aws:iam::999999999999:user/Bob does not exist."},
		"arn:aws:iam::123456789012:user/":      {CodeInvalidInput, "Invalid Entity Arn: arn:aws:iam::123456789012:user/ is not supported."},
		"arn:aws:iam::123456789012:root":       {CodeInvalidInput, "Invalid Entity Arn: arn:aws:iam::123456789012:root is not supported."},
		"arn:aws:iam::123456789012:mfa/Bob":    {CodeInvalidInput, "Invalid Entity Arn: arn:aws:iam::123456789012:mfa/Bob is not supported."},
		"arn:aws:s3::123456789012:user/Bob":    {CodeValidation, "Invalid service in ARN"},
		"arn:aws-cn:iam::123456789012:user/B":  {CodeValidation, "Invalid ARN partition"},
		"arn:aws:iam::12:user/Bob":             {CodeValidation, "ARN arn:aws:iam::12:user/Bob is not valid."},
		"":                                     {CodeValidation, "Invalid ARN:  Could not be parsed!"},
	} {
		_, err := d.Access(arn)
		refused(t, err, want[0], want[1])
	}
}

func TestLike(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"a*c", "abbc", true}, {"a*c", "abbd", false},
		{"a?c", "aBC", true}, {"a?c", "ac", false}, {"*a*b", "xaxbxab", true}, {"ab*", "a", false}, {"?*", "", false},
	} {
		if got := Like(c.pattern, c.text); got != c.want {
			t.Errorf("%q like %q: %v", c.text, c.pattern, got)
		}
	}
	if Like(strings.Repeat("*a", 1000)+"b", strings.Repeat("a", 4000)) {
		t.Error("the worst case matches")
	}
}
