package store

import (
	"context"
	"errors"
	"time"
)

// ErrUnavailable says that the backend cannot be reached, or does not answer in
// time. What a commit that ended so did is unknown.
var ErrUnavailable = errors.New("store: the backend does not answer")

// Shared is a Backend to which other processes commit too. Its Load, Lookup,
// Changes and Events see all commits that were done before they were called,
// whoever did them.
type Shared interface {
	Backend

	// Follow tells f of the commits of all processes, its own among them, until ctx
	// ends or it cannot go on; the error says why. Then it may be called again. It
	// tells of each commit at last by the version that its aggregate came to, so it
	// may pass over versions between, but over no aggregate: a transaction that
	// began early and committed late is told of as any other.
	Follow(ctx context.Context, f Feed) error
}

// Feed hears what Follow has to tell. Its methods may be called at the same time,
// and return soon.
type Feed interface {
	// Held are the aggregates in memory, each with the version that is known of it:
	// 0 for one that is being loaded. The map is the caller's.
	Held() map[string]uint64

	// Moved says that an aggregate has that version, or a later one. Nothing is done
	// for one that is not in memory.
	Moved(aggregate string, version uint64)

	// Reverted says that what is in memory of an aggregate may have come of commits
	// that are no more, such as after a failover to a server that had not heard of
	// them. It is read anew before it is given again.
	Reverted(aggregate string)

	// Current says that Moved was called for all that had been committed at that
	// moment, of time.Now, to aggregates that Held named, or all. Follow calls it
	// every 50 ms or more often while it can.
	Current(asOf time.Time)
}
