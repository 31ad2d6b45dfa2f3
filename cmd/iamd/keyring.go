package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"iamd/keyring"
	"iamd/server"
)

func keyringCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keyring",
		Short: "Make, list and rotate the keys that seal secrets",
		Long: "Make, list and rotate the keys that seal secrets in the store and the tokens of sessions. No\n" +
			"command shows a key, but for \"init -\" and \"rotate -\", which write a keyring to standard output.",
	}
	cmd.AddCommand(keyringInitCommand(), keyringListCommand(), keyringRotateCommand())
	return cmd
}

// keyrings is what an operator may do with the keyring.
type keyrings interface {
	Keyring(ctx context.Context) (*server.KeyringStatus, error)
	CountKeyring(ctx context.Context) (*server.KeyringStatus, error)
	ReloadKeyring(ctx context.Context, force bool) (*server.KeyringStatus, error)
}

// Keyring asks the server.
func (s *running) Keyring(ctx context.Context) (*server.KeyringStatus, error) {
	status := new(server.KeyringStatus)
	return status, s.call(ctx, http.MethodGet, "/keyring", nil, status)
}

// CountKeyring asks the server.
func (s *running) CountKeyring(ctx context.Context) (*server.KeyringStatus, error) {
	status := new(server.KeyringStatus)
	return status, s.call(ctx, http.MethodPost, "/keyring/count", nil, status)
}

// ReloadKeyring asks the server.
func (s *running) ReloadKeyring(ctx context.Context, force bool) (*server.KeyringStatus, error) {
	in, err := json.Marshal(map[string]bool{"force": force})
	if err != nil {
		return nil, err
	}
	status := new(server.KeyringStatus)
	return status, s.call(ctx, http.MethodPost, "/keyring/reload", in, status)
}

// standard stands for standard input and output in the place of a file.
const standard = "-"

// keyringFile is where the keyring lies that a command is about. ErrUsage when it
// comes from the environment.
func keyringFile(c config, args []string) (string, error) {
	switch {
	case len(args) > 0:
		return args[0], nil
	case os.Getenv("IAMD_KEYRING") != "":
		return "", usagef("the keyring comes from IAMD_KEYRING, which no command can change: name a file, or - to write to standard output what belongs there")
	case c.KeyringFile != "":
		return c.KeyringFile, nil
	}
	return server.KeyringFile(c.DataDir), nil
}

func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usagef("a keyring is one file, not %d: %s [FILE]", len(args), cmd.CommandPath())
	}
	return nil
}

func keyringInitCommand() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Make a keyring with one new key",
		Long: "Make a keyring with one new key, in FILE or where the configuration has it (DATA-DIR/keyring\n" +
			"unless keyring_file says otherwise), for the nodes that share a store: all need the same. With -\n" +
			"it goes to standard output, for a secret manager or IAMD_KEYRING. A file that is there stays.",
		Example: "  iamd keyring init /etc/iamd/keyring\n  iamd keyring init - | vault kv put secret/iamd keyring=-",
		Args:    oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.config()
			if err != nil {
				return err
			}
			path, err := keyringFile(c, args)
			if err != nil {
				return err
			}
			return keyringInit(cmd, c, path)
		},
	}
	f.bind(cmd.Flags(), false)
	return cmd
}

func keyringInit(cmd *cobra.Command, c config, path string) error {
	content, _, err := keyring.Add("", rand.Reader, time.Now())
	if err != nil {
		return err
	}
	if path == standard {
		_, err := io.WriteString(cmd.OutOrStdout(), content)
		return err
	}
	if path == server.KeyringFile(c.DataDir) {
		if _, err := os.Stat(filepath.Join(c.DataDir, "iamd.db")); err == nil {
			return fmt.Errorf("%s holds a store already, which another keyring has sealed: put that one back", c.DataDir)
		}
		if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
			return err
		}
	}
	if err := keyring.Create(path, content); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already, and stays: without it, what it sealed is lost", path)
	} else if err != nil {
		return err
	}
	keys, err := keyring.Keys(content)
	if err != nil {
		return err
	}
	return printf(cmd.OutOrStdout(), "Keyring      %s\nFingerprint  %s\nKeep a copy elsewhere: without it no secret in the store opens.\n", path, keys[0].Fingerprint)
}

