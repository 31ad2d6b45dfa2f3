package authzen_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// TestAskedAsAnother: what an asker may know of a subject hangs on its tags; asking
// about it by a wrong type first does not make it one without.
func TestAskedAsAnother(t *testing.T) {
	w := newWorld(t)
	vault := w.role(t, "vault", `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)
	tags := []iamtypes.Tag{{Key: aws.String("secret"), Value: aws.String("yes")}}
	if _, err := w.iam.TagRole(t.Context(), &iam.TagRoleInput{RoleName: aws.String("vault"), Tags: tags}); err != nil {
		t.Fatal(err)
	}
	role, err := w.iam.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("vault")})
	if err != nil {
		t.Fatal(err)
	}
	w.user(t, "curious", "/", `{"Effect":"Allow","Action":"iam:SimulatePrincipalPolicy","Resource":"*"},
		{"Effect":"Deny","Action":"iam:SimulatePrincipalPolicy","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/secret":"yes"}}}`)
	for _, id := range []string{vault, *role.Role.RoleId} {
		for _, first := range []string{"user", "root", "role"} {
			a := w.ask(t, w.keys["curious"], evaluations, marshal(t, m{
				"action": m{"name": "s3:GetObject"}, "resource": m{"type": "x", "id": "*"},
				"evaluations": []m{{"subject": m{"type": first, "id": id}}, {"subject": m{"type": "role", "id": id}}},
			}))
			list, _ := a.object(t)["evaluations"].([]any)
			if len(list) != 2 || list[1].(m)["decision"] != false || strings.Count(a.body, `"status":403`) == 0 || strings.Contains(a.body, "matched_statements") {
				t.Errorf("%s first: %d %s", first, a.status, a.body)
			}
		}
	}
}

// TestInvokedElsewhere: a request that may be made says nothing of another one, also
// where that is asked for by the same action.
func TestInvokedElsewhere(t *testing.T) {
	w := newWorld(t)
	w.user(t, "ann", "/", orders)
	arn := "arn:aws:execute-api:" + region + ":" + account + ":shop/prod/"
	for resource, want := range map[string]bool{
		"*": true, "": true, arn + "GET/orders": true, arn + "DELETE/orders/1": true,
		arn + "GET/admin": false, "arn:aws:execute-api:" + region + ":" + account + ":other/prod/GET/orders": false, "orders": false,
	} {
		q := invoked(held(t, w.keys["ann"], "GET", "/orders", ""))
		q["resource"] = m{"type": "request", "id": resource}
		if a := w.ask(t, w.root, evaluation, marshal(t, q)); a.decision(t) != want {
			t.Errorf("%q: %s", resource, a.body)
		}
	}
}

// TestLongPolicies: a policy that comes with many questions is read for each, so it
// counts as work for each.
func TestLongPolicies(t *testing.T) {
	w := newWorld(t)
	ann := w.user(t, "ann", "/", orders)
	long := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"shop:*","Resource":["` +
		strings.TrimSuffix(strings.Repeat(`arn:aws:shop:::a*b*c*d","`, 8000), `","`) + `"]}]}`
	for name, subject := range map[string]m{
		"principal": {"type": "user", "id": ann},
		"signature": invoked(held(t, w.keys["ann"], "GET", "/orders", ""))["subject"].(m),
	} {
		list := make([]m, 256)
		for i := range list {
			list[i] = m{}
		}
		a := w.ask(t, w.root, evaluations, marshal(t, m{
			"subject": subject, "action": m{"name": "shop:Buy"}, "evaluations": list,
			"resource": m{"type": "x", "id": "arn:aws:shop:::x", "properties": m{"policy": long}},
		}))
		if n := strings.Count(a.body, "too much work"); a.status != 200 || n < 200*2 { // in the reason, and in the error
			t.Errorf("%s: %d, %d refused: %.500s", name, a.status, n, a.body)
		}
	}
	for range 40 {
		w.role(t, "r"+strings.Repeat("x", len(w.roles)), orders)
	}
	a := w.ask(t, w.root, search+"subject", marshal(t, m{
		"subject": m{"type": "role"}, "action": m{"name": "shop:Buy"}, "resource": m{"type": "x", "id": "arn:aws:shop:::x", "properties": m{"policy": long}},
	}))
	if a.status != 200 || strings.Contains(a.body, `"next_token":""`) {
		t.Errorf("a search: %d %.500s", a.status, a.body)
	}
}
