package main

import (
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"iamd/analyzer"
)

// The parts of SARIF 2.1.0 that are written.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string      `json:"id"`
		ShortDescription     sarifText   `json:"shortDescription"`
		HelpURI              string      `json:"helpUri"`
		DefaultConfiguration sarifConfig `json:"defaultConfiguration"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifConfig struct {
		Level string `json:"level"`
	}
	sarifResult struct {
		RuleID           string          `json:"ruleId"`
		RuleIndex        int             `json:"ruleIndex"`
		Level            string          `json:"level"`
		Message          sarifText       `json:"message"`
		Locations        []sarifLocation `json:"locations"`
		RelatedLocations []sarifLocation `json:"relatedLocations,omitempty"`
	}
	sarifLocation struct {
		ID       int           `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI       string `json:"uri"`
		URIBaseID string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
)

// refusalRule is the rule of documents that AWS would not take.
const refusalRule = "REFUSED_WHEN_WRITTEN"

const grammarPage = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"

// writeSARIF writes the findings for code scanning: the first place of each is
// where it shows, further ones are related to it.
func writeSARIF(w io.Writer, checked []checkedPolicy) error {
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "iamd", Version: version(), Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints", Results: []sarifResult{},
	}
	index := map[string]int{}
	add := func(rule sarifRule, message string, places []sarifLocation) {
		if _, ok := index[rule.ID]; !ok {
			index[rule.ID] = len(run.Tool.Driver.Rules)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule)
		}
		for i := range places[1:] {
			places[i+1].ID = i + 1
		}
		run.Results = append(run.Results, sarifResult{
			RuleID: rule.ID, RuleIndex: index[rule.ID], Level: rule.DefaultConfiguration.Level,
			Message: sarifText{message}, Locations: places[:1], RelatedLocations: places[1:],
		})
	}
	for _, c := range checked {
		artifact := artifactOf(c.File)
		if r := c.Refusal; r != nil && c.Told == nil {
			add(sarifRule{refusalRule, sarifText{"Refused when written"}, grammarPage, sarifConfig{"error"}},
				c.Kind.refusal+": "+r.Message, sarifLocations(artifact, []spot{{r.Line, r.Column, r.Line, r.Column}}))
		}
		for i := range c.Findings {
			f := &c.Findings[i]
			text := f.Details
			if f == c.Told {
				text += " " + c.Kind.refusal + ": " + c.Refusal.Message
			}
			add(ruleOf(f), text, sarifLocations(artifact, spots(f)))
		}
	}
	return printJSON(w, sarifLog{
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run},
	})
}

func ruleOf(f *analyzer.Finding) sarifRule {
	return sarifRule{f.Code, sarifText{f.Title}, f.LearnMore(), sarifConfig{severities[severity(f.Type)].level}}
}

func sarifLocations(artifact sarifArtifact, at []spot) []sarifLocation {
	out := make([]sarifLocation, len(at))
	for i, s := range at {
		out[i].Physical = sarifPhysical{artifact, sarifRegion{s.line, s.column, s.endLine, s.endColumn}}
	}
	return out
}

// artifactOf names a file by a URI: relative to the working directory, which is
// the repository's root where code is scanned, or, for a file elsewhere, whole.
func artifactOf(name string) sarifArtifact {
	if whole, err := filepath.Abs(name); err == nil {
		dir, err := os.Getwd()
		if rel, e := filepath.Rel(dir, whole); err == nil && e == nil && filepath.IsLocal(rel) {
			return sarifArtifact{(&url.URL{Path: filepath.ToSlash(rel)}).String(), "%SRCROOT%"}
		}
		path := filepath.ToSlash(whole)
		if !strings.HasPrefix(path, "/") {
			path = "/" + path // a drive's letter
		}
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: path}).String()}
	}
	return sarifArtifact{URI: (&url.URL{Path: filepath.ToSlash(name)}).String()}
}
