package policy_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"iamd/policy"
)

// dice makes choices: from bytes as long as there are any, so that a fuzzer can change one choice and keep the others,
// then from a generator that those bytes seed.
type dice struct {
	bytes []byte
	rest  *rand.Rand
}

func newDice(seed []byte) *dice {
	return &dice{seed, rand.New(rand.NewChaCha8(sha256.Sum256(seed)))}
}

// n is a choice from 0 to k-1; k is at most 256.
func (d *dice) n(k int) int {
	if len(d.bytes) == 0 {
		return d.rest.IntN(k)
	}
	b := d.bytes[0]
	d.bytes = d.bytes[1:]
	return int(b) % k
}

// in is true k times of a hundred.
func (d *dice) in(k int) bool { return d.n(100) < k }

func pick[T any](d *dice, list []T) T { return list[d.n(len(list))] }

// question is one generated case.
type question struct {
	req *policy.Request
	world
}

// generate makes a request and the policies that apply to it.
func generate(seed []byte) (*question, error) {
	g := &generator{dice: newDice(seed)}
	q := &question{req: g.request()}
	g.req = q.req
	q.lists, q.applies = map[policy.Kind][][]paper{}, map[policy.Kind]bool{}
	g.bound = map[string]string{}
	for range g.n(3) {
		g.bound[pick(g.dice, []string{user("alice"), role("app"), assumed("app", "s1"), user("bob"), home})] =
			pick(g.dice, []string{"AIDAEXAMPLEALICE0001", "AROAEXAMPLEAPP00001", ""})
	}
	for _, k := range []struct {
		kind        policy.Kind
		often, many int // how often of a hundred there are any, and how many at most
	}{
		{policy.Identity, 85, 3}, {policy.Resource, 50, 2}, {policy.Boundary, 35, 1}, {policy.Session, 35, 2},
		{policy.Trust, 10, 1}, {policy.SCP, 15, 3}, {policy.RCP, 10, 3}, {policy.VPCEndpoint, 6, 1},
	} {
		if own := k.kind <= policy.Session; own && !hasAccount(&q.req.Principal) {
			continue // who has no account has no policies of his own, so none can apply
		}
		if !g.in(k.often) {
			q.applies[k.kind] = g.in(3)
			continue
		}
		levels := 1
		if k.kind == policy.SCP || k.kind == policy.RCP {
			levels = 1 + g.n(2)
		}
		for level := range levels {
			var list []paper
			for i := range 1 + g.n(k.many) {
				a := paper{id: fmt.Sprintf("%s %d.%d", k.kind, level, i), bound: g.bound}
				if !g.in(1) || !g.in(30) {
					doc, err := policy.Parse([]byte(g.document(k.kind)))
					if err != nil {
						return nil, err
					}
					a.doc = doc
				}
				list = append(list, a)
			}
			if g.in(3) {
				list = nil
			}
			q.lists[k.kind] = append(q.lists[k.kind], list)
		}
	}
	q.needsResource = g.in(15)
	return q, nil
}

// generator makes the parts of one case.
type generator struct {
	*dice
	req   *policy.Request
	bound map[string]string
}

func user(name string) string { return "arn:aws:iam::" + home + ":user/" + name }
func role(name string) string { return "arn:aws:iam::" + home + ":role/" + name }
func assumed(name, session string) string {
	return "arn:aws:sts::" + home + ":assumed-role/" + name + "/" + session
}

