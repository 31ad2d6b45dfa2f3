package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"iamd/policy/scenario"
	"iamd/policy/testdata"
)

// scenarioFlags are what policy test is told.
type scenarioFlags struct {
	run, format, against string
	timeout              time.Duration
}

func policyTestCommand() *cobra.Command {
	var f scenarioFlags
	cmd := &cobra.Command{
		Use:   "test [DIR…]",
		Short: "Hold a policy engine to scenarios with known answers",
		Long: "Hold the policy engine to the scenarios in folders of .txtar files, or, without any, to\n" +
			"the corpus that iamd itself is held to: policy decisions with the answers that AWS's\n" +
			"documentation gives. What fails is shown with what was wanted and what came.\n\n" +
			"With --against another engine is asked: a command that reads each case as one line of\n" +
			"JSON and answers each by one line, {\"decision\":\"allowed\"}, \"explicitDeny\" or\n" +
			"\"implicitDeny\". It is started once, not through a shell; its words are cut at spaces.\n\n" +
			"The exit code is 1 when a case fails, and 2 when a scenario file is not what it should be.",
		Example: "  iamd policy test\n" +
			"  iamd policy test --run '^conditions/ip/' --format json\n" +
			"  iamd policy test my-scenarios --against './my-engine --lines'",
		RunE: func(cmd *cobra.Command, args []string) error { return f.test(cmd, args) },
	}
	set := cmd.Flags()
	set.StringVar(&f.run, "run", "", "only the cases whose name this regular expression fits")
	set.StringVar(&f.format, "format", "text", "text or json")
	set.StringVar(&f.against, "against", "", "command and arguments of another engine to ask")
	set.DurationVar(&f.timeout, "timeout", 10*time.Second, "how long that engine may take for one answer")
	return cmd
}

// placedCase is a case and where a person finds it.
type placedCase struct {
	*scenario.Case
	place string
}

// failedCase is a case that did not pass, and why: in sentences.
type failedCase struct {
	Name   string   `json:"name"`
	Place  string   `json:"place"` // file:line
	Page   string   `json:"page"`
	Source string   `json:"source"`
	Says   string   `json:"says,omitempty"`
	Faults []string `json:"faults"`
}

func (f *scenarioFlags) test(cmd *cobra.Command, dirs []string) error {
	write := map[string]func(*cobra.Command, int, []failedCase) error{"text": writeFailed, "json": writeFailedJSON}[f.format]
	switch {
	case write == nil:
		return usagef("--format %q is none of text, json", f.format)
	case f.timeout <= 0:
		return usagef("--timeout %s is no time to answer in", f.timeout)
	}
	cases, err := f.load(dirs)
	if err != nil {
		return &usageError{err}
	}
	ask := (*scenario.Case).Run
	end := func() error { return nil }
	if f.against != "" {
		engine, err := startEngine(cmd.Context(), f.against, f.timeout, cmd.ErrOrStderr())
		if err != nil {
			return &usageError{err}
		}
		ask, end = engine.run, engine.end
	}
	var failed []failedCase
	for _, c := range cases {
		faults := ask(c.Case)
		if err := cmd.Context().Err(); err != nil {
			return errors.Join(err, end())
		}
		if len(faults) > 0 {
			failed = append(failed, failedCase{c.Name, c.place, c.Page, c.Source, c.Says, faults})
		}
	}
	if err := end(); err != nil {
		return err
	}
	if err := write(cmd, len(cases), failed); err != nil {
		return err
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d cases failed", len(failed), len(cases))
	}
	return nil
}

// load reads the scenarios of the folders, or the corpus that iamd carries.
func (f *scenarioFlags) load(dirs []string) ([]placedCase, error) {
	only, err := regexp.Compile(f.run)
	if err != nil {
		return nil, fmt.Errorf("--run: %w", err)
	}
	var out []placedCase
	read := func(root fs.FS, where string) error {
		cases, err := scenario.Load(root)
		if err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		for _, c := range cases {
			if only.MatchString(c.Name) {
				out = append(out, placedCase{c, fmt.Sprintf("%s:%d", filepath.Join(where, filepath.FromSlash(c.File)), c.Line)})
			}
		}
		return nil
	}
	if len(dirs) == 0 {
		err = read(testdata.Corpus(), "corpus")
	}
	for _, dir := range dirs {
		err = errors.Join(err, read(os.DirFS(dir), dir))
	}
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("no case has a name that %q fits", f.run)
	}
	return out, err
}

func writeFailed(cmd *cobra.Command, asked int, failed []failedCase) error {
	w := cmd.OutOrStdout()
	for _, c := range failed {
		printf(w, "FAIL %s (%s)\n", c.Name, c.Source)
		for _, fault := range c.Faults {
			printf(w, "     %s\n", fault)
		}
		if c.Says != "" {
			printf(w, "     %s\n", c.Says)
		}
		printf(w, "     %s, by %s\n", c.Place, c.Page)
	}
	return printf(w, "%d cases: %d passed, %d failed\n", asked, asked-len(failed), len(failed))
}

func writeFailedJSON(cmd *cobra.Command, asked int, failed []failedCase) error {
	if failed == nil {
		failed = []failedCase{}
	}
	return printJSON(cmd.OutOrStdout(), map[string]any{"cases": asked, "passed": asked - len(failed), "failed": failed})
}
