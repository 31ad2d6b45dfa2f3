package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"iamd/iam"
	"iamd/keyring"
	"iamd/store"
)

const (
	// resealStep is how many values are sealed anew by one write.
	resealStep = 200
	// resealRest is how long is rested between two steps, in steps: two thirds of the
	// time belong to others.
	resealRest = 2
	// resealTries is how often a step is tried that fails.
	resealTries = 5
	// resealAgain is when a pass that left accounts out is made again, and
	// resealLatest when after many.
	resealAgain, resealLatest = time.Minute, time.Hour
)

// sealing walks all accounts after the keyring has changed, seals anew what another
// key than the active one sealed, and counts which key seals how much. It goes by
// the ordinary way of writes, an account at a time, so that it may be broken off
// anywhere, and several nodes may do it at once.
type sealing struct {
	source     *keyringSource
	accounts   *store.Aggregates[*iam.Account, *iam.Draft]
	registered applicationStore
	now        func() time.Time
	log        *slog.Logger
	rest       func(ctx context.Context, worked time.Duration)
	kick       chan struct{} // of room 1

	mu    sync.Mutex
	asked int // passes that were asked for
	keys  int // goes up when the keys change
	// counts of the last pass that left nothing out, by key; nil before, and once the
	// keys have changed.
	counts *keyCounts
	pass   KeyringPass
}

// keyCounts are what a pass found.
type keyCounts struct {
	values  map[uint32]int
	granted []time.Time // when the authorizations of applications were made
}

// renew asks for a pass because the keys have changed: what was counted is of no
// use any more. It gives the pass's number.
func (w *sealing) renew() int {
	w.mu.Lock()
	w.counts = nil
	w.keys++
	w.mu.Unlock()
	return w.count()
}

// count asks for a pass that begins from now on, and gives its number.
func (w *sealing) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	select {
	case w.kick <- struct{}{}:
	default: // there is one to come, which covers this too
	}
	return w.asked
}

// mayGo tells whether nothing is sealed by a key any more.
func (w *sealing) mayGo(id uint32) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.counts == nil {
		return fmt.Errorf("key %d is to go, and it is not known yet whether values are sealed by it", id)
	}
	if n := w.counts.values[id]; n > 0 {
		return fmt.Errorf("key %d is to go, and %d values are sealed by it", id, n)
	}
	return nil
}

// run makes passes as they are asked for, until ctx ends.
func (w *sealing) run(ctx context.Context, finished func()) {
	again, wait := time.NewTimer(0), resealAgain
	again.Stop()
	defer again.Stop()
	for {
		select {
		case <-w.kick:
		case <-again.C:
		case <-ctx.Done():
			return
		}
		w.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if w.status().Failed > 0 {
			again.Reset(wait)
			wait = min(2*wait, resealLatest)
			continue
		}
		wait = resealAgain
		finished()
	}
}

// once makes one pass.
func (w *sealing) once(ctx context.Context) {
	w.mu.Lock()
	w.pass = KeyringPass{Number: w.asked, Started: w.now().UTC()}
	keys := w.keys
	w.mu.Unlock()
	found := &keyCounts{values: map[uint32]int{}}
	active := w.source.ring.Active()
	if err := w.everyAccount(ctx, found); err != nil {
		if ctx.Err() != nil {
			return
		}
		w.log.Error("secrets not sealed anew: accounts are not listed", "error", err)
		w.note(func(p *KeyringPass) { p.Failed++ })
	}
	if err := w.everyApplication(ctx, found); err != nil {
		if ctx.Err() != nil {
			return
		}
		w.log.Error("authorizations of applications are not counted", "error", err)
		w.note(func(p *KeyringPass) { p.Failed++ })
	}
	w.note(func(p *KeyringPass) {
		p.Finished = w.now().UTC()
		if p.Failed == 0 && w.keys == keys {
			w.counts = found
		}
	})
	p := w.status()
	if p.Broken > 0 {
		w.log.Error("values do not open: the keyring lacks a key that sealed them; put it back", "values", p.Broken)
	}
	w.log.Info("secrets are sealed by the active key", "key", active, "resealed", p.Resealed, "accounts", p.Accounts, "failed", p.Failed)
}

