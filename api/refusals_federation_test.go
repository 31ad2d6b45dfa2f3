package api_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// TestFederatedRefusals: what the callers of providers are refused as others are.
func TestFederatedRefusals(t *testing.T) {
	s := newSAMLWorld(t)
	in := samlCall(s.role, s.provider, s.good())
	in.Policy = aws.String("{}")
	_, err := s.assume(t, in)
	wantError(t, "a bad policy", err, "MalformedPolicyDocument", "Syntax errors in policy.")

	w, i, root, _ := newWebWorld(t)
	role := trustsWeb(t, root, "tagged", "arn:aws:iam::"+root.Account+":oidc-provider/"+issuerName, letIn, statement{Effect: "Allow", Action: "sts:TagSession"})
	tags := map[string][]string{}
	for n := range 50 {
		tags[fmt.Sprint(n)] = []string{noise(n)}
	}
	_, err = w.webIdentity(t, webCall(role, i.token(t, issuerURL, map[string]any{"https://aws.amazon.com/tags": map[string]any{"principal_tags": tags}})))
	wantError(t, "no room", err, "PackedPolicyTooLarge", "Packed policy consumes ")
}
