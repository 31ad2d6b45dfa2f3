package policy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// plain is the same document without index and filters: every statement is looked at, in order.
func (c *Compiled) plain() *Compiled {
	out := *c
	for _, s := range []*statements{&out.denies, &out.allows} {
		s.index, s.filters, s.services = nil, nil, everyService
	}
	return &out
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
		"s3", ":x", "?3:Get*", "*:GetObject", "s3:PutObject", "s3:Pu*ct", "s3:GetObject*",
	}
	someResources = []string{
		"*", "arn:aws:s3:::*", "arn:aws:s3:::a", "arn:aws:s3:::a/*", "arn:aws:s3:::a/b/*", "arn:aws:s3:::a/b", "arn:aws:s3:::ab*",
		"arn:aws:s3:::*/logs/*", "arn:aws:s3:::a/${aws:username}/*", "arn:aws:s3:::*/${aws:username}/*", "arn:aws:s3:::a/${none}/*",
		"arn:aws:s3:::a/${none, 'b'}/*", "arn:aws:s3:::a/${bad", "arn:aws:s3:::?/b*", "arn:aws:s3", "arn:aws:s3:*", "arn:*:s3:::a/b",
		"arn:aws:s3:::a/${*}/x", "nothing", "arn:aws:s3:::a/${aws:username}", "arn:aws:s3:::é*", "arn:aws:*3:::a*",
	}
	askedActions   = []string{"s3:GetObject", "S3:GETOBJECT", "s3:GetObjectAcl", "s3:PutObject", "iam:GetUser", "sqs:SendMessage", "s3", ":x", "x", ""}
	askedResources = []string{
		"arn:aws:s3:::a", "arn:aws:s3:::a/", "arn:aws:s3:::a/b", "arn:aws:s3:::a/b/c", "arn:aws:s3:::ab", "arn:aws:s3:::z/logs/1", "*", "",
		"arn:aws:s3:::a/alice/x", "arn:aws:s3:::z/alice/x", "arn:aws:s3:::a/*/x", "arn:aws:s3:::é/x", "arn:aws:s3:::a/alice", "arn:aws:s3:r:1:a/b",
	}
)

// draw makes a document of n statements with elements of every sort, present, absent, empty and twofold.
func draw(r *rand.Rand, n int) *Document {
	d := &Document{Version: pick(r, version2012, version2008)}
	for range n {
		s := Statement{Effect: pick(r, "Allow", "Allow", "Deny", "neither")}
		if kind := r.IntN(12); kind < 9 {
			s.Action = some(r, 3, someActions...)
		} else if kind < 11 {
			s.NotAction = some(r, 3, someActions...)
		} else if r.IntN(2) == 0 {
			s.Action, s.NotAction = some(r, 1, someActions...), some(r, 1, someActions...)
		}
		if kind := r.IntN(12); kind < 9 {
			s.Resource = some(r, 4, someResources...)
		} else if kind < 11 {
			s.NotResource = some(r, 3, someResources...)
		}
		if r.IntN(3) == 0 {
			s.Principal = &Principals{Named: []NamedPrincipal{{principalAWS, pick(r, home, "arn:aws:iam::111122223333:user/alice", "?", "*")}}}
		}
		if r.IntN(2) == 0 {
			s.Condition = []Condition{{pick(r, "StringEquals", "StringLike", "What"), "aws:username", []string{pick(r, "alice", "bob", "${aws:username}", "a*")}}}
		}
		d.Statements = append(d.Statements, s)
	}
	return d
}

