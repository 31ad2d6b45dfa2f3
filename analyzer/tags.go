package analyzer

import (
	"slices"
	"strings"

	"iamd/catalog"
)

var tagChecks = []func(*document){resourceTags}

// tagWork bounds how many names of actions a document's patterns are compared with. What is not compared is taken to
// know tags.
const tagWork = 1 << 18

// resourceTags: for an action that does not know the resource's tags, a condition on one is false, whatever the tag.
// Operators that hold without the key are another matter.
//
// Each action of the list counts that does not know tags; a pattern only if none of the actions that it stands for does,
// and not if it stands for actions of several services.
func resourceTags(d *document) {
	t := &tagging{work: tagWork, actions: map[string][]tagAction{}}
	d.eachCondition(func(s *statement, c *condition, op operator) {
		const prefix = "aws:resourcetag/"
		if len(c.key) <= len(prefix) || !strings.EqualFold(c.key[:len(prefix)], prefix) || !op.needsKey() || !s.allow() && !s.deny() {
			return
		}
		effect := "ALLOW"
		if s.deny() {
			effect = "DENY"
		}
		list, not := s.actions()
		if not {
			d.report(effect+"_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
				[]place{s.notAction.value.place, c.keyAt}, "conditionKeyName", c.key)
			return
		}
		var services []string
		var at []place
		for _, v := range list {
			if service, ok := t.without(v.text); ok {
				at = append(at, v.place)
				services = append(services, service)
			}
		}
		if len(at) > 0 {
			slices.Sort(services)
			d.report(effect+"_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
				append(at, c.keyAt), "conditionKeyName", c.key, "serviceNames", strings.Join(slices.Compact(services), ", "))
		}
	})
}

// tagging is what is known of the actions of services while a document is looked at.
type tagging struct {
	work    int
	actions map[string][]tagAction // by the service's prefix
}

type tagAction struct {
	name   string // in lower case
	tagged bool
}

// without tells whether an action, or every action that a pattern stands for, does not know the resource's tags, and
// whose it is. Actions that AWS does not have are none.
func (t *tagging) without(action string) (service string, ok bool) {
	prefix, name, _ := strings.Cut(action, ":")
	s, known := catalog.Service(prefix)
	if !known {
		return "", false
	}
	if !wild(name) {
		a, known := s.Action(name)
		return s.Prefix, known && !tagged(s, a)
	}
	list, known := t.actions[s.Prefix]
	if !known {
		for a := range s.Actions() {
			list = append(list, tagAction{strings.ToLower(a.Name), tagged(s, a)})
		}
		t.actions[s.Prefix] = list
	}
	if t.work -= len(list); t.work < 0 {
		return "", false
	}
	name = strings.ToLower(name)
	for _, a := range list {
		if covers(name, a.name) {
			if a.tagged {
				return "", false
			}
			ok = true
		}
	}
	return s.Prefix, ok
}

// tagged tells whether an action knows the tags of any resource that it acts on.
func tagged(s *catalog.ServiceInfo, a *catalog.ActionInfo) bool {
	const key = "aws:ResourceTag/${TagKey}"
	return foldIn(a.ConditionKeys, key) || slices.ContainsFunc(a.ResourceTypes, func(r catalog.ActionResourceType) bool {
		if foldIn(r.ConditionKeys, key) {
			return true
		}
		t, ok := s.ResourceType(r.Name)
		return !ok || foldIn(t.ConditionKeys, key)
	})
}
