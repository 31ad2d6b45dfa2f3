package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func matches(t *testing.T, pattern, value string) bool {
	t.Helper()
	all, err := translate(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, re2 := range all {
		if !regexp.MustCompile(`\A(?:` + re2 + `)\z`).MatchString(value) {
			return false
		}
	}
	return true
}

func TestTranslate(t *testing.T) {
	alias := `^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`
	for _, c := range []struct {
		pattern, value string
		want           bool
	}{
		{`[\w+=,.@-]*`, "a+b@c.d-e_f", true},
		{`[\w+=,.@-]*`, "a:b", false},
		{`[\w+=,.@-]*`, "é", false},
		{`[\u0009\u000A\u000D\u0020-\u00FF]+`, "a\tb\nÿ", true},
		{`[\u0009\u000A\u000D\u0020-\u00FF]+`, "Ā", false},
		{`(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`, "/a/", true},
		{`(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`, "/a", false},
		{`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`, "Größe 1", true},
		{`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`, "a#b", false},
		{`^(r-[0-9a-z]{4,32})|(\d{12})$`, "123456789012", true},
		{`^(r-[0-9a-z]{4,32})|(\d{12})$`, "r-abcd", true},
		{`^(r-[0-9a-z]{4,32})|(\d{12})$`, "r-abcd x", false},
		{`[\s\S]*`, "any\nthing\v", true},
		{`[^\s@]+@[^\s@]+`, "a@b", true},
		{`[^\s@]+@[^\s@]+`, "a\v@b", false},
		{`arn:.*`, "arn:x", true},
		{`arn:.*`, "arn:x\u2028", false},
		{alias, "abc", true},
		{alias, "a-c", true},
		{alias, "a-b-c", true},
		{alias, "a--c", false},
		{alias, "-ab", false},
		{alias, "ab-", false},
		{alias, "ab", false},
		{alias, strings.Repeat("a", 63), true},
		{alias, strings.Repeat("a", 64), false},
	} {
		if got := matches(t, c.pattern, c.value); got != c.want {
			t.Errorf("%s matches %q: %t, want %t", c.pattern, c.value, got, c.want)
		}
	}
	for _, pattern := range []string{`a(?=b)`, `[a-z&&[^b]]`, `[a[b]]`, `(a)\1`, `a\`, `\u00`, `[^\S]`} {
		if got, err := translate(pattern); err == nil {
			t.Errorf("translate(%s) = %q, want an error", pattern, got)
		}
	}
}

func TestRun(t *testing.T) {
	models := t.TempDir()
	folder := filepath.Join(models, "toy", "2020-01-01")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	model := `{"metadata":{"endpointPrefix":"toys"},"operations":{"Do":{"input":{"shape":"In"}},"Go":{"input":{"shape":"Far"}}},"shapes":{
		"Far":{"type":"structure","members":{"C":{"shape":"S","location":"header","locationName":"c"}}},
		"In":{"type":"structure","required":["B"],"members":{"B":{"shape":"S"},"A":{"shape":"L","location":"querystring","locationName":"a"}}},
		"S":{"type":"string","min":1,"max":5,"pattern":"PATTERN","sensitive":true},
		"L":{"type":"list","max":2,"member":{"shape":"In"}}}}`
	write := func(pattern string) {
		t.Helper()
		data := strings.ReplaceAll(model, "PATTERN", pattern)
		if err := os.WriteFile(filepath.Join(folder, "service-2.json"), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(models, "out.go")
	generate := func(service string) error {
		return run([]string{"-models", models, "-services", service, "-o", out}, &bytes.Buffer{})
	}
	write(`[a-z]+`)
	if err := generate("toy/Do"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`{service: "toys", name: "Do", in: 1, out: 0, result: false}`,
		"{name: \"B\", shape: 2, required: true},\n\t\t{name: \"A\", shape: 3, query: \"a\"},",
		"{sensitive: true, hasMin: true, min: 1, hasMax: true, max: 5, pattern: 1}",
		"{hasMax: true, max: 2, elem: 1}",
		"{aws: `[a-z]+`, re2: []string{`[a-z]+`}}",
		"Apache License",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("the table lacks %s:\n%s", want, got)
		}
	}
	if err := generate("toy"); err == nil {
		t.Error("a member in a header was let through")
	}
	if err := generate("toy/Undo"); err == nil {
		t.Error("an operation that the model does not have was let through")
	}
	write(`(?!x)`)
	if err := generate("toy/Do"); err == nil {
		t.Error("a pattern that cannot be translated was let through")
	}
}
