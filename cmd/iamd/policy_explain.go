package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"iamd/policy"
)

func policyExplainCommand() *cobra.Command {
	var f questionFlags
	cmd := &cobra.Command{
		Use:   "explain {--policy FILE… --action ACTION [--resource ARN] | --request-id ID}",
		Short: "Tell why a request is allowed or denied",
		Long: "Tell why a request is allowed or denied: what each kind of policy says to it, and of each\n" +
			"statement whether it applies, or which of its elements does not fit. The request is one that\n" +
			"you make up, of policies in files, or one that a server denied, by its id; the flags of the one\n" +
			"are not for the other.\n\n" +
			"The exit code of a request that you made up is 0 when it is allowed and 1 when it is denied; of a\n" +
			"denial by its id, 0 when it is found, and so explained, and 1 when no such denial is known. It is\n" +
			"2 when a policy can't be used or the command is called wrongly.\n\n" + questionHelp,
		Example: "  iamd policy explain --policy reader.json --boundary boundary.json --action s3:GetObject \\\n" +
			"    --resource 'arn:aws:s3:::reports/a.csv'\n" +
			"  iamd policy explain --request-id 0c7a1d0e-3f4b-4e56-9d2c-2f1f3b7c9a10",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.explain(cmd) },
	}
	f.bind(cmd.Flags(), "")
	return cmd
}

// errDenied says by the exit code what the answer says already.
var errDenied = errors.New("the request is denied")

func (f *questionFlags) explain(cmd *cobra.Command) error {
	if len(f.actions) > 1 || len(f.resources) > 1 {
		return usagef("one action on one resource is explained at a time; policy simulate takes more")
	}
	q, err := f.question(cmd)
	if err != nil {
		return err
	}
	e := q.explain(f.actions[0], f.resources[0])
	if f.format == "json" {
		err = printJSON(cmd.OutOrStdout(), e)
	} else {
		err = writeExplanation(cmd.OutOrStdout(), cmp.Or(q.principal.ARN, q.principal.RoleARN), e)
	}
	if err == nil && !e.Allowed {
		err = errDenied
	}
	return err
}

// writeExplanation writes a trace for people: the answer, then each kind of
// policy with its statements, in the order in which they are looked at. caller is
// an ARN, "" for somebody unknown.
func writeExplanation(w io.Writer, caller string, e *policy.Explanation) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	printf(t, "%s: %s on %s\n", decisionOf(e), e.Action, e.Resource)
	switch who := "User: " + caller + " is not"; {
	case e.Allowed:
		printf(t, "Allowed by %s\n", because(e))
	case caller == "":
		who = "Not"
		fallthrough
	default:
		printf(t, "%s authorized to perform: %s on resource: %s %s\n", who, e.Action, e.Resource, e.Reason)
	}
	if e.CrossAccount {
		fmt.Fprintln(t, "The resource belongs to another account: both sides must allow.")
	}
	for i := range e.Types {
		k := &e.Types[i]
		level := ""
		if k.Type == policy.SCP || k.Type == policy.RCP {
			level = fmt.Sprintf(", level %d", k.Level+1)
		}
		printf(t, "\n%s%s: %s\n", k.Type, level, resultOf(k))
		if len(k.Statements) == 0 {
			fmt.Fprintln(t, "  none")
		}
		for j := range k.Statements {
			s := &k.Statements[j]
			printf(t, "  %s\t%s\t%s\t%s\n", place(s), s.Effect, cmp.Or(s.SID, "-"), outcomeOf(s))
		}
		// What is aligned is one table for each kind of policy.
		if err := t.Flush(); err != nil {
			return err
		}
	}
	if len(e.MissingContextKeys) > 0 {
		printf(t, "\nCondition keys that were asked for and not there: %s\n", strings.Join(e.MissingContextKeys, ", "))
	}
	return t.Flush()
}

func resultOf(k *policy.TypeExplanation) string {
	if k.Overridden {
		return string(k.Result) + ", which does not matter to this request"
	}
	return string(k.Result)
}

// outcomeOf tells whether a statement applies, and else why not.
func outcomeOf(s *policy.StatementExplanation) string {
	text := "does not apply"
	if s.Matched {
		text = "applies"
	}
	for _, why := range []string{s.Element, s.Detail} {
		if why != "" {
			text += ": " + why
		}
	}
	return text
}
