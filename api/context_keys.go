package api

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/guard"
	"iamd/policy"
)

// contextKeyActions are the rows that tell which condition keys policies refer
// to: what whoever simulates them must know.
func contextKeyActions() []Action {
	return []Action{
		read("GetContextKeysForCustomPolicy", checkAnything[sdk.GetContextKeysForCustomPolicyInput], (*API).getContextKeysForCustomPolicy),
		read("GetContextKeysForPrincipalPolicy", checkGetContextKeysForPrincipalPolicy, (*API).getContextKeysForPrincipalPolicy),
	}
}

func checkGetContextKeysForPrincipalPolicy(c *Call, action string, in *sdk.GetContextKeysForPrincipalPolicyInput) ([]guard.Check, error) {
	return checkPolicySource(c, action, aws.ToString(in.PolicySourceArn))
}

// getContextKeysForCustomPolicy lists the keys of the policies that the request
// brings, each once, in order.
func (a *API) getContextKeysForCustomPolicy(_ *Call, in *sdk.GetContextKeysForCustomPolicyInput) (*sdk.GetContextKeysForCustomPolicyOutput, error) {
	keys, err := contextKeys(nil, in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	return &sdk.GetContextKeysForCustomPolicyOutput{ContextKeyNames: keys}, nil
}

// getContextKeysForPrincipalPolicy lists the keys of the policies that a user,
// group or role has, its boundary and a user's groups included, then those of
// the policies that the request brings.
func (a *API) getContextKeysForPrincipalPolicy(c *Call, in *sdk.GetContextKeysForPrincipalPolicyInput) (*sdk.GetContextKeysForPrincipalPolicyOutput, error) {
	s := guard.NewSimulation(c.Caller.Account, c.Time)
	if err := s.Of(c.Account, aws.ToString(in.PolicySourceArn), func(guard.Source) bool { return true }); err != nil {
		return nil, err
	}
	keys, err := contextKeys(s.ContextKeys(), in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	return &sdk.GetContextKeysForPrincipalPolicyOutput{ContextKeyNames: keys}, nil
}

// contextKeys adds to keys those of policies, each once. A key has one name in
// any case; AWS lists one again that is written in another case or comes in
// another policy.
func contextKeys(keys, texts []string) ([]string, error) {
	seen := newSet[string]()
	for _, key := range keys {
		seen.add(policy.FoldKey(key))
	}
	for i, text := range texts {
		compiled, err := readForKeys(text)
		if err != nil {
			return nil, unusablePolicy(fmt.Sprintf("Policy input list item %d", i+1), strings.TrimPrefix(err.Error(), "policy: "), err)
		}
		for _, key := range compiled.ContextKeys() {
			if seen.add(policy.FoldKey(key)) {
				keys = append(keys, key)
			}
		}
	}
	return keys, nil
}

// readForKeys reads a policy of any kind. It may be one that can't be attached
// yet, without an action, say: AWS asks for good syntax only, since the keys of
// a draft are what its author wants to know.
func readForKeys(text string) (*policy.Compiled, error) {
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	var refused *policy.Malformed
	if errors.As(policy.Check(doc, policy.Resource, policy.CheckOptions{}), &refused) && refused.Message == syntaxErrors {
		return nil, refused
	}
	return policy.Compile(doc, policy.CompileOptions{}), nil
}

// syntaxErrors is what AWS says to a document that is no policy at all.
const syntaxErrors = "Syntax errors in policy."