// With index, with filters and with neither, decisions are the same, down to the statement that is named.
func TestIndexChangesNoDecision(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	ctx := &Context{}
	ctx.Set("aws:username", "alice")
	decided := map[string]int{}
	for range 150 {
		var fast, slow []Attached
		for i := range 1 + r.IntN(3) {
			c := Compile(draw(r, pick(r, 1, 5, 12, 60, 300)), CompileOptions{})
			if r.IntN(2) == 0 { // else there is always one that denies
				c.denies = statements{}
			}
			fast, slow = append(fast, Attached{ID: fmt.Sprint(i), Policy: c}), append(slow, Attached{ID: fmt.Sprint(i), Policy: c.plain()})
			decided[fmt.Sprintf("indexed %v, filtered %v", c.allows.index != nil, c.allows.filters != nil)]++
		}
		for _, action := range askedActions {
			for _, resource := range askedResources {
				req := &Request{Principal: alice(), Action: action, Resource: resource, Context: ctx}
				for k, kind := range []func([]Attached) *Policies{
					func(l []Attached) *Policies { return &Policies{Identity: l} },
					func(l []Attached) *Policies { return &Policies{Resource: l} },
					func(l []Attached) *Policies { return &Policies{Trust: l} },
				} {
					got, want := Decide(req, kind(fast)), Decide(req, kind(slow))
					if got != want {
						t.Fatalf("%d: %s on %s: %+v, plainly %+v", k, action, resource, got, want)
					}
					decided[fmt.Sprintf("%d: allowed %v, explicit %v", k, got.Allowed, got.Explicit)]++
				}
			}
		}
	}
	if len(decided) != 3+3*3 {
		t.Errorf("not every sort of decision is among these: %v", decided)
	}
}

// What a statement begins with is in the index once for any request, and the index is no larger than what it is made from.
func TestIndexFindsNoneTwice(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	for range 50 {
		c := Compile(draw(r, 200), CompileOptions{})
		x := c.allows.index
		size := 0
		for i := range c.allows.list {
			s := &c.allows.list[i]
			size += 8 + 4*(len(s.actions.patterns)+len(s.resources.patterns))
		}
		if len(x.filters) > size {
			t.Errorf("%d filters of %d", len(x.filters), size)
		}
		for _, action := range askedActions {
			for _, resource := range askedResources {
				seen := map[int32]int{}
				for a := nearest(x.actions, x.shared, action, true); a >= 0; a = x.actions[a].parent {
					if !strings.HasPrefix(FoldKey(action), x.actions[a].prefix) {
						t.Fatalf("%q does not begin with %q", action, x.actions[a].prefix)
					}
					resources := x.resources[x.actions[a].from:x.actions[a].to]
					for n := nearest(resources, int(x.actions[a].shared), resource, false); n >= 0; n = resources[n].parent {
						if !strings.HasPrefix(resource, resources[n].prefix) {
							t.Fatalf("%q does not begin with %q", resource, resources[n].prefix)
						}
						here := map[int32]bool{}
						for _, f := range x.filters[resources[n].from:resources[n].to] {
							here[f.at] = true
						}
						for at := range here {
							seen[at]++
						}
					}
				}
				for at, n := range seen {
					if n > 1 {
						t.Fatalf("statement %d is found %d times", at, n)
					}
				}
			}
		}
	}
}

// A statement of many actions and many resources, all of which continue one another, is not looked at for every pair.
func TestIndexStaysSmall(t *testing.T) {
	var actions, resources []string
	for i := range 300 {
		actions = append(actions, fmt.Sprintf("s3:Get%d", i))
		resources = append(resources, fmt.Sprintf("arn:aws:s3:::b%d/*", i))
	}
	list := make([]Statement, many)
	for i := range list {
		list[i] = Statement{Effect: "Allow", Action: actions, Resource: resources}
	}
	c := Compile(&Document{Version: version2012, Statements: list}, CompileOptions{})
	if n := len(c.allows.index.filters); n != many*len(resources) {
		t.Errorf("%d filters", n)
	}
	if a, b := c.allows.list[0], c.allows.list[many-1]; a.actions != b.actions || a.resources != b.resources {
		t.Error("equal elements are not one")
	}
	req := &Request{Principal: alice(), Action: "s3:get7", Resource: "arn:aws:s3:::b77/x"}
	if d := Decide(req, &Policies{Identity: []Attached{{Policy: c}}}); !d.Allowed || d.Statement != 0 {
		t.Errorf("%+v", d)
	}
}

// nearest agrees with looking at every node.
func TestNearest(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	word := func() string {
		var b strings.Builder
		for range r.IntN(7) {
			b.WriteByte("ab:"[r.IntN(3)])
		}
		return b.String()
	}
	for range 2000 {
		var prefixes []string
		for range r.IntN(30) {
			prefixes = append(prefixes, word())
		}
		slices.Sort(prefixes)
		var nodes []node
		for _, p := range slices.Compact(prefixes) {
			nodes = append(nodes, node{prefix: p})
		}
		shared := adopt(nodes)
		key := word()
		var want, got []string
		for _, n := range slices.Backward(nodes) {
			if strings.HasPrefix(key, n.prefix) {
				want = append(want, n.prefix)
			}
		}
		for at := nearest(nodes, shared, strings.ToUpper(key), true); at >= 0; at = nodes[at].parent {
			got = append(got, nodes[at].prefix)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q among %q: %q, want %q", key, prefixes, got, want)
		}
	}
}

