package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"iamd/analyzer"
)

// checkFlags are what policy check is told.
type checkFlags struct{ kind, resourceType, format, failOn string }

func policyCheckCommand() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check FILE…|-",
		Short: "Find faults in policies, as IAM Access Analyzer does",
		Long: "Find faults in policies, with the checks of IAM Access Analyzer and what AWS says when it\n" +
			"refuses a policy. A directory stands for all *.json files in it, - for the standard input.\n\n" +
			"Without --type, a document with principals is taken for a resource-based policy, or for a\n" +
			"trust policy if it names no resources and all its actions are STS's; any other for an\n" +
			"identity-based one. The exit code is 1 when a finding is as grave as --fail-on or graver,\n" +
			"and 2 when a file can't be read or the command is called wrongly. What AWS would say when it\n" +
			"refuses the policy stands with the finding about the same fault, or in a line of its own.",
		Example: "  iamd policy check policies/\n" +
			"  iamd policy check --type scp --fail-on warning deny-regions.json\n" +
			"  iamd policy check --format sarif policies/ > policies.sarif",
		Args: somePolicies,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	set := cmd.Flags()
	set.StringVar(&f.kind, "type", "", "what the policies are: identity, resource, trust, scp or rcp (default: what each looks like)")
	set.StringVar(&f.resourceType, "resource-type", "", "what a resource-based policy is attached to, such as AWS::S3::Bucket (one of ValidatePolicy's)")
	set.StringVar(&f.format, "format", "text", "text, json or sarif")
	set.StringVar(&f.failOn, "fail-on", "error", "the least grave finding to fail on: error, security-warning, warning, suggestion or none")
	return cmd
}

func somePolicies(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef("which policies? Name files or folders, or - for the standard input")
	}
	return nil
}

// severities are the types of findings in the words of --fail-on, gravest first.
var severities = []struct {
	name  string
	typ   analyzer.FindingType
	level string // SARIF's
}{
	{"error", analyzer.Error, "error"},
	{"security-warning", analyzer.SecurityWarning, "warning"},
	{"warning", analyzer.Warning, "warning"},
	{"suggestion", analyzer.Suggestion, "note"},
}

// severity gives the place of a type among the severities.
func severity(t analyzer.FindingType) int {
	for i, s := range severities {
		if s.typ == t {
			return i
		}
	}
	return len(severities)
}

// checkedPolicy is what there is to say about one file.
type checkedPolicy struct {
	File     string
	Kind     policyKind
	Guessed  bool
	Refusal  *policyFault // nil: it would be taken
	Findings []analyzer.Finding
	// Told is the one of them that is an error about the same fault as Refusal, nil for none. They are told as one.
	Told *analyzer.Finding
}

func (f *checkFlags) run(cmd *cobra.Command, args []string) error {
	worst := -1 // what fails has at most this place among the severities
	for i, s := range severities {
		if s.name == f.failOn {
			worst = i
		}
	}
	if worst < 0 && f.failOn != "none" {
		return usagef("--fail-on %q is none of error, security-warning, warning, suggestion, none", f.failOn)
	}
	write := map[string]func(io.Writer, []checkedPolicy) error{"text": writeFindings, "json": writeFindingsJSON, "sarif": writeSARIF}[f.format]
	if write == nil {
		return usagef("--format %q is none of text, json, sarif", f.format)
	}
	if _, err := f.kindOf(""); err != nil {
		return err
	}
	names, err := policyFiles(args)
	unread := err
	checked := []checkedPolicy{}
	for _, name := range names {
		text, err := readPolicy(cmd, name)
		if err != nil {
			unread = errors.Join(unread, err)
			continue
		}
		kind, err := f.kindOf(text)
		if err != nil {
			return err
		}
		c := checkedOf(text, kind)
		c.File, c.Guessed = shown(name), f.kind == "" && f.resourceType == ""
		checked = append(checked, c)
	}
	if err := write(cmd.OutOrStdout(), checked); err != nil {
		return err
	}
	if unread != nil {
		return &usageError{unread}
	}
	summary, gravest := summaryOf(checked)
	if gravest <= worst {
		return errors.New(summary)
	}
	fmt.Fprintln(cmd.ErrOrStderr(), summary)
	return nil
}

