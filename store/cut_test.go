package store_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"iamd/store"
	"iamd/store/storetest"
)

// stuck is a way to a store whose commits and loads do not come back until they are
// let, and whose look-ups never do.
type stuck struct {
	*storetest.Node
	on      atomic.Bool
	entered chan struct{}
	goOn    chan struct{}
}

func (s *stuck) Commit(ctx context.Context, parts []store.Part) error {
	if s.on.Load() {
		s.entered <- struct{}{}
		<-s.goOn
	}
	return s.Node.Commit(ctx, parts)
}

func (s *stuck) Load(ctx context.Context, aggregate string) (uint64, []store.Row, error) {
	if s.on.Load() {
		s.entered <- struct{}{}
		<-s.goOn
	}
	return s.Node.Load(ctx, aggregate)
}

func (s *stuck) Lookup(ctx context.Context, u store.Unique) (string, error) {
	s.entered <- struct{}{}
	<-ctx.Done()
	return "", ctx.Err()
}

// stuckProcess has two boxes, and a way that is stuck from then on.
func stuckProcess(t *testing.T, patience time.Duration) (*process, *stuck) {
	t.Helper()
	p := &process{way: storetest.NewNetwork(open(t)).Node()}
	w := &stuck{Node: p.way, entered: make(chan struct{}), goOn: make(chan struct{})}
	p.follower = store.NewFollower(store.FollowConfig{Backend: p.way, Stale: time.Hour, Patience: patience})
	cfg := config(w)
	cfg.Follower = p.follower
	p.boxes = start(t, cfg)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.follower.Run(ctx)
	}()
	t.Cleanup(func() { stop(); <-ended })
	p.stands(t, "it follows", func(s store.State) bool { return s.Stalled == nil })
	create(t, p.boxes, "1", "2")
	w.on.Store(true)
	return p, w
}

func (p *process) stalls(t *testing.T, stalls bool) {
	t.Helper()
	p.way.Quiet(stalls)
	p.stands(t, "it stalls, or is well", func(s store.State) bool { return (s.Stalled != nil) == stalls })
}

// TestNotWaitedFor: who waits for a store that is away is told so, though the store
// never answers. What was under way may be done later, what was not is not.
func TestNotWaitedFor(t *testing.T) {
	p, w := stuckProcess(t, time.Millisecond)
	done := update(t.Context(), p.boxes, "1", put("x", "1"))
	<-w.entered
	var ran atomic.Bool
	waits := []answer{done}
	waits = append(waits, queue(t, p.boxes, "1", func(d *boxDraft) error { ran.Store(true); d.put("x", "2"); return nil })...)
	both, before := make(answer, 1), p.Queued("1")
	go func() {
		both <- store.Together(t.Context(), p.Share("2", put("y", "1")), p.Share("1", func(d *boxDraft) error { ran.Store(true); return nil }))
	}()
	until(t, "a write with others is queued", func() bool { return p.Queued("1")+p.Queued("2") > before })
	waits = append(waits, both)
	for _, read := range []func() error{
		func() error { _, err := p.Newest(t.Context(), "1"); return err },
		func() error { _, err := p.Owner(t.Context(), store.Unique{Space: "s", Key: "k"}); return err },
	} {
		a := make(answer, 1)
		go func() { a <- read() }()
		<-w.entered
		waits = append(waits, a)
	}
	p.stalls(t, true)
	for _, a := range waits {
		fails(t, a, store.ErrUnavailable)
	}
	if n := p.Stats().Refused; n != 3 {
		t.Errorf("%d writes were counted as refused, want 3", n)
	}
	p.stalls(t, false)
	w.on.Store(false)
	close(w.goOn)
	if err := p.put("z", "1"); err != nil {
		t.Fatal(err)
	}
	if got := p.item(t, "x"); got != "1" || ran.Load() {
		t.Errorf("x is %q; what was not under way has run: %v", got, ran.Load())
	}
}

// TestTogetherNotWaitedFor: a write of several whose commit is under way when the
// store goes away is told as unknown, and nobody writes before it is known.
func TestTogetherNotWaitedFor(t *testing.T) {
	p, w := stuckProcess(t, time.Millisecond)
	both := make(answer, 1)
	go func() { both <- store.Together(t.Context(), p.Share("1", count), p.Share("2", count)) }()
	<-w.entered
	p.stalls(t, true)
	fails(t, both, store.ErrUnavailable)
	p.stalls(t, false)
	w.on.Store(false)
	later := queue(t, p.boxes, "1", func(d *boxDraft) error {
		if d.items["n"] != "1" {
			return errors.New("it runs upon what is not known")
		}
		d.count()
		return nil
	})
	close(w.goOn)
	ok(t, later...)
	if one, two := p.item(t, "n"), item(t, p.boxes, "2", "n"); one != "2" || two != "1" {
		t.Errorf("counted %s and %s", one, two)
	}
}

// TestShortSilence: a silence that ends in time costs nobody's write.
func TestShortSilence(t *testing.T) {
	p, w := stuckProcess(t, time.Hour)
	done := update(t.Context(), p.boxes, "1", put("x", "1"))
	<-w.entered
	p.stalls(t, true)
	p.stalls(t, false)
	w.on.Store(false)
	close(w.goOn)
	ok(t, done)
	if got := p.item(t, "x"); got != "1" {
		t.Errorf("x is %q", got)
	}
}
