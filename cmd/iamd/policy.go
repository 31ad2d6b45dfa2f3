package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"iamd/analyzer"
	"iamd/policy"
)

func policyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "Check, try and explain policies",
		Long: "Check policies as IAM Access Analyzer does, try requests against them, and tell why a\n" +
			"request is allowed or denied. The files are all that is asked, no server and no account,\n" +
			"except where explain is told the id of a request that a server denied.",
	}
	cmd.AddCommand(policyCheckCommand(), policySimulateCommand(), explainingDenials(policyExplainCommand()), policyTestCommand())
	return cmd
}

// policyKind is what a document is to be, in the three vocabularies.
type policyKind struct {
	name         string // of --type
	what         string // in sentences
	kind         policy.Kind
	checked      analyzer.PolicyType
	resourceType string
	refusal      string // who refuses it when it is written, by which code
}

var policyKinds = []policyKind{
	{"identity", "an identity-based policy", policy.Identity, analyzer.IdentityPolicy, "", "IAM would refuse it: MalformedPolicyDocument"},
	{"resource", "a resource-based policy", policy.Resource, analyzer.ResourcePolicy, "", "its service would refuse it: MalformedPolicy"},
	{"trust", "a role's trust policy", policy.Trust, analyzer.ResourcePolicy, analyzer.RoleTrust, "IAM would refuse it: MalformedPolicyDocument"},
	{"scp", "a service control policy", policy.SCP, analyzer.SCP, "", "Organizations would refuse it: MalformedPolicyDocumentException"},
	{"rcp", "a resource control policy", policy.RCP, analyzer.RCP, "", "Organizations would refuse it: MalformedPolicyDocumentException"},
}

func policyKindOf(name string) (policyKind, error) {
	var names []string
	for _, k := range policyKinds {
		if k.name == name {
			return k, nil
		}
		names = append(names, k.name)
	}
	return policyKind{}, usagef("--type %q is none of %s", name, strings.Join(names, ", "))
}

// maxPolicyFile is far beyond the longest policy, in bytes: what is longer is no
// policy.
const maxPolicyFile = 1 << 20

// readPolicy reads a file, or the standard input for "-".
func readPolicy(cmd *cobra.Command, name string) (string, error) {
	in := cmd.InOrStdin()
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxPolicyFile+1))
	if err != nil {
		return "", fmt.Errorf("%s: %w", shown(name), err)
	}
	if len(text) > maxPolicyFile {
		return "", fmt.Errorf("%s is larger than 1 MiB, which no policy is", shown(name))
	}
	return string(text), nil
}

// shown is how messages name a file.
func shown(name string) string {
	if name == "-" {
		return "stdin"
	}
	return name
}

// policyFault is why a document would not be taken, and where. Lines and columns
// count from 1.
type policyFault struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"` // AWS's sentence, and what exactly
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
		return nil, &policyFault{parse.Line, parse.Column, said(parse.Malformed(kind).Message, parse.Message)}
	case errors.As(err, &check):
		f := &policyFault{1, 1, said(check.Message, check.Detail)}
		if i := check.Statement; i >= 0 && i < len(doc.Statements) {
			f.Line, f.Column = doc.Statements[i].Start.Line, doc.Statements[i].Start.Column
		}
		return nil, f
	default:
		return nil, &policyFault{1, 1, err.Error()}
	}
}

func said(sentence, detail string) string {
	if detail == "" {
		return sentence
	}
	return strings.TrimSuffix(sentence, ".") + " (" + detail + ")"
}
