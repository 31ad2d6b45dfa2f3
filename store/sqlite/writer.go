package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"time"

	"iamd/store"
	"iamd/store/form"
)

// request is something to be done in a transaction.
type request struct {
	ctx  context.Context
	size int
	do   func(w *writer) error
	err  error
	done chan error // of room 1
}

// writer has the one connection that writes.
type writer struct {
	conn     *sql.Conn
	now      func() time.Time
	requests chan *request
	stopped  chan struct{}
	sharing  sharing
	doubtful bool // whether the disk has all that the log holds
	disk     disk
	writeStatements
}

func newWriter(ctx context.Context, conn *sql.Conn, now func() time.Time) (*writer, error) {
	w := &writer{conn: conn, now: now, requests: make(chan *request, maxGroup), stopped: make(chan struct{})}
	if err := w.prepare(ctx, conn); err != nil {
		return nil, err
	}
	return w, nil
}

// submit has do run in a transaction and waits until that is durable.
func (s *Store) submit(ctx context.Context, size int, do func(w *writer) error) error {
	r := &request{ctx: ctx, size: size, do: do, done: make(chan error, 1)}
	if err := s.queue(r); err != nil {
		return err
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("not waited for, it may still be done: %w", ctx.Err())
	}
}

func (s *Store) queue(r *request) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.RUnlock()
	if err := r.ctx.Err(); err != nil {
		return err
	}
	select {
	case s.writer.requests <- r:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

// stop waits until all requests are answered, and gives the connection back. There
// must be no new ones.
func (w *writer) stop() error {
	close(w.requests)
	<-w.stopped
	return errors.Join(w.close(), w.conn.Close())
}

func (w *writer) run() {
	defer close(w.stopped)
	for r := range w.requests {
		g := w.gather(r)
		err := w.settle()
		if err == nil {
			err = w.transact(g)
		}
		if err != nil {
			err = w.failed(err)
		}
		for _, r := range g.all {
			switch {
			case err != nil:
				// What one of them met, such as a taken name, was undone with the rest.
				r.err = fmt.Errorf("transaction: %w", err)
			case r.err != nil:
				r.err = w.failed(r.err)
			}
		}
		w.disk.note(g.all)
		w.sharing.ended(g, len(w.requests))
		for _, r := range g.all {
			r.done <- r.err
		}
	}
}

// gather begins a group with r and what waits behind it.
func (w *writer) gather(r *request) *group {
	// Those who were just answered often come back with their next one: let them
	// run first.
	runtime.Gosched()
	g := w.sharing.begin()
	for g.add(r) {
		select {
		case r = <-w.requests:
		default:
			return g
		}
	}
	return g
}

// next is one more request of a group's transaction; nil when it must wait no longer.
func (w *writer) next(g *group) *request {
	if !g.open() || len(g.all) >= g.expect || g.patience <= 0 {
		return nil
	}
	began := time.Now()
	late := time.NewTimer(g.patience)
	defer late.Stop()
	select {
	case r := <-w.requests: // nil once the store closes
		g.patience -= time.Since(began)
		return r
	case <-late.C:
		g.patience, g.vain = 0, true
		return nil
	}
}

// transact does a group in one transaction, and takes those in who come meanwhile. Each
// request's own error is left in it; an error returned is everyone's, and nothing was
// done, or it's unknown.
func (w *writer) transact(g *group) (err error) {
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			// It fails when SQLite has rolled back by itself, as it does when the disk
			// is full; then that is what was wanted.
			_ = w.exec("ROLLBACK")
		}
	}()
	for i := 0; i < len(g.all); i++ {
		if err := w.perform(g.all[i]); err != nil {
			return err
		}
		if i+1 == len(g.all) {
			g.add(w.next(g))
		}
	}
	return w.exec("COMMIT")
}

// perform does one request, or nothing if that fails.
func (w *writer) perform(r *request) error {
	if r.err = r.ctx.Err(); r.err != nil {
		return nil
	}
	if _, err := w.savepoint.Exec(); err != nil {
		return err
	}
	if r.err = r.do(w); r.err != nil {
		if _, err := w.undo.Exec(); err != nil {
			return fmt.Errorf("undo after %w: %w", r.err, err)
		}
	}
	_, err := w.release.Exec()
	return err
}

// exec runs a statement to its end: one that writes must not be broken off.
func (w *writer) exec(query string) error {
	_, err := w.conn.ExecContext(context.Background(), query)
	return err
}

// Prune removes at most maxPrune events, and as many batches of them, traces and
// changes, in one call. A batch goes when its newest event is old enough.
func (s *Store) Prune(ctx context.Context, before time.Time) (int, error) {
	removed := 0 // the writer's, which may outlive this call: read after success only
	err := s.submit(ctx, maxGroupBytes, func(w *writer) error {
		removed = 0
		for _, remove := range []*sql.Stmt{w.pruneEvents, w.pruneBatches, w.pruneTraces, w.pruneChanges} {
			res, err := remove.Exec(before.UnixMicro(), maxPrune)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			removed += int(n)
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("prune: %w", err)
	}
	return removed, nil
}

const maxPrune = 500

// batch is many events of one aggregate in one row.
type batch struct {
	aggregate string
	form.Batch
}

// AppendEvents implements store.Backend.
func (s *Store) AppendEvents(ctx context.Context, events map[string][]store.Event) error {
	size, few, batches := 0, map[string][]store.Event{}, []batch{}
	for aggregate, list := range events {
		if err := store.CheckEvents(aggregate, list); err != nil {
			return fmt.Errorf("append events: %w", err)
		}
		for len(list) >= form.BatchFrom {
			n := form.Share(len(list))
			b := batch{aggregate, form.Pack(list[:n])} // here, not in the writer's time
			batches, list, size = append(batches, b), list[n:], size+len(b.Data)
		}
		for _, e := range list {
			size += len(e.Data)
		}
		few[aggregate] = list
	}
	err := s.submit(ctx, size, func(w *writer) error {
		for _, b := range batches {
			if _, err := w.addBatch.Exec(b.aggregate, b.Oldest, b.Newest, b.Data); err != nil {
				return err
			}
		}
		for aggregate, list := range few {
			if err := w.storeEvents(aggregate, list); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("append events: %w", err)
	}
	return nil
}

// SaveSoft implements store.Backend.
func (s *Store) SaveSoft(ctx context.Context, values []store.Soft) error {
	size := 0
	for _, v := range values {
		size += len(v.Data)
	}
	err := store.CheckSoft(values)
	if err == nil {
		err = s.submit(ctx, size, func(w *writer) error {
			for _, v := range values {
				var err error
				if v.Data == nil {
					_, err = w.dropSoft.Exec(v.Aggregate, v.Kind, v.Key)
				} else {
					_, err = w.putSoft.Exec(v.Aggregate, v.Kind, v.Key, v.Data)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("save soft values: %w", err)
	}
	return nil
}
