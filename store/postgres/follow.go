package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"iamd/store"
)

const (
	pollEvery = 40 * time.Millisecond // with notifications between
	pollOften = 25 * time.Millisecond // without
	pollTime  = time.Second           // what one poll may take
	pollShare = 3                     // a poll's time is at most one in so many
)

// Follow implements store.Shared. It has a connection of its own.
//
// It goes by no counter and no time: it names what is held with its versions, and
// the database tells which of them are other ones now. A transaction that began
// early and commits late moves the version of its aggregate like any other, so the
// first poll that begins after its commit tells of it.
//
// A version that is less than the one held, or none, says that the database has lost
// commits: a standby was promoted that had not heard of them, or it was restored. So
// does a timeline that is another one than before, as versions may be equal by then.
func (s *Store) Follow(ctx context.Context, f store.Feed) error {
	if err := s.enter(); err != nil {
		return err
	}
	s.following.Add(1)
	s.mu.RUnlock()
	defer s.following.Done()
	own, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.closing, cancel)()
	err := s.follow(own, f)
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case s.closing.Err() != nil:
		err = store.ErrClosed
	case judge(err) != refused:
		err = fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return fmt.Errorf("follow: %w", err)
}

func (s *Store) follow(ctx context.Context, f store.Feed) error {
	conn, err := pgx.ConnectConfig(ctx, s.connect.Copy())
	if err != nil {
		return err
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		conn.Close(end)
	}()
	// A plan for so many names as there are: one for any number would look each up
	// by itself, which takes twice as long for ten thousand.
	if _, err := s.prepare(ctx, conn, byNumber...); err != nil {
		return err
	}
	s.reverted(ctx, conn, f)
	p := &poller{conn: conn, feed: f}
	every := pollOften
	if s.hints != nil {
		listen, cancel := context.WithTimeout(ctx, pollTime)
		_, err := conn.Exec(listen, "LISTEN "+channel)
		cancel()
		var answer *pgconn.PgError
		switch {
		case err == nil:
			every = pollEvery
		case !errors.As(err, &answer) || judge(err) != refused:
			return err
		}
	}
	for {
		began := time.Now() // before what is held is read
		if err := p.poll(ctx, f.Held()); err != nil {
			return err
		}
		f.Current(began)
		next := began.Add(max(every, pollShare*time.Since(began)))
		if err := p.listen(ctx, next); err != nil {
			return err
		}
	}
}

// byNumber are the settings for it.
var byNumber = [][2]string{{"plan_cache_mode", "force_custom_plan"}, {"enable_seqscan", "on"}}

// poller asks for versions on one connection.
type poller struct {
	conn     *pgx.Conn
	feed     store.Feed
	names    []string
	versions []int64
}

// poll tells of those held whose versions are other ones now.
func (p *poller) poll(ctx context.Context, held map[string]uint64) error {
	ctx, cancel := context.WithTimeout(ctx, pollTime)
	defer cancel()
	p.names, p.versions = p.names[:0], p.versions[:0]
	for name, version := range held {
		if !text(name) {
			continue // somebody asked for what cannot be; the database would refuse all
		}
		p.names, p.versions = append(p.names, name), append(p.versions, int64(version))
	}
	rows, err := p.conn.Query(ctx, `SELECT h.name, coalesce(a.version, 0) FROM unnest($1::text[], $2::int8[]) AS h(name, version)
		LEFT JOIN aggregates a ON a.name = h.name WHERE coalesce(a.version, 0) <> h.version`, p.names, p.versions)
	if err != nil {
		return err
	}
	var name string
	var version int64
	_, err = pgx.ForEachRow(rows, []any{&name, &version}, func() error {
		if uint64(version) < held[name] {
			p.feed.Reverted(name)
		} else {
			p.feed.Moved(name, uint64(version))
		}
		return nil
	})
	return err
}

// reverted tells that all that is held may be of commits that are no more, if the
// server's timeline is another one than the last that was followed: each promotion of a standby begins
// one. A server that knows of none is not asked again.
func (s *Store) reverted(ctx context.Context, conn *pgx.Conn, f store.Feed) {
	ctx, cancel := context.WithTimeout(ctx, pollTime)
	defer cancel()
	var timeline string
	if err := conn.QueryRow(ctx, "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)").Scan(&timeline); err != nil {
		s.log.Debug("the database tells no timeline", "error", err)
		return
	}
	if last := s.timeline.Swap(&timeline); last == nil || *last == timeline {
		return
	}
	for name := range f.Held() {
		f.Reverted(name)
	}
}

// listen waits until a moment, and asks for what notifications name. Whoever may
// connect may notify, so what one says is not believed, only looked up.
func (p *poller) listen(ctx context.Context, until time.Time) error {
	for {
		heard, err := p.wait(ctx, until, nil)
		for err == nil && heard != nil && time.Now().Before(until) {
			before := len(heard)
			end := time.Now().Add(gather)
			if heard, err = p.wait(ctx, end, heard); len(heard) == before || len(heard) >= maxHints {
				break
			}
		}
		if err != nil {
			return err
		}
		held := p.feed.Held()
		asked := map[string]uint64{}
		for name, version := range heard {
			if known, ok := held[name]; ok && known < version {
				asked[name] = known
			}
		}
		if len(asked) > 0 {
			if err := p.poll(ctx, asked); err != nil {
				return err
			}
		}
		if !time.Now().Before(until) {
			return nil
		}
	}
}

// wait waits for one notification and adds what it says.
func (p *poller) wait(ctx context.Context, until time.Time, heard map[string]uint64) (map[string]uint64, error) {
	within, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	n, err := p.conn.WaitForNotification(within)
	if n == nil {
		if err != nil && within.Err() != nil && !p.conn.IsClosed() {
			err = ctx.Err() // nil when the time is over
		}
		return heard, err
	}
	var said map[string]uint64
	if json.Unmarshal([]byte(n.Payload), &said) != nil {
		return heard, nil // it is somebody else's
	}
	if heard == nil {
		heard = said
	}
	for name, version := range said {
		heard[name] = max(heard[name], version)
	}
	return heard, nil
}
