package policy_test

import (
	"fmt"
	"slices"
	"strings"

	"iamd/policy"
)

// mutate makes a pattern of a text: cut short by a star, with a piece or a character replaced, or as it is.
func (g *generator) mutate(s string) string {
	c := characters(strings.ToValidUTF8(s, "x"))
	if len(c) == 0 {
		return "*"
	}
	at, to := g.n(min(len(c), 256)), 0
	to = min(len(c), at+g.n(6))
	join := func(list []string) string { return strings.Join(list, "") }
	if colon := strings.LastIndex(join(c[:at]), ":"); colon >= 0 && g.in(15) {
		// A star that ends a part, or stands in the middle of one, for more than the part.
		return join(c[:at])[:colon] + pick(g.dice, []string{"*:", "*", "*-1:", "?:"}) + join(c[to:])
	}
	switch g.n(8) {
	case 0, 1:
		return join(c[:at]) + "*"
	case 2:
		return join(c[:at]) + "*" + join(c[to:])
	case 3:
		return join(c[:at]) + "?" + join(c[at+1:])
	case 4:
		return "*" + join(c[at:])
	case 5:
		return join(c[:at]) + "*" + join(c[at:to]) + "*" + join(c[to:])
	}
	return join(c)
}

// action makes a pattern: one that is near to the request's action, or one that hardly ever fits it.
func (g *generator) action(near bool) string {
	if !near && g.n(250) == 0 {
		return pick(g.dice, []string{"s3", "", "*", "S*:*"})
	}
	if !near {
		return fmt.Sprintf("%s:%s%s", g.service(), pick(g.dice, verbs), pick(g.dice, []string{"", "", "*", "X"}))
	}
	switch g.n(12) {
	case 0:
		return "*"
	case 1:
		return g.service() + ":*"
	case 2:
		return pick(g.dice, []string{"s?:*", "*:Get*", "s3:*Object*", "S3:GETOBJECT", "s*", "*s3:Get", "s3", "", "s3:Get?bject", ":*", "\u212ams:*"})
	case 3, 4:
		return g.service() + ":" + pick(g.dice, verbs)
	}
	return g.mutate(pick(g.dice, []string{g.req.Action, strings.ToUpper(g.req.Action), strings.ToLower(g.req.Action)}))
}

// resource makes a pattern: one that is near to the request's resource, or one that hardly ever fits it.
func (g *generator) resource(near bool) string {
	if !near && g.n(250) == 0 {
		return pick(g.dice, []string{"arn:aws:s3:::x/${bad", "bucket", "arn:aws:s3", "*", "a*"})
	}
	if !near {
		return g.arn() + pick(g.dice, []string{"", "/*", "*", "/${aws:username}", fmt.Sprint(g.n(200))})
	}
	if len(g.req.Resource) > 300 && g.in(60) {
		return "arn:aws:s3:::*" + strings.Repeat(pick(g.dice, []string{"a?a?b*", "ab?b*", "*b", "?b?"}), 1+g.n(30)) + pick(g.dice, []string{"", "c", "*", "b"})
	}
	switch g.n(14) {
	case 0, 1:
		return "*"
	case 12, 13:
		return g.segments()
	case 2:
		return g.mutate(g.arn())
	case 3:
		return pick(g.dice, []string{"arn:aws:s3", "bucket", "", "arn:aws:s3:::", "arn:aws:s3:*", "arn:*", "arn:aws:*:*:*:*", "arn:aws:s3:::*", "a*", "arn:aws:${aws:username}:::x"})
	case 4, 5:
		head, sixth, ok := cutSixth(strings.ToValidUTF8(g.req.Resource, "x"))
		if !ok {
			return "*"
		}
		v := pick(g.dice, []string{
			"${aws:username}", "${a:s0}", "${AWS:UserName, 'alice'}", "${*}", "${?}", "${$}", "${aws:PrincipalTag/Team}", "${bad", "${a:none}",
			"${a:s0, 'b*'}", "${a b}", "${a:s1}${a:s1}",
		})
		if value, _, has := g.req.Context.Get("aws:username"); has && g.in(30) {
			return head + strings.ReplaceAll(sixth, strings.ToValidUTF8(value[0], "x"), v)
		}
		at := g.n(len(sixth)%256 + 1)
		return strings.ToValidUTF8(head+sixth[:at]+v+sixth[min(len(sixth), at+g.n(8)):], "") + pick(g.dice, []string{"", "", "*", "/?"})
	}
	return g.mutate(g.req.Resource)
}

