package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"iamd/keyring"
	"iamd/server"
)

// longestSession is how long session tokens live at most, those of
// GetSessionToken and GetFederationToken: a key that sealed must open for so long.
const longestSession = 36 * time.Hour

// rotation is what iamd keyring rotate is told.
type rotation struct {
	flags flags
	step  string
	key   uint32
	force bool
}

// Steps of a rotation; "" is the first two at once.
const (
	stepAdd      = "add"
	stepActivate = "activate"
	stepRetire   = "retire"
)

var errShared = usagef("the store is one that nodes share: all must know a new key before one of them seals by it. " +
	"Take the steps one by one: --step add, then --step activate, then --step retire")

func keyringRotateCommand() *cobra.Command {
	var r rotation
	cmd := &cobra.Command{
		Use:   "rotate [FILE]",
		Short: "Put a new key in the place of the one that seals, and take old ones away",
		Long: "Put a new key in the place of the one that seals. A running server takes the file over by itself\n" +
			"and seals every secret anew while it serves; this command waits for that.\n\n" +
			"Nodes that share a store must all know a key before one of them seals by it. There, each step is\n" +
			"taken once, the file is brought to every node, and all have taken it over before the next step:\n\n" +
			"  --step add        add a key, which only opens\n" +
			"  --step activate   make it the one that seals, and seal every secret anew\n" +
			"  --step retire     take away the key that sealed before, when nothing needs it any more\n\n" +
			"Retiring comes last for one node too: session tokens live up to 36 hours, and refresh tokens of\n" +
			"applications until they are revoked. What still needs the key is told, and --force takes it away\n" +
			"all the same. With - as FILE the keyring goes from standard input to standard output.",
		Example: "  iamd keyring rotate\n  iamd keyring rotate --step retire\n" +
			"  vault kv get -field=keyring secret/iamd | iamd keyring rotate --step add - | vault kv put secret/iamd keyring=-",
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := r.flags.config()
			if err != nil {
				return err
			}
			path, err := keyringFile(c, args)
			if err != nil {
				return err
			}
			return r.run(cmd, c, path)
		},
	}
	r.flags.bind(cmd.Flags(), false)
	cmd.Flags().StringVar(&r.step, "step", "", "add, activate or retire; empty: add and activate, for one node")
	cmd.Flags().Uint32Var(&r.key, "key", 0, "number of the key to activate or retire; 0: the one that is due")
	cmd.Flags().BoolVar(&r.force, "force", false, "retire a key that is still needed: what it sealed is lost")
	return cmd
}

func (r *rotation) run(cmd *cobra.Command, c config, path string) error {
	switch r.step {
	case "":
		if server.Shared(c.Store) {
			return errShared
		}
	case stepAdd, stepActivate, stepRetire:
	default:
		return usagef("--step %q is none: write add, activate or retire", r.step)
	}
	if r.key != 0 && r.step != stepActivate && r.step != stepRetire {
		return usagef("--key is for --step activate and --step retire: a new key takes the next number")
	}
	if r.force && r.step != stepRetire {
		return usagef("--force is for --step retire")
	}
	if r.step == stepRetire {
		return r.retire(cmd, c, path)
	}
	if path == standard {
		content, err := readKeyring(cmd, path)
		if err != nil {
			return err
		}
		if content, _, err = r.next(content); err != nil {
			return err
		}
		_, err = io.WriteString(cmd.OutOrStdout(), content)
		return err
	}
	there, err := r.reach(cmd, c, path)
	if err != nil {
		return err
	}
	var id uint32
	if err := keyring.Change(path, func(content string) (next string, err error) {
		next, id, err = r.next(content)
		return next, err
	}); err != nil {
		return err
	}
	if r.step == stepAdd {
		printf(cmd.OutOrStdout(), "Key %s is in %s, and only opens. Bring the file to every node; when \"iamd keyring list\" shows the key\n"+
			"on each, go on with --step activate.\n", number(id), path)
	} else {
		printf(cmd.OutOrStdout(), "Key %s of %s seals from now on.\n", number(id), path)
	}
	return r.tell(cmd, c, there)
}

