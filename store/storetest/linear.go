package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"iamd/store"
)

// Linear checks what clients see of aggregates that several processes write. All
// acts, and the reads by Newest, happen one after the other in an order that agrees
// with time. Plain reads, and refusals, may be of before; but one process never
// answers from before what it has answered.
type Linear struct {
	// Ways are the processes' own to one store, each a store.Shared if there are
	// several.
	Ways []store.Backend
	// Clients work at each process, and do Each acts and reads that have an order,
	// and others between.
	Clients, Each int
	// Faults does harm, until the context ends; nil: nothing does.
	Faults func(ctx context.Context)
}

// Run fails the test if what clients saw can't be.
func (l Linear) Run(t *testing.T) {
	t.Helper()
	if wrong := l.Violation(t); wrong != "" {
		t.Fatal(wrong)
	}
}

const ledgers = 2

// sight is what a client did and saw.
type sight struct {
	process   int
	client    int
	ledger    string
	act       act // of no kind: a read
	plain     bool
	call, ret int64

	refused string
	unknown bool   // whether the act was done
	n       int    // length of the log that was seen, without the act's own line
	people  people // that a read saw
}

// linear is a run.
type linear struct {
	Linear
	t         *testing.T
	began     time.Time
	processes []*store.Aggregates[*ledger, *ledgerDraft]
	followers []*store.Follower

	mu     sync.Mutex
	seen   []sight
	counts map[string]int
}

