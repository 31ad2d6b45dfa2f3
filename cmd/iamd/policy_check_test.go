package main

import (
	"bytes"
	"encoding/json"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"iamd/analyzer"
)

func TestGuessKind(t *testing.T) {
	const someone = `"Principal":"*",`
	for text, want := range map[string]string{
		`{"Statement":[{"Action":"s3:GetObject","Resource":"*"}]}`:                                               "identity",
		`{"Statement":[{` + someone + `"Action":"s3:GetObject","Resource":"*"}]}`:                                "resource",
		`{"Statement":{` + someone + `"Action":["sts:AssumeRole","STS:TagSession"]}}`:                            "trust",
		`{"Statement":[{"NotPrincipal":"*","Action":"sts:AssumeRoleWithSAML"}]}`:                                 "trust",
		`{"Statement":[{` + someone + `"Action":"sts:AssumeRole","Resource":"*"}]}`:                              "resource",
		`{"Statement":[{` + someone + `"Action":"sts:AssumeRole"},{` + someone + `"Action":"sqs:SendMessage"}]}`: "resource",
		`{"Statement":[{` + someone + `"NotAction":"sts:AssumeRole"}]}`:                                          "resource",
		`{"Statement":[{` + someone + `"Action":[]}]}`:                                                           "resource",
		`{"Statement":[{"Action":"sts:AssumeRole"}]}`:                                                            "identity",
		`{"Statement":[]}`: "identity", `{"Statement":1}`: "identity", `{`: "identity", ``: "identity", `[]`: "identity", `null`: "identity",
	} {
		if got := guessKind(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestSARIF holds the report to what SARIF 2.1.0 and code scanning ask for.
func TestSARIF(t *testing.T) {
	finding := func(typ analyzer.FindingType, code string, places ...analyzer.Location) analyzer.Finding {
		return analyzer.Finding{Type: typ, Code: code, Title: code, Details: "details of " + code, Locations: places}
	}
	place := analyzer.Location{Span: analyzer.Span{Start: analyzer.Position{Line: 3}, End: analyzer.Position{Line: 3, Column: 7}}}
	names := []string{"a b#c?.json", "deep/ü%41.json", filepath.Join(t.TempDir(), "else where.json"), "stdin"}
	var checked []checkedPolicy
	for _, name := range names {
		checked = append(checked, checkedPolicy{
			File: name, Kind: policyKinds[0], Refusal: &policyFault{Line: 2, Column: 5, Message: "Syntax errors in policy."},
			Findings: []analyzer.Finding{
				finding(analyzer.Error, "ONE", place, place), finding(analyzer.SecurityWarning, "TWO", place),
				finding(analyzer.Warning, "THREE"), finding(analyzer.Suggestion, "FOUR", place),
			},
		})
	}
	var b bytes.Buffer
	if err := writeSARIF(&b, checked); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Schema  string `json:"$schema"`
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct {
						ID, HelpURI          string
						ShortDescription     struct{ Text string }
						DefaultConfiguration struct{ Level string }
					}
				}
			}
			ColumnKind string
			Results    []struct {
				RuleID, Level               string
				RuleIndex                   int
				Message                     struct{ Text string }
				Locations, RelatedLocations []struct {
					ID               int
					PhysicalLocation struct {
						ArtifactLocation struct{ URI, URIBaseID string }
						Region           struct{ StartLine, StartColumn, EndLine, EndColumn int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || !strings.HasSuffix(log.Schema, "sarif-2.1.0.json") || len(log.Runs) != 1 {
		t.Fatalf("version %s, schema %s, %d runs", log.Version, log.Schema, len(log.Runs))
	}
	run := log.Runs[0]
	rules := run.Tool.Driver.Rules
	if run.Tool.Driver.Name != "iamd" || run.ColumnKind != "unicodeCodePoints" || len(rules) != 5 || len(run.Results) != 5*len(names) {
		t.Fatalf("driver %s, columns %s, %d rules, %d results", run.Tool.Driver.Name, run.ColumnKind, len(rules), len(run.Results))
	}
	for i, r := range rules {
		if u, err := url.Parse(r.HelpURI); err != nil || !u.IsAbs() || r.ShortDescription.Text == "" {
			t.Errorf("rule %s: help %q %v, described %q", r.ID, r.HelpURI, err, r.ShortDescription.Text)
		}
		if want := []string{"error", "error", "warning", "warning", "note"}[i]; r.DefaultConfiguration.Level != want {
			t.Errorf("rule %s: level %s, want %s", r.ID, r.DefaultConfiguration.Level, want)
		}
	}
	for i, r := range run.Results {
		if r.RuleIndex >= len(rules) || rules[r.RuleIndex].ID != r.RuleID || r.Level != rules[r.RuleIndex].DefaultConfiguration.Level || r.Message.Text == "" || len(r.Locations) != 1 {
			t.Errorf("result %+v", r)
			continue
		}
		if want := map[string]int{"ONE": 1}[r.RuleID]; len(r.RelatedLocations) != want || want > 0 && r.RelatedLocations[0].ID != 1 {
			t.Errorf("%s: %+v related", r.RuleID, r.RelatedLocations)
		}
		for _, l := range slices.Concat(r.Locations, r.RelatedLocations) {
			at := l.PhysicalLocation.Region
			if at.StartLine < 1 || at.StartColumn < 1 || at.EndLine < at.StartLine || at.EndLine == at.StartLine && at.EndColumn < at.StartColumn {
				t.Errorf("%s: region %+v", r.RuleID, at)
			}
		}
		name := names[i/5]
		artifact := r.Locations[0].PhysicalLocation.ArtifactLocation
		u, err := url.Parse(artifact.URI)
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case filepath.IsAbs(name):
			if u.Scheme != "file" || u.Path != filepath.ToSlash(name) || artifact.URIBaseID != "" {
				t.Errorf("%s: %+v", name, artifact)
			}
		case u.IsAbs() || u.Path != name || u.Fragment != "" || u.RawQuery != "" || artifact.URIBaseID != "%SRCROOT%":
			t.Errorf("%s: %+v", name, artifact)
		}
	}
	b.Reset()
	if err := writeSARIF(&b, nil); err != nil || !strings.Contains(b.String(), `"results": []`) || !strings.Contains(b.String(), `"rules": []`) {
		t.Errorf("an empty report: %s %v", b.String(), err)
	}
}