func keyringListCommand() *cobra.Command {
	var f flags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [FILE]",
		Short: "List the keys, and what each still holds",
		Long: "List the keys, and, if a server runs on the data directory, how many values each still seals and\n" +
			"how far sealing anew has come. A fingerprint tells keys of different nodes apart; no key can be\n" +
			"told from it. With - the keyring is read from standard input.",
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.config()
			if err != nil {
				return err
			}
			status, err := keyringStatus(cmd, c, args)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), status)
			}
			return printKeyring(cmd.OutOrStdout(), status)
		},
	}
	f.bind(cmd.Flags(), false)
	cmd.Flags().BoolVar(&asJSON, "json", false, "answer in JSON")
	return cmd
}

// listWait is how long list waits for a count to end.
const listWait = 20 * time.Second

// keyringStatus asks the server that runs on the data directory, or else reads the
// keyring.
func keyringStatus(cmd *cobra.Command, c config, args []string) (*server.KeyringStatus, error) {
	if len(args) == 0 {
		there := dial(server.SocketPath(c.DataDir))
		if err := there.reach(cmd.Context()); err == nil {
			ctx, cancel := context.WithTimeout(cmd.Context(), listWait)
			defer cancel()
			status, err := counted(ctx, there, nil)
			if err != nil && cmd.Context().Err() == nil && ctx.Err() != nil {
				return there.Keyring(cmd.Context()) // as far as it has come
			}
			return status, err
		} else if !errors.Is(err, errNobody) {
			return nil, err
		}
		printf(cmd.ErrOrStderr(), "No server runs on %s: nobody counts what each key holds.\n", c.DataDir)
	}
	status := new(server.KeyringStatus)
	content := os.Getenv("IAMD_KEYRING")
	if content == "" || len(args) > 0 {
		path, err := keyringFile(c, args)
		if err != nil {
			return nil, err
		}
		if content, err = readKeyring(cmd, path); err != nil {
			return nil, err
		}
		status.File = path
	}
	keys, err := keyring.Keys(content)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		status.Keys = append(status.Keys, server.KeyStatus{Key: k})
	}
	return status, nil
}

func readKeyring(cmd *cobra.Command, path string) (string, error) {
	if path != standard {
		return keyring.Load(path)
	}
	const most = 1 << 20 // more than any keyring, which is refused then
	text, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), most))
	return string(text), err
}

// counted asks for a count of what each key holds, and waits until it has ended.
// It tells progress now and then, unless that is nil.
func counted(ctx context.Context, a keyrings, progress func(*server.KeyringStatus)) (*server.KeyringStatus, error) {
	status, err := a.CountKeyring(ctx)
	if err != nil {
		return nil, err
	}
	number := status.Pass.Number
	return finished(ctx, a, number, progress)
}

// finished waits for a pass.
func finished(ctx context.Context, a keyrings, number int, progress func(*server.KeyringStatus)) (*server.KeyringStatus, error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for n := 1; ; n++ {
		status, err := a.Keyring(ctx)
		if err != nil {
			return nil, err
		}
		if status.Pass.Number >= number && !status.Pass.Finished.IsZero() {
			return status, nil
		}
		if n%100 == 0 && progress != nil {
			progress(status)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func printKeyring(out io.Writer, status *server.KeyringStatus) error {
	from := status.File
	if from == "" {
		from = "IAMD_KEYRING"
	}
	printf(out, "Keyring  %s\n\n", from)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tUSE\tMADE\tRETIRED\tFINGERPRINT\tVALUES")
	for _, k := range status.Keys {
		use := "opens"
		if k.Active {
			use = "seals"
		}
		values := "-"
		if status.Counted {
			values = strconv.Itoa(k.Values)
		}
		printf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", strconv.FormatUint(uint64(k.ID), 10), use, when(k.Made), when(k.Retired), k.Fingerprint, values)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	p := status.Pass
	switch {
	case p.Number == 0:
	case p.Finished.IsZero():
		printf(out, "\nSecrets are being sealed anew: %d accounts so far, %d values.\n", p.Accounts, p.Resealed)
	case p.Failed > 0:
		printf(out, "\n%d accounts could not be read or written, and are tried again: see the server's log.\n", p.Failed)
	}
	if p.Broken > 0 {
		printf(out, "\n%d values do not open: a key that sealed them is missing here. Put it back.\n", p.Broken)
	}
	if status.Refused != "" {
		printf(out, "\nThe file has changed and is not in force: %s\n", status.Refused)
	}
	return nil
}

func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format("2006-01-02 15:04")
}