// next is the content after the step, and the key that it is about.
func (r *rotation) next(content string) (string, uint32, error) {
	id, err := r.key, error(nil)
	if r.step != stepActivate {
		if content, id, err = keyring.Add(content, rand.Reader, time.Now()); err != nil || r.step == stepAdd {
			return content, id, err
		}
	}
	if id == 0 {
		if id, err = due(content); err != nil {
			return "", 0, err
		}
	}
	content, err = keyring.Activate(content, id, time.Now())
	return content, id, err
}

// due is the key that was added and has not sealed yet.
func due(content string) (uint32, error) {
	keys, err := keyring.Keys(content)
	if err != nil {
		return 0, err
	}
	added := slices.DeleteFunc(keys[1:], func(k keyring.Key) bool { return k.ID < keys[0].ID || !k.Retired.IsZero() })
	if len(added) != 1 {
		return 0, usagef("there are %d keys that were added and have not sealed yet: say by --key which one is to seal, or begin with --step add", len(added))
	}
	return added[0].ID, nil
}

// reach finds the server that runs on the data directory; nil when none does. It
// must have its keyring from the file that is to change.
func (r *rotation) reach(cmd *cobra.Command, c config, path string) (*running, error) {
	there := dial(server.SocketPath(c.DataDir))
	if err := there.reach(cmd.Context()); errors.Is(err, errNobody) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	status, err := there.Keyring(cmd.Context())
	if err != nil {
		return nil, err
	}
	if status.Shared && r.step == "" {
		return nil, errShared
	}
	if !sameFile(status.File, path) {
		from := status.File
		if from == "" {
			from = "IAMD_KEYRING"
		}
		return nil, fmt.Errorf("the server that runs on %s has its keyring from %s, not from %s: rotate that one", c.DataDir, from, path)
	}
	return there, nil
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// tell makes the server take the file over now, and waits until it has sealed every
// secret anew.
func (r *rotation) tell(cmd *cobra.Command, c config, there *running) error {
	out := cmd.OutOrStdout()
	if there == nil {
		return printf(out, "No server runs on %s: the next one to start takes the file over.\n", c.DataDir)
	}
	if _, err := there.ReloadKeyring(cmd.Context(), r.force); err != nil {
		return err
	}
	if r.step == stepAdd || r.step == stepRetire {
		return printf(out, "The server has taken the file over.\n")
	}
	status, err := counted(cmd.Context(), there, func(s *server.KeyringStatus) {
		printf(cmd.ErrOrStderr(), "%d accounts so far, %d values sealed anew; the server goes on without this command.\n", s.Pass.Accounts, s.Pass.Resealed)
	})
	if err != nil {
		return err
	}
	if status.Pass.Failed > 0 || status.Pass.Broken > 0 {
		return errors.Join(printKeyring(out, status), errors.New("not every secret is sealed anew: see above, and the server's log"))
	}
	return printf(out, "Every secret in the store is sealed by it. The key before still opens what was issued: take it away by\n"+
		"\"iamd keyring rotate --step retire\", in 36 hours at the earliest.\n")
}

// retire takes a key away.
func (r *rotation) retire(cmd *cobra.Command, c config, path string) error {
	content, err := readKeyring(cmd, path)
	if err != nil {
		return err
	}
	keys, err := keyring.Keys(content)
	if err != nil {
		return err
	}
	key, err := r.retired(keys)
	if err != nil {
		return err
	}
	left, err := keyring.Remove(content, key.ID)
	if err != nil {
		return err
	}
	reasons, err := r.needed(cmd, c, path, key)
	if err != nil {
		return err
	}
	if len(reasons) > 0 {
		what := fmt.Sprintf("Key %d is still needed:\n  %s\n", key.ID, strings.Join(reasons, "\n  "))
		if !r.force {
			return errors.New(what + "It stays. Take it away all the same by --force: what is named above stops working.")
		}
		for line := range strings.Lines(what) {
			printf(cmd.ErrOrStderr(), "%s\n", strings.TrimRight(line, "\n"))
		}
	}
	if path == standard {
		_, err := io.WriteString(cmd.OutOrStdout(), left)
		return err
	}
	there, err := r.reach(cmd, c, path)
	if err != nil {
		return err
	}
	if err := keyring.Change(path, func(now string) (string, error) { return keyring.Remove(now, key.ID) }); err != nil {
		return err
	}
	printf(cmd.OutOrStdout(), "Key %s is gone from %s.\n", number(key.ID), path)
	return r.tell(cmd, c, there)
}

// retired is the key that is to go.
func (r *rotation) retired(keys []keyring.Key) (keyring.Key, error) {
	candidates := slices.DeleteFunc(slices.Clone(keys[1:]), func(k keyring.Key) bool {
		if r.key != 0 {
			return k.ID != r.key
		}
		return k.ID > keys[0].ID && k.Retired.IsZero() // it was added, and is to seal yet
	})
	switch {
	case r.key == keys[0].ID:
		return keyring.Key{}, usagef("key %d seals: make another one active first, by --step add and --step activate", int(r.key))
	case len(candidates) == 0:
		return keyring.Key{}, usagef("there is no such key to take away: the keyring has %d, of which %d seals", len(keys), int(keys[0].ID))
	case len(candidates) > 1:
		return keyring.Key{}, usagef("there are %d keys that seal no more: say by --key which one is to go", len(candidates))
	}
	return candidates[0], nil
}

// needed says what a key is still needed for, as far as anybody knows.
func (r *rotation) needed(cmd *cobra.Command, c config, path string, key keyring.Key) (reasons []string, err error) {
	if age := time.Since(key.Retired); key.Retired.IsZero() {
		reasons = append(reasons, "the keyring does not say when it stopped sealing: sessions that it sealed may last for 36 hours since then")
	} else if age < longestSession {
		reasons = append(reasons, fmt.Sprintf("it stopped sealing %s ago, and sessions of roles and users that it sealed may last for 36 hours: they would end", age.Round(time.Minute)))
	}
	if path == standard && r.force {
		return append(reasons, "nobody has counted what it seals in the store"), nil
	}
	var status *server.KeyringStatus
	err = asOperator(cmd, &r.flags, existing, func(a operator) (err error) {
		status, err = counted(cmd.Context(), a, nil)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("what key %d seals in the store is not known: %w", key.ID, err)
	}
	i := slices.IndexFunc(status.Keys, func(k server.KeyStatus) bool { return k.ID == key.ID })
	switch {
	case i >= 0 && status.Keys[i].Fingerprint != key.Fingerprint:
		return nil, fmt.Errorf("key %d of %s is another than the server's: this is the keyring of another store", key.ID, path)
	case i < 0 && path != standard:
		return nil, fmt.Errorf("the server has no key %d: let it take %s over first", key.ID, path)
	case i < 0:
		return reasons, nil // it has let go of the key already
	}
	if !status.Counted {
		reasons = append(reasons, "not every account could be looked at, see the server's log: the secrets that it seals would be lost for good")
	}
	if n := status.Keys[i].Values; n > 0 {
		reasons = append(reasons, fmt.Sprintf("%d values in the store are sealed by it, such as secrets of access keys: they would be lost for good", n))
	}
	if n := status.Keys[i].Authorizations; n > 0 {
		reasons = append(reasons, fmt.Sprintf("%d authorizations of applications are older than its end, and may have refresh tokens that it sealed, "+
			"which do not end: applications would have to be authorized again", n))
	}
	return reasons, nil
}

func number(id uint32) string { return fmt.Sprint(id) }
