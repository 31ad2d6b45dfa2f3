package store

import "context"

// Snapshot is all that a commit has made of an aggregate, at one moment.
type Snapshot struct {
	Aggregate string
	Version   uint64
	Rows      []Row    // ordered by kind and key
	Names     []Unique // that it owns, ordered by space and key
}

// Whole is a Backend whose content can be moved into another's.
type Whole interface {
	Backend

	// Snapshot reads an aggregate whole. ErrNotFound.
	Snapshot(ctx context.Context, aggregate string) (Snapshot, error)

	// Restore makes an aggregate as a snapshot has it, or nothing: ErrConflict when
	// it is there, *TakenError, ErrInvalid. It may have any size. Its log of changes
	// begins after its version.
	Restore(ctx context.Context, s Snapshot) error

	// Traces returns up to limit traces of an aggregate whose ids come after the
	// given one, ordered by id.
	Traces(ctx context.Context, aggregate, after string, limit int) ([]Trace, error)

	// Recorded returns up to limit names after the given one, in the order of their
	// bytes, that have events, traces or soft values. There need not be an aggregate
	// of that name.
	Recorded(ctx context.Context, after string, limit int) ([]string, error)
}
