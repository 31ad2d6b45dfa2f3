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

// A transaction takes no further request once it has so many, or so many bytes.
const (
	maxGroup      = 128
	maxGroupBytes = 8 << 20
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
		group := w.gather(r)
		err := w.settle()
		if err == nil {
			err = w.transact(group)
		}
		if err != nil {
			err = w.failed(err)
		}
		for _, r := range group {
			switch {
			case err != nil:
				// What one of them met, such as a taken name, was undone with the rest.
				r.err = fmt.Errorf("transaction: %w", err)
			case r.err != nil:
				r.err = w.failed(r.err)
			}
		}
		w.disk.note(group)
		for _, r := range group {
			r.done <- r.err
		}
	}
}

// gather returns r and what waits behind it.
func (w *writer) gather(r *request) []*request {
	// Those who were just answered often come back with their next one: let them
	// run first, or r would have a transaction to itself and they the one after.
	runtime.Gosched()
	group := []*request{r}
	for size := r.size; len(group) < maxGroup && size < maxGroupBytes; {
		select {
		case r, ok := <-w.requests:
			if !ok {
				return group
			}
			group = append(group, r)
			size += r.size
		default:
			return group
		}
	}
	return group
}

// transact does a group in one transaction. Each request's own error is left in
// it; an error returned is everyone's, and nothing was done, or it's unknown.
func (w *writer) transact(group []*request) (err error) {
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
	for _, r := range group {
		if r.err = r.ctx.Err(); r.err != nil {
			continue
		}
		if _, err := w.savepoint.Exec(); err != nil {
			return err
		}
		if r.err = r.do(w); r.err != nil {
			if _, err := w.undo.Exec(); err != nil {
				return fmt.Errorf("undo after %w: %w", r.err, err)
			}
		}
		if _, err := w.release.Exec(); err != nil {
			return err
		}
	}
	return w.exec("COMMIT")
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
