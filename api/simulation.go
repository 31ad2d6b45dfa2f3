package api

import (
	"encoding/base64"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

// What one simulation may ask, so that no request keeps a server busy: AWS has
// its own bounds and tells none of them.
const (
	maxSimulatedResources = 1000
	maxContextEntries     = 256
	maxContextValue       = 4096 // characters
)

// simulation is a request to the simulator, read and checked.
type simulation struct {
	*guard.Simulation
	organized bool // the answers say what organizations allow
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
	if in.handling != nil && !handlingOptions[*in.handling] {
		return invalid("Invalid input resource handling options.")
	}
	if err := q.Add(policy.Identity, iam.AttachedType, inputs("PolicyInputList.", in.policies)...); err != nil {
		return err
	}
	if len(in.boundary) > 1 {
		return invalid("Only one permissions boundary policy can be given.")
	}
	if len(in.boundary) == 1 {
		// It takes the place of the boundary that the entity has.
		if err := q.Add(policy.Boundary, "Permissions Boundary Policy", inputs("PermissionsBoundaryPolicyInputList.", in.boundary)...); err != nil {
			return err
		}
	}
	if q.owner = q.Account(); in.owner != nil {
		owner, ok := ownerAccount(*in.owner)
		if !ok {
			return invalid("Invalid Resource Owner.")
		}
		q.owner = owner
	}
	if in.resource != nil {
		if q.resources[0] == "*" {
			return invalid("Invalid Entity Arn: * does not clearly define entity type and name.")
		}
		if err := q.Add(q.resourceKind(), "Resource Policy", guard.Input{ID: "ResourcePolicy", Text: *in.resource}); err != nil {
			return err
		}
	}
	return q.readContext(in.entries)
}

// readNames checks the actions and the resources.
func (q *simulation) readNames() error {
	if len(q.actions) == 0 {
		return invalid("The request must contain ActionNames.")
	}
	for _, action := range q.actions {
		service, name, ok := strings.Cut(action, ":")
		if !ok || service == "" || name == "" {
			return invalid("The action is invalid since it is missing names")
		}
		if strings.ContainsAny(action, "*?") || strings.Contains(name, ":") {
			// A pattern is no action: what would be answered for it holds for
			// none that it matches.
			return invalid("Invalid Input Actions: [%s] is not the name of an action.", action)
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
			return invalid("ResourceNames are not in a valid ARN format: %s.", arn)
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

// readContext checks the context's entries by their types.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ContextEntry.html
func (q *simulation) readContext(entries []types.ContextEntry) error {
	if len(entries) > maxContextEntries {
		return invalid("More than %d ContextEntries.", maxContextEntries)
	}
	for i, e := range entries {
		key := aws.ToString(e.ContextKeyName)
		if !strings.Contains(key, ":") {
			return invalid("Invalid context key name: %s", key)
		}
		kind, many := strings.CutSuffix(string(e.ContextKeyType), "List")
		if kind == "" {
			kind, many = "string", len(e.ContextKeyValues) > 1
		}
		if !many && len(e.ContextKeyValues) != 1 {
			return invalid("Invalid context entry: %s is of type %s and must have exactly one value.", key, kind)
		}
		for _, v := range e.ContextKeyValues {
			if utf8.RuneCountInString(v) > maxContextValue {
				return iam.Errorf(iam.CodeValidation, "1 validation error detected: Value at 'contextEntries.%s.member.contextKeyValues' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to %d]",
					ordinal(i), maxContextValue)
			}
			if !contextValue(kind, v) {
				return invalid("Invalid context entry: the value %s of %s is not of type %s.", clip(v), key, kind)
			}
		}
		q.Set(key, many, e.ContextKeyValues)
	}
	return nil
}

var decimal = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$`)

// dates are the forms that a date may have, beside seconds since 1970.
var dates = []string{time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02"}

func contextValue(kind, v string) bool {
	switch kind {
	case "numeric":
		return decimal.MatchString(v)
	case "boolean":
		return strings.EqualFold(v, "true") || strings.EqualFold(v, "false")
	case "ip":
		_, err := netip.ParseAddr(v)
		if err != nil {
			_, err = netip.ParsePrefix(v)
		}
		return err == nil
	case "binary":
		_, err := base64.StdEncoding.DecodeString(v)
		return err == nil
	case "date":
		if _, err := strconv.ParseInt(v, 10, 64); err == nil {
			return true
		}
		for _, form := range dates {
			if _, err := time.Parse(form, v); err == nil {
				return true
			}
		}
		return false
	default:
		return true
	}
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