// segments makes a pattern of the request's resource part by part, each as it is, or with a star at its end, at its start or
// in its midst, or with a question mark; now and then a star stands for several parts.
func (g *generator) segments() string {
	list := strings.Split(strings.ToValidUTF8(g.req.Resource, "x"), ":")
	for i := 1; i < len(list); i++ {
		c := characters(list[i])
		at := g.n(len(c)%256 + 1)
		before, after := strings.Join(c[:at], ""), strings.Join(c[at:], "")
		switch g.n(9) {
		case 0, 1:
			list[i] = before + "*"
		case 2:
			list[i] = "*" + after
		case 3:
			list[i] = before + "*" + after
		case 4:
			if at < len(c) {
				list[i] = before + "?" + strings.Join(c[at+1:], "")
			}
		case 5:
			if i+1 < len(list) && g.in(50) {
				list = slices.Replace(list, i, i+2, before+"*")
			}
		}
	}
	return strings.Join(list, ":")
}

// principals makes a Principal or NotPrincipal element.
func (g *generator) principals(kind policy.Kind, not bool) any {
	caller := g.req.Principal
	own := []string{caller.Account, caller.ARN, caller.RoleARN, caller.UserARN, caller.UniqueID, "arn:aws:iam::" + caller.Account + ":root"}
	own = slices.DeleteFunc(own, func(s string) bool { return s == "" })
	if len(own) > 1 && g.in(35) {
		// Some of what the caller is: all of it matters to NotPrincipal, each alone to Principal.
		list := []string{}
		for _, s := range own {
			if g.in(map[bool]int{true: 80, false: 40}[not]) {
				list = append(list, s)
			}
		}
		return map[string]any{"AWS": list}
	}
	if g.in(25) || kind == policy.RCP && !g.in(10) {
		return "*"
	}
	p := map[string]any{}
	one := func() string {
		return pick(g.dice, []string{
			home, home, away, "arn:aws:iam::" + home + ":root", user("alice"), user("bob"), role("app"), role("svc/app"), assumed("app", "s1"),
			"arn:aws:sts::" + home + ":federated-user/bob", "AIDAEXAMPLEALICE0001", "AROAEXAMPLEAPP00001",
			pick(g.dice, []string{"*", "arn:aws:iam::" + home + ":user/*", "alice", "", "arn:aws:iam::" + home + ":group/x", user("eve"), "arn:aws-xx:iam::" + home + ":root", "AIDA"}),
		})
	}
	for range 1 + g.n(2) {
		switch g.n(10) {
		case 0:
			p["Service"] = g.some(2, func() string { return pick(g.dice, []string{"sns.amazonaws.com", "s3.amazonaws.com", "*"}) })
		case 1:
			p["Federated"] = g.some(2, func() string {
				return pick(g.dice, []string{"accounts.google.com", "arn:aws:iam::" + home + ":saml-provider/idp"})
			})
		case 2:
			if g.in(20) {
				p["CanonicalUser"] = "79a59df900b949e55d96a1e698fbaced"
			}
		default:
			p["AWS"] = g.some(5, one)
		}
	}
	return p
}

// conditions makes a Condition element, mostly about keys that the request has.
func (g *generator) conditions() map[string]any {
	out := map[string]any{}
	for range 1 + g.n(3) {
		kind, key := byte(0), ""
		if keys := g.req.Context.Keys(); len(keys) > 0 && g.in(60) {
			key = pick(g.dice, keys)
			kind = kindOf(key)
		} else {
			kind = keyKinds[g.n(len(keyKinds))]
			key = keyOf(g.dice, kind)
		}
		operator := pick(g.dice, operatorsOf(kind))
		switch g.n(20) {
		case 0:
			operator = pick(g.dice, operatorsOf(keyKinds[g.n(len(keyKinds))]))
		case 1, 2:
			operator = "Null"
		}
		set := 12
		if kind == 't' {
			set = 70
		}
		if operator != "Null" && g.in(set) {
			operator = pick(g.dice, []string{"ForAllValues:", "ForAnyValue:"}) + operator
		}
		if operator != "Null" && g.in(20) {
			operator += "IfExists"
		}
		if g.in(2) {
			operator = pick(g.dice, strangeOperators)
		}
		large, _, _ := g.req.Context.Get("a:s1")
		long := len(large) == 1 && len(large[0]) > 100 && g.in(50)
		if long {
			operator, key = pick(g.dice, operatorsOf('s')), "a:s1"
		}
		for o := range out { // no two may differ in case only
			if asciiLower(o) == asciiLower(operator) {
				operator = o
			}
		}
		under, _ := out[operator].(map[string]any)
		if under == nil {
			under = map[string]any{}
			out[operator] = under
		}
		values := valuesFor[kind]
		if long {
			values = []string{"${a:s1}${a:s1}"}
		} else if operator == "Null" {
			values = []string{"true", "false", "true", "false", "perhaps"}
		} else if g.in(50) {
			values = patternsFor[kind]
		}
		for k := range under {
			if asciiLower(k) == asciiLower(key) {
				key = k
			}
		}
		under[key] = g.some(3, func() string { return strings.ToValidUTF8(pick(g.dice, values), "x") })
	}
	return out
}
