package analyzer

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"iamd/policy/source"
)

// checks are asked in this order; each reports what it finds.
var checks = slices.Concat(
	structureChecks, actionChecks, resourceChecks, keyChecks, conditionChecks, valueChecks, applicabilityChecks, variableChecks,
	principalChecks, trustChecks, attachmentChecks, controlChecks, quotaChecks,
	emptyChecks, sizeChecks, referenceChecks, servicePrincipalChecks, federationChecks, passRoleChecks, conditionTypeChecks,
	conditionAdviceChecks, addressChecks, tagChecks, redundancyChecks,
)

// maxFindings is how many findings of one code there are at most. A document of AWS's length could have 150,000.
const maxFindings = 1000

// maxPlaces is how many places one finding has at most; a statement could be repeated 40,000 times.
const maxPlaces = 100

// maxNamed is how many things one finding names at most, and how many findings there are of one kind about one value.
const maxNamed = 20

// report adds a finding at some places. fill are the placeholders of its text and what takes their place, in pairs.
func (d *document) report(code string, at []place, fill ...string) {
	text, ok := issues[code]
	if !ok {
		panic("analyzer: no issue " + code)
	}
	d.reportAs(code, text.Details, at, fill...)
}

// reportAs is report with another of the texts that AWS has for the code.
func (d *document) reportAs(code, details string, at []place, fill ...string) {
	text, ok := issues[code]
	if !ok {
		panic("analyzer: no issue " + code)
	}
	if d.reported[code]++; d.reported[code] > maxFindings {
		return
	}
	pairs := make([]string, len(fill))
	for i := 0; i < len(fill); i += 2 {
		pairs[i], pairs[i+1] = "{{"+fill[i]+"}}", brief(fill[i+1])
	}
	// One pass, so that what comes from the document is never taken for a placeholder.
	f := Finding{Type: text.Type, Code: code, Title: text.Title, Details: strings.NewReplacer(pairs...).Replace(details)}
	at = at[:min(len(at), maxPlaces)]
	f.Locations = make([]Location, len(at))
	for i, p := range at {
		f.Locations[i] = Location{Path: d.path(p), Span: Span{Start: Position{Offset: p.start}, End: Position{Offset: p.end}}}
	}
	d.findings = append(d.findings, f)
}

// brief cuts what a text quotes from the document, so that many findings about one long value stay small.
func brief(s string) string {
	const most = 512
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
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
	p.part = &PathElement{Kind: PathSubstring,
		Start: utf8.RuneCountInString(v.text[:from]), Length: utf8.RuneCountInString(v.text[from:to])}
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
