package main

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
)

// loadCedar writes a Cedar policy for each statement, as somebody would who has Cedar's means: groups of actions in place
// of patterns, buckets that hold objects, and an object's owner in place of a variable in a pattern. Conditions are in the
// same order.
func loadCedar(c *testCase) (func(q question) (func() bool, error), error) {
	var text strings.Builder
	for _, p := range c.policies {
		for _, s := range p {
			text.WriteString(cedarPolicy(s))
		}
	}
	set, err := cedar.NewPolicySetFromBytes("case.cedar", []byte(text.String()))
	if err != nil {
		return nil, err
	}
	return func(q question) (func() bool, error) {
		now, err := time.Parse(time.RFC3339, q.now)
		if err != nil {
			return nil, err
		}
		ip, err := netip.ParseAddr(q.ip)
		if err != nil {
			return nil, err
		}
		action, verb := cedar.NewEntityUID("Action", types.String(q.action)), q.action[:len("s3:Get")]
		if strings.HasPrefix(q.action, "s3:List") {
			verb = "s3:List"
		}
		user := cedar.NewEntityUID("User", types.String(q.user))
		path := types.String(q.bucket + "/" + q.key)
		object := cedar.NewEntityUID("Object", path)
		entities := types.EntityMap{
			user:   {UID: user, Attributes: cedar.NewRecord(cedar.RecordMap{"name": types.String(q.user)})},
			action: {UID: action, Parents: cedar.NewEntityUIDSet(cedar.NewEntityUID("Action", types.String(verb+"*")))},
			object: {
				UID: object, Parents: cedar.NewEntityUIDSet(cedar.NewEntityUID("Bucket", types.String(q.bucket))),
				Attributes: cedar.NewRecord(cedar.RecordMap{"path": path, "owner": types.String(folder(q.key))}),
			},
		}
		req := cedar.Request{
			Principal: user, Action: action, Resource: object,
			Context: cedar.NewRecord(cedar.RecordMap{
				"ip": types.IPAddr(netip.PrefixFrom(ip, ip.BitLen())), "now": types.NewDatetime(now),
			}),
		}
		return func() bool {
			decision, _ := cedar.Authorize(set, entities, req)
			return decision == cedar.Allow
		}, nil
	}, nil
}

func cedarPolicy(s statement) string {
	effect, scope, resource := "permit", "action", "resource"
	var when []string
	if s.deny {
		effect = "forbid"
	}
	group := func(actions []string) string {
		var out []string
		for _, a := range actions {
			out = append(out, fmt.Sprintf("Action::%q", a))
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	if s.actions != nil {
		scope = "action in " + group(s.actions)
	} else {
		when = append(when, "!(action in "+group(s.notActions)+")")
	}
	var objects []string
	for _, o := range s.objects {
		var parts []string
		switch {
		case !o.owned && (o.key != "*" || strings.Contains(o.bucket, "*")):
			parts = append(parts, fmt.Sprintf("resource.path like %q", o.path("")))
		case len(s.objects) == 1:
			resource = fmt.Sprintf("resource in Bucket::%q", o.bucket)
		default:
			parts = append(parts, fmt.Sprintf("resource in Bucket::%q", o.bucket))
		}
		if o.owned {
			parts = append(parts, "resource.owner == principal.name")
			if o.key != "*" {
				parts = append(parts, fmt.Sprintf("resource.path like %q", "*/*/"+o.key))
			}
		}
		if parts != nil {
			objects = append(objects, strings.Join(parts, " && "))
		}
	}
	if objects != nil {
		when = append(when, "("+strings.Join(objects, " || ")+")")
	}
	if s.users != nil {
		var ranges []string
		for _, n := range s.networks {
			ranges = append(ranges, fmt.Sprintf("context.ip.isInRange(ip(%q))", n))
		}
		when = append(when,
			`["`+strings.Join(s.users, `", "`)+`"].contains(principal.name)`,
			"("+strings.Join(ranges, " || ")+")",
			fmt.Sprintf("context.now > datetime(%q)", s.after))
	}
	out := fmt.Sprintf("%s (principal, %s, %s)", effect, scope, resource)
	if when != nil {
		out += " when { " + strings.Join(when, " && ") + " }"
	}
	return out + ";\n"
}
