package api

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/catalog"
	"iamd/iam"
)

// A call whose answers reach the weight of fullPage ends its page early, as AWS
// reserves to do; one action that goes over maxSimulation is refused, before
// the work is done.
const (
	fullPage         = 64 << 20
	maxSimulation    = 2 * fullPage
	simulatedMatched = 16 << 10 // the weight of a statement in the answer
	simulatedKey     = 512      // that of a missing key, beside its length
	simulatedByte    = 8        // that of a byte of names
)

// page answers for as many actions as were asked for and as the weight allows.
// The marker is the number of the action to go on with; past the last one there
// is nothing.
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
	for i, action := range q.actions[min(from, len(q.actions)):] {
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
	if err == nil && key == "" {
		return 0, nil
	}
	from, aerr := strconv.Atoi(key)
	if err != nil || aerr != nil || from < 0 {
		return 0, invalid("Invalid marker for pagination.")
	}
	return from, nil
}

// result answers for one action on every resource, as a whole and for each. It
// tells what that weighed.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
func (q *simulation) result(action string) (out types.EvaluationResult, weight int, err error) {
	sum := summary{missing: newSet[string](), matched: newSet[statementKey](), bounded: true, organized: true}
	sum.out = types.EvaluationResult{
		EvalActionName: aws.String(action), EvalResourceName: aws.String(q.resourceName(action)),
		MatchedStatements: []types.Statement{}, MissingContextValues: []string{},
	}
	anywhere := q.knowsNoResources(action)
	for _, resource := range q.resources {
		asked := resource
		if anywhere {
			asked = "*"
		}
		owner := q.ownerOf(asked)
		w, within := q.Weight(action, asked, owner, maxSimulation-weight)
		if weight += w; !within {
			return out, weight, invalid("The simulation is too large: ask for fewer resources or policies at a time.")
		}
		x := q.Explain(action, asked, owner)
		one := q.specific(resource, x)
		weight += simulatedMatched*len(one.MatchedStatements) + simulatedByte*len(resource)
		for _, key := range one.MissingContextValues {
			weight += simulatedKey + simulatedByte*len(key)
		}
		sum.add(one, x)
		if resource != "*" {
			sum.out.ResourceSpecificResults = append(sum.out.ResourceSpecificResults, one)
		}
	}
	return q.whole(&sum), weight, nil
}

// knowsNoResources tells whether an action is only ever asked for on "*": what a
// policy says of one ARN doesn't count for it then, whatever ARN a simulation
// names. By the service reference that is so of every action that it lists no
// resources for; those that are served here are asked for as their rows say, as
// AWS asks for iam:ListUsers by its path; so is the tagging of web identity tokens.
func (q *simulation) knowsNoResources(action string) bool {
	prefix, name, _ := strings.Cut(action, ":")
	service, ok := catalog.Service(prefix)
	if !ok {
		return false
	}
	info, ok := service.Action(name)
	if !ok || len(info.ResourceTypes) > 0 {
		return false
	}
	_, served := q.served[service.Prefix+":"+info.Name]
	return !served && service.Prefix+":"+info.Name != tagIdentityToken
}

// resourceName is the resource that a result is about as a whole: the one that
// was asked for; of several, the form of ARN that the action takes, that of the
// first if it can; "*" for an action without.
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
	form := "*"
	for _, t := range info.ResourceTypes {
		resource, ok := service.ResourceType(t.Name)
		if !ok {
			continue
		}
		if iam.Like(arnVariable.ReplaceAllString(resource.ARN, "*"), q.resources[0]) {
			form = resource.ARN
			break
		}
		if form == "*" {
			form = resource.ARN
		}
	}
	// The simulator's own word for an object's key is not the service reference's.
	return strings.Replace(form, "s3:::${BucketName}/${ObjectName}", "s3:::${BucketName}/${KeyName}", 1)
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
