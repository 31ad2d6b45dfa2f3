package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
)

var (
	// ErrPartCopied says that a copy into the store is under way or was broken off:
	// it holds a part of another one, and is none to work with.
	ErrPartCopied = errors.New("store: a copy into this store has not come to its end, so it holds a part only: if nobody copies any more, empty it and copy again")
	// ErrNotEmpty says that the store that was to be copied into holds something.
	ErrNotEmpty = errors.New("store: the target holds something already")
)

// copyMark is an aggregate that has a row while a store is being copied into. An
// aggregate cannot be removed: afterwards it stays, without rows, and is not
// copied on.
const copyMark = "copy/underway"

// Sizes of what is read and written at once.
const (
	copiedNames  = 500
	copiedEvents = 1000
	copiedSoft   = 500
	copiedTraces = 100
)

// CopyOptions are how Copy tells of itself.
type CopyOptions struct {
	// Progress, unless it is nil, is called after each name that was done, with how
	// many that are; checking is false while they are copied, and true the second
	// time, while they are compared.
	Progress func(name string, done int, checking bool)
}

// Copied reports whether a store may be worked with, as far as Copy is concerned.
// ErrPartCopied.
func Copied(ctx context.Context, b Backend) error {
	_, rows, err := b.Load(ctx, copyMark)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	case len(rows) > 0:
		return ErrPartCopied
	}
	return nil
}

// Copy makes an empty store hold what another one does: aggregates with their
// versions, names, events, soft values and traces. The log of changes stays
// behind: who follows an aggregate loads it anew. It holds one aggregate at a time
// in memory, and pages of the rest.
//
// Afterwards it reads all of both stores again and compares them; the tallies are
// of what it found in each. Until they agree the target is marked: Copied answers
// ErrPartCopied of it. Nothing may write to either store meanwhile; what did is
// found as a difference. ErrNotEmpty, ErrPartCopied.
func Copy(ctx context.Context, from, to Whole, opts CopyOptions) ([]Tally, error) {
	if opts.Progress == nil {
		opts.Progress = func(string, int, bool) {}
	}
	if err := Copied(ctx, from); err != nil {
		return nil, fmt.Errorf("copy from: %w", err)
	}
	if err := empty(ctx, to); err != nil {
		return nil, fmt.Errorf("copy to: %w", err)
	}
	mark := Row{Kind: "copy", Data: []byte("{}")}
	if err := to.Commit(ctx, []Part{{Aggregate: copyMark, Changes: Changes{Rows: []Row{mark}}}}); err != nil {
		return nil, fmt.Errorf("copy to: mark it: %w", err)
	}
	done := 0
	for name, err := range allNames(ctx, from) {
		if err != nil {
			return nil, fmt.Errorf("copy from: %w", err)
		}
		if err := copyName(ctx, from, to, name); err != nil {
			return nil, fmt.Errorf("copy %s: %w", name, err)
		}
		done++
		opts.Progress(name, done, false)
	}
	tallies, err := compare(ctx, from, to, opts)
	if err != nil {
		return nil, fmt.Errorf("compare the copy: %w", err)
	}
	mark.Data = nil
	if err := to.Commit(ctx, []Part{{Aggregate: copyMark, Expect: 1, Changes: Changes{Rows: []Row{mark}}}}); err != nil {
		return nil, fmt.Errorf("copy to: take the mark away: %w", err)
	}
	return tallies, nil
}

func empty(ctx context.Context, w Whole) error {
	if err := Copied(ctx, w); err != nil {
		return err
	}
	for name, err := range allNames(ctx, w) {
		if err != nil {
			return err
		}
		return fmt.Errorf("%w: %s", ErrNotEmpty, name)
	}
	return nil
}

// copyName copies an aggregate, if there is one of that name, and what is beside it.
func copyName(ctx context.Context, from, to Whole, name string) error {
	s, err := from.Snapshot(ctx, name)
	if err == nil {
		err = to.Restore(ctx, s)
	} else if errors.Is(err, ErrNotFound) {
		err = nil
	}
	if err != nil {
		return err
	}
	return copyRecords(ctx, from, to, name)
}