// note changes what is told of the pass under way, and anything beside it.
func (w *sealing) note(change func(*KeyringPass)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(&w.pass)
}

func (w *sealing) status() KeyringPass {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pass
}

func (w *sealing) everyAccount(ctx context.Context, found *keyCounts) error {
	for after := ""; ; {
		ids, err := w.accounts.IDs(ctx, after, many)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := w.account(ctx, id, found); ctx.Err() != nil {
				return ctx.Err()
			} else if err != nil {
				w.log.Error("secrets of an account not sealed anew", "account", id, "error", err)
				w.note(func(p *KeyringPass) { p.Failed++ })
			}
			w.note(func(p *KeyringPass) { p.Accounts++ })
		}
		if len(ids) < many {
			return nil
		}
		after = ids[len(ids)-1]
	}
}

// account seals one account's values anew, and counts them. It asks for a write
// even if there is nothing to do: that comes after all writes under way, of which
// one may still have sealed by a former key.
func (w *sealing) account(ctx context.Context, id string, found *keyCounts) error {
	ring := w.source.ring
	for tries := 0; ; {
		began := time.Now()
		var did iam.Resealed
		var values map[uint32]int
		err := w.accounts.Update(ctx, id, func(d *iam.Draft) error {
			active := ring.Active()
			did = d.Reseal(func(sealed []byte) bool {
				by, ok := keyring.KeyOf(sealed)
				return !ok || by != active
			}, resealStep)
			values = map[uint32]int{}
			if !did.More {
				for sealed := range d.Sealed {
					by, _ := keyring.KeyOf(sealed)
					values[by]++
				}
			}
			return nil
		})
		w.rest(ctx, time.Since(began))
		switch {
		case errors.Is(err, store.ErrNotFound):
			return nil // it was deleted meanwhile
		case err != nil:
			if tries++; tries == resealTries || ctx.Err() != nil {
				return err
			}
			w.rest(ctx, time.Duration(tries)*100*time.Millisecond)
			continue
		}
		w.note(func(p *KeyringPass) {
			p.Resealed += did.Done
			if !did.More {
				p.Broken += did.Broken
			}
		})
		if !did.More {
			for by, n := range values {
				found.values[by] += n
			}
			return nil
		}
	}
}

// everyApplication notes when authorizations were made: a refresh token of an older
// one may be sealed by a key that was active then.
func (w *sealing) everyApplication(ctx context.Context, found *keyCounts) error {
	for after := ""; ; {
		ids, err := w.registered.IDs(ctx, after, many)
		if err != nil {
			return err
		}
		for _, id := range ids {
			began := time.Now()
			all, err := w.registered.View(ctx, id)
			if errors.Is(err, store.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			for app := range all.All() {
				for _, z := range app.Authorizations {
					found.granted = append(found.granted, z.Created)
				}
			}
			w.rest(ctx, time.Since(began))
		}
		if len(ids) < many {
			return nil
		}
		after = ids[len(ids)-1]
	}
}

// keepSealed watches the keyring's file, and seals anew whenever that changes, and
// now if there is more than one key: a pass may have been broken off.
func (s *Server) keepSealed(ctx context.Context) {
	s.sealing = &sealing{
		source: s.keyring, accounts: s.accounts, registered: s.registered, now: s.cfg.Now, log: s.cfg.Log,
		rest: restFor, kick: make(chan struct{}, 1),
	}
	if s.keyring.ring.Len() > 1 {
		s.sealing.renew()
	}
	s.sealers.Go(func() { s.watchKeyring(ctx) })
	s.sealers.Go(func() { s.sealing.run(ctx, s.tryKeyringAgain) })
}

// tryKeyringAgain takes a file over that was refused for what a pass has settled
// since.
func (s *Server) tryKeyringAgain() {
	s.keyring.mu.Lock()
	again := s.keyring.refused != ""
	s.keyring.mu.Unlock()
	if again {
		// What is wrong is in the log.
		_ = s.reload(false)
	}
}

// restFor waits as long as work took, twice over.
func restFor(ctx context.Context, worked time.Duration) {
	t := time.NewTimer(resealRest * worked)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
