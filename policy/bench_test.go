package policy

import (
	"fmt"
	"strings"
	"testing"
)

// small is one policy of one statement.
func small(t testing.TB) (*Request, *Policies) {
	c := compiled(t, document(`{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*"}`))
	req := &Request{
		Principal: alice(), Action: "execute-api:Invoke",
		Resource: "arn:aws:execute-api:us-east-1:111122223333:abc/prod/GET/orders/v0/orders", Context: &Context{},
	}
	return req, &Policies{Identity: []Attached{{ID: "p", Policy: c}}}
}

// large is ten policies of ten statements, with wildcards, conditions and variables, half of them Deny; the last statement allows.
func large(t testing.TB) (*Request, *Policies) {
	p := &Policies{}
	for i := range 10 {
		var list []string
		for j := range 10 {
			list = append(list, fmt.Sprintf(`{"Effect":"%s","Action":["s3:Get*","s3:List*","sqs:SendMessage%d"],
				"Resource":["arn:aws:s3:::bucket-%d-%d/${aws:username}/*","arn:aws:s3:::*/logs-%d/*"],
				"Condition":{"StringLike":{"aws:PrincipalTag/Team":["red-*","${aws:username}-?"]},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},
				"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"},"DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}}`,
				[]string{"Deny", "Allow"}[j%2], j, i, j, j))
		}
		p.Identity = append(p.Identity, Attached{ID: fmt.Sprint(i), Policy: compiled(t, document("["+strings.Join(list, ",")+"]"))})
	}
	ctx := &Context{}
	ctx.Set("aws:username", "alice")
	ctx.Set("aws:PrincipalTag/Team", "alice-1")
	ctx.Set("aws:SourceIp", "203.0.113.9")
	ctx.Set("aws:MultiFactorAuthAge", "120")
	ctx.Set("aws:CurrentTime", "2026-01-01T00:00:00Z")
	return &Request{Principal: alice(), Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket-9-9/alice/x", Context: ctx}, p
}

// owned is one policy of 200 statements: every second denies what it does not name in a folder of the caller's, as the last
// does for this request.
func owned(t testing.TB) (*Request, *Policies) {
	var list []string
	for i := range 199 {
		element := []string{`"Allow","Action":["s3:Get*","s3:PutObject"]`, `"Deny","NotAction":["s3:Get*","s3:List*"]`}[i%2]
		list = append(list, fmt.Sprintf(`{"Effect":%s,"Resource":"arn:aws:s3:::bucket-%d/${aws:username}/*"}`, element, i))
	}
	list = append(list, `{"Effect":"Deny","NotAction":["s3:Get*"],"Resource":"arn:aws:s3:::bucket-42/${aws:username}/locked/*"}`)
	ctx := &Context{}
	ctx.Set("aws:username", "alice")
	p := &Policies{Identity: []Attached{{ID: "p", Policy: compiled(t, document("["+strings.Join(list, ",")+"]"))}}}
	return &Request{Principal: alice(), Action: "s3:PutObject", Resource: "arn:aws:s3:::bucket-42/alice/locked/x", Context: ctx}, p
}

// tenThousand is a document of 10,000 statements, of which three begin as the request does.
func tenThousand() (*Document, *Request) {
	d := &Document{Version: version2012}
	for i := range 9998 {
		d.Statements = append(d.Statements, Statement{
			Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{fmt.Sprintf("arn:aws:s3:::bucket-%d/*", i)},
		})
	}
	d.Statements = append(d.Statements,
		Statement{Effect: "Allow", Action: []string{"s3:Get*"}, Resource: []string{"arn:aws:s3:::bucket-5000/2025/*"}},
		Statement{Effect: "Deny", Action: []string{"s3:Get*"}, Resource: []string{"arn:aws:s3:::bucket-5000/secret/*"}})
	return d, &Request{Principal: alice(), Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket-5000/2026/x", Context: &Context{}}
}

func indexed(testing.TB) (*Request, *Policies) {
	d, req := tenThousand()
	return req, &Policies{Identity: []Attached{{ID: "p", Policy: Compile(d, CompileOptions{})}}}
}

// workloads are what the decisions are measured by.
var workloads = []struct {
	name    string
	make    func(testing.TB) (*Request, *Policies)
	allowed bool
}{{"Small", small, true}, {"TenByTen", large, true}, {"Owned", owned, false}, {"TenThousand", indexed, true}}

func TestDecideAllocatesNothing(t *testing.T) {
	for _, w := range workloads {
		req, p := w.make(t)
		if d := Decide(req, p); d.Allowed != w.allowed {
			t.Errorf("%s: %+v", w.name, d)
		}
		if n := testing.AllocsPerRun(100, func() { Decide(req, p) }); n != 0 {
			t.Errorf("%s: %v allocations", w.name, n)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	for _, w := range workloads {
		b.Run(w.name, func(b *testing.B) {
			req, p := w.make(b)
			b.ReportAllocs()
			for b.Loop() {
				Decide(req, p)
			}
		})
	}
}

// The pattern that takes engines seconds that go back to try again.
func BenchmarkDecideHostile(b *testing.B) {
	c := compiled(b, document(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::`+strings.Repeat("*a", 10)+`b"}`))
	req := &Request{Principal: alice(), Action: "s3:GetObject", Resource: "arn:aws:s3:::" + strings.Repeat("a", 10_000)}
	p := &Policies{Identity: []Attached{{ID: "p", Policy: c}}}
	b.ReportAllocs()
	for b.Loop() {
		Decide(req, p)
	}
}

func BenchmarkCompileTenThousand(b *testing.B) {
	d, _ := tenThousand()
	b.ReportAllocs()
	for b.Loop() {
		Compile(d, CompileOptions{})
	}
}

func BenchmarkParseCompile(b *testing.B) {
	src := []byte(document(`{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*"}`))
	b.ReportAllocs()
	for b.Loop() {
		d, err := Parse(src)
		if err != nil {
			b.Fatal(err)
		}
		Compile(d, CompileOptions{})
	}
}

// The worst piece for a search, in a text of the length that a header may have: the one by letters alone, the one that
// ends up with matchStates.
func BenchmarkMatchLate(b *testing.B) {
	text := strings.Repeat("a", 2048)
	for name, pattern := range map[string]string{"letters": "*" + strings.Repeat("a", 1000) + "b*", "marks": "*" + strings.Repeat("a?", 500) + "b*"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				matchWild(pattern, text, 0)
			}
		})
	}
}
