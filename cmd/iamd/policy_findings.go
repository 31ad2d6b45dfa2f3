package main

import (
	"io"
	"strings"

	"iamd/analyzer"
)

func firstOffset(f *analyzer.Finding) int {
	if len(f.Locations) == 0 {
		return 0
	}
	return f.Locations[0].Span.Start.Offset
}

// spot is a place as editors count it: lines and columns from 1.
type spot struct{ line, column, endLine, endColumn int }

func spotOf(s analyzer.Span) spot {
	return spot{s.Start.Line, s.Start.Column + 1, s.End.Line, s.End.Column + 1}
}

// spots are a finding's places; the document's beginning if it has none.
func spots(f *analyzer.Finding) []spot {
	if len(f.Locations) == 0 {
		return []spot{{1, 1, 1, 1}}
	}
	out := make([]spot, len(f.Locations))
	for i, l := range f.Locations {
		out[i] = spotOf(l.Span)
	}
	return out
}

// writeFindings writes a line for each finding as compilers do.
func writeFindings(w io.Writer, checked []checkedPolicy) error {
	var b strings.Builder
	for _, c := range checked {
		if c.Guessed && c.Kind.name != "identity" {
			printf(&b, "%s: taken for %s; --type says otherwise\n", c.File, c.Kind.what)
		}
		if r := c.Refusal; r != nil && c.Told == nil {
			printf(&b, "%s:%d:%d: error %s: %s\n", c.File, r.Line, r.Column, c.Kind.refusal, r.Message)
		}
		for i := range c.Findings {
			f := &c.Findings[i]
			at := spots(f)
			printf(&b, "%s:%d:%d: %s %s: %s", c.File, at[0].line, at[0].column, severities[severity(f.Type)].name, f.Code, f.Details)
			for j, also := range at[1:] {
				printf(&b, "%s%d:%d", []string{" (also ", ", "}[min(j, 1)], also.line, also.column)
			}
			if len(at) > 1 {
				b.WriteByte(')')
			}
			if f == c.Told {
				printf(&b, " %s: %s", c.Kind.refusal, c.Refusal.Message)
			}
			b.WriteByte('\n')
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// foundPolicy is a checkedPolicy in JSON, with findings as ValidatePolicy gives
// them.
type foundPolicy struct {
	File     string       `json:"file"`
	Type     string       `json:"type"`
	Guessed  bool         `json:"guessed"`
	Refusal  *policyFault `json:"refusal"`
	Findings []foundIssue `json:"findings"`
}

type foundIssue struct {
	FindingDetails string               `json:"findingDetails"`
	FindingType    analyzer.FindingType `json:"findingType"`
	IssueCode      string               `json:"issueCode"`
	LearnMoreLink  string               `json:"learnMoreLink"`
	Locations      []foundPlace         `json:"locations"`
}

type foundPlace struct {
	Path []any         `json:"path"`
	Span analyzer.Span `json:"span"`
}

func writeFindingsJSON(w io.Writer, checked []checkedPolicy) error {
	out := make([]foundPolicy, len(checked))
	for i, c := range checked {
		out[i] = foundPolicy{c.File, c.Kind.name, c.Guessed, c.Refusal, make([]foundIssue, len(c.Findings))}
		for j, f := range c.Findings {
			issue := foundIssue{f.Details, f.Type, f.Code, f.LearnMore(), make([]foundPlace, len(f.Locations))}
			for k, l := range f.Locations {
				issue.Locations[k] = foundPlace{make([]any, len(l.Path)), l.Span}
				for n, step := range l.Path {
					issue.Locations[k].Path[n] = foundStep(step)
				}
			}
			out[i].Findings[j] = issue
		}
	}
	return printJSON(w, out)
}

// foundStep is a union: an object of the one member that the step is of.
func foundStep(e analyzer.PathElement) any {
	var value any = e.Value
	switch e.Kind {
	case analyzer.PathIndex:
		value = e.Index
	case analyzer.PathKey:
		value = e.Key
	case analyzer.PathSubstring:
		value = map[string]int{"start": e.Start, "length": e.Length}
	}
	return map[analyzer.PathKind]any{e.Kind: value}
}
