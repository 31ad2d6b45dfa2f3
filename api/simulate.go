package api

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/guard"
	"iamd/iam"
)

// simulateActions are the rows of the policy simulator.
func simulateActions() []Action {
	return []Action{
		read("SimulatePrincipalPolicy", checkSimulatePrincipalPolicy, (*API).simulatePrincipalPolicy),
		read("SimulateCustomPolicy", checkAnything[sdk.SimulateCustomPolicyInput], (*API).simulateCustomPolicy),
	}
}

func checkSimulatePrincipalPolicy(c *Call, action string, in *sdk.SimulatePrincipalPolicyInput) ([]guard.Check, error) {
	return checkPolicySource(c, action, aws.ToString(in.PolicySourceArn))
}

// checkPolicySource asks for the action on the user, group or role whose
// policies it shows.
func checkPolicySource(c *Call, action, arn string) ([]guard.Check, error) {
	_, owner, err := iam.ParseEntityARN(arn)
	if err != nil {
		return nil, invalid("Invalid ARN provided in the request: %s", clip(arn))
	}
	if owner != c.Caller.Account {
		return nil, invalid("Invalid Policy Source Arn: caller's account %s does not have access to policies in account %s.", c.Caller.Account, owner)
	}
	return one(arnCheck(c, action, arn))
}

// arnCheck asks for an action on an entity by its ARN, in which denials name it
// too.
func arnCheck(c *Call, action, arn string) guard.Check {
	check := guard.Check{Action: action, Resource: arn}
	if u, ok := c.Account.UserByARN(arn); ok {
		check.Tags = u.Tags
	} else if r, ok := c.Account.RoleByARN(arn); ok {
		check.Tags = r.Tags
	}
	return check
}

// simulatePrincipalPolicy asks the policies that a user, group or role has.
func (a *API) simulatePrincipalPolicy(c *Call, in *sdk.SimulatePrincipalPolicyInput) (*sdk.SimulatePrincipalPolicyOutput, error) {
	q := &simulation{
		Simulation: guard.NewSimulation(c.Caller.Account, c.Time), organized: true,
		served: a.actions, actions: in.ActionNames, resources: in.ResourceArns,
	}
	source := aws.ToString(in.PolicySourceArn)
	keep, err := excluding(in.PolicyExclusionList)
	if err != nil {
		return nil, err
	}
	if err := q.Of(c.Account, source, keep); err != nil {
		return nil, err
	}
	if caller := cmp.Or(aws.ToString(in.CallerArn), source); caller == source {
		err = q.CalledAs(c.Account, source)
	} else {
		err = q.CalledBy(caller)
	}
	if err != nil {
		return nil, err
	}
	if err := q.In(a.cfg.Guard, c.Home, keep); err != nil {
		return nil, err
	}
	if err := q.read(given{
		policies: in.PolicyInputList, boundary: in.PermissionsBoundaryPolicyInputList,
		resource: in.ResourcePolicy, owner: in.ResourceOwner, handling: in.ResourceHandlingOption, entries: in.ContextEntries,
	}); err != nil {
		return nil, err
	}
	results, truncated, next, err := q.page(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &sdk.SimulatePrincipalPolicyOutput{EvaluationResults: results, IsTruncated: truncated, Marker: next}, nil
}

// simulateCustomPolicy asks the policies that the request brings, and nothing
// of the account.
func (a *API) simulateCustomPolicy(c *Call, in *sdk.SimulateCustomPolicyInput) (*sdk.SimulateCustomPolicyOutput, error) {
	q := &simulation{
		Simulation: guard.NewSimulation(c.Caller.Account, c.Time),
		served:     a.actions, actions: in.ActionNames, resources: in.ResourceArns,
	}
	if in.CallerArn != nil {
		if err := q.CalledBy(*in.CallerArn); err != nil {
			return nil, err
		}
	} else if in.ResourcePolicy != nil {
		return nil, iam.Errorf(iam.CodeInvalidInput, "Invalid caller - Caller cannot be null or empty.")
	}
	if err := q.organize(in.OrderedOrganizationPolicyInputList); err != nil {
		return nil, err
	}
	if err := q.read(given{
		policies: in.PolicyInputList, boundary: in.PermissionsBoundaryPolicyInputList,
		resource: in.ResourcePolicy, owner: in.ResourceOwner, handling: in.ResourceHandlingOption, entries: in.ContextEntries,
	}); err != nil {
		return nil, err
	}
	results, truncated, next, err := q.page(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &sdk.SimulateCustomPolicyOutput{EvaluationResults: results, IsTruncated: truncated, Marker: next}, nil
}
