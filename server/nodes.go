package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"iamd/iam"
	"iamd/store"
	"iamd/store/sqlite"
)

// patience is how long writes that are under way are waited for once the follower
// stalled, which it does after a second of silence: so nobody waits for a store that
// is away for two seconds.
const patience = 500 * time.Millisecond

// present is how long a start waits until it knows what other nodes commit.
const present = 15 * time.Second

// follow begins to follow other nodes, if the store is one that they share.
func (s *Server) follow() {
	shared, ok := s.backend.(store.Shared)
	if !ok {
		return
	}
	s.follower = store.NewFollower(store.FollowConfig{
		Backend: shared, Stale: s.cfg.StaleFor, Patience: patience,
		Told: func(err error) { s.outage.cutOff(err, s.cfg.StaleFor) },
	})
	s.outage.shared = true
}

// join runs the follower, and returns once it knows the present.
func (s *Server) join(ctx context.Context) error {
	if s.follower == nil {
		return nil
	}
	following, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.follower.Run(following)
	}()
	s.leave = func() {
		stop()
		<-ended
	}
	ctx, cancel := context.WithTimeout(ctx, present)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		state := s.follower.State()
		if state.Stalled == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("the store cannot be followed: %w", state.Stalled)
		}
	}
}

// ready asks the store, as a node that cannot read must get no requests. One that
// decides from memory for a while says so.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if s.follower != nil {
		switch state := s.follower.State(); {
		case state.Stalled == nil:
			text(w, http.StatusOK, "ready")
		case state.Readable:
			text(w, http.StatusOK, fmt.Sprintf("cut off from the store: deciding from memory as of %s ago, writes are refused", state.Behind.Round(time.Millisecond)))
		default:
			text(w, http.StatusServiceUnavailable, "cut off from the store: everything is refused")
		}
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	if _, err := s.accounts.IDs(ctx, "", 1); err != nil && !errors.Is(err, store.ErrNotFound) {
		s.cfg.Log.Error("not ready", "error", err)
		text(w, http.StatusServiceUnavailable, "the store does not answer")
		return
	}
	// Reads and decisions go on, and there is no other node that would take writes.
	if err := s.writable(ctx); err != nil {
		s.outage.wrote(err)
		reason := "the store is not available"
		if disk := (*sqlite.DiskError)(nil); errors.As(err, &disk) {
			reason = disk.Reason // anybody may ask, and the rest is in the log
		}
		text(w, http.StatusOK, "writes are refused, reads and decisions go on: "+reason)
		return
	}
	text(w, http.StatusOK, "ready")
}

// accountStore is what doors and guard read accounts by.
type accountStore struct {
	*store.Aggregates[*iam.Account, *iam.Draft]
}

// Owner finds whose a unique name is. The account that it leads to is as new in
// memory as the name: what another node made a moment ago works here too.
func (s accountStore) Owner(ctx context.Context, u store.Unique) (string, error) {
	id, err := s.Aggregates.Owner(ctx, u)
	if err != nil {
		return "", err
	}
	a, ok := s.Loaded(id)
	if !ok {
		return id, nil
	}
	if _, _, known := a.AccessKey(u.Key); known {
		return id, nil
	}
	if _, err := s.Newest(ctx, id); err != nil {
		return "", err
	}
	return id, nil
}
