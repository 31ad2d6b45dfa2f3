package main

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"iamd/server"
)

// explainingDenials lets the command that explains policies in files also explain
// a call that a server denied, by its request id.
func explainingDenials(cmd *cobra.Command) *cobra.Command {
	var f flags
	var requestID string
	inFiles := cmd.RunE
	ofFiles, ofServer := pflag.NewFlagSet("", pflag.ContinueOnError), pflag.NewFlagSet("", pflag.ContinueOnError)
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if flag.Name != "format" {
			ofFiles.AddFlag(flag)
		}
	})
	f.bind(ofServer, false)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !cmd.Flags().Changed("request-id") {
			if stray := given(ofServer); stray != "" {
				return usagef("--%s is for --request-id: policies in files need no server", stray)
			}
			return inFiles(cmd, args)
		}
		switch stray := given(ofFiles); {
		case stray != "":
			return usagef("--%s is for policies in files: --request-id explains a call with the policies that the server had then", stray)
		case requestID == "":
			return usagef("--request-id is empty: which denied request?")
		}
		return explainDenial(cmd, &f, requestID)
	}
	cmd.Flags().StringVar(&requestID, "request-id", "", "id of a denied request: tell why a server denied it, with the policies as they were then")
	cmd.Flags().AddFlagSet(ofServer)
	return cmd
}

// given is the first of some flags that was set on the command line, "" for none.
func given(set *pflag.FlagSet) (name string) {
	set.VisitAll(func(flag *pflag.Flag) {
		if flag.Changed && name == "" {
			name = flag.Name
		}
	})
	return name
}

// explainDenial shows the trace that the server of the data directory kept.
func explainDenial(cmd *cobra.Command, f *flags, requestID string) error {
	format, err := cmd.Flags().GetString("format")
	if err != nil {
		return err
	}
	if format != "text" && format != "json" {
		return usagef("--format %q is neither text nor json", format)
	}
	return asOperator(cmd, f, existing, func(o operator) error {
		t, err := o.Trace(cmd.Context(), requestID)
		if err != nil {
			return err
		}
		if format == "json" {
			return printJSON(cmd.OutOrStdout(), t)
		}
		return writeTrace(cmd.OutOrStdout(), t)
	})
}

// writeTrace writes a trace for people.
func writeTrace(w io.Writer, t *server.Trace) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	what := t.Action
	if t.Resource != "" {
		what += " on " + t.Resource
	}
	printf(out, "Denied: %s\n%s\n\n", what, t.Reason)
	printf(out, "Request\t%s, %s\n", t.RequestID, t.Time.Format(time.RFC3339))
	if t.Principal.Account == "" {
		printf(out, "Caller\t%s\n", t.Principal.ARN)
	} else {
		printf(out, "Caller\t%s (%s, access key %s)\n", t.Principal.ARN, t.Principal.ID, t.Principal.AccessKeyID)
	}
	if t.CrossAccount && t.Principal.Account != "" {
		printf(out, "Account\tthe resource belongs to %s: both sides must allow\n", t.ResourceAccount)
	}
	printf(out, "Answer\t%s\n", t.Message)
	if err := out.Flush(); err != nil {
		return err
	}
	for i := range t.Types {
		k := &t.Types[i]
		printf(out, "\n%s%s: %s%s\n", k.Type, levelOf(k), k.Result, map[bool]string{true: ", which does not matter to this request"}[k.Overridden])
		if len(k.Statements) == 0 {
			fmt.Fprintln(out, "  no statements")
		}
		for j := range k.Statements {
			s := &k.Statements[j]
			printf(out, "  %s, statement %d (line %d)\t%s\t%s\t%s\n",
				s.Policy, s.Index+1, s.Line, s.Effect, cmp.Or(s.SID, "-"), settled(s))
		}
		if err := out.Flush(); err != nil { // a table for each kind of policy
			return err
		}
	}
	if len(t.Missing) > 0 {
		printf(out, "\nCondition keys that were asked for and not there: %s\n", strings.Join(t.Missing, ", "))
	}
	fmt.Fprintln(out, "\nCondition keys of the request")
	for _, k := range t.Context {
		printf(out, "  %s\t%s\n", k.Key, strings.Join(k.Values, ", "))
	}
	for _, what := range t.Omitted {
		printf(out, "\nLeft out: %s\n", what)
	}
	return out.Flush()
}

func levelOf(k *server.TracedType) string {
	if !strings.HasSuffix(k.Type, "control policy") {
		return ""
	}
	return ", level " + strconv.Itoa(k.Level+1)
}

// settled tells whether a statement applies, and else why not.
func settled(s *server.TracedStatement) string {
	text := "does not apply"
	if s.Applies {
		text = "applies"
	}
	for _, why := range []string{s.Element, s.Detail} {
		if why != "" {
			text += ": " + why
		}
	}
	return text
}
