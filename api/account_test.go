package api_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const (
	roleManager     = "RoleManager/Enabled"
	roleManagerRole = "arn:aws:iam::«ACCOUNT»:role/aws-service-role/role-manager.iam.amazonaws.com/AWSServiceRoleForIAMRoleManager"
)

// ownAlias is an alias that no other account of the same server has.
func ownAlias(c *clients) *string { return aws.String("ink-" + c.Account) }

func makeAlias(t *testing.T, root *clients, _ map[string]string) {
	t.Helper()
	if _, err := root.IAM.CreateAccountAlias(t.Context(), &iam.CreateAccountAliasInput{AccountAlias: ownAlias(root)}); err != nil {
		t.Fatalf("CreateAccountAlias: %v", err)
	}
}

func aliases(t *testing.T, root *clients) string {
	t.Helper()
	out, err := root.IAM.ListAccountAliases(t.Context(), nil)
	if err != nil {
		t.Fatalf("ListAccountAliases: %v", err)
	}
	return strings.Join(out.AccountAliases, " ")
}

func summary(t *testing.T, c *clients) map[string]int32 {
	t.Helper()
	out, err := c.IAM.GetAccountSummary(t.Context(), nil)
	if err != nil {
		t.Fatalf("GetAccountSummary: %v", err)
	}
	return out.SummaryMap
}

func putProperties(ctx context.Context, c *clients, properties map[string]string) error {
	_, err := c.IAM.PutAccountProperties(ctx, &iam.PutAccountPropertiesInput{Properties: properties})
	return err
}

func properties(t *testing.T, root *clients) string {
	t.Helper()
	out, err := root.IAM.GetAccountProperties(t.Context(), nil)
	if err != nil {
		t.Fatalf("GetAccountProperties: %v", err)
	}
	return fmt.Sprint(out.Properties)
}

func accountCases() []actionCase {
	const anything = "*"
	namespace := func(c actionCase) actionCase {
		c.anyKey, c.holds, c.other = "iam:AccountPropertyNamespaces", "RoleManager", "Another"
		return c
	}
	return []actionCase{
		{
			action: "CreateAccountAlias", grants: []grant{{"iam:CreateAccountAlias", anything}},
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: ownAlias(c)})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "aliases", aliases(t, root), *ownAlias(root))
			},
		},
		{
			action: "DeleteAccountAlias", grants: []grant{{"iam:DeleteAccountAlias", anything}}, setup: makeAlias,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.DeleteAccountAlias(ctx, &iam.DeleteAccountAliasInput{AccountAlias: ownAlias(c)})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) { same(t, "aliases", aliases(t, root), "") },
		},
		{
			action: "ListAccountAliases", grants: []grant{{"iam:ListAccountAliases", anything}}, setup: makeAlias,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListAccountAliases(ctx, &iam.ListAccountAliasesInput{})
				if err == nil {
					made["aliases"] = strings.Join(out.AccountAliases, " ")
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "aliases", made["aliases"], *ownAlias(root))
				_, err := root.IAM.DeleteAccountAlias(t.Context(), &iam.DeleteAccountAliasInput{AccountAlias: aws.String(made["aliases"])})
				if err != nil {
					t.Errorf("DeleteAccountAlias of what was listed: %v", err)
				}
			},
		},
		{
			action: "GetAccountSummary", grants: []grant{{"iam:GetAccountSummary", anything}}, setup: makeEntities,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetAccountSummary(ctx, nil)
				if err == nil {
					made["users"], made["roles"] = fmt.Sprint(out.SummaryMap["Users"]), fmt.Sprint(out.SummaryMap["Roles"])
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				users, err := root.IAM.ListUsers(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				roles, err := root.IAM.ListRoles(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				same(t, "users", made["users"], fmt.Sprint(len(users.Users)))
				same(t, "roles", made["roles"], fmt.Sprint(len(roles.Roles)))
			},
		},
		namespace(actionCase{
			action: "GetAccountProperties", grants: []grant{{"iam:GetAccountProperties", anything}},
			setup: func(t *testing.T, root *clients, _ map[string]string) {
				if err := putProperties(t.Context(), root, map[string]string{roleManager: "true"}); err != nil {
					t.Fatal(err)
				}
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetAccountProperties(ctx, nil)
				if err == nil {
					made["properties"] = fmt.Sprint(out.Properties)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "properties", made["properties"], "map[RoleManager/Enabled:true]")
				same(t, "read by root", properties(t, root), made["properties"])
			},
		}),
		namespace(actionCase{
			action: "PutAccountProperties",
			grants: []grant{{"iam:PutAccountProperties", anything}, {"iam:CreateServiceLinkedRole", roleManagerRole}},
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				return putProperties(ctx, c, map[string]string{roleManager: "true"})
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "properties", properties(t, root), "map[RoleManager/Enabled:true]")
				r := getRole(t, root, "AWSServiceRoleForIAMRoleManager")
				same(t, "its role", aws.ToString(r.Arn), strings.Replace(roleManagerRole, "«ACCOUNT»", root.Account, 1))
			},
		}),
		{
			action: "SetSecurityTokenServicePreferences", grants: []grant{{"iam:SetSecurityTokenServicePreferences", anything}},
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.SetSecurityTokenServicePreferences(ctx, &iam.SetSecurityTokenServicePreferencesInput{
					GlobalEndpointTokenVersion: types.GlobalEndpointTokenVersionV2Token,
				})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "version", summary(t, root)["GlobalEndpointTokenVersion"], 2)
			},
		},
	}
}

