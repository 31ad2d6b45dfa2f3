package main

import (
	"net/netip"
	"strings"
	"time"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
)

// casbinModel has a line of policy for each action and object of a statement. Casbin has no patterns that cross slashes, no
// variables, and no dates: what stands in the matcher beside its own operators are functions of ours.
const casbinModel = `
[request_definition]
r = user, act, path, ip, now

[policy_definition]
p = act, path, users, networks, after, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = does(r.act, p.act) && covers(r.path, p.path, r.user) && (p.users == "" || listed(r.user, p.users) && within(r.ip, p.networks) && later(r.now, p.after))
`

func loadCasbin(c *testCase) (func(q question) (func() bool, error), error) {
	m, err := model.NewModelFromString(casbinModel)
	if err != nil {
		return nil, err
	}
	e, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, err
	}
	prefixes, dates := map[string][]netip.Prefix{}, map[string]time.Time{}
	var lines [][]string
	for _, p := range c.policies {
		for _, s := range p {
			eft := "allow"
			if s.deny {
				eft = "deny"
			}
			actions := s.actions
			if s.notActions != nil {
				actions = []string{"!" + strings.Join(s.notActions, ",")}
			}
			networks := strings.Join(s.networks, ",")
			if prefixes[networks] == nil {
				for _, n := range s.networks {
					prefixes[networks] = append(prefixes[networks], netip.MustParsePrefix(n))
				}
			}
			if s.after != "" {
				if dates[s.after], err = time.Parse(time.RFC3339, s.after); err != nil {
					return nil, err
				}
			}
			for _, a := range actions {
				for _, o := range s.objects {
					lines = append(lines, []string{a, o.path("$user"), strings.Join(s.users, ","), networks, s.after, eft})
				}
			}
		}
	}
	if _, err := e.AddPoliciesEx(lines); err != nil { // as they are, twice the same line or not
		return nil, err
	}
	e.AddFunction("does", func(args ...any) (any, error) {
		action, patterns := args[0].(string), args[1].(string)
		patterns, not := strings.CutPrefix(patterns, "!")
		for p := range strings.SplitSeq(patterns, ",") {
			if like(p, action) {
				return !not, nil
			}
		}
		return not, nil
	})
	e.AddFunction("covers", func(args ...any) (any, error) {
		return like(strings.ReplaceAll(args[1].(string), "$user", args[2].(string)), args[0].(string)), nil
	})
	e.AddFunction("listed", func(args ...any) (any, error) {
		for u := range strings.SplitSeq(args[1].(string), ",") {
			if u == args[0].(string) {
				return true, nil
			}
		}
		return false, nil
	})
	e.AddFunction("within", func(args ...any) (any, error) {
		ip, err := netip.ParseAddr(args[0].(string))
		for _, p := range prefixes[args[1].(string)] {
			if p.Contains(ip) {
				return true, nil
			}
		}
		return false, err
	})
	e.AddFunction("later", func(args ...any) (any, error) {
		t, err := time.Parse(time.RFC3339, args[0].(string))
		return t.After(dates[args[1].(string)]), err
	})
	return func(q question) (func() bool, error) {
		request := []any{q.user, q.action, q.bucket + "/" + q.key, q.ip, q.now}
		return func() bool {
			ok, err := e.Enforce(request...)
			return err == nil && ok
		}, nil
	}, nil
}

// like matches a pattern whose stars stand for anything.
func like(pattern, text string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	text, ok := strings.CutPrefix(text, first)
	for star && ok {
		if first, rest, star = strings.Cut(rest, "*"); !star {
			return strings.HasSuffix(text, first)
		}
		_, text, ok = strings.Cut(text, first)
	}
	return ok && text == ""
}
