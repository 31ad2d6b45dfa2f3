package console

import (
	"net/http"
	"slices"
	"testing"
)

// TestPermissions: a person is told what would be denied in any case, and of the
// rest nothing.
func TestPermissions(t *testing.T) {
	f := newFront(t)
	f.allow(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"iam:Get*","Resource":"*"},
		{"Effect":"Allow","Action":"iam:CreateUser","Resource":"arn:aws:iam::*:user/dev/*"},
		{"Effect":"Allow","Action":"iam:CreateRole","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"red"}}}]}`)
	keys := f.enter(asBob())
	ask := func(checks ...map[string]string) answer {
		return f.signed(keys, "permissions", map[string]any{"checks": checks})
	}
	check := func(action, resource string) map[string]string {
		return map[string]string{"action": action, "resource": resource}
	}
	before := len(f.events(corp))
	got := ask(
		check("iam:GetUser", "*"), check("iam:DeleteUser", "*"), check("iam:CreateUser", "*"), check("iam:CreateRole", "*"),
		check("iam:CreateUser", "arn:aws:iam::"+corp+":user/ops/ann"), check("iam:GetUser", "arn:aws:iam::999999999999:user/ann"),
		check("sts:AssumeRole", "arn:aws:iam::999999999999:role/r"), check("sts:AssumeRole", "arn:aws:iam::"+corp+":role/r"),
	)
	if got.status != http.StatusOK {
		t.Fatal(got.status, got.member)
	}
	var allowed []bool
	for _, a := range got.member["allowed"].([]any) {
		allowed = append(allowed, a.(bool))
	}
	if want := []bool{true, false, true, true, false, false, true, true}; !slices.Equal(allowed, want) {
		t.Errorf("allowed %v, want %v", allowed, want)
	}
	if after := len(f.events(corp)); after != before {
		t.Errorf("asking wrote %d events", after-before)
	}

	for name, a := range map[string]answer{
		"nothing asked":        ask(),
		"too much asked":       ask(slices.Repeat([]map[string]string{check("iam:GetUser", "*")}, maxPermissionChecks+1)...),
		"an action of none":    ask(check("GetUser", "*")),
		"on nothing":           ask(check("iam:GetUser", "")),
		"something else asked": f.signed(keys, "permissions", map[string]any{"checks": []any{}, "as": "root"}),
	} {
		if a.status != http.StatusBadRequest {
			t.Errorf("%s: %d %v", name, a.status, a.member)
		}
	}
	if a := f.post("permissions", map[string]any{"checks": []any{check("iam:GetUser", "*")}}); a.status != http.StatusForbidden {
		t.Errorf("unsigned: %d %v", a.status, a.member)
	}
}
