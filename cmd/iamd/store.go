package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"iamd/server"
)

func storeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "store",
		Short: "Move all that a store holds to another one, and back the embedded one up",
	}
	cmd.AddCommand(storeCopyCommand(), storeBackupCommand())
	return cmd
}

func storeCopyCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "copy FROM TO",
		Short: "Copy all that one store holds to another one, which must be empty",
		Long: "Copy all that one store holds to another one, which must be empty, read both again, and\n" +
			"compare them. A store is named as by --store (postgres://…, etcd://…), and the embedded one\n" +
			"by its data directory, or by its file, such as a backup. No server may run on either of\n" +
			"them. A copy that is broken off leaves a store that iamd refuses to serve from.\n\n" +
			"The keyring is in no store: whoever serves from the copy needs the one that is there now.",
		Example: "  iamd store copy iamd-data 'postgres://iamd@db.example.com/iamd'\n" +
			"  iamd store copy 'etcd://etcd.example.com:2379' new-data",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("from where to where? iamd store copy FROM TO")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			tell := cmd.ErrOrStderr()
			log := slog.New(slog.NewTextHandler(tell, &slog.HandlerOptions{Level: slog.LevelWarn}))
			tallies, err := server.CopyStore(cmd.Context(), args[0], args[1], log, progress(tell))
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), map[string]any{"copied": tallies})
			} else {
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "KIND\tCOUNT\tSHA-256, OF BOTH")
				for _, t := range tallies {
					printf(w, "%s\t%d\t%s\n", t.Kind, t.Count, t.SHA256)
				}
				err = w.Flush()
			}
			return errors.Join(err, printf(tell, "The keyring was not copied, as it is in no store: serve the copy with the keyring of the first one (DATA-DIR/keyring, keyring_file or IAMD_KEYRING).\n"))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "answer in JSON")
	return cmd
}

// progress tells of a copy: of the first names one by one, and then of ever fewer.
func progress(w io.Writer) func(name string, done int, checking bool) {
	next, compared := 1, false
	return func(name string, done int, checking bool) {
		if checking != compared {
			next, compared = 1, checking
		}
		if done < next {
			return
		}
		next += max(1, done/10)
		verb := "copied"
		if checking {
			verb = "compared"
		}
		// What can't be told of holds nothing up.
		_ = printf(w, "%s %d, to %s\n", verb, done, name)
	}
}

func storeBackupCommand() *cobra.Command {
	var f flags
	var force bool
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write all that the embedded store holds to a file, while it is in use",
		Long: "Write all that the embedded store holds, as of one moment, to a file which only you can read,\n" +
			"and check that from end to end: through the server that runs on the data directory, which\n" +
			"goes on meanwhile, or, when none does, from the data directory itself.\n\n" +
			"To restore it, put the file into an empty data directory as iamd.db, with the keyring. The\n" +
			"keyring is not in the backup, and no secret in it opens without.",
		Example: "  iamd store backup iamd-2024-05-06.db",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("to which file? iamd store backup FILE")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.config()
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			there := dial(server.SocketPath(c.DataDir))
			write := there.backup
			if err := there.reach(ctx); errors.Is(err, errNobody) {
				write = func(ctx context.Context, path string) error {
					return server.BackupStopped(ctx, c.Store, c.DataDir, path)
				}
			} else if err != nil {
				return err
			}
			err = server.SaveBackup(ctx, args[0], force, func(path string) error { return write(ctx, path) })
			if errors.Is(err, os.ErrExist) {
				return usagef("%s is there already: name another file, or replace it by --force", args[0])
			}
			if err != nil {
				return err
			}
			return printf(cmd.ErrOrStderr(), "%s is complete and undamaged. Without the keyring (DATA-DIR/keyring, keyring_file or IAMD_KEYRING) no secret in it opens: keep a copy of that elsewhere.\n", args[0])
		},
	}
	f.bind(cmd.Flags(), false)
	cmd.Flags().BoolVar(&force, "force", false, "replace the file if it is there")
	return cmd
}

// backup asks the server for a backup and writes it to a new file.
func (s *running) backup(ctx context.Context, path string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://iamd/backup", nil)
	if err != nil {
		return err
	}
	patient := http.Client{Transport: s.client.Transport} // it takes as long as it takes
	resp, err := patient.Do(r)
	if err != nil {
		return fmt.Errorf("asking the server at %s: %w", s.path, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		var no struct{ Message string }
		if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&no); err != nil || no.Message == "" {
			return fmt.Errorf("the server answered %s", resp.Status)
		}
		return errors.New(no.Message)
	}
	return server.ReceiveBackup(path, resp.Body)
}