func (g *generator) caller() policy.Principal {
	name := pick(g.dice, []string{"alice", "alice", "bob"})
	switch g.n(13) {
	case 0:
		return policy.Principal{}
	case 1:
		return policy.Principal{Kind: policy.Root, Account: home, ARN: "arn:aws:iam::" + home + ":root"}
	case 2, 3:
		session := pick(g.dice, []string{"s1", "s2"})
		return policy.Principal{
			Kind: policy.Role, Account: home, ARN: assumed("app", session), RoleARN: role(pick(g.dice, []string{"app", "app", "svc/app"})),
			UniqueID: pick(g.dice, []string{"AROAEXAMPLEAPP00001", "AROAEXAMPLEAPP00002", ""}),
		}
	case 4, 12:
		return policy.Principal{
			Kind: policy.FederatedUser, Account: home, ARN: "arn:aws:sts::" + home + ":federated-user/bob", UniqueID: "AIDAEXAMPLEALICE0001",
			UserARN: pick(g.dice, []string{user("alice"), user("bob"), "arn:aws:iam::" + home + ":root"}),
		}
	case 5:
		return policy.Principal{
			Kind: pick(g.dice, []policy.PrincipalKind{policy.WebIdentity, policy.SAML}), Federated: pick(g.dice, []string{"accounts.google.com", "arn:aws:iam::" + home + ":saml-provider/idp"}),
		}
	case 6:
		return policy.Principal{Kind: policy.Service, Service: pick(g.dice, []string{"sns.amazonaws.com", "s3.amazonaws.com"})}
	}
	return policy.Principal{
		Kind: policy.User, Account: home, ARN: user(name), UserARN: pick(g.dice, []string{"", user(name)}),
		UniqueID: pick(g.dice, []string{"AIDAEXAMPLEALICE0001", "AIDAEXAMPLEALICE0002", ""}),
	}
}

func (g *generator) service() string {
	if s := pick(g.dice, services); s != "svc" {
		return s
	}
	return fmt.Sprintf("svc%02d", g.n(40))
}

func (g *generator) arn() string {
	return "arn:" + pick(g.dice, []string{"aws", "aws", "aws", "aws-cn"}) + ":" + g.service() + ":" + pick(g.dice, regions) + ":" +
		pick(g.dice, accounts) + ":" + pick(g.dice, paths)
}

func (g *generator) request() *policy.Request {
	service := g.service()
	q := &policy.Request{
		Principal: g.caller(), Action: service + ":" + pick(g.dice, verbs), Resource: g.arn(), Context: &policy.Context{},
		ResourceAccount: pick(g.dice, []string{"", "", "", home, away}),
	}
	switch g.n(40) {
	case 0:
		q.Resource = "*"
	case 1:
		q.Resource = pick(g.dice, []string{"", "bucket", "arn:aws:s3", "arn:aws:s3:::", "arn:aws:s3:::bucket/" + strings.Repeat("ab", 250+g.n(100))})
	case 2:
		q.Action = pick(g.dice, []string{"", "s3", ":", "s3:", "S3:GETOBJECT", "s3:Get:Object"})
	}
	if g.in(2) {
		q.Context = nil
		return q
	}
	if g.n(100) == 0 {
		q.Context.Set("a:s1", strings.Repeat("ab", 4000+g.n(200))) // twice is more than variables may bring, or just not
	}
	for range g.n(14) {
		kind := keyKinds[g.n(len(keyKinds))]
		key := keyOf(g.dice, kind)
		if !g.in(20) && kind != 't' {
			q.Context.Set(key, pick(g.dice, valuesFor[kind]))
			continue
		}
		var list []string
		for range g.n(4) {
			list = append(list, pick(g.dice, valuesFor[kind]))
		}
		q.Context.SetList(key, list...)
	}
	return q
}

