package policy

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"iamd/policy/source"
)

// filled is a document of about n bytes, most of which are the items of one element.
func filled(n int, before string, item func(i int) string, after string) string {
	var b strings.Builder
	b.WriteString(before)
	for i := 0; b.Len() < n; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(item(i))
	}
	b.WriteString(after)
	return document(b.String())
}

// times repeats an item.
func times(item string) func(int) string { return func(int) string { return item } }

// one is a statement that applies to every request of heavy but for what its rest says.
func one(rest string) string { return `{"Effect":"Deny","Action":"s3:GetObject",` + rest }

// asking is a condition on key:a.
func asking(operator string) string {
	return one(`"Resource":"*","Condition":{"` + operator + `":{"key:a":[`)
}

const asked = "]}}}"

// backtracking fits a text of the letter a almost, and takes more room than a stack has once the value of key:v, if that
// is long, is filled in.
var backtracking = "arn:aws:s3:::" + strings.Repeat("*a", 20) + "${key:v}x"

// heaviness is a document that is made to be slow to explain, and what is asked of it.
type heaviness struct {
	name     string
	document func(n int) string
	resource string
	set      func(*Context)
}

var heavy = []heaviness{
	{"statements", func(n int) string { return filled(n, "[", times(one(`"Resource":"*"}`)), "]") }, "*", nil},
	{"unconcerned", func(n int) string {
		return filled(n, "[", times(`{"Effect":"Deny","Action":"a:b","Resource":"*"}`), "]")
	}, "*", nil},
	{"conditions", func(n int) string {
		return filled(n, one(`"Resource":"*","Condition":{"Bool":{`), func(i int) string { return fmt.Sprintf(`"key:%d":"true"`, i) }, "}}}")
	}, "*", nil},
	{"keys", func(n int) string {
		return filled(n, one(`"Resource":"*","Condition":{"Bool":{`), func(i int) string { return fmt.Sprintf(`"key:%d%s":"true"`, i, strings.Repeat("K", 8000)) }, "}}}")
	}, "*", nil},
	{"actions", func(n int) string {
		return filled(n, `{"Effect":"Deny","Resource":"*","Action":[`, times(`"s3:`+strings.Repeat("*e", 20)+`b"`), "]}")
	}, "*", nil},
	{"not resources", func(n int) string { return filled(n, one(`"NotResource":[`), times(`"`+backtracking+`"`), "]}") },
		"arn:aws:s3:::" + letters(1900), long("key:v", 1000)},
	{"resources", func(n int) string {
		return filled(n, one(`"Resource":[`), times(`"arn:aws:s3:::`+strings.Repeat("*a?", 20)+`b*"`), "]}")
	}, "arn:aws:s3:::" + letters(1900), nil},
	{"segments", func(n int) string {
		return filled(n, one(`"Resource":[`), times(`"arn:aws:`+letters(500)+`*x:::b"`), "]}")
	}, "arn:aws:" + letters(1900) + ":::b", nil},
	{"marks", func(n int) string {
		return filled(n, asking("StringLike"), times(`"*`+strings.Repeat("a?", 60)+`b*"`), asked)
	}, "*", long("key:a", 2000)},
	{"stars", func(n int) string { return filled(n, asking("StringLike"), times(`"*a*a*a*b"`), asked) }, "*", long("key:a", 4096)},
	{"cases", func(n int) string {
		return filled(n, asking("StringEqualsIgnoreCase"), times(`"`+strings.Repeat(`\u03a3'`, 300)+`"`), asked)
	}, "*", func(c *Context) { c.Set("key:a", strings.Repeat("σ'", 299)+"x") }},
	{"variables", func(n int) string { return filled(n, asking("StringEquals"), times(`"${key:v}"`), asked) }, "*", long("key:a", 1)},
	{"unasked variables", func(n int) string {
		return filled(n, asking("StringEquals"), func(i int) string { return fmt.Sprintf(`"${a%d}"`, i) }, asked)
	}, "*", nil},
	{"ARNs", func(n int) string {
		return filled(n, asking("ArnLike"), times(`"arn:aws:*:*:*:`+strings.Repeat("a?*", 20)+`b*"`), asked)
	}, "*", func(c *Context) { c.Set("key:a", "arn:aws:a:a:a:"+letters(2000)) }},
	{"numbers", func(n int) string {
		return filled(n, asking("NumericEquals"), times(`"1.`+strings.Repeat("0", 100)+`1"`), asked)
	}, "*", func(c *Context) { c.Set("key:a", "1."+strings.Repeat("0", 4000)+"1") }},
	{"dates", func(n int) string { return document(asking("ForAnyValue:DateLessThan") + `"1970"` + asked) }, "*", func(c *Context) {
		list := make([]string, 5000)
		for i := range list {
			list[i] = fmt.Sprintf("2020-01-01T%02d:%02d:%02dZ", i%24, i/24%60, i/1440)
		}
		c.SetList("key:a", list...)
	}},
}