// Violation tells what is wrong with what clients saw; "" if nothing is. It draws a
// history that has no order into the test's ArtifactDir, which go test -artifacts
// keeps.
func (l Linear) Violation(t *testing.T) string {
	t.Helper()
	r := &linear{Linear: l, t: t, began: time.Now(), counts: map[string]int{}}
	for _, way := range l.Ways {
		r.start(way)
	}
	r.current()
	for i := range ledgers {
		// An empty one: its first line is that of the first act.
		if err := r.processes[0].Create(t.Context(), fmt.Sprint(i), func(d *ledgerDraft) error {
			d.changes.Rows = append(d.changes.Rows, store.Row{Kind: "person", Key: "nobody"})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	var faults, clients sync.WaitGroup
	if l.Faults != nil {
		faults.Go(func() { l.Faults(ctx) })
	}
	for p := range l.Ways {
		for c := range l.Clients {
			clients.Go(func() { r.client(p, c) })
		}
	}
	clients.Wait()
	stop()
	faults.Wait()
	r.current()
	r.finish()
	t.Logf("%d sights in %v: %v", len(r.seen), time.Since(r.began).Round(time.Millisecond), r.counts)
	return r.check()
}

func (r *linear) start(way store.Backend) {
	cfg := store.Config[*ledger, *ledgerDraft]{
		Backend: way, Prefix: "ledger/", Load: loadLedger,
		New:   func(string) *ledger { return &ledger{people: people{}} },
		Apply: (*ledger).apply,
	}
	if shared, ok := way.(store.Shared); ok {
		cfg.Follower = store.NewFollower(store.FollowConfig{Backend: shared, Stale: time.Hour})
		r.followers = append(r.followers, cfg.Follower)
	}
	p := store.New(cfg)
	r.processes = append(r.processes, p)
	ctx, stop := context.WithCancel(context.Background())
	var following sync.WaitGroup
	if cfg.Follower != nil {
		following.Go(func() { cfg.Follower.Run(ctx) })
	}
	r.t.Cleanup(func() {
		stop()
		following.Wait()
		if err := p.Close(context.Background()); err != nil {
			r.t.Error(err)
		}
	})
}

// current waits until all processes follow.
func (r *linear) current() {
	for p := range r.followers {
		r.following(p)
	}
}

func (r *linear) following(process int) {
	for process < len(r.followers) && r.followers[process].State().Stalled != nil && r.t.Context().Err() == nil {
		r.pause()
	}
}

// pause is between two tries.
func (r *linear) pause() {
	select {
	case <-time.After(2 * time.Millisecond):
	case <-r.t.Context().Done():
		r.t.Error("the test has ended")
	}
}

func (r *linear) now() int64 { return int64(time.Since(r.began)) }

// client works at one process, until it has done enough whose outcome is known.
func (r *linear) client(process, number int) {
	chance := rand.New(rand.NewPCG(uint64(process), uint64(number)))
	docs := map[string]string{} // that were seen, by name
	for done, tries := 0, 0; done < r.Each && r.t.Context().Err() == nil; tries++ {
		s := sight{process: process, client: process*r.Clients + number, ledger: fmt.Sprint(chance.IntN(ledgers)), plain: chance.IntN(3) > 0}
		if chance.IntN(3) > 0 {
			name := func() string { return string(rune('a' + chance.IntN(4))) }
			s.act = act{id: fmt.Sprintf("%d/%d/%d", process, number, tries), kind: acts[chance.IntN(len(acts))], name: name(), other: name()}
			if s.act.kind == "swap" {
				s.act.other = docs[s.ledger+s.act.name]
			}
		}
		ctx, cancel := r.t.Context(), func() {}
		if chance.IntN(60) == 0 { // one who doesn't wait for long
			ctx, cancel = context.WithTimeout(ctx, time.Duration(chance.IntN(3000))*time.Microsecond)
		}
		known := r.see(ctx, &s)
		cancel()
		for _, one := range s.people {
			docs[s.ledger+one.Name] = one.Doc
		}
		switch {
		case !known:
			r.pause()
			r.following(process)
		case !s.lags():
			done++
		}
	}
}

// finish writes and reads once more from everywhere: what was given up by clients,
// and is still on its way, comes too late after that.
func (r *linear) finish() {
	for _, reading := range []bool{false, true} {
		for p := range r.processes {
			for i := range ledgers {
				for try := 0; r.t.Context().Err() == nil; try++ {
					s := sight{process: p, client: p * r.Clients, ledger: fmt.Sprint(i)}
					if !reading {
						end := fmt.Sprintf("end/%d/%d/%d", p, i, try)
						s.act = act{id: end, kind: "create", name: end}
					}
					if r.see(r.t.Context(), &s) {
						break
					}
					r.pause()
				}
			}
		}
	}
}

// see notes what comes of a look, and tells whether that is known.
func (r *linear) see(ctx context.Context, s *sight) bool {
	err := r.look(ctx, s)
	s.ret = r.now()
	s.unknown = err != nil && !errors.Is(err, errRefused)
	r.mu.Lock()
	defer r.mu.Unlock()
	what := "done"
	switch {
	case s.unknown && s.act.kind == "":
		r.counts["failed"]++
		return false // and nothing was seen
	case s.unknown:
		what = "unknown"
	case s.act.kind == "":
		what = "read"
	case s.refused != "":
		what = "refused"
	}
	if s.plain {
		what = "plain " + what
	}
	r.counts[what]++
	r.seen = append(r.seen, *s)
	return !s.unknown
}

// look does what a sight is of.
func (r *linear) look(ctx context.Context, s *sight) error {
	p := r.processes[s.process]
	s.call = r.now()
	if !s.plain { // a careful client, who acts upon nothing old either
		l, err := p.Newest(ctx, s.ledger)
		if err != nil {
			// The act was not tried.
			s.act = act{}
			return err
		}
		s.n, s.people = len(l.log), l.people
	}
	if s.act.kind != "" {
		return p.Update(ctx, s.ledger, func(d *ledgerDraft) (err error) {
			s.n = len(d.log)
			s.refused, err = d.do(s.act)
			return err
		})
	}
	if s.plain {
		l, err := p.View(ctx, s.ledger)
		if err != nil {
			return err
		}
		s.n, s.people = len(l.log), l.people
	}
	return nil
}
