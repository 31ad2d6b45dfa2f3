package api

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/catalog"
	"iamd/iam"
	"iamd/policy"
)

// A call whose answers reach the weight of fullPage ends its page early, as AWS
// reserves to do; one action that goes over maxSimulation is refused, before
// the work is done.
const (
	fullPage         = 64 << 20
	maxSimulation    = 2 * fullPage
	simulatedMatched = 16 << 10 // the weight of a statement in the answer
)

// page answers for as many actions as were asked for and as the weight allows.
func (q *simulation) page(marker *string, maxItems *int32) (list []types.EvaluationResult, truncated bool, next *string, err error) {
	from, err := q.from(marker)
	if err != nil {
		return nil, false, nil, err
	}
	limit := pageSize
	if maxItems != nil {
		limit = int(*maxItems)
	}
	list = []types.EvaluationResult{}
	weight := 0
	for i, action := range q.actions[from:] {
		if i == limit || weight >= fullPage {
			return list, true, aws.String(writeMarker(strconv.Itoa(from + i))), nil
		}
		result, w, err := q.result(action)
		if err != nil {
			return nil, false, nil, err
		}
		weight += w
		list = append(list, result)
	}
	return list, false, nil, nil
}

func (q *simulation) from(marker *string) (int, error) {
	key, err := readMarker(marker)
	if err != nil || key == "" {
		return 0, err
	}
	from, err := strconv.Atoi(key)
	if err != nil || from < 0 || from > len(q.actions) {
		return 0, iam.Errorf(iam.CodeValidation, "Invalid Marker.")
	}
	return from, nil
}

// result answers for one action on every resource. As a whole it is the
// strictest of its answers, with the statements that led to it. It tells what
// that weighed.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
func (q *simulation) result(action string) (out types.EvaluationResult, weight int, err error) {
	out = types.EvaluationResult{
		EvalActionName: aws.String(action), EvalResourceName: aws.String(q.resourceName(action)),
		MatchedStatements: []types.Statement{}, MissingContextValues: []string{},
	}
	bounded, organized := true, true
	missing := newSet[string]()
	matched := newSet[statementKey]()
	for _, resource := range q.resources {
		owner := q.ownerOf(resource)
		if weight += q.Weight(action, resource, owner); weight > maxSimulation {
			return out, weight, invalid("The simulation is too large: ask for fewer resources or policies at a time.")
		}
		x := q.Explain(action, resource, owner)
		one := q.specific(resource, x)
		weight += simulatedMatched * len(one.MatchedStatements)
		bounded = bounded && says(x, policy.Boundary)
		organized = organized && says(x, policy.SCP)
		for _, key := range one.MissingContextValues {
			if missing.add(key) {
				out.MissingContextValues = append(out.MissingContextValues, key)
			}
		}
		if d := one.EvalResourceDecision; stricter(d, out.EvalDecision) {
			out.EvalDecision, out.MatchedStatements, matched = d, []types.Statement{}, newSet[statementKey]()
		}
		if one.EvalResourceDecision == out.EvalDecision {
			for _, s := range one.MatchedStatements {
				if matched.add(keyOf(s)) {
					out.MatchedStatements = append(out.MatchedStatements, s)
				}
			}
		}
		if resource == "*" {
			continue
		}
		if out.EvalDecisionDetails == nil {
			out.EvalDecisionDetails = map[string]types.PolicyEvaluationDecisionType{}
		}
		for name, d := range one.EvalDecisionDetails {
			if stricter(d, out.EvalDecisionDetails[name]) {
				out.EvalDecisionDetails[name] = d
			}
		}
		out.ResourceSpecificResults = append(out.ResourceSpecificResults, one)
	}
	if q.Bounded() {
		out.PermissionsBoundaryDecisionDetail = &types.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: bounded}
	}
	if q.organized {
		out.OrganizationsDecisionDetail = &types.OrganizationsDecisionDetail{AllowedByOrganizations: organized}
	}
	if !organized {
		out.EvalDecisionDetails = nil // nothing else was looked at
	}
	return out, weight, nil
}

// specific is the answer for one resource.
func (q *simulation) specific(resource string, x *policy.Explanation) types.ResourceSpecificResult {
	out := types.ResourceSpecificResult{
		EvalResourceName: aws.String(resource), EvalResourceDecision: decisionOf(x),
		MatchedStatements: []types.Statement{}, MissingContextValues: x.MissingContextKeys,
	}
	for _, s := range x.Matched {
		if contributes(x, &s) {
			out.MatchedStatements = append(out.MatchedStatements, showStatement(&s))
		}
	}
	if q.Bounded() {
		out.PermissionsBoundaryDecisionDetail = &types.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: says(x, policy.Boundary)}
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
	policy.Identity: "IAM Policy", policy.Resource: "Resource Policy", policy.Trust: "Resource Policy",
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
// one. Only policies of identities and resources are shown.
func contributes(x *policy.Explanation, s *policy.StatementExplanation) bool {
	switch s.Kind {
	case policy.Identity, policy.Resource, policy.Trust:
		return x.Allowed && s.Effect == "Allow" || x.Explicit && s.Effect == "Deny"
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

// resourceName is the resource that a result is about: the one that was asked
// for, or of several the form of ARN that the action takes for the first.
func (q *simulation) resourceName(action string) string {
	if len(q.resources) == 1 {
		return q.resources[0]
	}
	prefix, name, _ := strings.Cut(action, ":")
	service, ok := catalog.Service(prefix)
	if !ok {
		return "*"
	}
	info, ok := service.Action(name)
	if !ok {
		return "*"
	}
	for _, t := range info.ResourceTypes {
		resource, ok := service.ResourceType(t.Name)
		if ok && iam.Like(arnVariable.ReplaceAllString(resource.ARN, "*"), q.resources[0]) {
			return resource.ARN
		}
	}
	return "*"
}

var arnVariable = regexp.MustCompile(`\$\{[^}]*\}`)

// set remembers what it has seen.
type set[T comparable] map[T]struct{}

func newSet[T comparable]() set[T] { return set[T]{} }

// add tells whether the value is new.
func (s set[T]) add(v T) bool {
	_, seen := s[v]
	s[v] = struct{}{}
	return !seen
}