func letters(n int) string { return strings.Repeat("a", n) }

func long(key string, n int) func(*Context) { return func(c *Context) { c.Set(key, letters(n)) } }

// longest is how long most documents may be that strangers bring.
const longest = source.MaxChars - 8192

// heavily makes a case of heavy, with a document of about n bytes.
func heavily(t testing.TB, i, n int) (*Request, *Policies) {
	c := &heavy[i]
	req := &Request{Principal: alice(), Action: "s3:GetObject", Resource: c.resource, Context: &Context{}}
	if c.set != nil {
		c.set(req.Context)
	}
	return req, &Policies{Identity: []Attached{{ID: "p", Policy: compiled(t, c.document(n))}}}
}

// TestWorkIsLimited: below what there is, any limit is reached; from there on, none changes what it says.
func TestWorkIsLimited(t *testing.T) {
	check := func(name string, req *Request, p *Policies) {
		all, within := p.Work(req, math.MaxInt)
		if all < statementSteps || !within {
			t.Errorf("%s: %d, within the limit: %v", name, all, within)
		}
		if got, within := p.Work(req, all); got != all || !within {
			t.Errorf("%s: %d of %d, within the limit: %v", name, got, all, within)
		}
		for _, limit := range []int{math.MinInt, -1, 0, all / 2, all - 1} {
			if got, within := p.Work(req, limit); got != limit || within {
				t.Errorf("%s, limit %d of %d: %d, within the limit: %v", name, limit, all, got, within)
			}
		}
	}
	for _, w := range workloads {
		req, p := w.make(t)
		check(w.name, req, p)
	}
	for i := range heavy {
		req, p := heavily(t, i, 10_000)
		check(heavy[i].name, req, p)
	}
}

// TestWorkMatchesWithinLimit counts what Work matches, whatever it says of it: filling in a long variable takes memory.
func TestWorkMatchesWithinLimit(t *testing.T) {
	const statements = 20
	ctx := &Context{}
	long("key:v", 1000)(ctx)
	req := &Request{Principal: alice(), Action: "s3:GetObject", Resource: "arn:aws:s3:::" + letters(1900), Context: ctx}
	make := func(n int) *Policies {
		list := strings.Repeat(","+one(`"Resource":"`+backtracking+`"}`), n)[1:]
		return &Policies{Identity: []Attached{{ID: "p", Policy: compiled(t, document("["+list+"]"))}}}
	}
	allocations := func(p *Policies, limit int) int {
		return int(testing.AllocsPerRun(2, func() { p.Work(req, limit) }))
	}
	single, several := make(1), make(statements)
	each := allocations(single, math.MaxInt)
	if got := allocations(several, math.MaxInt); each == 0 || got != statements*each {
		t.Fatalf("%d allocations of %d statements, %d of one", got, statements, each)
	}
	first, _ := single.Work(req, math.MaxInt)
	all, _ := several.Work(req, math.MaxInt)
	cost := (all - first) / (statements - 1)
	for limit := range 2 * statements {
		limit *= cost / 2
		if matched := allocations(several, limit) / each; matched*cost > limit || matched < min(statements, limit/cost)-2 {
			t.Errorf("%d statements of %d steps each are matched with a limit of %d", matched, cost, limit)
		}
	}
}

// TestWorkMatchesNothingTooLarge: of an element that is over the limit nothing is matched.
func TestWorkMatchesNothingTooLarge(t *testing.T) {
	req, p := heavily(t, slices.IndexFunc(heavy, func(h heaviness) bool { return h.name == "not resources" }), longest)
	p.Boundary, p.Session = p.Identity, p.Identity
	for _, limit := range []int{1 << 20, 1 << 27} {
		if _, within := p.Work(req, limit); within {
			t.Errorf("there is less than %d steps of work", limit)
		}
		if n := testing.AllocsPerRun(3, func() { p.Work(req, limit) }); n != 0 {
			t.Errorf("%v allocations with a limit of %d", n, limit)
		}
	}
}

