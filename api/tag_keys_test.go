package api_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// TestTagKeyInDisguise: who may not set a tag does not get it by a key that
// some rule of letters takes for the same.
func TestTagKeyInDisguise(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	caller := w.caller(t, root,
		statement{"Allow", "iam:TagUser", "*", nil},
		statement{"Deny", "iam:TagUser", "*", map[string]map[string]string{"ForAnyValue:StringEqualsIgnoreCase": {"aws:TagKeys": "division"}}},
		statement{"Deny", "iam:TagUser", "*", map[string]map[string]string{"ForAnyValue:StringEqualsIgnoreCase": {"aws:TagKeys": "key"}}},
		statement{"Allow", "iam:ListUsers", "*", map[string]map[string]string{"StringEquals": {"aws:PrincipalTag/division": "admins"}}},
		statement{"Allow", "iam:ListUsers", "*", map[string]map[string]string{"StringEquals": {"aws:PrincipalTag/key": "admins"}}},
	)
	denied := func(what string, err error, want bool) {
		t.Helper()
		code, _ := apiError(err)
		same(t, what, fmt.Sprintf("%v %s", err != nil, code), map[bool]string{true: "true AccessDenied", false: "false "}[want])
	}
	for key, want := range map[string]bool{
		"division": true, "DIVISION": true, "Key": true, "\u212aey": true, // the Kelvin sign: neither the same nor another
		"divİsion": false, "dıvision": false,
	} {
		_, err := caller.IAM.TagUser(ctx, &iam.TagUserInput{UserName: aws.String("caller"), Tags: []types.Tag{{Key: aws.String(key), Value: aws.String("admins")}}})
		denied(key, err, want)
		_, err = caller.IAM.ListUsers(ctx, &iam.ListUsersInput{})
		denied("after "+key, err, true)
	}
	if _, err := root.IAM.TagUser(ctx, &iam.TagUserInput{UserName: aws.String("caller"), Tags: []types.Tag{{Key: aws.String("Division"), Value: aws.String("admins")}}}); err != nil {
		t.Fatal(err)
	}
	_, err := caller.IAM.ListUsers(ctx, &iam.ListUsersInput{})
	denied("the tag itself", err, false)
}
