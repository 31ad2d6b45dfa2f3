package analyzer

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"iamd/policy/source"
)

// checks are asked in this order; each reports what it finds.
var checks = slices.Concat(structureChecks)

// report adds a finding at some places. fill are the placeholders of its text and what takes their place, in pairs.
func (d *document) report(code string, at []place, fill ...string) {
	text, ok := issues[code]
	if !ok {
		panic("analyzer: no issue " + code)
	}
	details := text.Details
	for i := 0; i < len(fill); i += 2 {
		details = strings.ReplaceAll(details, "{{"+fill[i]+"}}", fill[i+1])
	}
	f := Finding{Type: text.Type, Code: code, Title: text.Title, Details: details}
	for _, p := range at {
		f.Locations = append(f.Locations, Location{Path: p.path, Span: Span{Start: Position{Offset: p.start}, End: Position{Offset: p.end}}})
	}
	d.findings = append(d.findings, f)
}

// syntax reports where the text stops being JSON.
func (d *document) syntax(f *source.Fault) {
	p := source.NewTracker(d.text).To(min(f.At, len(d.text)))
	d.report("JSON_SYNTAX_ERROR", []place{{start: p.Offset, end: p.Offset}},
		"index", strconv.Itoa(utf8.RuneCountInString(d.text[:p.Offset])), "line", strconv.Itoa(p.Line), "column", strconv.Itoa(p.Column))
}

// part is a piece of a string value: from one byte of its text up to another. Its span is that of the whole value where
// the source writes the value with escapes.
func (v *value) part(from, to int) place {
	p := v.place
	p.path = step(v.path, PathElement{Kind: PathSubstring,
		Start: utf8.RuneCountInString(v.text[:from]), Length: utf8.RuneCountInString(v.text[from:to])})
	if v.end-v.start == len(v.text)+2 {
		p.start, p.end = v.start+1+from, v.start+1+to
	}
	return p
}

// locate turns the spans' bytes into lines, columns and characters, in one walk over the text.
func (d *document) locate() {
	var all []*Position
	for i := range d.findings {
		for j := range d.findings[i].Locations {
			s := &d.findings[i].Locations[j].Span
			all = append(all, &s.Start, &s.End)
		}
	}
	slices.SortFunc(all, func(a, b *Position) int { return a.Offset - b.Offset })
	line, column, chars, at := 1, 0, 0, 0
	for _, p := range all {
		for at < p.Offset {
			c, n := utf8.DecodeRuneInString(d.text[at:])
			at += n
			chars++
			if column++; c == '\n' {
				line, column = line+1, 0
			}
		}
		*p = Position{Line: line, Column: column, Offset: chars}
	}
}
