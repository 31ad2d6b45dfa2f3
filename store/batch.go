package store

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// maxBatchBytes ends a batch: a commit holds about so many bytes of rows and
// events, unless a single write has more.
const maxBatchBytes = 4 << 20

// batch is a run of writes to one aggregate that are committed at once.
type batch[A, D any] struct {
	base *version[A] // the durable value; nil: none, because of err
	top  *version[A] // what the writes so far have made of it
	err  error
	read uint64 // entry.read, of base

	list    []member[A, D] // in the order they ran
	changed int            // how many of them changed something
	size    int
	until   time.Time // when to wait for company no longer; zero: nobody was waited for

	changes Changes
	rows    map[rowName]int // index into changes.Rows
	take    map[Unique]bool
	free    map[Unique]bool
}

// member is a write in a batch. The first of a batch always changes something.
type member[A, D any] struct {
	*write[A, D]
	changes bool
	take    []Unique
	answer  error // once the batch is durable
}

type rowName struct{ kind, key string }

func (c *Changes) empty() bool {
	return len(c.Rows) == 0 && len(c.Take) == 0 && len(c.Free) == 0 && len(c.Events) == 0
}

// empty reports whether no write that stands on another's is in the batch.
func (b *batch[A, D]) empty() bool { return b.changed == 0 }

// writes returns the writes of some members.
func writes[A, D any](list []member[A, D]) []*write[A, D] {
	ws := make([]*write[A, D], len(list))
	for i, m := range list {
		ws[i] = m.write
	}
	return ws
}

// see takes in a write that changes nothing: it's answered at once if all that
// it saw is durable.
func (b *batch[A, D]) see(w *write[A, D], err error) {
	if b.empty() {
		w.done <- err
		return
	}
	b.list = append(b.list, member[A, D]{write: w, answer: err})
}

// clashes reports whether c frees what an earlier write of the batch takes.
// Folded together they would lose the question whether the name was to be had.
func (b *batch[A, D]) clashes(c Changes) bool {
	return slices.ContainsFunc(c.Free, func(u Unique) bool { return b.take[u] })
}

// add takes in a write and folds what it changed into the batch's changes: of
// two rows with one name the later stays.
func (b *batch[A, D]) add(w *write[A, D], next A, c Changes) {
	b.list = append(b.list, member[A, D]{write: w, changes: true, take: c.Take})
	b.changed++
	b.top = &version[A]{value: next}
	for i := range c.Rows {
		b.size += len(c.Rows[i].Data) + len(c.Rows[i].Key)
	}
	for i := range c.Events {
		b.size += len(c.Events[i].Data)
	}
	if b.changed == 1 { // most often it's the only one
		b.changes = Changes{
			Rows: slices.Clip(c.Rows), Take: slices.Clip(c.Take),
			Free: slices.Clip(c.Free), Events: slices.Clip(c.Events),
		}
		b.take = names(nil, c.Take)
		return
	}
	if b.rows == nil {
		b.rows = make(map[rowName]int)
		rows := b.changes.Rows
		b.changes.Rows = nil
		b.fold(rows)
	}
	b.fold(c.Rows)
	if b.free == nil {
		b.free = names(nil, b.changes.Free)
	}
	b.changes.Take = appendNew(b.changes.Take, c.Take, b.take)
	b.changes.Free = appendNew(b.changes.Free, c.Free, b.free)
	b.take, b.free = names(b.take, c.Take), names(b.free, c.Free)
	b.changes.Events = append(b.changes.Events, c.Events...)
}

func (b *batch[A, D]) fold(rows []Row) {
	for _, r := range rows {
		name := rowName{r.Kind, r.Key}
		if i, ok := b.rows[name]; ok {
			b.changes.Rows[i] = r
			continue
		}
		b.rows[name] = len(b.changes.Rows)
		b.changes.Rows = append(b.changes.Rows, r)
	}
}

func names(set map[Unique]bool, list []Unique) map[Unique]bool {
	if set == nil {
		set = make(map[Unique]bool, len(list))
	}
	for _, u := range list {
		set[u] = true
	}
	return set
}

func appendNew(list, more []Unique, known map[Unique]bool) []Unique {
	for _, u := range more {
		if !known[u] {
			list = append(list, u)
		}
	}
	return list
}

// commit makes the batch durable and answers its writes, or sees that those
// which needn't fail run again.
func (s *Aggregates[A, D]) commit(e *entry[A, D], b *batch[A, D]) {
	if b.empty() {
		return // nothing stood on anything: all were answered
	}
	part := Part{Aggregate: s.name(e.id), Changes: b.changes}
	if b.base != nil {
		part.Expect = b.base.number
	}
	began := time.Now()
	err := s.cfg.Backend.Commit(caused{s.ctx, b.list[0].ctx}, []Part{part})
	if err == nil {
		done := time.Now()
		e.courtesy.committed(done.Sub(began), done)
		e.count(b)
		if s.cfg.Committed != nil {
			s.cfg.Committed(b.changed)
		}
		b.top.number = part.Expect + 1
		e.wrote(b.top, b.read)
		for _, m := range b.list {
			m.done <- m.answer
		}
		return
	}
	err = fmt.Errorf("commit %s: %w", part.Aggregate, err)

	var taken *TakenError
	if errors.As(err, &taken) {
		s.retryTaken(e, b, taken.Unique, err)
		return
	}
	// Whether the commit was done is unknown, or it's known that another node's
	// was: what the backend holds is the truth before anyone is answered.
	s.renew(e, err)
	conflict := errors.Is(err, ErrConflict)
	if conflict {
		e.courtesy.met()
	}
	var again []*write[A, D]
	for _, m := range b.list {
		m.tries++
		if (conflict && m.tries < maxTries) || (!conflict && !m.changes) {
			again = append(again, m.write)
		} else {
			m.done <- err
		}
	}
	e.putBack(again...)
}

// retryTaken answers the write that wanted a taken name, if it ran on the
// durable value. Otherwise it runs again by itself, between those before it and
// those after, so that nobody is judged by what wasn't durable.
func (s *Aggregates[A, D]) retryTaken(e *entry[A, D], b *batch[A, D], u Unique, err error) {
	again := b.list
	switch i := slices.IndexFunc(b.list, func(m member[A, D]) bool { return slices.Contains(m.take, u) }); {
	case i < 0: // a name that nobody asked for: the backend's fault
		for _, m := range b.list {
			m.done <- err
		}
		return
	case i == 0:
		b.list[0].done <- err
		again = b.list[1:]
	default:
		b.list[i].alone = true
	}
	e.putBack(writes(again)...)
}
