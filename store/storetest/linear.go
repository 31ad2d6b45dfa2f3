package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

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

// lags tells what may be of before.
func (s *sight) lags() bool { return s.plain && (s.act.kind == "" || s.refused != "") }

// check looks at all that was seen.
func (r *linear) check() string {
	// What is there in the end tells which of the acts with unknown ends were done,
	// and where: no order but one that puts them there leads to it.
	for i := range ledgers {
		id := fmt.Sprint(i)
		_, rows, err := r.Ways[0].Load(r.t.Context(), "ledger/"+id)
		if err != nil {
			return err.Error()
		}
		last, err := loadLedger(id, rows)
		if err != nil {
			return err.Error()
		}
		at := map[string]int{}
		for n, line := range last.log {
			at[line] = n
		}
		made := map[string]act{}
		r.seen = slices.DeleteFunc(r.seen, func(s sight) bool {
			if s.ledger != id || s.act.kind == "" {
				return false
			}
			made[s.act.id] = s.act
			_, done := at[s.act.id]
			return s.unknown && !done
		})
		for i := range r.seen {
			if s := &r.seen[i]; s.ledger == id && s.unknown {
				s.n, s.refused, s.ret = at[s.act.id], "", math.MaxInt64
			}
		}
		if wrong := r.checkLags(id, last, made); wrong != "" {
			return wrong
		}
	}
	return r.checkOrder()
}

// checkLags holds what may be of before to what was once, and to what its process
// has answered.
func (r *linear) checkLags(id string, last *ledger, made map[string]act) string {
	states := []people{{}}
	for n, line := range last.log {
		a, ok := made[line]
		next, refused := states[n].do(a)
		if !ok || refused != "" {
			return fmt.Sprintf("ledger %s: line %d is %q, which nobody can have written there (%s)", id, n, line, refused)
		}
		states = append(states, next)
	}
	if !maps.Equal(states[len(last.log)], last.people) {
		return fmt.Sprintf("ledger %s holds %v, its log makes %v", id, last.people, states[len(last.log)])
	}
	all := slices.SortedFunc(slices.Values(r.seen), func(a, b sight) int { return int(a.call - b.call) })
	for p := range r.processes {
		var ended []sight // of the process, by when they ended
		for _, s := range r.seen {
			if s.ledger == id && s.process == p && !s.unknown {
				ended = append(ended, s)
			}
		}
		slices.SortFunc(ended, func(a, b sight) int { return int(a.ret - b.ret) })
		least, from := 0, 0
		for _, s := range all {
			if s.ledger != id || s.process != p || s.unknown {
				continue
			}
			for ; from < len(ended) && ended[from].ret < s.call; from++ {
				known := ended[from].n
				if ended[from].act.kind != "" && ended[from].refused == "" {
					known++ // with its own line
				}
				least = max(least, known)
			}
			switch {
			case s.n < least:
				return fmt.Sprintf("process %d saw %d lines of ledger %s, after it had told of %d: %+v", p, s.n, id, least, s)
			case s.n >= len(states):
				return fmt.Sprintf("process %d saw %d lines of ledger %s, of %d: %+v", p, s.n, id, len(last.log), s)
			case s.act.kind == "" && !maps.Equal(s.people, states[s.n]):
				return fmt.Sprintf("process %d saw %v in ledger %s with %d lines, and there was %v", p, s.people, id, s.n, states[s.n])
			}
			if s.refused != "" {
				if _, want := states[s.n].do(s.act); want != s.refused {
					return fmt.Sprintf("process %d refused %+v as %q, and by %v it is %q", p, s.act, s.refused, states[s.n], want)
				}
			}
		}
	}
	return ""
}

// checkOrder looks for an order of all that doesn't lag.
func (r *linear) checkOrder() string {
	var history []porcupine.Operation
	for i, s := range r.seen {
		if !s.lags() {
			client := s.client
			if s.unknown {
				client = len(r.seen) + i // the client itself went on
			}
			history = append(history, porcupine.Operation{ClientId: client, Input: s, Call: s.call, Output: s, Return: s.ret})
		}
	}
	r.t.Logf("%d of them in order", len(history))
	result, info := porcupine.CheckOperationsVerbose(order, history, 30*time.Second)
	if result == porcupine.Ok {
		return ""
	}
	path := filepath.Join(r.t.ArtifactDir(), "history.html")
	if err := porcupine.VisualizePath(order, info, path); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("what was seen has no order (%s): %s", result, path)
}

// standing is a state of the order.
type standing struct {
	n      int
	people people
}

// order is a ledger as one client after the other would see it.
var order = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		parts := make([][]porcupine.Operation, ledgers)
		for i := range parts {
			for _, o := range history {
				if o.Input.(sight).ledger == fmt.Sprint(i) {
					parts[i] = append(parts[i], o)
				}
			}
		}
		return parts
	},
	Init: func() any { return standing{people: people{}} },
	Step: func(state, input, _ any) (bool, any) {
		at, s := state.(standing), input.(sight)
		if s.n != at.n {
			return false, state
		}
		if s.act.kind == "" {
			return maps.Equal(s.people, at.people), state
		}
		next, refused := at.people.do(s.act)
		switch {
		case refused != s.refused:
			return false, state
		case refused != "":
			return true, state
		}
		return true, standing{at.n + 1, next}
	},
	Equal: func(a, b any) bool {
		one, other := a.(standing), b.(standing)
		return one.n == other.n && maps.Equal(one.people, other.people)
	},
	Hash: func(state any) uint64 { return uint64(state.(standing).n) },
	DescribeOperation: func(input, _ any) string {
		s := input.(sight)
		if s.act.kind == "" {
			return fmt.Sprintf("%d: %v", s.n, s.people)
		}
		return fmt.Sprintf("%d: %s %s %s %s", s.n, s.act.kind, s.act.name, s.act.other, s.refused)
	},
	DescribeState: func(state any) string {
		return fmt.Sprintf("%d: %v", state.(standing).n, state.(standing).people)
	},
}
