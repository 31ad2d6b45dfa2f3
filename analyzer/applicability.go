package analyzer

import (
	"strings"

	"iamd/catalog"
	"iamd/policy"
	"iamd/policy/source"
)

// applicabilityChecks are those of which condition keys go with which actions.
var applicabilityChecks = []func(*document){unsupportedActions, missingActions}

// sessionKeys have a service's prefix and are there for every action, since they are of the caller's session (IAM User
// Guide, "AWS global condition context keys", "Cross-service condition keys").
var sessionKeys = []string{
	"codebuild:BuildArn", "codebuild:ProjectArn", "ec2:RoleDelivery", "ec2:SourceInstanceArn", "glue:CredentialIssuingService",
	"glue:RoleAssumedBy", "identitystore:UserId", "lambda:SourceFunctionArn", "ssm:SourceInstanceArn",
}

// maxApplied is how many pairs of an action and a key are looked at in a document.
const maxApplied = 20000

// unsupportedActions finds actions that do not know a condition key of their statement, so that the condition always
// fails or always holds. It looks at keys of services, not at global ones, and at actions without wildcards; a
// condition that is meant to be passed over where the key is missing is let be. It gives up after maxApplied pairs.
func unsupportedActions(d *document) {
	budget := maxApplied
	for i := range d.statement {
		s := &d.statement[i]
		if s.action == nil {
			continue
		}
		for j := range s.conditions {
			c := &s.conditions[j]
			op, ok := parseOperator(c.operator.key)
			if !ok || op.ifExists || op.family == opNull || !applies(c.key) {
				continue
			}
			if budget -= len(s.action.list); budget < 0 {
				return
			}
			var at []place
			var names []string
			for _, v := range s.action.list {
				if v.kind == source.String && !open(v.text) && !supports(v.text, c.key) && len(at) < maxNamed {
					at, names = append(at, v.place), append(names, v.text)
				}
			}
			if len(at) > 0 {
				d.report("UNSUPPORTED_ACTION_FOR_CONDITION_KEY", append(at, c.value.place), "actions", strings.Join(names, ", "), "key", c.key)
			}
		}
	}
}

// unlisted are prefixes of keys of which the service reference does not say for which actions they are: of AWS
// Marketplace's agreements, which AWS's own policies use with the rest of its actions.
var unlisted = map[string]bool{"aws-marketplace": true}

// applies tells whether a key is one of those that only some actions know, and that the reference is to be trusted about.
// Tags of resources are not: they have checks of their own.
func applies(key string) bool {
	prefix, name, _ := strings.Cut(strings.ToLower(key), ":")
	_, known := catalog.ConditionKeyType(key)
	return known && prefix != "aws" && !unlisted[prefix] && !strings.Contains(name, "tag/") && !foldIn(sessionKeys, key)
}

// supports tells whether an action knows a key, by itself or by what it acts on. Of an action that does not exist
// nothing is said.
func supports(action, key string) bool {
	prefix, name, _ := strings.Cut(action, ":")
	service, ok := catalog.Service(prefix)
	if !ok {
		return true
	}
	a, ok := service.Action(name)
	if !ok {
		return true
	}
	key = policy.FoldKey(key)
	if listed(a.ConditionKeys, key) {
		return true
	}
	for i := range a.ResourceTypes {
		t := &a.ResourceTypes[i]
		if listed(t.ConditionKeys, key) {
			return true
		}
		if r, ok := service.ResourceType(t.Name); ok && listed(r.ConditionKeys, key) {
			return true
		}
	}
	return false
}

// listed tells whether a folded key is one of a list, in which names may have variable parts.
func listed(keys []string, key string) bool {
	for _, k := range keys {
		if k = policy.FoldKey(k); k == key || strings.ContainsAny(k, "$<") && covers(anything(k), key) {
			return true
		}
	}
	return false
}

// settingActions are the actions that a caller needs to set what a key compares (IAM User Guide, "Pass session tags in AWS STS"
// and "Monitor and control actions taken with assumed roles"). A key that ends in a slash is any tag's.
var settingActions = []struct{ key, action string }{
	{"aws:RequestTag/", "sts:TagSession"}, {"aws:TagKeys", "sts:TagSession"}, {"sts:TransitiveTagKeys", "sts:TagSession"},
	{"sts:SourceIdentity", "sts:SetSourceIdentity"},
}

// missingActions finds permissions to assume a role that ask for tags or a source identity which nothing in the policy
// allows to set. Statements about other services' actions too are let be.
func missingActions(d *document) {
	allowed := map[string]bool{}
	for _, set := range settingActions {
		if _, ok := allowed[set.action]; !ok {
			allowed[set.action] = d.allows(strings.ToLower(set.action))
		}
	}
	for i := range d.statement {
		s := &d.statement[i]
		if !s.allow() || s.action == nil || !assumes(s.action.list) {
			continue
		}
		for j := range s.conditions {
			c := &s.conditions[j]
			op, ok := parseOperator(c.operator.key)
			if !ok || !op.needsKey() {
				continue
			}
			for _, set := range settingActions {
				if settles(set.key, c.key) && !allowed[set.action] {
					d.report("MISSING_ACTION_FOR_CONDITION_KEY", []place{s.action.value.place, c.keyAt}, "actionName", set.action, "keyName", c.key)
				}
			}
		}
	}
}

// assumes tells whether actions are all of STS and one of them assumes a role.
func assumes(list []value) bool {
	found := false
	for i := range list {
		a := strings.ToLower(list[i].text)
		if !strings.HasPrefix(a, "sts:") {
			return false
		}
		found = found || strings.HasPrefix(a, "sts:assumerole")
	}
	return found
}

func settles(name, key string) bool {
	if strings.HasSuffix(name, "/") {
		return len(key) > len(name) && strings.EqualFold(key[:len(name)], name)
	}
	return strings.EqualFold(key, name)
}

// allows tells whether some statement allows an action, given in lower case, whatever else it asks.
func (d *document) allows(action string) bool {
	for i := range d.statement {
		if s := &d.statement[i]; s.allow() && s.covers(action) {
			return true
		}
	}
	return false
}
