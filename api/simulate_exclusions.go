package api

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

// excluding makes the filter that a list of policies to leave out means.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyIdentifier.html
func excluding(list []types.PolicyIdentifier) (keep func(guard.Source) bool, err error) {
	var out []func(guard.Source) bool
	for _, id := range list {
		switch id := id.(type) {
		case *types.PolicyIdentifierMemberPolicyType:
			out = append(out, func(s guard.Source) bool { return sourceType(s) == id.Value })
		case *types.PolicyIdentifierMemberPolicyArn:
			if !policyPattern(id.Value) {
				return nil, invalid("Invalid policy identifier: %s", clip(id.Value))
			}
			out = append(out, func(s guard.Source) bool {
				return s.Kind == "" && !s.Boundary && (iam.Like(id.Value, s.Name) || iam.Like(id.Value, pathless(s.Name)))
			})
		case *types.PolicyIdentifierMemberInlinePolicyIdentifier:
			entity := aws.ToString(id.Value.AttachmentName)
			if strings.Count(entity, "*") > 1 {
				return nil, invalid("Invalid policy identifier: %s", clip(entity))
			}
			out = append(out, func(s guard.Source) bool {
				return s.Kind != "" && strings.EqualFold(string(s.Kind), string(id.Value.AttachmentType)) &&
					s.Name == aws.ToString(id.Value.PolicyName) && iam.Like(entity, s.Entity)
			})
		default:
			return nil, invalid("Invalid policy identifier.")
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

// policyPattern tells whether a text is the ARN of managed policies: with at
// most one *, and wildcards in the name only. Those of an organization are well
// formed too.
func policyPattern(arn string) bool {
	part := strings.SplitN(arn, ":", 6)
	name := strings.LastIndexByte(arn, '/') + 1
	if len(part) != 6 || strings.Count(arn, "*") > 1 || strings.ContainsAny(arn[:name], "*?") {
		return false
	}
	if part[2] == "organizations" {
		return part[0] == "arn" && part[1] == "aws" && strings.HasPrefix(part[5], "policy/") && name < len(arn)
	}
	_, err := iam.PolicyOwner(arn)
	return err == nil && name < len(arn)
}

// pathless is a managed policy's ARN as it would be without its path, by which
// AWS's simulator knows it too.
func pathless(arn string) string {
	const resource = ":policy/"
	before, path, ok := strings.Cut(arn, resource)
	if !ok {
		return arn
	}
	return before + resource + path[strings.LastIndexByte(path, '/')+1:]
}

func sourceType(s guard.Source) types.PolicyIdentifierPolicyType {
	switch {
	case s.Control == policy.SCP:
		return types.PolicyIdentifierPolicyTypeScp
	case s.Control == policy.RCP:
		return types.PolicyIdentifierPolicyTypeRcp
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
