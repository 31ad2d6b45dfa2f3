package api_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// TestTagPolicies: where a tag policy is enforced, tags that it does not allow
// can't be set; of an account's own resources, and of the organization's.
func TestTagPolicies(t *testing.T) {
	w := newWorld(t)
	host, guest, made := w.account(t), w.account(t), map[string]string{}
	inTree(t, host, made)
	join(t, host, guest)
	enableType(t, host, made, tagging)
	attachControl(t, host, newControl(t, host, "P", types.PolicyTypeTagPolicy,
		`{"tags":{"Team":{"tag_key":{"@@assign":"Team"},"tag_value":{"@@assign":["blue"]},"enforced_for":{"@@assign":["iam:policy","organizations:ou"]}}}}`), made["root"])

	const text = "The tag policy does not allow the specified value for the following tag key: 'Team'."
	create := func(name, value string) (*iam.CreatePolicyOutput, error) {
		return guest.IAM.CreatePolicy(t.Context(), &iam.CreatePolicyInput{
			PolicyName: &name, PolicyDocument: aws.String(allow("s3:*", "*")), Tags: []iamtypes.Tag{{Key: aws.String("Team"), Value: &value}},
		})
	}
	_, err := create("Red", "red")
	wantError(t, "CreatePolicy", err, "InvalidInput", text)
	out, err := create("Blue", "blue")
	if err != nil {
		t.Fatal(err)
	}
	tags := []iamtypes.Tag{{Key: aws.String("Team"), Value: aws.String("red")}}
	_, err = guest.IAM.TagPolicy(t.Context(), &iam.TagPolicyInput{PolicyArn: out.Policy.Arn, Tags: tags})
	wantError(t, "TagPolicy", err, "InvalidInput", text)
	if _, err := guest.IAM.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("U"), Tags: tags}); err != nil {
		t.Errorf("users are not on AWS's list: %v", err)
	}

	red := []types.Tag{{Key: aws.String("Team"), Value: aws.String("red")}}
	_, err = host.Organizations.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{Name: aws.String("X"), ParentId: aws.String(made["root"]), Tags: red})
	wantError(t, "CreateOrganizationalUnit", err, "ConstraintViolationException", text)
	_, err = host.Organizations.TagResource(t.Context(), &organizations.TagResourceInput{ResourceId: aws.String(made["unit"]), Tags: red})
	wantError(t, "TagResource", err, "ConstraintViolationException", text)
	if _, err = host.Organizations.TagResource(t.Context(), &organizations.TagResourceInput{ResourceId: aws.String(made["root"]), Tags: red}); err != nil {
		t.Errorf("the policy is enforced for units alone: %v", err)
	}
}
