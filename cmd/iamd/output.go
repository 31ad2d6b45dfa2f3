package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// What a command writes was mostly written by others: file names, policies, the
// answers of servers and engines. A terminal obeys escape sequences in it. GitHub's
// runner takes a line that begins with "::", or one with "##[" anywhere, for a
// command; others' are "##vso[" and "##teamcity[". So what is not known to be
// plain is written by printf, printJSON and printError alone.

// printf writes as fmt.Fprintf does, but for the texts among the arguments that
// are not plain: each of them is quoted.
func printf(w io.Writer, format string, args ...any) error {
	for i, a := range args {
		args[i] = guarded(a)
	}
	_, err := fmt.Fprintf(w, format, args...)
	return err
}

// guarded makes an argument of a format one that is safe to show: any but a
// number.
func guarded(a any) any {
	if n, ok := a.(int); ok {
		return n
	}
	return guardedText(fmt.Sprint(a))
}

type guardedText string

func (t guardedText) Format(s fmt.State, verb rune) {
	text := printable(string(t))
	if verb == 'q' {
		text, verb = quoted(string(t)), 's'
	}
	fmt.Fprintf(s, fmt.FormatString(s, verb), text)
}

// printable quotes a text that is not plain.
func printable(s string) string {
	if isPlain(s) {
		return s
	}
	return quoted(s)
}

// isPlain is false of what a terminal or a CI system may take for more than text.
func isPlain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(c rune) bool { return !strconv.IsPrint(c) }) &&
		!strings.HasPrefix(strings.TrimSpace(s), "::") && !strings.Contains(s, "##")
}

func quoted(s string) string { return strings.ReplaceAll(strconv.Quote(s), "##", `#\x23`) }

// printError writes an error for people, each of its lines as one of iamd's. What
// is not plain in a line is written as in a Go string.
func printError(w io.Writer, err error) {
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if !isPlain(line) {
			line = quoted(line)
			line = strings.ReplaceAll(line[1:len(line)-1], `\"`, `"`)
		}
		fmt.Fprintln(w, "iamd:", line)
	}
}

// printJSON writes a value as JSON, in which what is not plain is escaped.
func printJSON(w io.Writer, v any) error {
	var text strings.Builder
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(v); err != nil {
		return err
	}
	var b strings.Builder
	for _, c := range strings.ReplaceAll(text.String(), "##", `#\u0023`) {
		if c == '\n' || strconv.IsPrint(c) {
			b.WriteRune(c)
			continue
		}
		for _, u := range utf16.Encode([]rune{c}) {
			fmt.Fprintf(&b, `\u%04x`, u)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
