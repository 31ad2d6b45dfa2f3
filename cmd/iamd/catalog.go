package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"iamd/catalog"
)

func catalogCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "catalog",
		Short: "Tell which AWS managed policies this build has, and how they changed",
		Long: "Tell which AWS managed policies this build has, and how they differ from another\n" +
			"build's. They are embedded: a new release brings the policies as AWS had them then.",
	}
	cmd.AddCommand(catalogDumpCommand(), catalogDiffCommand())
	return cmd
}

func catalogDumpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "dump",
		Short:   "Write this build's AWS managed policies, one a line, as JSON",
		Example: "  iamd catalog dump > policies.jsonl",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return catalog.Own().Write(cmd.OutOrStdout()) },
	}
}

func catalogDiffCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diff OLD [NEW]",
		Short: "Tell how AWS managed policies differ between two builds",
		Long: "Tell which AWS managed policies were added, removed and changed between two builds,\n" +
			"and which actions the changed ones allow or deny anew or no longer. OLD and NEW are\n" +
			"files that iamd catalog dump wrote, or - for the standard input; without NEW, OLD is\n" +
			"held against this build.",
		Example: "  old/iamd catalog dump > old.jsonl\n  iamd catalog diff old.jsonl",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) > 2 {
				return usagef("which dumps are to be compared? iamd catalog diff OLD [NEW]")
			}
			if len(args) == 2 && args[0] == "-" && args[1] == "-" {
				return usagef("the standard input holds one dump")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			old, err := readDump(cmd.InOrStdin(), args[0])
			if err != nil {
				return err
			}
			now := catalog.Own()
			if len(args) == 2 {
				if now, err = readDump(cmd.InOrStdin(), args[1]); err != nil {
					return err
				}
			}
			d, err := catalog.Compare(old, now)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), d)
			}
			return printDifference(cmd.OutOrStdout(), d)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "answer in JSON")
	return cmd
}

func readDump(stdin io.Reader, name string) (*catalog.Dump, error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, usagef("%w", err)
		}
		defer f.Close()
		in = f
	}
	d, err := catalog.ReadDump(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return d, nil
}

// printDifference writes a policy a line: + added, - removed, ~ changed, and under
// those what changed in them.
func printDifference(w io.Writer, d *catalog.Difference) error {
	var err error
	line := func(format string, args ...any) {
		if err == nil {
			err = printf(w, format+"\n", args...)
		}
	}
	line("old: %s", d.Old)
	line("new: %s", d.New)
	line("%d added, %d removed, %d changed", len(d.Added), len(d.Removed), len(d.Changed))
	for _, p := range d.Added {
		line("+ %s %s", p.ARN, p.Version)
	}
	for _, p := range d.Removed {
		line("- %s %s", p.ARN, p.Version)
	}
	for _, p := range d.Changed {
		line("~ %s %s to %s", p.ARN, p.Old, p.New)
		if len(p.Statements) == 0 {
			line("    the same statements")
		}
		for _, s := range p.Statements {
			mark := map[string]string{"added": "+", "removed": "-"}[s.Change]
			line("    %s %s %s %s %s", mark, s.Effect, s.Element, strings.Join(s.Actions, " "), string(s.Rest))
		}
	}
	return err
}
