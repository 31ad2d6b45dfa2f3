package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"iamd/analyzer"
	"iamd/policy"
)

// policyFault is why a document would not be taken, and where. Lines and columns
// count from 1.
type policyFault struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"` // AWS's sentence, and what exactly
	// check is what was refused once the document could be read as a policy; nil if
	// it could not.
	check *policy.Malformed
}

// parsePolicy reads a document and holds it to all that is asked of its kind when
// it is written.
func parsePolicy(text string, kind policy.Kind) (*policy.Document, *policyFault) {
	doc, err := policy.Parse([]byte(text))
	if err == nil {
		err = policy.Check(doc, kind, policy.CheckOptions{})
	}
	var parse *policy.ParseError
	var check *policy.Malformed
	switch {
	case err == nil:
		return doc, nil
	case errors.As(err, &parse):
		return nil, &policyFault{Line: parse.Line, Column: parse.Column, Message: said(parse.Malformed(kind).Message, parse.Message)}
	case errors.As(err, &check):
		f := &policyFault{Line: 1, Column: 1, Message: said(check.Message, check.Detail), check: check}
		if i := check.Statement; i >= 0 && i < len(doc.Statements) {
			// A statement starts just after its brace.
			f.Line, f.Column = doc.Statements[i].Start.Line, doc.Statements[i].Start.Column-1
		}
		return nil, f
	default:
		return nil, &policyFault{Line: 1, Column: 1, Message: err.Error()}
	}
}

func said(sentence, detail string) string {
	if detail == "" {
		return sentence
	}
	return strings.TrimSuffix(sentence, ".") + " (" + detail + ")"
}

// toldBy gives the finding about the very fault for which the document would be
// refused, an error if there is one; nil for none.
func (f *policyFault) toldBy(text string, findings []analyzer.Finding) (told *analyzer.Finding) {
	chars := []rune(text)
	for i := range findings {
		g := &findings[i]
		at := g.Locations
		// Further places are what the first one does not go with, but for ids, which are all alike.
		if len(at) > 1 && g.Code != "UNIQUE_SIDS_REQUIRED" {
			at = at[:1]
		}
		if !slices.ContainsFunc(at, func(l analyzer.Location) bool { return f.at(g.Code, &l, chars) }) {
			continue
		}
		if g.Type == analyzer.Error {
			return g
		}
		told = cmp.Or(told, g)
	}
	return told
}

// at tells whether a finding at that place is about the fault: the same value, or
// the same element where it is at fault as a whole or missing.
func (f *policyFault) at(code string, l *analyzer.Location, chars []rune) bool {
	path := l.Path
	if f.check == nil {
		at := spotOf(l.Span)
		return at.line == f.Line && at.column == f.Column || code == "JSON_SYNTAX_ERROR" && len(path) == 0
	}
	if f.check.Statement >= 0 {
		if len(path) == 0 || path[0].Value != "Statement" {
			return false
		}
		path = path[1:]
		if len(path) > 0 && path[0].Kind == analyzer.PathIndex {
			if path[0].Index != f.check.Statement {
				return false
			}
			path = path[1:]
		}
	}
	if len(path) == 0 {
		return code == "MISSING_"+strings.ToUpper(f.check.Element)
	}
	if f.check.Element == "" || strings.TrimPrefix(path[0].Key+path[0].Value, "Not") != f.check.Element {
		return false
	}
	if f.check.Value == "" {
		return len(path) == 1
	}
	written := string(chars[l.Span.Start.Offset:l.Span.End.Offset])
	if path[len(path)-1].Kind == analyzer.PathSubstring {
		return strings.Contains(f.check.Value, written)
	}
	var value string
	if json.Unmarshal([]byte(written), &value) != nil {
		value = written // a number or a boolean
	}
	return value == f.check.Value
}