// TestWorkWeighs: what costs something is weighed wherever it stands.
func TestWorkWeighs(t *testing.T) {
	weigh := func(resource string, p *Policies, set func(*Context)) int {
		req := &Request{Principal: alice(), Action: "s3:GetObject", Resource: resource, Context: &Context{}}
		set(req.Context)
		n, _ := p.Work(req, math.MaxInt)
		return n
	}
	list := func(statement string) []Attached {
		return []Attached{{ID: "p", Policy: compiled(t, document(statement))}}
	}
	const like = `"Condition":{"StringLike":{"key:a":"*a?b*"}}}`
	text, level := long("key:a", 4000), list(one(`"Resource":"*",`+like))
	for name, c := range map[string]struct{ got, least int }{
		"a trust policy's condition": {weigh("*", &Policies{Trust: list(one(like))}, text), 4000},
		"each level":                 {weigh("*", &Policies{SCPs: [][]Attached{level, level}}, text), 8000},
		"each value of the request": {weigh("*", &Policies{Identity: list(asking("ForAnyValue:StringLike") + `"*a?b*"` + asked)}, func(c *Context) {
			c.SetList("key:a", letters(4000), letters(4000), letters(4000))
		}), 12000},
		"letters before a star that keeps to its part": {
			weigh("arn:aws:"+letters(1900)+":::b", &Policies{Identity: list(one(`"Resource":"arn:aws:` + letters(1800) + `*x:::b"}`))}, text), 1800 / blockSize * 1900,
		},
		"variables of a key that is missing": {
			weigh("*", &Policies{Identity: list(asking("StringEquals") + `"` + strings.Repeat("${key:v}", 1000) + `"` + asked)}, long("key:b", 1)), 16000,
		},
		"variables of a resource that does not fit": {
			weigh("*", &Policies{Identity: list(one(`"Resource":["arn:aws:s3:::` + strings.Repeat("${key:v}", 1000) + `","*"]}`))}, long("key:b", 1)), 16000,
		},
	} {
		if c.got < c.least {
			t.Errorf("%s: %d steps", name, c.got)
		}
	}
}

func TestWorkOverflowsNothing(t *testing.T) {
	for _, c := range []struct {
		factors []int
		left    int // of 100; -1 if it is not enough
	}{
		{[]int{100}, 0}, {[]int{101}, -1}, {[]int{10, 9}, 10}, {[]int{10, 11}, -1}, {[]int{0, math.MaxInt, math.MaxInt}, 100}, {[]int{math.MaxInt, math.MaxInt, 0}, 100},
		{[]int{math.MaxInt, 2}, -1}, {[]int{1 << 31, 1 << 31, 4}, -1}, {[]int{1 << 16, 1 << 16, 1 << 16, 1 << 16}, -1}, {[]int{math.MaxInt, math.MaxInt, math.MaxInt}, -1}, {nil, 99},
	} {
		w := work{left: 100}
		if ok := w.spend(c.factors...); ok != (c.left >= 0) || ok && w.left != c.left {
			t.Errorf("%v: %v, %d left", c.factors, ok, w.left)
		}
		if c.left < 0 && w.spend(0) {
			t.Errorf("%v: nothing is left, and that is enough", c.factors)
		}
	}
}

// BenchmarkWork gives what a step takes, of Explain and of Work up to the limit of the simulator's order, where anything is
// over it.
func BenchmarkWork(b *testing.B) {
	const limit = 1 << 27
	for i := range heavy {
		req, p := heavily(b, i, longest)
		all, _ := p.Work(req, math.MaxInt)
		b.Run(heavy[i].name, func(b *testing.B) {
			for b.Loop() {
				Explain(req, p)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(all), "ns/step")
			b.ReportMetric(float64(all), "steps")
		})
		b.Run(heavy[i].name+"/limited", func(b *testing.B) {
			for b.Loop() {
				p.Work(req, limit)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(min(all, limit)), "ns/step")
		})
	}
}
