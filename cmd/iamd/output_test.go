package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"iamd/policy"
)

// TestPrintable: a text that a terminal or a CI system could take for something
// else is quoted.
func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"arn:aws:iam::1:user/Bob": "arn:aws:iam::1:user/Bob", `say "no"`: `say "no"`, "ü…": "ü…", "": "", `C:\p\a.json`: `C:\p\a.json`, "#1": "#1",
		"a\x1b[2Jb": `"a\x1b[2Jb"`, "a\nb": `"a\nb"`, "\xff": `"\xff"`, "\u202e": `"\u202e"`, "\u009b31m": `"\u009b31m"`,
		"::error::a": `"::error::a"`, " ::a": `" ::a"`, "a ##[error]b": `"a #\x23[error]b"`, "###[a]": `"#\x23#[a]"`,
	} {
		if got := printable(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestPrintf(t *testing.T) {
	const odd = "a\n::b"
	var b strings.Builder
	if err := printf(&b, "%s|%-6s|%q|%s|%3d|%s|%v|%q", odd, "ab", odd, errors.New(odd), 7, policy.Result(odd), []string{odd}, "##"); err != nil {
		t.Fatal(err)
	}
	const q = `"a\n::b"`
	if want := q + "|ab    |" + q + "|" + q + "|  7|" + q + `|"[a\n::b]"|"#\x23"`; b.String() != want {
		t.Errorf("%s, want %s", b.String(), want)
	}
	cause := errors.New("why")
	if err := usagef("%s: %w", odd, cause); !errors.Is(err, cause) || err.Error() != q+": why" {
		t.Error(err)
	}
}

func TestPrintError(t *testing.T) {
	var b strings.Builder
	printError(&b, errors.Join(errors.New("one \"x\"\x1b[2J\n\n  ::error::y\n"), fmt.Errorf("two\r##[error]z")))
	if want := "iamd: one \"x\"\\x1b[2J\niamd: ::error::y\niamd: two\\r#\\x23[error]z\n"; b.String() != want {
		t.Errorf("%s, want %s", b.String(), want)
	}
}

func TestPrintJSON(t *testing.T) {
	in := map[string]string{"a": "\x1b\x7f\u009b\u202e\n\t##[error]\\##\U000e0041ü<&>"}
	var b bytes.Buffer
	if err := printJSON(&b, in); err != nil {
		t.Fatal(err)
	}
	var out map[string]string
	if err := json.Unmarshal(b.Bytes(), &out); err != nil || out["a"] != in["a"] {
		t.Errorf("%q, %v", out["a"], err)
	}
	harmless(t, "JSON", b.String())
	if !strings.Contains(b.String(), "ü<&>") {
		t.Error(b.String())
	}
}

// harmless fails for what a terminal or a CI system would obey.
func harmless(t *testing.T, name, output string) {
	t.Helper()
	for line := range strings.Lines(output) {
		line = strings.TrimSuffix(line, "\n")
		if strings.ContainsFunc(line, func(c rune) bool { return !strconv.IsPrint(c) }) || strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
			t.Errorf("%s: %q", name, line)
		}
	}
}

// TestOutputIsHarmless: no command writes what others wrote in a way that makes
// a terminal or a CI system obey it.
func TestOutputIsHarmless(t *testing.T) {
	const odd, lone = "a\x1b[31m\n::error file=x::.json", "::error file=x::##[error].json"
	t.Chdir(t.TempDir())
	sound := `{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	broken := strings.ReplaceAll(sound, `"Resource":"*"`, `"Resource":"*","Condition":{"\u001b[31mOp\n::error::x":{"aws:x\n::error::y":"a"}}`)
	for name, text := range map[string]string{
		odd: sound, lone: broken, "broken.json": broken,
		"engine.sh": `while read -r line; do printf '%s\n' '{"error":"\u001b[31m\n::error::x ##[error]"}'; done`,
		"babble.sh": `while read -r line; do printf '\033[31m::error::x\n'; done`,
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("odd\n::error::d", 0o700); err != nil {
		t.Fatal(err)
	}
	caller := "arn:aws:iam::111111111111:user/\x1b[31m\n::error::x"
	for _, args := range [][]string{
		{"policy", "check", "."}, {"policy", "check", odd, lone}, {"policy", "check", "gone\x1b\n::error::.json"}, {"policy", "check", "odd\n::error::d"},
		{"policy", "check", "--format", "json", "."}, {"policy", "check", "--format", "sarif", "."}, {"policy", "check", "--type", odd, "."},
		{"policy", "simulate", "--policy", odd, "--action", "s3:GetObject"}, {"policy", "simulate", "--policy", odd, "--action", "s3:GetObject", "--format", "json"},
		{"policy", "simulate", "--policy", lone, "--action", "s3:GetObject"}, {"policy", "simulate", "--policy", "broken.json", "--action", "s3:GetObject"},
		{"policy", "explain", "--policy", odd, "--action", "s3:GetObject"}, {"policy", "explain", "--policy", odd, "--action", "s3:PutObject", "--caller", caller},
		{"policy", "explain", "--policy", odd, "--action", "s3:PutObject", "--caller", caller, "--format", "json"},
		{"policy", "explain", "--policy", odd, "--action", "s3:\x1b\n::error::x"}, {"policy", "explain", "--policy", odd, "--action", "s3:x", "--resource", odd},
		{"policy", "test", "--run", "^conditions/ip/", "--against", "sh engine.sh"}, {"policy", "test", "--run", "^conditions/ip/", "--against", "sh engine.sh", "--format", "json"},
		{"policy", "test", "--run", "^conditions/ip/", "--against", "sh babble.sh"}, {"policy", "test", "odd\n::error::d"},
		{"account", "create", "a\x1b\n::error::x", "--data-dir", "data"}, {"account", "list", "--data-dir", "data"}, {"account", "list", "--data-dir", "data", "--json"},
		{"account", "list", "--data-dir", "none\n::error::x"}, {"policy", "\x1b\n::error::x"}, {"\x1b\n::error::x"},
	} {
		var out strings.Builder
		if err := command(t.Context(), &out, args...); err != nil {
			printError(&out, err)
		}
		if out.Len() == 0 {
			t.Errorf("%q says nothing", args)
		}
		harmless(t, fmt.Sprintf("%q", args), out.String())
	}
	if entries, err := filepath.Glob("none*"); err != nil || len(entries) != 0 {
		t.Errorf("%q, %v", entries, err)
	}
}