// document makes the JSON of a policy, mostly small, now and then of many statements.
func (g *generator) document(kind policy.Kind) string {
	// The engine looks at documents of a few statements, of more and of many by different ways, for each effect.
	count := 1 + g.n(4)
	switch g.n(20) {
	case 0, 1, 2:
		count = 5 + g.n(40)
	case 3:
		count = 50 + g.n(150)
	}
	far := pick(g.dice, []int{2, 15, 50, 98}) // how many of a hundred deny, of those that are not about the request
	version := pick(g.dice, []string{"2012-10-17", "2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17", ""})
	list := make([]map[string]any, count)
	for i := range list {
		list[i] = g.statement(kind, count, far)
	}
	doc := map[string]any{"Statement": list}
	if version != "" {
		doc["Version"] = version
	}
	src, err := json.Marshal(doc)
	if err != nil {
		panic(err) // maps of strings marshal
	}
	// A policy holds no character above U+00FF but by its escape.
	var b strings.Builder
	for _, c := range strings.ToValidUTF8(string(src), "x") {
		if c > 0xff {
			fmt.Fprintf(&b, `\u%04x`, c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// some makes a list, or one alone.
func (g *generator) some(most int, one func() string) any {
	n := 1 + g.n(most)
	if g.in(1) {
		n = 1 + g.n(14)
	}
	if n == 1 && g.in(60) {
		return one()
	}
	list := []string{}
	for range n {
		list = append(list, one())
	}
	if g.in(1) {
		return []string{}
	}
	return list
}

func (g *generator) statement(kind policy.Kind, among, far int) map[string]any {
	s := map[string]any{"Effect": "Allow"}
	// Of many statements one or two may be about the request, or nothing but explicit denies would ever be seen.
	broad := among <= 4 || g.n(among) < 2
	nearAction, nearResource := broad, broad
	if !broad && g.in(50) {
		nearAction = g.in(50)
		nearResource = !nearAction
	}
	deny := 13
	if !broad {
		deny = far
	}
	if g.in(deny) {
		s["Effect"] = "Deny"
	} else if broad && g.in(1) {
		s["Effect"] = pick(g.dice, []string{"allow", "", "DENY"})
	}
	if g.in(9) && broad || g.in(1) {
		s["NotAction"] = g.some(3, func() string { return g.action(nearAction) })
	} else {
		s["Action"] = g.some(3, func() string { return g.action(nearAction) })
	}
	switch {
	case kind == policy.Trust && g.in(80):
	case broad && g.in(9):
		s["NotResource"] = g.some(3, func() string { return g.resource(nearResource) })
	default:
		s["Resource"] = g.some(3, func() string { return g.resource(nearResource) })
	}
	if kind == policy.Resource || kind == policy.Trust || kind == policy.RCP || kind == policy.VPCEndpoint {
		if element := pick(g.dice, []string{"Principal", "Principal", "Principal", "Principal", "Principal", "NotPrincipal"}); !g.in(2) {
			s[element] = g.principals(kind, element == "NotPrincipal")
		}
	} else if g.in(1) {
		s["Principal"] = "*"
	}
	wide := 12
	if kind == policy.Identity || kind == policy.SCP || kind == policy.RCP || kind == policy.VPCEndpoint {
		wide = 35 // so that more is left to the other kinds to decide
	}
	if broad && s["Effect"] == "Allow" && g.in(wide) {
		s["Action"], s["Resource"] = "*", "*"
		delete(s, "NotAction")
		delete(s, "NotResource")
	}
	if g.in(40) {
		s["Condition"] = g.conditions()
	}
	// Now and then an element too many or too few.
	if broad && g.in(2) || g.n(250) == 0 {
		pick(g.dice, []func(){
			func() { s["NotAction"] = "x:y" }, func() { delete(s, "Action") }, func() { s["NotResource"] = "*" },
			func() { delete(s, "Resource") }, func() { s["NotPrincipal"] = g.principals(kind, true) }, func() { delete(s, "Effect") },
		})()
	}
	return s
}

// String shows a case for a person to look into.
func (q *question) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "request %+v\ncontext", *q.req)
	for _, k := range q.req.Context.Keys() {
		values, multi, _ := q.req.Context.Get(k)
		fmt.Fprintf(&b, " %s=%q(list: %v)", k, values, multi)
	}
	var kinds []policy.Kind
	for k := range q.lists {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for _, k := range kinds {
		for level, list := range q.lists[k] {
			for _, a := range list {
				source := "can't be read"
				if a.doc != nil {
					source = a.doc.Source
				}
				fmt.Fprintf(&b, "\n%s, level %d: %s", a.id, level, source)
			}
		}
	}
	fmt.Fprintf(&b, "\napplies %v, needs resource %v", q.applies, q.needsResource)
	for _, list := range q.lists {
		if len(list) > 0 && len(list[0]) > 0 {
			fmt.Fprintf(&b, ", bound %v", list[0][0].bound)
			break
		}
	}
	return b.String()
}
