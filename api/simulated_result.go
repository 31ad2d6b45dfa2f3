package api

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

// summary adds up the answers for each resource.
type summary struct {
	out                types.EvaluationResult
	missing            set[string]
	matched            set[statementKey]
	bounded, organized bool // what boundaries and organizations allow
}

// add takes one more answer in: the strictest decision of all, per type of
// policy too, and what is matched and missing anywhere.
func (s *summary) add(one types.ResourceSpecificResult, x *policy.Explanation) {
	s.bounded = s.bounded && says(x, policy.Boundary)
	s.organized = s.organized && says(x, policy.SCP) && says(x, policy.RCP)
	for _, key := range one.MissingContextValues {
		if s.missing.add(key) {
			s.out.MissingContextValues = append(s.out.MissingContextValues, key)
		}
	}
	d := one.EvalResourceDecision
	if d == types.PolicyEvaluationDecisionTypeExplicitDeny && s.out.EvalDecision != d {
		// Beside a Deny nothing else counts.
		s.out.MatchedStatements, s.matched = []types.Statement{}, newSet[statementKey]()
	}
	if stricter(d, s.out.EvalDecision) {
		s.out.EvalDecision = d
	}
	if d == s.out.EvalDecision || s.out.EvalDecision != types.PolicyEvaluationDecisionTypeExplicitDeny {
		for _, m := range one.MatchedStatements {
			if s.matched.add(keyOf(m)) {
				s.out.MatchedStatements = append(s.out.MatchedStatements, m)
			}
		}
	}
	for name, d := range one.EvalDecisionDetails {
		if s.out.EvalDecisionDetails == nil {
			s.out.EvalDecisionDetails = map[string]types.PolicyEvaluationDecisionType{}
		}
		if stricter(d, s.out.EvalDecisionDetails[name]) {
			s.out.EvalDecisionDetails[name] = d
		}
	}
}

// whole is the answer for all resources.
func (q *simulation) whole(s *summary) types.EvaluationResult {
	out := s.out
	if q.Bounded() {
		out.PermissionsBoundaryDecisionDetail = &types.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: s.bounded}
	}
	if q.organized {
		out.OrganizationsDecisionDetail = &types.OrganizationsDecisionDetail{AllowedByOrganizations: s.organized}
	}
	switch {
	case q.resources[0] == "*" || !s.organized:
		out.EvalDecisionDetails = nil // of all resources there is none; of what the organization denies, nothing else is looked at
	case out.EvalDecisionDetails == nil:
		out.EvalDecisionDetails = map[string]types.PolicyEvaluationDecisionType{} // empty within an account
	}
	return out
}

// specific is the answer for one resource. Where the organization denies, it is
// all that is told.
func (q *simulation) specific(resource string, x *policy.Explanation) types.ResourceSpecificResult {
	out := types.ResourceSpecificResult{
		EvalResourceName: aws.String(resource), EvalResourceDecision: decisionOf(x),
		MatchedStatements: []types.Statement{}, MissingContextValues: []string{},
	}
	if q.Bounded() {
		out.PermissionsBoundaryDecisionDetail = &types.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: says(x, policy.Boundary)}
	}
	if !says(x, policy.SCP) || !says(x, policy.RCP) {
		return out
	}
	out.MissingContextValues = x.MissingContextKeys
	for _, s := range x.Matched {
		if contributes(x, &s) {
			out.MatchedStatements = append(out.MatchedStatements, showStatement(&s))
		}
	}
	if x.CrossAccount {
		out.EvalDecisionDetails = map[string]types.PolicyEvaluationDecisionType{}
		for _, t := range x.Types {
			if name, ok := detailNames[t.Type]; ok {
				out.EvalDecisionDetails[name] = types.PolicyEvaluationDecisionType(t.Result)
			}
		}
	}
	return out
}

// detailNames are what the details of a decision across accounts call the
// policies of each side.
var detailNames = map[policy.Kind]string{
	policy.Identity: iam.AttachedType, policy.Boundary: guard.BoundaryType,
	policy.Resource: guard.ResourceType, policy.Trust: guard.ResourceType,
}

func decisionOf(x *policy.Explanation) types.PolicyEvaluationDecisionType {
	switch {
	case x.Allowed:
		return types.PolicyEvaluationDecisionTypeAllowed
	case x.Explicit:
		return types.PolicyEvaluationDecisionTypeExplicitDeny
	default:
		return types.PolicyEvaluationDecisionTypeImplicitDeny
	}
}

// stricter tells whether a decision outweighs another; any outweighs none.
func stricter(d, than types.PolicyEvaluationDecisionType) bool {
	order := []types.PolicyEvaluationDecisionType{
		"", types.PolicyEvaluationDecisionTypeAllowed, types.PolicyEvaluationDecisionTypeImplicitDeny, types.PolicyEvaluationDecisionTypeExplicitDeny,
	}
	return slices.Index(order, d) > slices.Index(order, than)
}

// contributes tells whether a statement that matched led to the decision: the
// Allows to an allow, the Denys to an explicit deny, nothing to an implicit
// one. Of a boundary only the Denys count, since it grants nothing, and of
// organizations' policies none is shown.
func contributes(x *policy.Explanation, s *policy.StatementExplanation) bool {
	switch s.Kind {
	case policy.Identity, policy.Resource, policy.Trust:
		return x.Allowed && s.Effect == "Allow" || x.Explicit && s.Effect == "Deny"
	case policy.Boundary:
		return x.Explicit && s.Effect == "Deny"
	}
	return false
}

// says tells whether a kind of policies, on every level, lets the request
// through.
func says(x *policy.Explanation, kind policy.Kind) bool {
	for _, t := range x.Types {
		if t.Type == kind && t.Result != policy.ResultAllowed && !t.Overridden {
			return false
		}
	}
	return true
}

// statementKey tells statements apart.
type statementKey struct {
	policy       string
	line, column int32
}

func keyOf(s types.Statement) statementKey {
	return statementKey{*s.SourcePolicyId, s.StartPosition.Line, s.StartPosition.Column}
}

func showStatement(s *policy.StatementExplanation) types.Statement {
	id := s.PolicyID
	if strings.HasPrefix(id, "arn:") {
		id = id[strings.LastIndexByte(id, '/')+1:] // a managed policy goes by its name
	}
	return types.Statement{
		SourcePolicyId: aws.String(id), SourcePolicyType: types.PolicySourceType(s.PolicyType),
		StartPosition: showPosition(s.Start), EndPosition: showPosition(s.End),
	}
}

func showPosition(p policy.Position) *types.Position {
	return &types.Position{Line: int32(p.Line), Column: int32(p.Column)}
}