// unbounded keeps every trace: the source has kept its bounds.
var unbounded = TraceBounds{
	Principal: TraceBound{Items: math.MaxInt32, Bytes: math.MaxInt / 2},
	Aggregate: TraceBound{Items: math.MaxInt32, Bytes: math.MaxInt / 2},
}

// copyRecords copies what is beside an aggregate.
func copyRecords(ctx context.Context, from, to Whole, name string) error {
	for page, err := range eventPages(ctx, from, name) {
		if err == nil {
			err = to.AppendEvents(ctx, map[string][]Event{name: page})
		}
		if err != nil {
			return err
		}
	}
	soft, err := from.LoadSoft(ctx, name)
	if err != nil {
		return err
	}
	for page := range slices.Chunk(soft, copiedSoft) {
		if err := to.SaveSoft(ctx, page); err != nil {
			return err
		}
	}
	for page, err := range tracePages(ctx, from, name) {
		if err == nil {
			err = to.SaveTraces(ctx, page, unbounded)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// allNames are all names that a store has something of, in order; the mark of a copy
// is none.
func allNames(ctx context.Context, w Whole) iter.Seq2[string, error] {
	aggregates := pages(copiedNames, func(after string) ([]string, error) { return w.List(ctx, "", after, copiedNames) })
	recorded := pages(copiedNames, func(after string) ([]string, error) { return w.Recorded(ctx, after, copiedNames) })
	return func(yield func(string, error) bool) {
		nextA, stopA := iter.Pull2(aggregates)
		defer stopA()
		nextB, stopB := iter.Pull2(recorded)
		defer stopB()
		a, errA, okA := nextA()
		b, errB, okB := nextB()
		for okA || okB {
			if err := errors.Join(errA, errB); err != nil {
				yield("", err)
				return
			}
			name := a
			if !okA || okB && b < a {
				name = b
			}
			if name != copyMark && !yield(name, nil) {
				return
			}
			if okA && a == name {
				a, errA, okA = nextA()
			}
			if okB && b == name {
				b, errB, okB = nextB()
			}
		}
	}
}

// pages are the names that a list gives by the page.
func pages(limit int, list func(after string) ([]string, error)) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for after := ""; ; {
			page, err := list(after)
			if err != nil {
				yield("", err)
				return
			}
			for _, name := range page {
				if !yield(name, nil) {
					return
				}
			}
			if len(page) < limit {
				return
			}
			after = page[len(page)-1]
		}
	}
}

func eventPages(ctx context.Context, w Whole, name string) iter.Seq2[[]Event, error] {
	q := EventQuery{Limit: copiedEvents}
	return func(yield func([]Event, error) bool) {
		for {
			page, err := w.Events(ctx, name, q)
			if (err != nil || len(page) > 0) && !yield(page, err) || len(page) < q.Limit {
				return
			}
			last := page[len(page)-1]
			q.After = EventMark{Time: last.Time, ID: last.ID}
		}
	}
}

func tracePages(ctx context.Context, w Whole, name string) iter.Seq2[[]Trace, error] {
	return func(yield func([]Trace, error) bool) {
		for after := ""; ; {
			page, err := w.Traces(ctx, name, after, copiedTraces)
			if (err != nil || len(page) > 0) && !yield(page, err) || len(page) < copiedTraces {
				return
			}
			after = page[len(page)-1].ID
		}
	}
}

// CheckSnapshot is Check for a snapshot that is to be restored.
func CheckSnapshot(s Snapshot) error {
	if s.Version == 0 {
		return fmt.Errorf("%w: a snapshot of version 0", ErrInvalid)
	}
	for i := range s.Rows {
		if s.Rows[i].Data == nil {
			return fmt.Errorf("%w: a snapshot with a row that is gone", ErrInvalid)
		}
	}
	return Check([]Part{{Aggregate: s.Aggregate, Expect: s.Version, Changes: Changes{Rows: s.Rows, Take: s.Names}}})
}
