package policy

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// Plain are the same policies without index, filters and sets of services: every statement is looked at, in order.
func (p *Policies) Plain() *Policies {
	out := *p
	for _, list := range []*[]Attached{&out.Identity, &out.Boundary, &out.Session, &out.Resource, &out.Trust, &out.VPCEndpoint} {
		*list = unindexed(*list)
	}
	for _, levels := range []*[][]Attached{&out.SCPs, &out.RCPs} {
		*levels = slices.Clone(*levels)
		for i := range *levels {
			(*levels)[i] = unindexed((*levels)[i])
		}
	}
	return &out
}

func unindexed(list []Attached) []Attached {
	list = slices.Clone(list)
	for i := range list {
		if c := list[i].Policy; c != nil {
			list[i].Policy = &Compiled{denies: c.denies.plain(), allows: c.allows.plain(), keys: c.keys}
		}
	}
	return list
}

func (s *statements) plain() statements {
	list := slices.Clone(s.list)
	for i := range list {
		a := *list[i].actions
		a.services = everyService
		list[i].actions = &a
	}
	return statements{list: list, services: everyService}
}

// pick draws one of several.
func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// some draws up to n of several, or none at all.
func some(r *rand.Rand, n int, from ...string) []string {
	out := []string{}
	for range r.IntN(n + 1) {
		out = append(out, pick(r, from...))
	}
	return out
}

var (
	someActions = []string{
		"s3:GetObject", "S3:getobject", "s3:GetObjectAcl", "s3:Get*", "s3:g?t*", "s3:*", "s*", "*", "iam:*", "sqs:SendMessage",
		"s3", ":x", "?3:Get*", "*:GetObject", "s3:PutObject", "s3:Pu*ct", "s3:GetObject*", "", ":*", "::", "s3:Get:*", "s3:GéT*",
		"é:Get?", "s3:G??Object", "\u212a:*", "k:Get", "*:*",
	}
	someResources = []string{
		"*", "arn:aws:s3:::*", "arn:aws:s3:::a", "arn:aws:s3:::a/*", "arn:aws:s3:::a/b/*", "arn:aws:s3:::a/b", "arn:aws:s3:::ab*",
		"arn:aws:s3:::*/logs/*", "arn:aws:s3:::a/${aws:username}/*", "arn:aws:s3:::*/${aws:username}/*", "arn:aws:s3:::a/${none}/*",
		"arn:aws:s3:::a/${none, 'b'}/*", "arn:aws:s3:::a/${bad", "arn:aws:s3:::?/b*", "arn:aws:s3", "arn:aws:s3:*", "arn:*:s3:::a/b",
		"arn:aws:s3:::a/${*}/x", "nothing", "arn:aws:s3:::a/${aws:username}", "arn:aws:s3:::é*", "arn:aws:*3:::a*", "", "arn", "arn:",
		"arn:aws:s3:::", "arn:aws:s3::*", "arn:*", "arn:aws:s?:*:1:a", "arn:aws:s3:us-*-1::a/*", "arn:aws:s3:u*:1*:a", "arn:aws:s3:*b:1:*/b",
		"arn:a?s:s3:r:1:*", "arn:*s3*", "arn:aws:${aws:username}:::a", "arn:aws:s3:::a/${aws:PrincipalTag/Team}/*", "arn:aws:s3:::ÿ?", "a*",
		"arn:aws:s3:::${aws:PrincipalTag/Team}", "arn:aws:s3:é:1:a", "arn:aws:s3:::${aws:username}${aws:username}*",
	}
	// Of these, none begins as another does: of a statement that has many, an index does not hold every pair.
	narrowActions = []string{
		"s3:GetObject", "s3:PutObject", "s3:Li*", "iam:Get*", "iam:PassRole", "sqs:Send*", "sqs:Receive*", "sts:*", "ec2:*", "k:*", "é:Get?",
		"S3:DELETE*", "::",
	}
	narrowResources = []string{
		"arn:aws:s3:::a/b", "arn:aws:s3:::a/alice*", "arn:aws:s3:::ab*", "arn:aws:s3:::z/*/1", "arn:aws:s3:::é*", "arn:aws:s3:r:1:*", "arn:aws:s3:us-*",
		"arn:aws:iam::*", "arn:aws:sqs:*", "arn:aws:alice:*", "arn:aws:s3:::b${aws:username}", "arn:aws:s3:::a/x*", "arn:aws:s3:é:*",
	}
	someValues   = []string{"alice", "bob", "${aws:username}", "a*", "${aws:PrincipalTag/Team}", "${none}", "${bad", "é", "", "?lice"}
	askedActions = []string{
		"s3:GetObject", "S3:GETOBJECT", "s3:GetObjectAcl", "s3:PutObject", "iam:GetUser", "sqs:SendMessage", "s3", ":x", "x", "",
		":", "::", "s3:", "s3:Get:Object", "s3:GéTx", "s3:G\xe9T", "\xff:Get", "é:Get1", "K:Get", "\u212a:Get",
	}
	askedResources = []string{
		"arn:aws:s3:::a", "arn:aws:s3:::a/", "arn:aws:s3:::a/b", "arn:aws:s3:::a/b/c", "arn:aws:s3:::ab", "arn:aws:s3:::z/logs/1", "*", "",
		"arn:aws:s3:::a/alice/x", "arn:aws:s3:::z/alice/x", "arn:aws:s3:::a/*/x", "arn:aws:s3:::é/x", "arn:aws:s3:::a/alice", "arn:aws:s3:r:1:a/b",
		"arn", "arn:aws:s3", "arn:aws:s3:", "arn:aws:s3:::", "\xff", "arn:aws:s3:::\xc3", "arn:aws:s3:::ÿ\xff", "arn:aws:s3:us-east-1::a/b",
		"arn:aws:s3:us-east-1:x:1:a/b", "arn:aws:alice:::a", "arn:aws:s3:::a/\xffb/x", "arn:aws:s3:é:1:a", "arn:aws:s3:a:b:1:a", "aliceé",
	}
)

