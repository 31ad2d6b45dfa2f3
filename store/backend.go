package store

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Backend stores rows. Its methods may be called at the same time. A method
// that returns an error other than those named here may have failed for any
// reason, a commit's included: whether it was done is then unknown, and the
// aggregate must be loaded before the next commit. The same holds for a commit
// whose context ended.
//
// Names (aggregates, kinds, keys, spaces, event ids) keep to what Check
// demands. Data is any bytes.
type Backend interface {
	// Load returns an aggregate's version and all its rows, ordered by kind and
	// key. ErrNotFound.
	Load(ctx context.Context, aggregate string) (version uint64, rows []Row, err error)

	// Commit does all parts or none; it returns when they are durable. ErrConflict
	// when any aggregate's version isn't the expected one, *TakenError when a name
	// has another owner, ErrInvalid when the parts fail Check. A conflict is
	// reported rather than a taken name if both are the case.
	Commit(ctx context.Context, parts []Part) error

	// Lookup returns the aggregate that owns u. ErrNotFound.
	Lookup(ctx context.Context, u Unique) (aggregate string, err error)

	// List returns up to limit aggregates whose names begin with prefix and come
	// after the given name, in the order of their bytes.
	List(ctx context.Context, prefix, after string, limit int) ([]string, error)

	// Changes returns up to limit changes of an aggregate that follow version
	// after, in order and without a gap. ErrNotFound; ErrCompacted when the change
	// after+1 was pruned, and when the aggregate has not come to version after.
	Changes(ctx context.Context, aggregate string, after uint64, limit int) ([]Change, error)

	// Events returns an aggregate's events, committed and appended ones alike.
	// An aggregate without any, or none of that name, has an empty list.
	Events(ctx context.Context, aggregate string, q EventQuery) ([]Event, error)

	// AppendEvents stores events that no change owes, such as those of reads and
	// denials, by aggregate. The aggregates need not exist. Once it has succeeded it
	// keeps neither the lists nor the data of the events.
	AppendEvents(ctx context.Context, events map[string][]Event) error

	// SaveSoft stores soft values; of two with one name the later stays.
	SaveSoft(ctx context.Context, values []Soft) error
	// LoadSoft returns an aggregate's soft values, ordered by kind and key.
	LoadSoft(ctx context.Context, aggregate string) ([]Soft, error)

	// SaveTraces stores traces; of each principal that it stores one of, and then of
	// each aggregate, only the newest within bounds stay: who is denied often forgets
	// their own first. The bounds must be positive.
	SaveTraces(ctx context.Context, traces []Trace, keep TraceBounds) error
	// Trace returns the trace with an ID. ErrNotFound.
	Trace(ctx context.Context, id string) (Trace, error)

	// Prune removes events, traces and changes older than before; an appended event may
	// stay as long as another that was appended with it. One call does a bounded
	// amount of work and returns how much it removed: call again until that is 0.
	Prune(ctx context.Context, before time.Time) (n int, err error)

	// Close waits for the writes under way. Every later call returns ErrClosed.
	Close() error
}

// MaxName is the greatest length of a name in bytes.
const MaxName = 1024

// Check reports whether a backend must refuse a commit as ErrInvalid: no parts,
// one aggregate twice, or a name that is empty (keys may be), too long, not
// UTF-8 or holds a zero byte.
func Check(parts []Part) error {
	if len(parts) == 0 {
		return fmt.Errorf("%w: a commit of no parts", ErrInvalid)
	}
	seen := make(map[string]bool, len(parts))
	for i := range parts {
		p := &parts[i]
		if seen[p.Aggregate] {
			return fmt.Errorf("%w: %q is twice in one commit", ErrInvalid, p.Aggregate)
		}
		seen[p.Aggregate] = true
		if p.Expect >= 1<<62 {
			return fmt.Errorf("%w: version %d", ErrInvalid, p.Expect)
		}
		for _, r := range p.Rows {
			if err := checkNames(r.Key, r.Kind); err != nil {
				return err
			}
		}
		for _, list := range [][]Unique{p.Take, p.Free} {
			for _, u := range list {
				if err := checkNames(u.Key, u.Space); err != nil {
					return err
				}
			}
		}
		if err := CheckEvents(p.Aggregate, p.Events); err != nil {
			return err
		}
	}
	return nil
}

// CheckEvents is Check for an aggregate's events alone.
func CheckEvents(aggregate string, events []Event) error {
	if err := checkNames("", aggregate); err != nil {
		return err
	}
	for _, e := range events {
		if err := checkNames("", e.ID); err != nil {
			return err
		}
	}
	return nil
}

// CheckSoft is Check for soft values.
func CheckSoft(values []Soft) error {
	for _, v := range values {
		if err := checkNames(v.Key, v.Aggregate, v.Kind); err != nil {
			return err
		}
	}
	return nil
}

// CheckTraces is Check for traces.
func CheckTraces(traces []Trace, keep TraceBounds) error {
	for _, b := range []TraceBound{keep.Principal, keep.Aggregate} {
		if b.Items <= 0 || b.Bytes <= 0 {
			return fmt.Errorf("%w: to keep %d traces of %d bytes", ErrInvalid, b.Items, b.Bytes)
		}
	}
	for _, t := range traces {
		if err := checkNames(t.Principal, t.Aggregate, t.ID); err != nil {
			return err
		}
	}
	return nil
}

// checkNames checks one key, which may be empty, and names, which may not.
func checkNames(key string, names ...string) error {
	for _, n := range names {
		if n == "" {
			return fmt.Errorf("%w: an empty name", ErrInvalid)
		}
		if !wellFormed(n) {
			return fmt.Errorf("%w: the name %.40q", ErrInvalid, n)
		}
	}
	if !wellFormed(key) {
		return fmt.Errorf("%w: the key %.40q", ErrInvalid, key)
	}
	return nil
}

func wellFormed(name string) bool {
	return len(name) <= MaxName && utf8.ValidString(name) && strings.IndexByte(name, 0) < 0
}
