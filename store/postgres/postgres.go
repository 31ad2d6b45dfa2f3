package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"iamd/store"
)

// Config tells Open where the store is.
type Config struct {
	// URL is a connection string as libpq has it. With several hosts the one that
	// takes writes is used. search_path names the schema, which must be there;
	// pool_max_conns the most connections, 16 unless said; connect_timeout is 3 s
	// unless said.
	URL string
	Now func() time.Time // dates the changes; nil means time.Now
	Log *slog.Logger     // hears what operators should know; nil means nobody
}

// Store is an open database. It implements store.Shared and store.Whole.
type Store struct {
	now      func() time.Time
	log      *slog.Logger
	pool     *pgxpool.Pool
	quiet    time.Duration   // after which a connection of the pool is tried before it is used
	connect  *pgx.ConnConfig // of connections beside the pool
	hints    *hints
	timeline atomic.Pointer[string] // of the server that was followed last; nil: not known
	warned   atomic.Bool            // that the server may lose what it confirmed

	mu        sync.RWMutex // held for reading by every call but Follow
	closed    bool
	closing   context.Context // ends with the store
	close     context.CancelFunc
	following sync.WaitGroup
}

var (
	_ store.Shared = (*Store)(nil)
	_ store.Whole  = (*Store)(nil)
)

// Open connects to the database and brings its tables to the newest form. It
// fails with store.ErrUnavailable when nobody answers, and when a newer version of
// the program wrote the tables.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s, err := connect(ctx, cfg, migrations)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	return s, nil
}

func connect(ctx context.Context, cfg Config, forms []string) (*Store, error) {
	s := &Store{now: cfg.Now, log: cfg.Log, quiet: pingTime}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	poolConfig, err := s.poolConfig(cfg.URL)
	if err != nil {
		return nil, err
	}
	s.connect = poolConfig.ConnConfig.Copy()
	if s.pool, err = pgxpool.NewWithConfig(ctx, poolConfig); err != nil {
		return nil, s.explain(ctx, err)
	}
	product, err := s.migrate(ctx, forms)
	if err != nil {
		s.pool.Close()
		return nil, s.explain(ctx, err)
	}
	s.closing, s.close = context.WithCancel(context.Background())
	if product.notifies() {
		s.hints = newHints()
		s.following.Go(s.notify)
	}
	return s, nil
}

// Close waits for the calls under way, and ends those of Follow.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return store.ErrClosed
	}
	s.closed = true
	s.mu.Unlock()
	s.close()
	s.following.Wait()
	s.pool.Close()
	return nil
}

// enter begins a call. The caller must release mu for reading unless it fails.
func (s *Store) enter() error {
	s.mu.RLock()
	if s.closed {
		s.mu.RUnlock()
		return store.ErrClosed
	}
	return nil
}

// explain is the error of a call: the context's own if that has ended, and
// store.ErrUnavailable where the database could not be reached.
func (s *Store) explain(ctx context.Context, err error) error {
	switch {
	case err == nil || errors.Is(err, store.ErrUnavailable):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("%w (%w)", ctx.Err(), err)
	case judge(err) != refused:
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return err
}
