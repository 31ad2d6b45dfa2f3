package policy

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func compiled(t testing.TB, src string) *Compiled {
	t.Helper()
	return Compile(mustParse(t, src), CompileOptions{})
}

func alice() Principal {
	return Principal{Kind: User, Account: home, ARN: "arn:aws:iam::111122223333:user/alice", UniqueID: "AIDAEXAMPLEALICE0001"}
}

func TestExplain(t *testing.T) {
	c := compiled(t, `{"Version":"2012-10-17","Statement":[
		{"Sid":"Own","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/${aws:username}/*"},
		{"Sid":"Other","Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"Bool":{"aws:ViaAWSService":"true"}}},
		{"Sid":"Cond","Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/Team":"${s3:prefix}"}}},
		{"Sid":"Guard","Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Matches":{"a:b":"c"}}}]}`)
	req := &Request{Principal: alice(), Action: "s3:GetObject", Resource: "arn:aws:s3:::b/alice/x", Context: &Context{}}
	e := Explain(req, &Policies{Identity: []Attached{{ID: "p", Type: "IAM Policy", Policy: c}}})
	if e.Allowed || !e.Explicit || e.Type != Identity || e.Policy != "p" || e.Statement != 3 || e.Decision() != Decide(req, &Policies{Identity: []Attached{{ID: "p", Policy: c}}}) {
		t.Errorf("%+v", e)
	}
	if e.Reason != "with an explicit deny in an identity-based policy" {
		t.Error(e.Reason)
	}
	if want := []string{"aws:username", "aws:PrincipalTag/Team", "s3:prefix", "a:b"}; !slices.Equal(e.MissingContextKeys, want) {
		t.Error(e.MissingContextKeys)
	}
	if len(e.Matched) != 1 || e.Matched[0].SID != "Guard" || e.Matched[0].PolicyType != "IAM Policy" || e.Matched[0].Start.Line != 5 ||
		e.Matched[0].Element != "Condition" || !strings.Contains(e.Matched[0].Detail, "unknown condition operator Matches") {
		t.Errorf("%+v", e.Matched)
	}
	var elements []string
	for _, s := range e.Types[0].Statements {
		elements = append(elements, s.Element)
	}
	if !slices.Equal(elements, []string{"Resource", "Action", "Condition", "Condition"}) {
		t.Error(elements)
	}
	out, err := json.Marshal(e)
	if err != nil || !strings.Contains(string(out), `"decidedBy":"identity-based policy"`) {
		t.Error(string(out), err)
	}
	if want := []string{"aws:username", "aws:ViaAWSService", "aws:PrincipalTag/Team", "s3:prefix", "a:b"}; !slices.Equal(c.ContextKeys(), want) {
		t.Error(c.ContextKeys())
	}
}

func TestUnreadablePolicyDenies(t *testing.T) {
	all := compiled(t, document(`{"Effect":"Allow","Action":"*","Resource":"*"}`))
	p := &Policies{Identity: []Attached{{ID: "all", Policy: all}, {ID: "lost", Policy: Compile(nil, CompileOptions{})}}}
	req := &Request{Principal: alice(), Action: "s3:GetObject", Resource: "*"}
	if d := Decide(req, p); d.Allowed || !d.Explicit || d.Policy != "lost" || d.Statement != -1 {
		t.Errorf("%+v", d)
	}
	if e := Explain(req, p); e.Allowed || !strings.Contains(e.Types[0].Statements[1].Detail, "can't be read") {
		t.Errorf("%+v", e)
	}
	p.Identity = p.Identity[:1]
	if d := Decide(req, p); !d.Allowed || d.Policy != "all" || d.Statement != 0 {
		t.Errorf("%+v", d)
	}
}

func TestReason(t *testing.T) {
	for _, c := range []struct {
		d    Decision
		want string
	}{
		{Decision{Type: Identity}, "because no identity-based policy allows the iam:CreateUser action"},
		{Decision{Type: Trust}, "because no role trust policy allows the iam:CreateUser action"},
		{Decision{Type: VPCEndpoint}, "because no VPC endpoint policy allows the iam:CreateUser action"},
		{Decision{Type: Identity, Explicit: true}, "with an explicit deny in an identity-based policy"},
		{Decision{Type: Boundary, Explicit: true}, "with an explicit deny in a permissions boundary"},
		{Decision{Type: SCP, Explicit: true}, "with an explicit deny in a service control policy"},
		{Decision{Type: Trust, Explicit: true}, "with an explicit deny in the role trust policy"},
		{Decision{Allowed: true, Type: Identity}, ""},
	} {
		if got := c.d.Reason("iam:CreateUser"); got != c.want {
			t.Errorf("%+v: %q", c.d, got)
		}
	}
}

func TestContext(t *testing.T) {
	var c Context
	c.Set("aws:UserName", "alice")
	c.SetList("aws:TagKeys", "a", "b")
	c.SetList("aws:Empty")
	if v, multi, ok := c.Get("AWS:username"); !ok || multi || v[0] != "alice" {
		t.Error(v, multi, ok)
	}
	c.Set("AWS:USERNAME", "bob")
	if v, _, _ := c.Get("aws:username"); len(v) != 1 || v[0] != "bob" {
		t.Error(v)
	}
	if v, multi, ok := c.Get("aws:tagkeys"); !ok || !multi || !slices.Equal(v, []string{"a", "b"}) {
		t.Error(v, multi, ok)
	}
	if _, _, ok := c.Get("aws:empty"); ok {
		t.Error("a list without values counts as a value")
	}
	if got := c.Keys(); !slices.Equal(got, []string{"aws:tagkeys", "aws:empty", "aws:username"}) {
		t.Error(got)
	}
	if c.Delete("aws:tagkeys"); len(c.Keys()) != 2 {
		t.Error(c.Keys())
	}
	c.Reset()
	if _, _, ok := c.Get("aws:username"); ok || len(c.Keys()) != 0 {
		t.Error("Reset left a key")
	}
}
