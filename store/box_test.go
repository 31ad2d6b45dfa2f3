package store_test

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"context"

	"iamd/store"
	"iamd/store/sqlite"
)

// box is the tests' aggregate: named items, one row each.
type box struct{ items map[string]string }

type boxDraft struct {
	items   map[string]string
	changes store.Changes
}

func (b *box) Draft() *boxDraft { return &boxDraft{items: maps.Clone(b.items)} }

func (d *boxDraft) Seal() (*box, store.Changes) { return &box{d.items}, d.changes }

func (d *boxDraft) put(key, value string) {
	d.items[key] = value
	d.changes.Rows = append(d.changes.Rows, store.Row{Kind: "item", Key: key, Data: []byte(value)})
}

func (d *boxDraft) drop(key string) {
	delete(d.items, key)
	d.changes.Rows = append(d.changes.Rows, store.Row{Kind: "item", Key: key})
}

func (d *boxDraft) take(key string) {
	d.changes.Take = append(d.changes.Take, store.Unique{Space: "s", Key: key})
}

func (d *boxDraft) free(key string) {
	d.changes.Free = append(d.changes.Free, store.Unique{Space: "s", Key: key})
}

func (d *boxDraft) count() {
	n, _ := strconv.Atoi(d.items["n"])
	d.put("n", strconv.Itoa(n+1))
}

type boxes = store.Aggregates[*box, *boxDraft]

// backend is a backend whose commits and loads a test may watch, hold or fail.
type backend struct {
	store.Backend
	commits, loads atomic.Int64

	mu     sync.Mutex
	before func(parts []store.Part) error // instead of a commit, if it fails
	after  func(parts []store.Part) error // after a commit that was done
	load   func(aggregate string) error   // instead of a load, if it fails
}

func (b *backend) set(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}

func (b *backend) Commit(ctx context.Context, parts []store.Part) error {
	b.mu.Lock()
	before, after := b.before, b.after
	b.mu.Unlock()
	b.commits.Add(1)
	if before != nil {
		if err := before(parts); err != nil {
			return err
		}
	}
	if err := b.Backend.Commit(ctx, parts); err != nil || after == nil {
		return err
	}
	return after(parts)
}

func (b *backend) Load(ctx context.Context, aggregate string) (uint64, []store.Row, error) {
	b.mu.Lock()
	load := b.load
	b.mu.Unlock()
	b.loads.Add(1)
	if load != nil {
		if err := load(aggregate); err != nil {
			return 0, nil, err
		}
	}
	return b.Backend.Load(ctx, aggregate)
}

// gate holds the next commit: entered tells that it has begun, open lets it go on.
func (b *backend) gate() (entered <-chan struct{}, open func()) {
	in, out := make(chan struct{}), make(chan struct{})
	b.set(func() {
		b.before = func([]store.Part) error {
			b.set(func() { b.before = nil })
			close(in)
			<-out
			return nil
		}
	})
	return in, sync.OnceFunc(func() { close(out) })
}

var errDisk = errors.New("the disk is on fire")

func open(t testing.TB) *backend {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &backend{Backend: s}
}

func config(b store.Backend) store.Config[*box, *boxDraft] {
	return store.Config[*box, *boxDraft]{
		Backend: b,
		Prefix:  "box/",
		New:     func(string) *box { return &box{map[string]string{}} },
		Load: func(id string, rows []store.Row) (*box, error) {
			b := &box{map[string]string{}}
			for _, r := range rows {
				if r.Kind != "item" {
					return nil, fmt.Errorf("a row of kind %q", r.Kind)
				}
				b.items[r.Key] = string(r.Data)
			}
			return b, nil
		},
	}
}

func start(t testing.TB, cfg store.Config[*box, *boxDraft]) *boxes {
	s := store.New(cfg)
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func put(key, value string) func(*boxDraft) error {
	return func(d *boxDraft) error { d.put(key, value); return nil }
}

func count(d *boxDraft) error { d.count(); return nil }

func create(t testing.TB, s *boxes, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := s.Create(t.Context(), id, put("id", id)); err != nil {
			t.Fatal(err)
		}
	}
}

// item is an item of the published value.
func item(t testing.TB, s *boxes, id, key string) string {
	t.Helper()
	b, err := s.View(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return b.items[key]
}

// durable is what a store that is opened anew finds.
func durable(t testing.TB, b *backend, id string) map[string]string {
	t.Helper()
	v, err := store.New(config(b.Backend)).View(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return v.items
}

// until waits for what other goroutines are about to do.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("in vain: ", what)
		}
	}
}

// answer is what a write that runs in its own goroutine returned.
type answer chan error

func update(ctx context.Context, s *boxes, id string, fn func(*boxDraft) error) answer {
	a := make(answer, 1)
	go func() { a <- s.Update(ctx, id, fn) }()
	return a
}

// held is a box store whose writer is at a commit, so that what is written now
// makes one batch.
func held(t testing.TB, b *backend, s *boxes, id string) (first answer, open func()) {
	t.Helper()
	entered, open := b.gate()
	t.Cleanup(open)
	first = update(t.Context(), s, id, put("first", "1"))
	<-entered
	return first, open
}

// queue adds writes to a held aggregate's queue, in order.
func queue(t testing.TB, s *boxes, id string, fns ...func(*boxDraft) error) (answers []answer) {
	t.Helper()
	for _, fn := range fns {
		n := s.Queued(id)
		answers = append(answers, update(t.Context(), s, id, fn))
		until(t, "the write is queued", func() bool { return s.Queued(id) > n })
	}
	return answers
}

func ok(t testing.TB, answers ...answer) {
	t.Helper()
	for i, a := range answers {
		if err := <-a; err != nil {
			t.Fatalf("answer %d: %v", i, err)
		}
	}
}

func fails(t testing.TB, a answer, want error) {
	t.Helper()
	if err := <-a; !errors.Is(err, want) {
		t.Fatalf("answered %v, want %v", err, want)
	}
}
