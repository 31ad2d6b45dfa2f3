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

func TestDecideAllocatesNothing(t *testing.T) {
	for name, make := range map[string]func(testing.TB) (*Request, *Policies){"small": small, "large": large} {
		req, p := make(t)
		if d := Decide(req, p); !d.Allowed {
			t.Errorf("%s: %+v", name, d)
		}
		if n := testing.AllocsPerRun(100, func() { Decide(req, p) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkDecideSmall(b *testing.B) {
	req, p := small(b)
	b.ReportAllocs()
	for b.Loop() {
		Decide(req, p)
	}
}

func BenchmarkDecideTenByTen(b *testing.B) {
	req, p := large(b)
	b.ReportAllocs()
	for b.Loop() {
		Decide(req, p)
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
