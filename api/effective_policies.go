package api

import (
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/guard"
	"iamd/org"
)

// effectivePolicyActions are the rows of what management policies come to.
func effectivePolicyActions() []Action {
	describe := inOrganization("DescribeEffectivePolicy", anyMember, checkDescribeEffectivePolicy, (*API).describeEffectivePolicy)
	describe.org.about = func(c *Call, in any) from {
		if effectiveTarget(c, in.(*sdk.DescribeEffectivePolicyInput)) == c.Home {
			return anyMember // of itself every member may know
		}
		return readers
	}
	return []Action{
		describe,
		inOrganization("ListAccountsWithInvalidEffectivePolicy", readers, checkListAccountsWithInvalidEffectivePolicy, (*API).listAccountsWithInvalidEffectivePolicy),
		inOrganization("ListEffectivePolicyValidationErrors", readers, checkListEffectivePolicyValidationErrors, (*API).listEffectivePolicyValidationErrors),
	}
}

// effectiveTarget is the account that a call is about: the caller's, unless it
// names one.
func effectiveTarget(c *Call, in *sdk.DescribeEffectivePolicyInput) string {
	if in.TargetId == nil {
		return c.Home
	}
	return *in.TargetId
}

func checkDescribeEffectivePolicy(c *Call, action string, in *sdk.DescribeEffectivePolicyInput) ([]guard.Check, error) {
	return one(typedCheck(c, action, aws.String(effectiveTarget(c, in)), types.PolicyType(in.PolicyType)))
}

func checkListEffectivePolicyValidationErrors(c *Call, action string, in *sdk.ListEffectivePolicyValidationErrorsInput) ([]guard.Check, error) {
	return one(typedCheck(c, action, in.AccountId, types.PolicyType(in.PolicyType)))
}

func checkListAccountsWithInvalidEffectivePolicy(_ *Call, action string, in *sdk.ListAccountsWithInvalidEffectivePolicyInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: "*", Keys: []guard.Key{guard.Value(keyPolicyType, string(in.PolicyType))}})
}

func (a *API) describeEffectivePolicy(c *Call, in *sdk.DescribeEffectivePolicyInput) (*sdk.DescribeEffectivePolicyOutput, error) {
	account := effectiveTarget(c, in)
	if err := c.Org.EffectiveTarget(account); err != nil {
		return nil, err
	}
	p, err := c.Org.EffectivePolicy(account, org.PolicyType(in.PolicyType))
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeEffectivePolicyOutput{EffectivePolicy: &types.EffectivePolicy{
		LastUpdatedTimestamp: aws.Time(p.Updated), PolicyContent: aws.String(p.Content), PolicyType: in.PolicyType, TargetId: aws.String(account),
	}}, nil
}

func (a *API) listAccountsWithInvalidEffectivePolicy(c *Call, in *sdk.ListAccountsWithInvalidEffectivePolicyInput) (*sdk.ListAccountsWithInvalidEffectivePolicyOutput, error) {
	ids, err := c.Org.InvalidAccounts(org.PolicyType(in.PolicyType))
	if err != nil {
		return nil, err
	}
	list, next, err := nextPage(in.NextToken, in.MaxResults, keyed(ids, func(id string) string { return id }), nil, func(id string) types.Account {
		member, _ := c.Org.Account(id) // one of those that there are
		return showAccount(c.Org, member)
	})
	if err != nil {
		return nil, err
	}
	return &sdk.ListAccountsWithInvalidEffectivePolicyOutput{Accounts: list, NextToken: next, PolicyType: in.PolicyType}, nil
}

func (a *API) listEffectivePolicyValidationErrors(c *Call, in *sdk.ListEffectivePolicyValidationErrorsInput) (*sdk.ListEffectivePolicyValidationErrorsOutput, error) {
	account := aws.ToString(in.AccountId)
	if _, err := c.Org.FindAccount(account); err != nil {
		return nil, err
	}
	p, err := c.Org.EffectivePolicy(account, org.PolicyType(in.PolicyType))
	if err != nil {
		return nil, err
	}
	key := func(e org.ValidationError) string { return e.Path + "\x00" + e.Code + "\x00" + e.Message }
	list, next, err := nextPage(in.NextToken, in.MaxResults, keyed(p.Errors, key), nil, func(e org.ValidationError) types.EffectivePolicyValidationError {
		return types.EffectivePolicyValidationError{
			ErrorCode: aws.String(e.Code), ErrorMessage: aws.String(e.Message), PathToError: aws.String(e.Path), ContributingPolicies: e.Policies,
		}
	})
	if err != nil {
		return nil, err
	}
	out := &sdk.ListEffectivePolicyValidationErrorsOutput{
		AccountId: in.AccountId, PolicyType: in.PolicyType, EffectivePolicyValidationErrors: list, NextToken: next,
	}
	if len(p.Errors) > 0 { // as with AWS, which otherwise says neither
		out.Path, out.EvaluationTimestamp = aws.String(c.Org.AccountPath(account)), aws.Time(p.Updated)
	}
	return out, nil
}

// keyed walks a list that is made anew for each call, in the order of its keys.
func keyed[V any](list []V, key func(V) string) func(after string) iter.Seq2[string, V] {
	sorted := slices.SortedFunc(slices.Values(list), func(a, b V) int { return strings.Compare(key(a), key(b)) })
	return func(after string) iter.Seq2[string, V] {
		return func(yield func(string, V) bool) {
			for _, v := range sorted {
				if k := key(v); k > after && !yield(k, v) {
					return
				}
			}
		}
	}
}