// Parts matched as they come agree with parts put together first.
func TestMatchPartsAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	pieces := []string{"a", "/", "*", "?", "${v}", "${w}", "${none}", "${many}", "${none, 'a'}", "${*}", "${?}", "é", "b*"}
	texts := []string{"a", "/", "b", "*", "?", "é", "\xc3", "\xa9", "v"}
	outcomes := map[string]int{}
	for range 200_000 {
		var pattern, text strings.Builder
		for range 1 + r.IntN(5) {
			pattern.WriteString(pick(r, pieces...))
		}
		for range r.IntN(6) {
			text.WriteString(pick(r, texts...))
		}
		parts, ok := parseVariables(pattern.String())
		if !ok || parts == nil {
			continue
		}
		ctx := &Context{}
		ctx.Set("v", pick(r, "a", "b*", "v", "é", "\xc3"))
		ctx.Set("w", pick(r, "a/", "", "?"))
		ctx.SetList("many", "a", "b")
		for _, wild := range []bool{true, false} {
			fits, found := matchParts(parts, text.String(), ctx, wild)
			wantFits, want := matchTogether(parts, text.String(), ctx, wild)
			if found != want || found == yes && fits != wantFits {
				t.Fatalf("%q, %q, wild %v: %v %v, want %v %v", pattern.String(), text.String(), wild, fits, found, wantFits, want)
			}
			outcomes[fmt.Sprint(wild, found, fits)]++
		}
	}
	if len(outcomes) != 8 {
		t.Errorf("not every outcome is among these: %v", outcomes)
	}
}

// Conditions that say the same are answered once; that the memory has one slot for several, or that one document's ${…} are
// variables and another's are not, mixes up none.
func TestConditionsKeepApart(t *testing.T) {
	ctx := &Context{}
	ctx.Set("aws:username", "alice")
	ctx.Set("a:x", "alice")
	statement := `{"Effect":"%s","Action":"*","Resource":"*","Condition":{"StringEquals":{"a:x":"%s"}}}`
	var list []string
	for i := range 3 * memoSize {
		list = append(list, fmt.Sprintf(statement, "Deny", fmt.Sprint(i)), fmt.Sprintf(statement, "Deny", "bob"))
	}
	none := compiled(t, document("["+strings.Join(list, ",")+"]"))
	last := compiled(t, document("["+strings.Join(append(list, fmt.Sprintf(statement, "Deny", "alice")), ",")+"]"))
	old := compiled(t, `{"Version":"2008-10-17","Statement":`+fmt.Sprintf(statement, "Deny", "${aws:username}")+`}`)
	now := compiled(t, document(fmt.Sprintf(statement, "Deny", "${aws:username}")))
	allow := Attached{ID: "allow", Policy: compiled(t, document(fmt.Sprintf(statement, "Allow", "alice")))}
	for name, c := range map[string]struct {
		list  []*Compiled
		index int // of the statement that denies
	}{
		"none of many": {[]*Compiled{none, old}, -1}, "one of many": {[]*Compiled{none, old, last}, len(list)}, "a variable": {[]*Compiled{old, now}, 0},
	} {
		p := &Policies{Identity: []Attached{allow}}
		for _, d := range c.list {
			p.Identity = append(p.Identity, Attached{ID: "deny", Policy: d})
		}
		d := Decide(&Request{Principal: alice(), Action: "s3:GetObject", Resource: "*", Context: ctx}, p)
		if c.index < 0 && !d.Allowed || c.index >= 0 && (!d.Explicit || d.Statement != c.index) {
			t.Errorf("%s: %+v", name, d)
		}
	}
	if a, b := old.denies.list[0].conditions[0], now.denies.list[0].conditions[0]; a.said == b.said {
		t.Error("a variable says what plain text does")
	}
	if c := none.denies.list; c[1].conditions[0] != c[3].conditions[0] || c[0].conditions[0] == c[2].conditions[0] {
		t.Error("conditions are one that are not equal, or are equal and not one")
	}
}
