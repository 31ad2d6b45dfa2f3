package authzen

import (
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

// entity is a subject or a resource.
type entity struct {
	kind, id   string
	properties object
}

// question is one evaluation, or a search's question without what is searched.
type question struct {
	subject  entity
	action   string
	resource entity
	context  object
}

// parts are what a question must have.
type parts struct {
	subjectID, action, resourceID bool
}

// whole is what an evaluation must have.
var whole = parts{subjectID: true, action: true, resourceID: true}

// read reads a question. Members that nobody knows say nothing.
func read(o object, need parts) (q question, err error) {
	if q.subject, err = readEntity(o, "subject", need.subjectID); err != nil {
		return q, err
	}
	if need.action {
		action, err := required(o, "action")
		if err != nil {
			return q, err
		}
		if q.action, err = action.text("action.", "name", true); err != nil {
			return q, err
		}
		if _, err = action.object("properties"); err != nil {
			return q, badRequest("action.properties must be an object.")
		}
	}
	if q.resource, err = readEntity(o, "resource", need.resourceID); err != nil {
		return q, err
	}
	q.context, err = o.object("context")
	return q, err
}

func required(o object, name string) (object, error) {
	member, err := o.object(name)
	if err == nil && member == nil {
		err = badRequest(name + " is missing.")
	}
	return member, err
}

func readEntity(o object, name string, id bool) (e entity, err error) {
	member, err := required(o, name)
	if err != nil {
		return e, err
	}
	if e.kind, err = member.text(name+".", "type", true); err != nil {
		return e, err
	}
	if id {
		if e.id, err = member.text(name+".", "id", true); err != nil {
			return e, err
		}
	}
	if e.properties, err = member.object("properties"); err != nil {
		return e, badRequest(name + ".properties must be an object.")
	}
	return e, nil
}

// Bounds of a question's context, those of the policy simulator.
const (
	maxKeys      = 256
	maxKeyName   = 512  // bytes
	maxKeyValues = 256  // of one key
	maxKeyValue  = 4096 // characters
)

// keys are the condition keys that a context gives. Condition keys have a colon
// in their names; other members are nothing that a policy could ask for, and say
// nothing. Those that the asker has no say in are refused.
func keys(context object, known func(folded string) bool) ([]guard.Key, error) {
	names := make([]string, 0, len(context))
	for name := range context {
		if strings.Contains(name, ":") {
			names = append(names, name)
		}
	}
	if len(names) > maxKeys {
		return nil, badRequest(fmt.Sprintf("The context has more than %d condition keys.", maxKeys))
	}
	sort.Strings(names)
	list, seen := make([]guard.Key, 0, len(names)), map[string]bool{}
	for _, name := range names {
		folded := policy.FoldKey(name)
		switch {
		case len(name) > maxKeyName:
			return nil, badRequest("The name of a condition key in the context is too long.")
		case seen[folded]:
			return nil, badRequest("The condition key " + clip(name) + " stands twice in the context.")
		case known(folded):
			return nil, badRequest("The condition key " + clip(name) + " is not the asker's to say: iamd knows it itself.")
		}
		seen[folded] = true
		k, err := readKey(name, context[name])
		if err != nil {
			return nil, err
		}
		list = append(list, k)
	}
	return list, nil
}

func readKey(name string, v any) (guard.Key, error) {
	k := guard.Key{Name: name}
	list, many := v.([]any)
	if k.Many = many; !many {
		list = []any{v}
	}
	if len(list) == 0 || len(list) > maxKeyValues {
		return k, badRequest(fmt.Sprintf("The condition key %s must have 1 to %d values.", clip(name), maxKeyValues))
	}
	for _, v := range list {
		var text string
		switch v := v.(type) {
		case string:
			text = v
		case json.Number:
			text = v.String()
		case bool:
			text = strconv.FormatBool(v)
		default:
			return k, badRequest("The condition key " + clip(name) + " must be a string, a number, a boolean or a list of these.")
		}
		if utf8.RuneCountInString(text) > maxKeyValue {
			return k, badRequest(fmt.Sprintf("The condition key %s has a value of more than %d characters.", clip(name), maxKeyValue))
		}
		k.Values = append(k.Values, text)
	}
	return k, nil
}

// ofPrincipal are the keys that iamd knows of whoever is named by an ARN, of the
// resource's account and of the moment. What it can't know (the second factor, the
// address) is the asker's to say.
func ofPrincipal(folded string) bool {
	switch folded {
	case "aws:userid", "aws:username", "aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths",
		"aws:currenttime", "aws:epochtime", "aws:viaawsservice", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast",
		"aws:assumedroot":
		return true
	}
	return strings.HasPrefix(folded, "aws:principal")
}

// ofRequest are the keys that iamd knows of whoever signed a request: all but the
// action's own, and those of tags.
func ofRequest(action string) func(folded string) bool {
	service, _, _ := strings.Cut(policy.FoldKey(action), ":")
	return func(folded string) bool {
		prefix, _, _ := strings.Cut(folded, ":")
		switch {
		case folded == "aws:tagkeys", strings.HasPrefix(folded, "aws:requesttag/"), strings.HasPrefix(folded, "aws:resourcetag/"):
			return false
		case prefix == "aws" || prefix == "sts": // sessions have keys of STS's
			return true
		}
		return prefix != service
	}
}

// maxTags is how many tags a resource may have, as with AWS.
const maxTags = 50

// tags are the resource's, in properties.tags: an object of strings.
func (e entity) tags() ([]iam.Tag, error) {
	o, err := e.properties.object("tags")
	if err != nil {
		return nil, badRequest("resource.properties.tags must be an object.")
	}
	if len(o) > maxTags {
		return nil, badRequest(fmt.Sprintf("The resource has more than %d tags.", maxTags))
	}
	list := make([]iam.Tag, 0, len(o))
	for key := range o {
		v, err := o.text("resource.properties.tags.", key, true)
		if err != nil {
			return nil, err
		}
		if len(key) > maxKeyName || utf8.RuneCountInString(v) > maxKeyValue {
			return nil, badRequest("A tag of the resource is too long.")
		}
		list = append(list, iam.Tag{Key: key, Value: v})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Key < list[j].Key })
	return list, nil
}

