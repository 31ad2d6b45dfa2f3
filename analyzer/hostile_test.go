package analyzer

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"iamd/policy/source"
)

// hostile are makers of documents that ask the checks for as much work as they can, of about a given length.
var hostile = []struct {
	name string
	make func(chars int) string
}{
	{"equal actions", func(n int) string { return statementOf("Action", items(n, func(int) string { return "*" })) }},
	{"actions that overlap", func(n int) string {
		return statementOf("Action", items(n, func(i int) string { return fmt.Sprintf("*a%d*", i) }))
	}},
	{"resources", func(n int) string {
		return statementOf("Resource", items(n, func(i int) string { return fmt.Sprintf("arn:*%d*", i) }))
	}},
	{"condition values", func(n int) string {
		return `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":` +
			items(n, func(i int) string { return fmt.Sprintf("10.0.%d.1/16", i%256) }) + `}}}]}`
	}},
	{"condition keys", func(n int) string {
		return `{"Statement":[{"Effect":"Allow","NotAction":"*","Resource":"*","Condition":{"StringLike":{` +
			strings.Join(parts(n, func(i int) string { return fmt.Sprintf(`"aws:ResourceTag/%d":"*"`, i) }), ",") + `}}}]}`
	}},
	{"tagged actions", func(n int) string {
		return `{"Statement":[{"Effect":"Deny","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"a"}},"Action":` +
			items(n, func(i int) string { return fmt.Sprintf("ec2:*%d", i) }) + `}]}`
	}},
	{"empty statements", func(n int) string {
		return `{"Statement":[` + strings.Join(parts(n, func(int) string { return `{}` }), ",") + `]}`
	}},
	{"empty resources", func(n int) string { return statementOf("Resource", items(n, func(int) string { return "" })) }},
	{"empty keys", func(n int) string {
		return `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{` +
			strings.Join(parts(n, func(int) string { return `"":0` }), ",") + `}}}]}`
	}},
	{"nested", func(n int) string {
		const deep = source.MaxDepth - 4
		return `{"Statement":[` + strings.Join(parts(n, func(int) string { return strings.Repeat("[", deep) + strings.Repeat("]", deep) }), ",") + `]}`
	}},
	{"one Sid", func(n int) string {
		return `{"Statement":[` + strings.Join(parts(n, func(int) string { return `{"Sid":"a"}` }), ",") + `]}`
	}},
	{"principals", func(n int) string {
		return `{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":` +
			items(n, func(i int) string { return fmt.Sprintf("arn:aws:sts::1:assumed-role/%d/a", i) }) + `}}]}`
	}},
	{"two long patterns", func(n int) string {
		return statementOf("Action", `["`+strings.Repeat("*a?", n/6)+`b","`+strings.Repeat("a", n/2)+`"]`)
	}},
	{"variables", func(n int) string { return statementOf("Resource", `"`+strings.Repeat("${a", n/3)+`"`) }},
}

func statementOf(element, value string) string {
	other := map[string]string{"Action": `"Resource":"*"`, "Resource": `"Action":"s3:GetObject"`}[element]
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` + other + `,"` + element + `":` + value + `}]}`
}

// parts are as many parts as make n characters with a comma between.
func parts(n int, part func(i int) string) (out []string) {
	for i := 0; n > 0; i++ {
		out = append(out, part(i))
		n -= len(out[i]) + len(`,"`)
	}
	return out
}

func items(n int, item func(i int) string) string {
	return `["` + strings.Join(parts(n, func(i int) string { return item(i) + `"` }), `,"`) + `]`
}

// BenchmarkValidateHostile shows by its ns/byte, for a document and one of eight times its length, that no check takes
// time in the square of it.
func BenchmarkValidateHostile(b *testing.B) {
	for _, h := range hostile {
		for _, n := range []int{source.MaxChars / 8, source.MaxChars - 1000} {
			text := h.make(n)
			b.Run(fmt.Sprintf("%s/%d", strings.ReplaceAll(h.name, " ", "_"), len(text)), func(b *testing.B) {
				for b.Loop() {
					for _, t := range []PolicyType{IdentityPolicy, ResourcePolicy} {
						Validate(text, Options{Type: t})
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(text)), "ns/byte")
			})
		}
	}
}

// TestHostile: each of the documents is one that the checks get to see.
func TestHostile(t *testing.T) {
	for _, h := range hostile {
		for _, f := range Validate(h.make(source.MaxChars-1000), Options{Type: IdentityPolicy}) {
			if f.Code == "JSON_SYNTAX_ERROR" && f.Details != "Fix the JSON syntax error." {
				t.Errorf("%s: %s", h.name, f.Details)
			}
		}
	}
}

// TestMemory: the memory that a document asks for follows its length, and no finding names more places than are read.
func TestMemory(t *testing.T) {
	const most = 500 // bytes allocated in all, for each of the document
	for _, h := range hostile {
		text := h.make(source.MaxChars - 1000)
		for _, typ := range []PolicyType{IdentityPolicy, ResourcePolicy} {
			Validate(examples[0].document, Options{Type: typ}) // reads the catalogue
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			findings := Validate(text, Options{Type: typ})
			runtime.ReadMemStats(&after)
			if took := (after.TotalAlloc - before.TotalAlloc) / uint64(len(text)); took > most {
				t.Errorf("%s as %s: %d bytes for each of the document", h.name, typ, took)
			}
			for _, f := range findings {
				if len(f.Locations) > maxPlaces {
					t.Errorf("%s as %s: %s has %d places", h.name, typ, f.Code, len(f.Locations))
				}
			}
		}
	}
}
