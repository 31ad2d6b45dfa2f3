package api

import (
	"cmp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
	"iamd/wire"
)

// simulateActions are the rows of the policy simulator.
func simulateActions() []Action {
	// Making a union known again changes nothing.
	wire.Union[types.PolicyIdentifier](
		&types.PolicyIdentifierMemberInlinePolicyIdentifier{},
		&types.PolicyIdentifierMemberPolicyArn{},
		&types.PolicyIdentifierMemberPolicyType{},
	)
	return []Action{
		read("SimulatePrincipalPolicy", checkSimulatePrincipal, (*API).simulatePrincipalPolicy),
		read("SimulateCustomPolicy", checkAnything[sdk.SimulateCustomPolicyInput], (*API).simulateCustomPolicy),
	}
}

// checkSimulatePrincipal asks for the simulation on the user, group or role
// whose policies it shows.
func checkSimulatePrincipal(c *Call, action string, in *sdk.SimulatePrincipalPolicyInput) ([]guard.Check, error) {
	arn := aws.ToString(in.PolicySourceArn)
	_, owner, err := iam.ParseEntityARN(arn)
	if err != nil {
		return nil, err
	}
	if owner != c.Caller.Account {
		return nil, iam.Errorf(iam.CodeInvalidInput, "Invalid Policy Source Arn: caller's account %s does not have access to policies in account %s", c.Caller.Account, owner)
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
		actions: in.ActionNames, resources: in.ResourceArns,
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
		actions:    in.ActionNames, resources: in.ResourceArns,
	}
	if in.CallerArn != nil {
		if err := q.CalledBy(*in.CallerArn); err != nil {
			return nil, err
		}
	} else if in.ResourcePolicy != nil {
		return nil, iam.Errorf(iam.CodeInvalidInput, "Invalid caller - Caller cannot be null or empty.")
	}
	for i, level := range in.OrderedOrganizationPolicyInputList {
		q.organized = true
		name := "OrderedOrganizationPolicyInputList." + ordinal(i) + ".ServiceControlPolicyInputList."
		if err := q.Add(policy.SCP, "Service Control Policy", inputs(name, level.ServiceControlPolicyInputList)...); err != nil {
			return nil, err
		}
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

// excluding makes the filter that a list of policies to leave out means.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyIdentifier.html
func excluding(list []types.PolicyIdentifier) (keep func(guard.Source) bool, err error) {
	var out []func(guard.Source) bool
	for _, id := range list {
		switch id := id.(type) {
		case *types.PolicyIdentifierMemberPolicyType:
			out = append(out, func(s guard.Source) bool { return sourceType(s) == id.Value })
		case *types.PolicyIdentifierMemberPolicyArn:
			if _, err := iam.PolicyOwner(id.Value); err != nil || strings.Count(id.Value, "*") > 1 || strings.ContainsAny(id.Value[:strings.LastIndexByte(id.Value, '/')+1], "*?") {
				return nil, iam.Errorf(iam.CodeInvalidInput, "Invalid policy identifier: %s", id.Value)
			}
			out = append(out, func(s guard.Source) bool { return s.Kind == "" && !s.Boundary && iam.Like(id.Value, s.Name) })
		case *types.PolicyIdentifierMemberInlinePolicyIdentifier:
			entity := aws.ToString(id.Value.AttachmentName)
			if strings.Count(entity, "*") > 1 {
				return nil, iam.Errorf(iam.CodeInvalidInput, "Invalid policy identifier: %s", entity)
			}
			out = append(out, func(s guard.Source) bool {
				return s.Kind != "" && strings.EqualFold(string(s.Kind), string(id.Value.AttachmentType)) &&
					s.Name == aws.ToString(id.Value.PolicyName) && iam.Like(entity, s.Entity)
			})
		default:
			return nil, iam.Errorf(iam.CodeInvalidInput, "Invalid policy identifier.")
		}
	}
	return func(s guard.Source) bool {
		for _, excludes := range out {
			if excludes(s) {
				return false
			}
		}
		return true
	}, nil
}

func sourceType(s guard.Source) types.PolicyIdentifierPolicyType {
	switch {
	case s.Boundary:
		return types.PolicyIdentifierPolicyTypePermissionBoundary
	case s.Kind != "":
		return types.PolicyIdentifierPolicyTypeInline
	case strings.HasPrefix(s.Name, "arn:aws:iam::"+iam.AWSOwned+":"):
		return types.PolicyIdentifierPolicyTypeAwsManaged
	default:
		return types.PolicyIdentifierPolicyTypeUserManaged
	}
}
