package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

// loadOPA writes rules, one for each action and object of a statement, so that OPA's own index of rules has equations to
// go by: of the bucket where it is literal, of the action where it is. A condition of several values is a rule's line with a
// set or an array.
func loadOPA(c *testCase) (func(q question) (func() bool, error), error) {
	var text strings.Builder
	text.WriteString("package iam\n\ndefault allow := false\n\nallow if {\n\tpermit\n\tnot forbid\n}\n\ndefault forbid := false\n\ndefault permit := false\n\n")
	for _, p := range c.policies {
		for _, s := range p {
			text.WriteString(regoRules(s))
		}
	}
	ctx := context.Background()
	query, err := rego.New(rego.Query("data.iam.allow"), rego.Module("case.rego", text.String())).PrepareForEval(ctx)
	if err != nil {
		return nil, err
	}
	return func(q question) (func() bool, error) {
		now, err := time.Parse(time.RFC3339, q.now)
		if err != nil {
			return nil, err
		}
		input, err := ast.InterfaceToValue(map[string]any{
			"user": q.user, "action": q.action, "bucket": q.bucket, "path": q.bucket + "/" + q.key, "owner": folder(q.key),
			"ip": q.ip, "now": now.UnixNano(),
		})
		if err != nil {
			return nil, err
		}
		return func() bool {
			results, err := query.Eval(ctx, rego.EvalParsedInput(input))
			return err == nil && results.Allowed()
		}, nil
	}, nil
}

func regoRules(s statement) string {
	name := "permit"
	if s.deny {
		name = "forbid"
	}
	action := func(pattern string) string {
		if begin, ok := strings.CutSuffix(pattern, "*"); ok {
			return fmt.Sprintf("startswith(input.action, %q)", begin)
		}
		return fmt.Sprintf("input.action == %q", pattern)
	}
	var actions []string
	for _, a := range s.actions {
		actions = append(actions, action(a))
	}
	if s.notActions != nil {
		var none []string
		for _, a := range s.notActions {
			none = append(none, "not "+action(a))
		}
		actions = []string{strings.Join(none, "\n\t")}
	}
	var conditions []string
	if s.users != nil {
		t, err := time.Parse(time.RFC3339, s.after)
		if err != nil {
			panic(err) // the cases are ours
		}
		conditions = []string{
			fmt.Sprintf(`input.user in {"%s"}`, strings.Join(s.users, `", "`)),
			fmt.Sprintf("some range in [\"%s\"]\n\tnet.cidr_contains(range, input.ip)", strings.Join(s.networks, `", "`)),
			fmt.Sprintf("input.now > %d", t.UnixNano()),
		}
	}
	var out strings.Builder
	for _, o := range s.objects {
		var lines []string
		if !strings.Contains(o.bucket, "*") {
			lines = append(lines, fmt.Sprintf("input.bucket == %q", o.bucket))
		}
		if o.owned {
			lines = append(lines, "input.owner == input.user")
		}
		if o.key != "*" || strings.Contains(o.bucket, "*") {
			path := o.path("*")
			if begin, ok := strings.CutSuffix(path, "*"); ok && !strings.Contains(begin, "*") {
				lines = append(lines, fmt.Sprintf("startswith(input.path, %q)", begin))
			} else {
				lines = append(lines, fmt.Sprintf("glob.match(%q, null, input.path)", path))
			}
		}
		for _, a := range actions {
			body := append(append(append([]string(nil), lines...), a), conditions...)
			fmt.Fprintf(&out, "%s if {\n\t%s\n}\n\n", name, strings.Join(body, "\n\t"))
		}
	}
	return out.String()
}
