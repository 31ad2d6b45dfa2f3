package sink

import (
	"context"
	"errors"
	"slices"

	"iamd/store"
)

// Watch is b, of which the sinks hear what it stores; closing it closes them
// first. It is store.Shared or store.Whole where b is.
func (s *Sinks) Watch(b store.Backend) store.Backend {
	w := &watch{b, s}
	shared, follows := b.(store.Shared)
	whole, moves := b.(store.Whole)
	switch {
	case follows && moves:
		return &struct {
			*watch
			following
			moving
		}{w, shared, whole}
	case follows:
		return &struct {
			*watch
			following
		}{w, shared}
	case moves:
		return &struct {
			*watch
			moving
		}{w, whole}
	}
	return w
}

// following is what store.Shared has beside a Backend.
type following interface {
	Follow(ctx context.Context, f store.Feed) error
}

// moving is what store.Whole has.
type moving interface {
	Snapshot(ctx context.Context, aggregate string) (store.Snapshot, error)
	Restore(ctx context.Context, s store.Snapshot) error
	Traces(ctx context.Context, aggregate, after string, limit int) ([]store.Trace, error)
	Recorded(ctx context.Context, after string, limit int) ([]string, error)
}

type watch struct {
	store.Backend
	sinks *Sinks
}

// Unwrap is the backend that is watched, for who asks what it can do beside.
func (w *watch) Unwrap() store.Backend { return w.Backend }

// Commit tells the sinks of the events of a commit that was done, and has them look
// for those of one of which that is unknown.
func (w *watch) Commit(ctx context.Context, parts []store.Part) error {
	err := w.Backend.Commit(ctx, parts)
	var taken *store.TakenError
	undone := errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrInvalid) || errors.Is(err, store.ErrClosed) || errors.As(err, &taken)
	if undone {
		return err
	}
	for i := range parts {
		w.sinks.tell(parts[i].Events, err != nil)
	}
	return err
}

// AppendEvents does the same for events that no change owes.
func (w *watch) AppendEvents(ctx context.Context, events map[string][]store.Event) error {
	err := w.Backend.AppendEvents(ctx, events)
	if errors.Is(err, store.ErrInvalid) || errors.Is(err, store.ErrClosed) {
		return err
	}
	for _, list := range events {
		w.sinks.tell(kept(list), err != nil)
	}
	return err
}

// kept is a list in memory of its own, that of who appends serves for other events.
func kept(list []store.Event) []store.Event {
	size := 0
	for _, e := range list {
		size += len(e.Data)
	}
	list, room := slices.Clone(list), make([]byte, 0, size)
	for i := range list {
		start := len(room)
		room = append(room, list[i].Data...)
		list[i].Data = room[start:len(room):len(room)]
	}
	return list
}

// Close closes the sinks, then what they read from.
func (w *watch) Close() error { return errors.Join(w.sinks.Close(), w.Backend.Close()) }

// tell hands events over; those that may or may not be stored are to be read.
func (s *Sinks) tell(events []store.Event, unknown bool) {
	if len(events) == 0 {
		return
	}
	for _, one := range s.running {
		one.offer(events, unknown)
	}
}
