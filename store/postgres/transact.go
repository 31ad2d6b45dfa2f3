package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"iamd/store"
)

const (
	callTime    = 5 * time.Second  // what a call may take with all its attempts, and the more the larger it is
	commitTime  = 2 * time.Second  // what its COMMIT may take in any case
	loadTime    = 30 * time.Second // what reading an aggregate whole may take
	maxTrip     = 8 << 20          // bytes that are sent before an answer is waited for
	maxChunk    = 2 << 20          // bytes of rows in one statement, but for a longer row
	maxAttempts = 12               // of a transaction that collides with others
)

// bound is what a call may take that sends so many bytes.
func bound(size int) time.Duration {
	return callTime + time.Duration(size>>20)*time.Second
}

// statement is one of a transaction. check sees how many rows it changed, rows
// what it returns; either may refuse, and is called again when all is done again.
type statement struct {
	sql   string
	args  []any
	size  int
	check func(pgconn.CommandTag) error
	rows  func(pgx.Rows) error
}

func (st *statement) queue(b *pgx.Batch) {
	q := b.Queue(st.sql, st.args...)
	if st.check != nil {
		q.Exec(st.check)
	}
	if st.rows != nil {
		q.Query(st.rows)
	}
}

// transact does statements in one transaction. Each sees what was committed before
// it began (READ COMMITTED), or the database gives more.
func (s *Store) transact(ctx context.Context, list []statement) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.RUnlock()
	size := 0
	for i := range list {
		size += list[i].size
	}
	until := time.Now().Add(bound(size))
	return s.attempt(ctx, func() error {
		if len(list) == 0 {
			return nil
		}
		return s.transactOnce(ctx, list, until)
	})
}

func (s *Store) transactOnce(ctx context.Context, list []statement, until time.Time) error {
	work, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	conn, err := s.pool.Acquire(work)
	if err != nil {
		return err
	}
	defer release(ctx, conn)
	for begun := false; len(list) > 0; {
		b := &pgx.Batch{}
		if !begun {
			b.Queue("BEGIN ISOLATION LEVEL READ COMMITTED")
			begun = true
		}
		for n := 0; len(list) > 0 && (n == 0 || n+list[0].size <= maxTrip); list = list[1:] {
			list[0].queue(b)
			n += list[0].size
		}
		if err := conn.SendBatch(work, b).Close(); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return commit(ctx, conn.Conn(), max(time.Until(until), commitTime))
}

// commit ends a transaction for good. It doesn't break off with ctx: the answer
// would be lost, and the commit would go on.
func commit(ctx context.Context, conn *pgx.Conn, within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	heard := conn.PgConn().CustomData()
	delete(heard, warning)
	tag, err := conn.Exec(ctx, "COMMIT")
	var answer *pgconn.PgError
	switch {
	case err == nil && tag.String() != "COMMIT":
		return fmt.Errorf("the transaction ended by %s", tag)
	case err == nil && heard[warning] == nil:
		return nil
	case err == nil:
		// So it tells that a commit is not where it should be, such as on a standby,
		// and still ends as if it were.
		err = fmt.Errorf("a warning: %v", heard[warning])
	case errors.As(err, &answer) && (answer.SeverityUnlocalized == "ERROR" && judge(err) != silent || answer.Code == idleTooLong):
		return err // rolled back
	}
	return fmt.Errorf("%w: whether the commit was done is unknown: %w", store.ErrUnavailable, err)
}

// release gives a connection back, out of any transaction.
func release(ctx context.Context, conn *pgxpool.Conn) {
	defer conn.Release() // closes it when that did not work
	if pg := conn.Conn().PgConn(); !pg.IsClosed() && pg.TxStatus() != 'I' {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_, _ = conn.Exec(ctx, "ROLLBACK")
	}
}

// attempt calls do until it succeeds, or fails in a way that another time would
// not mend.
func (s *Store) attempt(ctx context.Context, do func() error) error {
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := do()
		if err == nil || errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil {
			return s.explain(ctx, err)
		}
		switch judge(err) {
		case collided:
			if n >= maxAttempts {
				return s.explain(ctx, fmt.Errorf("after %d attempts: %w", n, err))
			}
			if err := pause(ctx, n); err != nil {
				return err
			}
		case lost:
			// Others were probably lost with it; a new one finds the new primary.
			s.pool.Reset()
			if n >= 2 {
				return s.explain(ctx, err)
			}
		default:
			return s.explain(ctx, err)
		}
	}
}

// pause waits before the next attempt, each node for another time.
func pause(ctx context.Context, attempts int) error {
	t := time.NewTimer(rand.N(min(time.Millisecond<<attempts, 100*time.Millisecond)))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// query runs one statement that reads, and each once a row.
func (s *Store) query(ctx context.Context, sql string, each func(pgx.Rows) error, args ...any) error {
	begun := false
	return s.read(ctx, callTime, func(ctx context.Context, conn *pgx.Conn) (bool, error) {
		rows, err := conn.Query(ctx, sql, args...)
		if err != nil {
			return begun, err
		}
		defer rows.Close()
		for rows.Next() {
			begun = true
			if err := each(rows); err != nil {
				return begun, err
			}
		}
		return begun, rows.Err()
	})
}

// snapshot runs statements that read, on one state of the database. Their rows
// functions must begin anew when they are called again.
func (s *Store) snapshot(ctx context.Context, list []statement) error {
	return s.read(ctx, loadTime, func(ctx context.Context, conn *pgx.Conn) (bool, error) {
		b := &pgx.Batch{}
		b.Queue("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
		for i := range list {
			list[i].queue(b)
		}
		b.Queue("COMMIT")
		return false, conn.SendBatch(ctx, b).Close()
	})
}

// read has do read on a connection; it says whether it must not begin again.
func (s *Store) read(ctx context.Context, within time.Duration, do func(context.Context, *pgx.Conn) (final bool, err error)) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.RUnlock()
	var last error
	err := s.attempt(ctx, func() error {
		work, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		conn, err := s.pool.Acquire(work)
		if err != nil {
			return err
		}
		defer release(ctx, conn)
		final, err := do(work, conn.Conn())
		if final && err != nil {
			last = err
			return nil
		}
		return err
	})
	if err == nil {
		err = s.explain(ctx, last)
	}
	return err
}
