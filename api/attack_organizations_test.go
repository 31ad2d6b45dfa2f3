package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// TestPathIsNoExemption: service control policies leave service-linked roles out,
// and no role that a customer gave a path which only looks like theirs.
func TestPathIsNoExemption(t *testing.T) {
	o := newControlled(t)
	ctx := t.Context()
	for i, path := range []string{"/:role/aws-service-role/x/", "/x:role/aws-service-role/organizations.amazonaws.com/", "/aws-service-role:role/aws-service-role/"} {
		name := fmt.Sprint("sly", i)
		role, err := o.member.IAM.CreateRole(ctx, &iam.CreateRoleInput{
			RoleName: &name, Path: &path, AssumeRolePolicyDocument: aws.String(trusting(o.member.Account)),
		})
		if err != nil {
			continue // that there can't be such a role is as good
		}
		if _, err := o.member.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("p"), PolicyDocument: aws.String(allow("*", "*"))}); err != nil {
			t.Fatal(err)
		}
		assumed, err := assume(o.callers[1].clients, *role.Role.Arn, "session")
		if err != nil {
			t.Fatal(err)
		}
		sly := o.session(o.member.Account, assumed.Credentials)
		_, undo := o.control(t, scp, o.made["unit"], `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:ListUsers","Resource":"*"}}`)
		if _, err := sly.IAM.ListUsers(ctx, &iam.ListUsersInput{}); err == nil || !strings.Contains(err.Error(), "service control policy") {
			t.Errorf("a role under %s: %v", path, err)
		}
		undo()
	}
}

// TestFullOfNotes: who sends one account invitation after invitation, and takes
// each back, or the whole organization, doesn't keep others from inviting it; nor
// does what they hear tell them that there is such an account.
func TestFullOfNotes(t *testing.T) {
	w := newWorld(t)
	rude, guest, host := w.account(t), w.account(t), w.account(t)
	ctx := t.Context()
	for range 6 {
		inNewOrganization(t, rude, map[string]string{})
		for range 19 {
			id := invite(t, rude, types.HandshakePartyTypeAccount, guest.Account)
			if _, err := rude.Organizations.CancelHandshake(ctx, &organizations.CancelHandshakeInput{HandshakeId: &id}); err != nil {
				t.Fatal(err)
			}
		}
		invite(t, rude, types.HandshakePartyTypeAccount, guest.Account)
		if _, err := rude.Organizations.DeleteOrganization(ctx, &organizations.DeleteOrganizationInput{}); err != nil {
			t.Fatal(err)
		}
	}
	inNewOrganization(t, host, map[string]string{})
	join(t, host, guest)
}
