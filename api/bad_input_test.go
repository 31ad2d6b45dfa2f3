package api_test

import "testing"

// TestBadInputOnWire: what the SDK would not send is refused all the same, in
// these words.
func TestBadInputOnWire(t *testing.T) {
	root := newWorld(t).account(t)
	simulating := []string{"PolicyInputList.member.1", putText, "ActionNames", ""}
	excluding := []string{
		"PolicySourceArn", "arn:aws:iam::" + root.Account + ":user/Bob", "ActionNames.member.1", "s3:GetObject",
		"PolicyExclusionList.member.1.InlinePolicyIdentifier.PolicyName", "P", "PolicyExclusionList.member.1.InlinePolicyIdentifier.AttachmentType", "user",
		"PolicyExclusionList.member.1.InlinePolicyIdentifier.AttachmentName", "B*b*",
	}
	if made := onWire(t, root, "iam", "CreateUser", "UserName", "Bob"); made.code != "" {
		t.Fatal(made)
	}
	for _, c := range []struct {
		service, action string
		in              []string
		code, message   string
	}{
		{"sts", "GetAccessKeyInfo", []string{"AccessKeyId", "AIDAIOSFODNN7EXAMPLE"}, "ValidationError", "The specified value for accessKeyId is invalid."},
		{"sts", "GetAccessKeyInfo", []string{"AccessKeyId", "AKIA1111111111111111"}, "ValidationError", "The specified value for accessKeyId is invalid."},
		{"sts", "AssumeRoot", []string{"TargetPrincipal", root.Account}, "ValidationError", "1 validation error detected: Value null at 'taskPolicyArn' failed to satisfy constraint: Member must not be null"},
		{"iam", "SimulateCustomPolicy", simulating, "InvalidInput", "The request must contain ActionNames."},
		{"iam", "SimulatePrincipalPolicy", excluding, "InvalidInput", "Invalid policy identifier: B*b*"},
	} {
		got := onWire(t, root, c.service, c.action, c.in...)
		if got.code != c.code || got.message != c.message {
			t.Errorf("%s %v:\n got %s: %s\nwant %s: %s", c.action, c.in, got.code, got.message, c.code, c.message)
		}
	}
}
