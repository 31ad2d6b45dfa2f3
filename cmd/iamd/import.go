package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"iamd/iam"
	"iamd/server"
)

func importCommand() *cobra.Command {
	var f flags
	var o server.ImportOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "import FILE...",
		Short: "Bring accounts from an export, or one of AWS's from its authorization details",
		Long: "Bring what iamd export wrote, or what aws iam get-account-authorization-details printed of\n" +
			"an account of AWS, of which several files are pages of one answer; - is standard input.\n" +
			"Names, paths, unique ids and dates stay as they were. An account that is here already is not\n" +
			"touched, unless it holds nothing but its root user. Each account comes whole or not at all.\n\n" +
			"What can't be brought, such as keys without their secrets, is told, with what to do about it.",
		Example: "  iamd import staging.json\n" +
			"  aws iam get-account-authorization-details > real.json && iamd import real.json --dry-run",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("which file? iamd import FILE")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.Account != "" && !accountForm.MatchString(o.Account) {
				return usagef("--account %q must be twelve digits", o.Account)
			}
			in, err := openAll(cmd.InOrStdin(), args)
			if err != nil {
				return err
			}
			defer in.Close()
			return asOperator(cmd, &f, first, func(a operator) error {
				done, err := a.Import(cmd.Context(), in, o)
				if done == nil {
					return err
				}
				if asJSON {
					return errors.Join(printJSON(cmd.OutOrStdout(), done), err)
				}
				return errors.Join(showImported(cmd.OutOrStdout(), done), err)
			})
		},
	}
	f.bind(cmd.Flags(), false)
	cmd.Flags().StringVar(&o.Account, "account", "", "number of the one account to bring; empty: all of the file")
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "tell what would be done and change nothing")
	cmd.Flags().BoolVar(&asJSON, "json", false, "answer in JSON")
	return cmd
}

// inputs are files that are read one after the other.
type inputs struct {
	io.Reader
	open []io.Closer
}

// openAll opens files, of which - is standard input.
func openAll(stdin io.Reader, names []string) (*inputs, error) {
	all := new(inputs)
	var list []io.Reader
	for _, name := range names {
		if name == "-" {
			list = append(list, stdin)
			continue
		}
		f, err := os.Open(name)
		if err != nil {
			return nil, errors.Join(err, all.Close())
		}
		list, all.open = append(list, f), append(all.open, f)
	}
	all.Reader = io.MultiReader(list...)
	return all, nil
}

// Close closes all of them.
func (f *inputs) Close() (err error) {
	for _, c := range f.open {
		err = errors.Join(err, c.Close())
	}
	return err
}

func showImported(w io.Writer, done *server.Imported) (err error) {
	say := func(format string, args ...any) { err = errors.Join(err, printf(w, format, args...)) }
	if done.DryRun {
		say("Nothing was changed: this is what would be done.\n")
	}
	for _, a := range done.Accounts {
		how := "filled"
		if a.Made {
			how = "made"
		}
		say("account %s  %s: %d users, %d groups, %d roles, %d policies  (%s)\n", a.ID, how, a.Users, a.Groups, a.Roles, a.Policies, a.Name)
		for _, n := range a.Notes {
			showNote(say, n)
		}
		if a.AccessKeyID != "" {
			say("  Access key ID      %s\n  Secret access key  %s\n  They are the root user's. The secret is shown this once.\n", a.AccessKeyID, a.SecretAccessKey)
		}
	}
	for _, o := range done.Organizations {
		say("organization %s  made: %d accounts\n", o.ID, o.Accounts)
	}
	return err
}

func showNote(say func(string, ...any), n iam.ImportNote) {
	say("  not brought as it was: %s: %s\n", n.What, n.Why)
	if n.Remedy != "" {
		say("      to do: %s\n", n.Remedy)
	}
}

// Import asks the server.
func (s *running) Import(ctx context.Context, r io.Reader, o server.ImportOptions) (*server.Imported, error) {
	q := url.Values{"dry-run": {strconv.FormatBool(o.DryRun)}}
	if o.Account != "" {
		q.Set("account", o.Account)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://iamd/import?"+q.Encode(), r)
	if err != nil {
		return nil, err
	}
	resp, err := s.unhurried().Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking the server at %s: %w", s.path, err)
	}
	defer resp.Body.Close()
	var answer server.ImportAnswer
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&answer); err != nil {
		return nil, fmt.Errorf("the server's answer: %w", err)
	}
	if answer.Imported == nil {
		answer.Imported = &server.Imported{}
	}
	if answer.Error != "" {
		return answer.Imported, errors.New(answer.Error)
	}
	if resp.StatusCode >= 300 {
		return nil, fmt.Errorf("the server answered %s", resp.Status)
	}
	return answer.Imported, nil
}
