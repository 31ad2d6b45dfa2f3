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

	"iamd/server"
)

// explainingDenials lets the command that explains policies in files also explain
// a call that a server denied, by its request id.
func explainingDenials(cmd *cobra.Command) *cobra.Command {
	var f flags
	var requestID string
	inFiles := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !cmd.Flags().Changed("request-id") {
			return inFiles(cmd, args)
		}
		return explainDenial(cmd, &f, requestID)
	}
	cmd.Flags().StringVar(&requestID, "request-id", "", "id of a denied request: tell why a server denied it, with the policies as they were then")
	f.bind(cmd.Flags(), false)
	return cmd
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
	return asOperator(cmd, f, func(o operator) error {
		t, err := o.Trace(cmd.Context(), requestID)
		if err != nil {
			return err
		}
		if format == "json" {
			return printJSON(cmd, t)
		}
		return writeTrace(cmd.OutOrStdout(), t)
	})
}

// writeTrace writes a trace for people. Texts that callers chose are quoted where
// a terminal could take them for something else.
func writeTrace(w io.Writer, t *server.Trace) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	on := ""
	if t.Resource != "" {
		on = " on " + printable(t.Resource)
	}
	fmt.Fprintf(out, "Denied: %s%s\n%s\n\n", printable(t.Action), on, printable(t.Reason))
	fmt.Fprintf(out, "Request\t%s, %s\n", printable(t.RequestID), t.Time.Format(time.RFC3339))
	fmt.Fprintf(out, "Caller\t%s (%s, access key %s)\n", printable(t.Principal.ARN), printable(t.Principal.ID), printable(t.Principal.AccessKeyID))
	if t.CrossAccount {
		fmt.Fprintf(out, "Account\tthe resource belongs to %s: both sides must allow\n", printable(t.ResourceAccount))
	}
	fmt.Fprintf(out, "Answer\t%s\n", printable(t.Message))
	if err := out.Flush(); err != nil {
		return err
	}
	for i := range t.Types {
		k := &t.Types[i]
		fmt.Fprintf(out, "\n%s%s: %s%s\n", k.Type, levelOf(k), k.Result, map[bool]string{true: ", which does not matter to this request"}[k.Overridden])
		if len(k.Statements) == 0 {
			fmt.Fprintln(out, "  no statements")
		}
		for j := range k.Statements {
			s := &k.Statements[j]
			fmt.Fprintf(out, "  %s, statement %d (line %d)\t%s\t%s\t%s\n",
				printable(s.Policy), s.Index+1, s.Line, printable(s.Effect), printable(cmp.Or(s.SID, "-")), settled(s))
		}
		if err := out.Flush(); err != nil { // a table for each kind of policy
			return err
		}
	}
	if len(t.Missing) > 0 {
		fmt.Fprintf(out, "\nCondition keys that were asked for and not there: %s\n", printable(strings.Join(t.Missing, ", ")))
	}
	fmt.Fprintln(out, "\nCondition keys of the request")
	for _, k := range t.Context {
		fmt.Fprintf(out, "  %s\t%s\n", printable(k.Key), printable(strings.Join(k.Values, ", ")))
	}
	for _, what := range t.Omitted {
		fmt.Fprintf(out, "\nLeft out: %s\n", printable(what))
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
			text += ": " + printable(why)
		}
	}
	return text
}

// printable quotes a text that is not plain.
func printable(s string) string {
	if q := strconv.Quote(s); q[1:len(q)-1] != strings.ReplaceAll(s, `"`, `\"`) {
		return q
	}
	return s
}
