package main

import (
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