// draw makes a document of n statements with elements of every sort, present, absent, empty and twofold.
func draw(r *rand.Rand, n int) *Document {
	d := &Document{Version: pick(r, version2012, version2008)}
	for range n {
		s := Statement{Effect: pick(r, "Allow", "Allow", "Deny", "neither")}
		actions, resources := some(r, 3, someActions...), some(r, 4, someResources...)
		if r.IntN(20) == 0 {
			actions, resources = some(r, 60, narrowActions...), some(r, 60, narrowResources...)
		}
		if kind := r.IntN(12); kind < 9 {
			s.Action = actions
		} else if kind < 11 {
			s.NotAction = actions
		} else if r.IntN(2) == 0 {
			s.Action, s.NotAction = some(r, 1, someActions...), some(r, 1, someActions...)
		}
		if kind := r.IntN(12); kind < 9 {
			s.Resource = resources
		} else if kind < 11 {
			s.NotResource = resources
		}
		if r.IntN(3) == 0 {
			s.Principal = &Principals{Named: []NamedPrincipal{{principalAWS, pick(r, home, "arn:aws:iam::111122223333:user/alice", "?", "*")}}}
		}
		if r.IntN(2) == 0 {
			s.Condition = []Condition{{
				pick(r, "StringEquals", "StringLike", "What", "ForAnyValue:StringLike", "ForAllValues:StringNotEquals", "StringNotLikeIfExists"),
				pick(r, "aws:username", "aws:username", "aws:PrincipalTag/Team", "none"), []string{pick(r, someValues...)},
			}}
		}
		d.Statements = append(d.Statements, s)
	}
	return d
}

// drawn makes a list of documents of 1 to 500 statements. Many statements mostly deny everything, so that those of some
// lists all allow.
func drawn(r *rand.Rand) (list []Attached) {
	allowing := r.IntN(2) == 0
	for i := range 1 + r.IntN(3) {
		d := draw(r, pick(r, 1, few, few+1, 12, many, 60, 300, 500))
		for j := range d.Statements {
			if allowing {
				d.Statements[j].Effect = "Allow"
			}
		}
		list = append(list, Attached{ID: fmt.Sprint(i), Policy: Compile(d, CompileOptions{})})
	}
	return list
}

// drawnContext has values of one kind and the other, or none.
func drawnContext(r *rand.Rand) *Context {
	ctx := &Context{}
	switch r.IntN(8) {
	case 0:
		return nil
	case 1:
		ctx.SetList("aws:username", []string{"alice", "b"}[:r.IntN(3)]...) // in which no variable can be filled
	default:
		ctx.Set("aws:username", pick(r, "alice", "alice", "a", "b*", "é", "\xff", "\xc3", ""))
	}
	if r.IntN(2) == 0 {
		ctx.SetList("aws:PrincipalTag/Team", []string{"alice", "b", "é"}[:r.IntN(4)]...)
	} else {
		ctx.Set("aws:PrincipalTag/Team", pick(r, "b", "alice/x", "*"))
	}
	return ctx
}

// With index, with filters and with neither, decisions are the same, down to the statement that is named.
func TestIndexChangesNoDecision(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	decided := map[string]int{}
	for range 100 {
		list := drawn(r)
		for _, a := range list {
			for _, s := range []*statements{&a.Policy.denies, &a.Policy.allows} {
				decided[fmt.Sprintf("indexed %v, filtered %v", s.index != nil, s.filters != nil)]++
			}
		}
		kinds := []*Policies{
			{Identity: list}, {Resource: list}, {Trust: list}, {Identity: list, Boundary: drawn(r)},
			{Resource: list, SCPs: [][]Attached{drawn(r), list[:1]}},
		}
		k := r.IntN(len(kinds))
		fast := kinds[k]
		slow := fast.Plain()
		for _, action := range askedActions {
			ctx := drawnContext(r)
			for _, resource := range askedResources {
				req := &Request{Principal: alice(), Action: action, Resource: resource, Context: ctx}
				got, want := Decide(req, fast), Decide(req, slow)
				if got != want {
					t.Fatalf("%d: %q on %q: %+v, plainly %+v", k, action, resource, got, want)
				}
				decided[fmt.Sprintf("%d: allowed %v, explicit %v", k, got.Allowed, got.Explicit)]++
			}
			req := &Request{Principal: alice(), Action: action, Resource: pick(r, askedResources...), Context: ctx}
			if got, want := Explain(req, fast), Explain(req, slow); !reflect.DeepEqual(got, want) {
				t.Fatalf("%d: %q on %q: %+v, plainly %+v", k, action, req.Resource, got, want)
			}
		}
	}
	t.Log(decided)
	if len(decided) != 3+5*3 {
		t.Errorf("not every sort of decision is among these: %v", decided)
	}
}