// TestAccountAliases: an alias has one account, and an account one alias, which
// a new one replaces.
func TestAccountAliases(t *testing.T) {
	w := newWorld(t)
	one, other := w.account(t), w.account(t)
	create := func(c *clients, alias string) error {
		_, err := c.IAM.CreateAccountAlias(t.Context(), &iam.CreateAccountAliasInput{AccountAlias: aws.String(alias)})
		return err
	}
	remove := func(c *clients, alias string) error {
		_, err := c.IAM.DeleteAccountAlias(t.Context(), &iam.DeleteAccountAliasInput{AccountAlias: aws.String(alias)})
		return err
	}
	if err := create(one, "paper"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*clients{one, other} {
		err := create(c, "paper")
		wantError(t, "an alias that is taken", err, "EntityAlreadyExists", "The account alias paper already exists.")
		same(t, "status", statusOf(err), 409)
	}
	same(t, "the other's", aliases(t, other), "")
	err := remove(other, "paper")
	wantError(t, "another's alias", err, "NoSuchEntity", "The account alias with name paper cannot be found.")
	wantError(t, "an account number", create(other, one.Account), "ValidationError", "must not look like an account ID")
	if err := create(one, "pencil"); err != nil {
		t.Fatal(err)
	}
	same(t, "replaced", aliases(t, one), "pencil")
	if err := create(other, "paper"); err != nil {
		t.Errorf("an alias that was given up: %v", err)
	}
	if err := remove(one, "pencil"); err != nil {
		t.Error(err)
	}
	wantError(t, "an alias that is gone", remove(one, "pencil"), "NoSuchEntity", "The account alias with name pencil cannot be found.")
	if err := create(other, "pencil"); err != nil {
		t.Errorf("an alias that was deleted: %v", err)
	}
}

// TestAccountSummaryKeys: every key that AWS lists is there.
func TestAccountSummaryKeys(t *testing.T) {
	root := newWorld(t).account(t)
	got := slices.Sorted(maps.Keys(summary(t, root)))
	var want []string
	for _, key := range types.SummaryKeyType("").Values() {
		want = append(want, string(key))
	}
	slices.Sort(want)
	same(t, "keys", strings.Join(got, "\n"), strings.Join(want, "\n"))
}

// TestAccountProperties are the refusals, and what is left to whom.
func TestAccountProperties(t *testing.T) {
	w := newWorld(t)
	root := w.account(t)
	for _, bad := range []struct {
		properties map[string]string
		text       string
	}{
		{map[string]string{"RoleManager": "false"}, "Property key must be in format Namespace/PropertyName: RoleManager"},
		{map[string]string{"RoleManager/Enabled": "false", "Probe/Enabled": "false"}, "All properties must belong to the same namespace"},
		{map[string]string{"Probe/Enabled": "false"}, "Unsupported namespace: Probe"},
		{map[string]string{"RoleManager/Enabled/Other": "false"}, "RoleManager namespace requires Enabled property"},
		{map[string]string{"RoleManager/Enabled": "FALSE"}, "Enabled must be 'true' or 'false'"},
	} {
		wantError(t, fmt.Sprint(bad.properties), putProperties(t.Context(), root, bad.properties), "InvalidInput", bad.text)
	}
	same(t, "properties", properties(t, root), "map[RoleManager/Enabled:false]")

	// Turning it off needs no service-linked role, and leaves the one there is.
	caller := w.caller(t, root, statement{"Allow", "iam:PutAccountProperties", "*", nil})
	wantError(t, "on", putProperties(t.Context(), caller, map[string]string{roleManager: "true"}), "AccessDenied", "iam:CreateServiceLinkedRole on resource: arn:aws:iam::"+root.Account+":role/aws-service-role/role-manager.iam.amazonaws.com/AWSServiceRoleForIAMRoleManager")
	if err := putProperties(t.Context(), root, map[string]string{roleManager: "true"}); err != nil {
		t.Fatal(err)
	}
	if err := putProperties(t.Context(), caller, map[string]string{roleManager: "false", "RoleManager/Other": "1"}); err != nil {
		t.Errorf("off: %v", err)
	}
	same(t, "properties", properties(t, root), "map[RoleManager/Enabled:false]")
	getRole(t, root, "AWSServiceRoleForIAMRoleManager")
	_, err := root.IAM.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: aws.String("AWSServiceRoleForIAMRoleManager")})
	wantError(t, "its role", err, "UnmodifiableEntity", "Cannot perform the operation on the protected role 'AWSServiceRoleForIAMRoleManager' - this role is only modifiable by AWS")
}
