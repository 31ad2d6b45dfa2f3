package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"iamd/server"
)

// mover brings accounts to files and from them.
type mover interface {
	Export(ctx context.Context, w io.Writer, o server.ExportOptions) error
	// Import tells what was brought even where it fails.
	Import(ctx context.Context, r io.Reader, o server.ImportOptions) (*server.Imported, error)
}

func exportCommand() *cobra.Command {
	var f flags
	var o server.ExportOptions
	var all bool
	var file string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write an account, or all and their organizations, to a file",
		Long: "Write an account, or all accounts and their organizations, as JSON: through the server that\n" +
			"runs on the data directory, or, when none does, from the data directory itself. Two exports\n" +
			"of the same are the same text.\n\n" +
			"Without --with-secrets there is none in it: access keys stand there by id, status and date\n" +
			"only. With it there are sealed secrets, which only the same keyring opens, and hashes of\n" +
			"passwords: keep such a file as you keep the data directory.",
		Example: "  iamd export --account 123456789012 -o staging.json\n" +
			"  iamd export --all --with-secrets -o everything.json",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if all == (o.Account != "") {
				return usagef("which account? --account ID, or --all")
			}
			if o.Account != "" && !accountForm.MatchString(o.Account) {
				return usagef("--account %q must be twelve digits", o.Account)
			}
			return asOperator(cmd, &f, existing, func(a operator) error {
				if file == "" || file == "-" {
					return a.Export(cmd.Context(), cmd.OutOrStdout(), o)
				}
				return writeWhole(file, func(w io.Writer) error { return a.Export(cmd.Context(), w, o) })
			})
		},
	}
	f.bind(cmd.Flags(), false)
	cmd.Flags().StringVar(&o.Account, "account", "", "number of the account")
	cmd.Flags().BoolVar(&all, "all", false, "all accounts, and their organizations")
	cmd.Flags().BoolVar(&o.Secrets, "with-secrets", false, "sealed secrets and hashes of passwords too")
	cmd.Flags().StringVarP(&file, "output", "o", "", "file to write, for its owner alone to read; empty: standard output")
	return cmd
}

// writeWhole writes a file for its owner alone, whole or not at all.
func writeWhole(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".iamd-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	err = write(f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// unhurried is a client for what may take longer than other calls.
func (s *running) unhurried() *http.Client { return &http.Client{Transport: s.client.Transport} }

// Export asks the server.
func (s *running) Export(ctx context.Context, w io.Writer, o server.ExportOptions) error {
	q := url.Values{"secrets": {strconv.FormatBool(o.Secrets)}}
	if o.Account != "" {
		q.Set("account", o.Account)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://iamd/export?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	resp, err := s.unhurried().Do(r)
	if err != nil {
		return fmt.Errorf("asking the server at %s: %w", s.path, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		var no struct{ Message string }
		if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&no); err != nil || no.Message == "" {
			return fmt.Errorf("the server answered %s", resp.Status)
		}
		return errors.New(no.Message)
	}
	out := bufio.NewWriter(w)
	if _, err := io.Copy(out, resp.Body); err != nil {
		return fmt.Errorf("the export broke off: %w", err)
	}
	return out.Flush()
}
