package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"iamd/iam"
	"iamd/keyring"
)

// keyringPoll is how often the keyring's file is looked at.
const keyringPoll = 2 * time.Second

// keyringSource is the server's keyring, and where it comes from.
type keyringSource struct {
	ring *keyring.Ring
	path string // of the file; empty: the environment

	mu      sync.Mutex      // guards what follows, and one reload at a time
	content string          // of which the ring is made
	seen    keyring.Version // of the file, as it was last looked at
	refused string          // why the file as it is now is not in force
}

// KeyringFile is where a keyring lies that nobody gave another place.
func KeyringFile(dataDir string) string { return filepath.Join(dataDir, "keyring") }

// Shared tells whether a store's URL leads to one that several nodes may use.
func Shared(store string) bool {
	scheme, _, ok := strings.Cut(store, "://")
	return ok && scheme != "sqlite"
}

// openKeyring reads the keyring. One is made for an embedded store that holds
// nothing yet, never beside secrets that another one sealed, and never for nodes
// that share a store, as all of them need the same.
func openKeyring(cfg Config, fresh bool) (*keyringSource, error) {
	k := &keyringSource{content: cfg.Keyring, path: cfg.KeyringFile}
	var err error
	switch made := k.path == ""; {
	case k.content != "":
		k.path = ""
	case made:
		k.path = KeyringFile(cfg.DataDir)
		if fresh && !Shared(cfg.Store) {
			if _, err := keyring.LoadOrCreate(k.path, cfg.Rand, cfg.Now()); err != nil {
				return nil, err
			}
		}
		fallthrough
	default:
		k.content, k.seen, err = keyring.Read(k.path)
		switch none := errors.Is(err, fs.ErrNotExist); {
		case none && Shared(cfg.Store):
			err = fmt.Errorf("there is no keyring %s, and none is made for a store that nodes share, as all need the same: "+
				"make one by \"iamd keyring init\", and give it to every node, as keyring_file or IAMD_KEYRING", k.path)
		case none && made:
			err = fmt.Errorf("the keyring %s is gone, and without it no secret in the store opens: put your copy of it back", k.path)
		case err != nil && !made:
			err = fmt.Errorf("keyring_file: %w", err)
		}
	}
	if err != nil {
		return nil, err
	}
	k.ring, err = keyring.New(keyring.Config{Keys: k.content, Rand: cfg.Rand})
	return k, err
}

// lookAt is how many accounts are searched for a secret to try the keyring on;
// the first mostly has one.
const lookAt = 20

// fits makes sure that the keyring is the one that sealed what the store holds.
func (s *Server) fits(ctx context.Context, held []string) error {
	opened := false
	for _, name := range held {
		a, err := s.accounts.View(ctx, strings.TrimPrefix(name, accountPrefix))
		if err != nil {
			return err
		}
		if key, ok := a.AnyKey(); ok && !opened {
			if _, err := a.Secret(key); err != nil {
				return fmt.Errorf("the keyring is not the one that this store was sealed with: put the right one back: %w", err)
			}
			opened = true
		}
		for sealed := range a.Sealed {
			if id, ok := keyring.KeyOf(sealed); !ok || !s.keyring.ring.Holds(id) {
				return fmt.Errorf("account %s has secrets that key %d sealed, and the keyring has no such key: "+
					"put it back, or give this node the keyring that the others have", a.ID, id)
			}
		}
	}
	return nil // no secret was ever sealed, or all in the first accounts are known
}

// ReloadKeyring reads the keyring's file again, and takes it over unless something
// would be lost by it: then the keys in use stay, and the error says why. Forced, a
// key may go by which values are sealed.
func (s *Server) ReloadKeyring(_ context.Context, force bool) (*KeyringStatus, error) {
	if s.keyring.path == "" {
		return nil, iam.Errorf(iam.CodeInvalidInput, "The keyring comes from IAMD_KEYRING, which is read when the server starts: set it to the new one, and restart.")
	}
	if err := s.reload(force); err != nil {
		return nil, &iam.Error{Code: iam.CodeInvalidInput, Message: "The keyring's file is not taken over: " + err.Error(), Err: err}
	}
	return s.keyringStatus(), nil
}

// watchKeyring takes the keyring's file over whenever it changes, until ctx ends.
func (s *Server) watchKeyring(ctx context.Context) {
	if s.keyring.path == "" {
		return
	}
	tick := time.NewTicker(keyringPoll)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.lookAtKeyring()
		case <-ctx.Done():
			return
		}
	}
}

// lookAtKeyring takes the file over if it is another than at the last look.
func (s *Server) lookAtKeyring() {
	k := s.keyring
	version, _ := keyring.Look(k.path) // that it is gone is a version too
	k.mu.Lock()
	same := version == k.seen
	k.mu.Unlock()
	if !same {
		// What is wrong is in the log, once.
		_ = s.reload(false)
	}
}

// reload does so, and tells the log.
func (s *Server) reload(force bool) error {
	k := s.keyring
	k.mu.Lock()
	defer k.mu.Unlock()
	changed, err := k.replace(s.sealing.mayGo, force)
	if err != nil {
		k.refused = err.Error()
		s.cfg.Log.Error("the keyring's file is not taken over; the keys in use stay", "file", k.path, "error", err)
		return err
	}
	k.refused = ""
	if changed {
		s.cfg.Log.Info("the keyring's file is taken over", "file", k.path, "keys", k.ring.Len(), "active", k.ring.Active())
		s.sealing.renew()
	}
	return nil
}

// replace makes the ring that of the file. It asks of each key that is to go whether
// it may.
func (k *keyringSource) replace(mayGo func(id uint32) error, force bool) (changed bool, err error) {
	// A look that finds the same will not try again. It comes first: what is written
	// meanwhile is another version.
	k.seen, _ = keyring.Look(k.path)
	content, version, err := keyring.Read(k.path)
	if err != nil {
		return false, err
	}
	k.seen = version
	if content == k.content {
		return false, nil
	}
	gone, err := k.ring.Dropped(content)
	if err != nil {
		return false, err
	}
	for _, id := range gone {
		if force || id == k.ring.Active() { // Replace refuses that one
			continue
		}
		if err := mayGo(id); err != nil {
			return false, err
		}
	}
	if err := k.ring.Replace(content); err != nil {
		return false, err
	}
	k.content = content
	return true, nil
}
