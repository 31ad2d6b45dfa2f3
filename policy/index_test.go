package policy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

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
