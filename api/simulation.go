package api

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

// maxSimulatedResources is how many resources one simulation may name, so that
// no request keeps a server busy: AWS has its own bounds and tells none of them.
const maxSimulatedResources = 1000

// simulation is a request to the simulator, read and checked.
type simulation struct {
	*guard.Simulation
	organized bool               // the answers say what organizations allow
	served    map[string]*Action // the actions that are authorized here, by service:Name
	actions   []string
	resources []string
	owner     string // account of resources whose ARNs name none
}

// given is what both kinds of simulation bring.
type given struct {
	policies, boundary        []string
	resource, owner, handling *string
	entries                   []types.ContextEntry
}

var handlingOptions = map[string]bool{
	"EC2-Classic-InstanceStore": true, "EC2-Classic-EBS": true,
	"EC2-VPC-InstanceStore": true, "EC2-VPC-InstanceStore-Subnet": true,
	"EC2-VPC-EBS": true, "EC2-VPC-EBS-Subnet": true,
}

// read checks what a simulation brings and puts it to work.
func (q *simulation) read(in given) error {
	if err := q.readNames(); err != nil {
		return err
	}
	if err := q.readHandling(in.handling); err != nil {
		return err
	}
	if err := q.bring(policy.Identity, "Policy input list item %d", inputs("PolicyInputList.", in.policies)); err != nil {
		return err
	}
	if len(in.boundary) > 1 {
		return invalid("The list of Permissions Boundary policies cannot exceed 1 items.")
	}
	if len(in.boundary) == 1 {
		// It takes the place of the boundary that the entity has.
		if err := q.bring(policy.Boundary, "Permissions boundary policy input list item %d", inputs("PermissionsBoundaryPolicyInputList.", in.boundary)); err != nil {
			return err
		}
	}
	if q.owner = q.Account(); in.owner != nil {
		owner, ok := ownerAccount(*in.owner)
		if !ok {
			return invalid("'%s' is not a valid as a Resource Owner.", clip(*in.owner))
		}
		q.owner = owner
	}
	if in.resource != nil {
		if q.resources[0] == "*" {
			return invalid("Invalid Entity Arn: * does not clearly define entity type and name.")
		}
		if err := q.bring(q.resourceKind(), "Resource policy", []guard.Input{{ID: "ResourcePolicy", Text: *in.resource}}); err != nil {
			return err
		}
	}
	return q.readContext(in.entries)
}

// organize takes the service control policies of each level, from the
// organization's root to the account.
func (q *simulation) organize(levels []types.OrderedOrganizationPolicyType) error {
	for i, level := range levels {
		if len(level.ServiceControlPolicyInputList) == 0 {
			return invalid("Organization policy at index %d must contain at least one service control policy", i+1)
		}
		q.organized = true
		at := ordinal(i)
		id := "OrderedOrganizationPolicyInputList." + at + ".ServiceControlPolicyInputList."
		if err := q.bring(policy.SCP, "Organization policy at index "+at+": item %d", inputs(id, level.ServiceControlPolicyInputList)); err != nil {
			return err
		}
	}
	return nil
}

// bring adds policies that the request brings; words name them in a refusal, by
// their number where they have one.
func (q *simulation) bring(kind policy.Kind, words string, list []guard.Input) error {
	err := q.Add(kind, list...)
	var unusable *guard.Unusable
	if !errors.As(err, &unusable) {
		return err
	}
	if strings.Contains(words, "%d") {
		words = fmt.Sprintf(words, unusable.Index+1)
	}
	return unusablePolicy(words, unusable.Reason, err)
}

// unusablePolicy refuses a policy in AWS's words, and adds why.
func unusablePolicy(words, reason string, err error) error {
	return &iam.Error{Code: iam.CodeInvalidInput, Message: words + " has invalid content: " + clip(reason), Err: err}
}

// readHandling checks the scenario that the simulation is for. AWS's own takes
// one with fewer resources than its reference asks for, and so does this.
func (q *simulation) readHandling(option *string) error {
	if option == nil {
		return nil
	}
	if !handlingOptions[*option] {
		return invalid("Invalid input resource handling options.")
	}
	for _, action := range q.actions {
		if !strings.EqualFold(action, "ec2:RunInstances") && q.resources[0] != "*" {
			return invalid("Invalid input resource handling options. Action does not support resource handling options: %s.", clip(action))
		}
	}
	return nil
}

// readNames checks the actions and the resources.
func (q *simulation) readNames() error {
	if len(q.actions) == 0 {
		return invalid("The request must contain ActionNames.")
	}
	for _, action := range q.actions {
		_, name, ok := strings.Cut(action, ":")
		if !ok {
			return invalid("The action is invalid since it is missing names")
		}
		if strings.ContainsAny(action, "*?") || strings.Contains(name, ":") {
			// A pattern is no action: what would be answered for it holds for
			// none that it matches.
			return invalid("Invalid Input Actions: [%s] is not the name of an action.", clip(action))
		}
	}
	if len(q.resources) == 0 {
		q.resources = []string{"*"}
	}
	if len(q.resources) > maxSimulatedResources {
		return invalid("More than %d ResourceArns.", maxSimulatedResources)
	}
	for _, arn := range q.resources {
		part := strings.SplitN(arn, ":", 6)
		named := len(part) == 6 && part[0] == "arn" && part[1] != "" && part[2] != "" && part[5] != ""
		if !named && (arn != "*" || len(q.resources) > 1) {
			return invalid("ResourceNames are not in a valid ARN format: %s.", clip(arn))
		}
	}
	return nil
}

// resourceKind is what the resource's policy is: of a role that is to be
// assumed, its trust policy.
func (q *simulation) resourceKind() policy.Kind {
	for _, action := range q.actions {
		switch policy.FoldKey(action) {
		case "sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:tagsession", "sts:setsourceidentity":
		default:
			return policy.Resource
		}
	}
	return policy.Trust
}

// ownerAccount reads an account number, or the ARN of anything in one.
func ownerAccount(owner string) (string, bool) {
	if isAccount(owner) {
		return owner, true
	}
	part := strings.SplitN(owner, ":", 6)
	if len(part) != 6 || part[0] != "arn" || !isAccount(part[4]) {
		return "", false
	}
	return part[4], true
}

// ownerOf is the account that a resource belongs to.
func (q *simulation) ownerOf(resource string) string {
	if resource == "*" {
		return q.Account()
	}
	if account := strings.SplitN(resource, ":", 6)[4]; isAccount(account) {
		return account
	}
	return q.owner
}

func inputs(name string, texts []string) []guard.Input {
	list := make([]guard.Input, len(texts))
	for i, text := range texts {
		list[i] = guard.Input{ID: name + ordinal(i), Text: text}
	}
	return list
}

// ordinal counts as AWS's parameter names do, from 1.
func ordinal(i int) string { return strconv.Itoa(i + 1) }

func invalid(format string, args ...any) error {
	return iam.Errorf(iam.CodeInvalidInput, format, args...)
}
