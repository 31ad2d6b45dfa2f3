package sink_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"iamd/audit/sink"
	"iamd/store"
)

var errDown = errors.New("down")

// backend keeps what sinks read; other methods are none of theirs.
type backend struct {
	store.Backend
	mu     sync.Mutex
	events map[string][]store.Event // by aggregate
	soft   map[[3]string][]byte
	commit error // of the next commit
	lost   bool  // which is not done either
	down   error // of reads
}

func newBackend() *backend {
	return &backend{events: map[string][]store.Event{}, soft: map[[3]string][]byte{}}
}

func (b *backend) Commit(_ context.Context, parts []store.Part) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	err := b.commit
	b.commit = nil
	if err == nil || !b.lost {
		for _, p := range parts {
			b.events[p.Aggregate] = append(b.events[p.Aggregate], p.Events...)
		}
	}
	return err
}

func (b *backend) AppendEvents(_ context.Context, events map[string][]store.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, list := range events {
		b.events[name] = append(b.events[name], list...)
	}
	return nil
}

func (b *backend) List(_ context.Context, prefix, after string, limit int) (names []string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name := range b.events {
		if strings.HasPrefix(name, prefix) && name > after {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names[:min(limit, len(names))], b.down
}

func (b *backend) Events(_ context.Context, aggregate string, q store.EventQuery) (list []store.Event, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events[aggregate] {
		if !e.Time.Before(q.From) && e.Time.Before(q.To) && (q.After.ID == "" || e.Time.Before(q.After.Time) || e.Time.Equal(q.After.Time) && e.ID < q.After.ID) {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b store.Event) int {
		if c := b.Time.Compare(a.Time); c != 0 {
			return c
		}
		return strings.Compare(b.ID, a.ID)
	})
	return list[:min(q.Limit, len(list))], b.down
}

func (b *backend) SaveSoft(_ context.Context, values []store.Soft) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, v := range values {
		b.soft[[3]string{v.Aggregate, v.Kind, v.Key}] = v.Data
	}
	return nil
}

func (b *backend) LoadSoft(_ context.Context, aggregate string) (list []store.Soft, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for k, data := range b.soft {
		if k[0] == aggregate {
			list = append(list, store.Soft{Aggregate: k[0], Kind: k[1], Key: k[2], Data: data})
		}
	}
	return list, nil
}

func (b *backend) Close() error { return nil }

// writer counts what it is told, by event, and fails when it is told to.
type writer struct {
	mu   sync.Mutex
	got  map[string]int
	text strings.Builder
	fail error
	hold chan struct{} // nil, or writing waits for it
}

func newWriter() *writer { return &writer{got: map[string]int{}} }

func (w *writer) Write(p []byte) (int, error) {
	if w.hold != nil {
		<-w.hold
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail != nil {
		return 0, w.fail
	}
	for line := range strings.Lines(string(p)) {
		var e struct{ EventID string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			return 0, err
		}
		w.got[e.EventID]++
	}
	w.text.Write(p)
	return len(p), nil
}

func (w *writer) set(fail error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fail = fail
}

// want checks that these came, and no others; once tells that none came twice.
func (w *writer) want(t *testing.T, what string, once bool, ids ...string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		if n := w.got[id]; n == 0 || once && n > 1 {
			t.Errorf("%s: %s came %d times", what, id, n)
		}
	}
	if len(w.got) != len(ids) {
		t.Errorf("%s: %d events came, want %d: %v", what, len(w.got), len(ids), w.got)
	}
}

// running is a backend with one sink around it.
type running struct {
	*backend
	sinks *sink.Sinks
	watch store.Backend
}

func run(t *testing.T, b *backend, specs ...sink.Spec) *running {
	t.Helper()
	s, err := sink.Open(t.Context(), sink.Config{
		Backend: b, Prefix: "account/", Node: "n1", Sinks: specs, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &running{b, s, s.Watch(b)}
}

func lines(w *writer) sink.Spec { return sink.Spec{Writer: &sink.Writer{Name: "stdout", To: w}} }

// commit commits events of an account, by their ids, as of now.
func (r *running) commit(t *testing.T, account string, ids ...string) error {
	t.Helper()
	p := store.Part{Aggregate: "account/" + account}
	for _, id := range ids {
		p.Events = append(p.Events, event(id))
	}
	return r.watch.Commit(t.Context(), []store.Part{p})
}

func event(id string) store.Event {
	return store.Event{ID: id, Time: time.Now(), Data: fmt.Appendf(nil, `{"eventID":%q}`, id)}
}

func (r *running) close(t *testing.T) {
	t.Helper()
	pass(time.Millisecond) // no event is of the very moment of a stop
	if err := r.watch.Close(); err != nil {
		t.Error(err)
	}
}

// pass lets time go by in a bubble of synctest, where nobody waits for it.
func pass(d time.Duration) { time.Sleep(d) }