// checkedOf says all there is to say about a text.
func checkedOf(text string, kind policyKind) checkedPolicy {
	c := checkedPolicy{Kind: kind}
	_, c.Refusal = parsePolicy(text, kind.kind)
	c.Findings = analyzer.Validate(text, analyzer.Options{Type: kind.checked, ResourceType: kind.resourceType})
	slices.SortStableFunc(c.Findings, func(a, b analyzer.Finding) int { return cmp.Compare(firstOffset(&a), firstOffset(&b)) })
	if r := c.Refusal; r != nil {
		if told := r.toldBy(text, c.Findings); told != nil {
			at := spots(told)[0]
			r.Line, r.Column = at.line, at.column
			if told.Type == analyzer.Error {
				c.Told = told
			}
		}
	}
	return c
}

// kindOf is the kind that the flags name, or the one that a text looks like.
func (f *checkFlags) kindOf(text string) (policyKind, error) {
	name := f.kind
	switch {
	case name == "" && f.resourceType == analyzer.RoleTrust:
		name = "trust"
	case name == "" && f.resourceType != "":
		name = "resource"
	case name == "":
		name = guessKind(text)
	}
	k, err := policyKindOf(name)
	if err != nil || f.resourceType == "" {
		return k, err
	}
	if k.checked != analyzer.ResourcePolicy {
		return k, usagef("--resource-type is for resource-based policies, not for %s", k.what)
	}
	if known := analyzer.ResourceTypes(); !slices.Contains(known, f.resourceType) {
		return k, usagef("--resource-type %q is none of %s", f.resourceType, strings.Join(known, ", "))
	}
	k.resourceType = f.resourceType
	return k, nil
}

// guessKind tells what a document looks like. It is lenient: whatever can't be
// read counts as absent.
func guessKind(text string) string {
	type statement struct{ Principal, NotPrincipal, Resource, NotResource, Action json.RawMessage }
	var doc struct{ Statement json.RawMessage }
	if json.Unmarshal([]byte(text), &doc) != nil {
		return "identity"
	}
	var list []statement
	if json.Unmarshal(doc.Statement, &list) != nil {
		var one statement
		if json.Unmarshal(doc.Statement, &one) != nil {
			return "identity"
		}
		list = []statement{one}
	}
	principals, trust := false, true
	for _, s := range list {
		principals = principals || s.Principal != nil || s.NotPrincipal != nil
		trust = trust && s.Resource == nil && s.NotResource == nil && onlySTS(s.Action)
	}
	switch {
	case principals && trust:
		return "trust"
	case principals:
		return "resource"
	}
	return "identity"
}

// onlySTS tells whether all actions are STS's. Without sts:AssumeRole in some
// form nothing trusts anybody, but that is for the checks to say.
func onlySTS(raw json.RawMessage) bool {
	var one string
	var list []string
	if json.Unmarshal(raw, &list) != nil {
		if json.Unmarshal(raw, &one) != nil {
			return false
		}
		list = []string{one}
	}
	return len(list) > 0 && !slices.ContainsFunc(list, func(a string) bool { return !strings.HasPrefix(strings.ToLower(a), "sts:") })
}

// policyFiles puts the *.json files of directories in their place.
func policyFiles(args []string) (names []string, err error) {
	for _, arg := range args {
		if info, e := os.Stat(arg); arg == "-" || e != nil || !info.IsDir() {
			names = append(names, arg) // what can't be read is told when it is read
			continue
		}
		before := len(names)
		e := filepath.WalkDir(arg, func(path string, d fs.DirEntry, e error) error {
			if e != nil {
				err = errors.Join(err, e)
			} else if d.Type().IsRegular() && strings.EqualFold(filepath.Ext(path), ".json") {
				names = append(names, path)
			}
			return nil
		})
		if e == nil && len(names) == before {
			e = fmt.Errorf("%s holds no .json file", arg)
		}
		err = errors.Join(err, e)
	}
	return names, err
}

// summaryOf counts the findings, refusals that none of them tells among the errors, and gives the
// gravest, or one beyond all severities.
func summaryOf(checked []checkedPolicy) (text string, gravest int) {
	counts := make([]int, len(severities)+1)
	for _, c := range checked {
		if c.Refusal != nil && c.Told == nil {
			counts[0]++
		}
		for i := range c.Findings {
			counts[severity(c.Findings[i].Type)]++
		}
	}
	gravest = len(severities)
	var parts []string
	for i, s := range severities {
		if counts[i] > 0 {
			gravest = min(gravest, i)
			noun := strings.ReplaceAll(s.name, "-", " ")
			parts = append(parts, countOf(counts[i], noun, noun+"s"))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing found"}
	}
	return "checked " + countOf(len(checked), "policy", "policies") + ": " + strings.Join(parts, ", "), gravest
}

func countOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
