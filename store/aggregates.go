package store

import (
	"container/list"
	"context"
	"fmt"
	"strings"
	"sync"
)

// Aggregate is the value of an aggregate: never changed once it is sealed, so
// that any number of readers share it.
type Aggregate[D any] interface {
	// Draft returns a copy to be changed, in constant time. It is not called twice at
	// once, nor beside Config.Apply, of one aggregate.
	Draft() D
}

// Draft is a value that is being changed by one function.
type Draft[A any] interface {
	// Seal ends the draft: it returns the new value and what changed since the
	// value that the draft was made of.
	Seal() (A, Changes)
}

// Config tells Aggregates how to keep values of one type.
type Config[A, D any] struct {
	Backend Backend // of a comparable type, such as a pointer
	// Prefix precedes an id in the name of its aggregate, such as "account/".
	Prefix string
	// Load makes a value of rows. It must not keep the slice; it may keep the data.
	Load func(id string, rows []Row) (A, error)
	// New makes the value that Create's function receives a draft of. It stands
	// for no rows: whatever must last is the draft's doing.
	New func(id string) A
	// Follower tells what other processes commit; nil: there are none.
	Follower *Follower
	// Apply makes the value that rows, in the order in which they were committed,
	// make of another; nil: values are loaded anew. It must not change the other.
	Apply func(value A, rows []Row) (A, error)

	// Committed is told of each commit of one aggregate, once it is done, with how
	// many writes shared it; nil: nobody is.
	Committed func(writes int)

	MaxLoaded int // values kept in memory besides those being written; 0 means 10000
	MaxBatch  int // writes to one aggregate that share a commit; 0 means 256
	MaxQueue  int // writes that may wait for one aggregate, ErrBusy beyond; 0 means 4096
}

// Aggregates keeps the aggregates of one type: it loads them on first use,
// publishes their newest durable value, and writes. While Aggregates of a
// backend are in use, the same aggregates must not be written in another way
// by the same process, or readers see that only after the next write.
type Aggregates[A Aggregate[D], D Draft[A]] struct {
	cfg     Config[A, D]
	ctx     context.Context // of loads and commits, which many callers share
	cancel  context.CancelFunc
	entries sync.Map // id → *entry[A, D]

	mu    sync.Mutex // guards order, and what enters and leaves entries; before entry.mu
	order *list.List // loaded entries, the ones used of late in front

	counts counts

	life   sync.RWMutex // guards closed, and tasks from growing once it is set
	closed bool
	tasks  sync.WaitGroup
}

// New returns Aggregates that read and write by cfg. It starts nothing.
func New[A Aggregate[D], D Draft[A]](cfg Config[A, D]) *Aggregates[A, D] {
	if cfg.MaxLoaded <= 0 {
		cfg.MaxLoaded = 10000
	}
	if cfg.MaxBatch <= 0 {
		cfg.MaxBatch = 256
	}
	if cfg.MaxQueue <= 0 {
		cfg.MaxQueue = 4096
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Aggregates[A, D]{cfg: cfg, ctx: ctx, cancel: cancel, order: list.New()}
	if cfg.Follower != nil {
		cfg.Follower.follow(cfg.Prefix, s)
	}
	return s
}

// View returns the newest durable value that this process has heard of. It takes no lock when the aggregate is
// loaded, and loads it otherwise, once for all who ask at that time. An id that
// is not there leaves nothing in memory. It never waits for a writer, so that the
// function of a write may call it. ErrNotFound, ErrClosed, ErrUnavailable;
// ErrStale when too long nothing was heard of other processes.
func (s *Aggregates[A, D]) View(ctx context.Context, id string) (A, error) {
	if a, ok := s.Loaded(id); ok {
		return a, nil
	}
	var none A
	if err := s.cfg.Follower.readable(); err != nil {
		return none, fmt.Errorf("load %s: %w", s.name(id), err)
	}
	lost := s.cfg.Follower.lost()
	e, err := s.entry(ctx, id)
	if err != nil {
		return none, err
	}
	select {
	case <-e.ready:
	case <-lost:
		return none, fmt.Errorf("load %s: %w", s.name(id), ErrUnavailable)
	case <-ctx.Done():
		return none, fmt.Errorf("load %s: %w", s.name(id), ctx.Err())
	}
	v, err := e.current()
	if err != nil {
		return none, err
	}
	if s.overdue(e, v) {
		number := e.news.Load()
		if e.reverted() {
			number = 0
		}
		return s.reach(ctx, id, number)
	}
	return v.value, nil
}

// Loaded returns what View would if it needn't load: it never waits.
func (s *Aggregates[A, D]) Loaded(id string) (A, bool) {
	if found, ok := s.entries.Load(id); ok && s.cfg.Follower.readable() == nil {
		e := found.(*entry[A, D])
		if v := e.value.Load(); v != nil && !s.overdue(e, v) {
			e.touch()
			return v.value, true
		}
	}
	var none A
	return none, false
}

// Owner returns the id of the aggregate that owns u. ErrNotFound, also when the
// owner is not of these Aggregates. ErrStale as View.
func (s *Aggregates[A, D]) Owner(ctx context.Context, u Unique) (id string, err error) {
	if err := s.cfg.Follower.readable(); err != nil { // nothing is to be had by what it leads to
		return "", fmt.Errorf("look up %s: %w", u.Space, err)
	}
	within, end := s.cfg.Follower.whileThere(ctx)
	defer end()
	name, err := s.cfg.Backend.Lookup(within, u)
	if err != nil {
		if ctx.Err() == nil && within.Err() != nil {
			err = fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		return "", fmt.Errorf("look up %s: %w", u.Space, err)
	}
	id, ok := strings.CutPrefix(name, s.cfg.Prefix)
	if !ok {
		return "", fmt.Errorf("look up %s: %w", u.Space, ErrNotFound)
	}
	return id, nil
}

// IDs returns up to limit ids that come after the given one, in order; "" comes
// before all.
func (s *Aggregates[A, D]) IDs(ctx context.Context, after string, limit int) ([]string, error) {
	if after != "" {
		after = s.name(after)
	}
	if err := s.cfg.Follower.readable(); err != nil {
		return nil, fmt.Errorf("list %s: %w", s.cfg.Prefix, err)
	}
	names, err := s.cfg.Backend.List(ctx, s.cfg.Prefix, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", s.cfg.Prefix, err)
	}
	for i, name := range names {
		names[i] = strings.TrimPrefix(name, s.cfg.Prefix)
	}
	return names, nil
}

// Close refuses new writes and loads with ErrClosed and waits for those under
// way. When ctx ends first they are broken off, as a crash would. The backend
// stays open.
func (s *Aggregates[A, D]) Close(ctx context.Context) error {
	s.life.Lock()
	s.closed = true
	s.life.Unlock()
	defer s.cancel()
	done := make(chan struct{})
	go func() {
		s.tasks.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close %s: %w", s.cfg.Prefix, ctx.Err())
	}
}

func (s *Aggregates[A, D]) name(id string) string { return s.cfg.Prefix + id }