// owner is the account that the resource belongs to, by its ARN or else by
// properties.account; otherwise the one given.
func (e entity) owner(otherwise string) (string, error) {
	said, err := e.properties.text("resource.properties.", "account", false)
	switch {
	case err != nil:
		return "", err
	case said != "" && !isAccount(said):
		return "", badRequest("resource.properties.account must be twelve digits.")
	}
	if e.id != "*" {
		if account := strings.SplitN(e.id, ":", 6)[4]; isAccount(account) {
			if said != "" && said != account {
				return "", badRequest("resource.properties.account is not the account in the resource's ARN.")
			}
			return account, nil
		}
	}
	if said != "" {
		return said, nil
	}
	return otherwise, nil
}

// policy is the resource's own, in properties.policy: an object, or its text.
func (e entity) policy() (text string, ok bool, err error) {
	switch v := e.properties["policy"].(type) {
	case nil:
		_, null := e.properties["policy"]
		if null {
			return "", false, badRequest("resource.properties.policy must be an object, or a string that holds one.")
		}
		return "", false, nil
	case string:
		text = v
	case object:
		written, err := json.Marshal(v)
		if err != nil {
			return "", false, err
		}
		text = string(written)
	default:
		return "", false, badRequest("resource.properties.policy must be an object, or a string that holds one.")
	}
	if e.id == "*" {
		return "", false, badRequest("A policy is of one resource, and * is none.")
	}
	return text, true, nil
}

// kindOf is what the resource's policy is for an action: of a role that is to be
// assumed, its trust policy.
func kindOf(action string) policy.Kind {
	switch policy.FoldKey(action) {
	case "sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:tagsession", "sts:setsourceidentity":
		return policy.Trust
	}
	return policy.Resource
}

// senseless says why policies can't know an action or a resource; "" if they can.
func senseless(action, resource string) string {
	_, name, ok := strings.Cut(action, ":")
	switch {
	case !ok || name == "" || action[0] == ':':
		return "The action " + clip(action) + " is none of IAM's: it must be service:Action."
	case strings.ContainsAny(action, "*?") || strings.Contains(name, ":"):
		return "The action " + clip(action) + " is a pattern, and what holds for it holds for none that it matches."
	}
	part := strings.SplitN(resource, ":", 6)
	named := len(part) == 6 && part[0] == "arn" && part[1] != "" && part[2] != "" && part[5] != ""
	if resource != "*" && !named {
		return "The resource " + clip(resource) + " has no ARN, and policies know resources by their ARNs."
	}
	return ""
}

func isAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
