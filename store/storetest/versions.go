package storetest

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"iamd/store"
)

// Version is the part by which an aggregate comes to a version. Each leaves a row, a
// name and an event, which CheckVersions looks for.
func Version(aggregate string, version uint64) store.Part {
	key := strconv.FormatUint(version, 10)
	return store.Part{Aggregate: aggregate, Expect: version - 1, Changes: store.Changes{
		Rows:   []store.Row{{Kind: "n", Key: key, Data: make([]byte, 500)}},
		Take:   []store.Unique{{Space: aggregate, Key: key}},
		Events: []store.Event{{ID: key, Data: []byte(key)}},
	}}
}

// CheckVersions checks that an aggregate, which was written by Version alone, is at
// the acknowledged version or later, and that each version left all that it should. It
// returns the version. A store that does not answer is asked again.
func CheckVersions(t *testing.T, w store.Whole, aggregate string, acknowledged uint64) uint64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		moved, version, err := checkVersions(ctx, t, w, aggregate, acknowledged)
		switch {
		case err == nil && !moved:
			return version
		case err != nil && (!errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil):
			t.Fatal(err)
		case err != nil:
			t.Logf("once more: %v", err)
		}
	}
}

// checkVersions reports whether something came between: a commit that nobody waited
// for may still come.
func checkVersions(ctx context.Context, t *testing.T, w store.Whole, aggregate string, acknowledged uint64) (moved bool, version uint64, err error) {
	t.Helper()
	snap, err := w.Snapshot(ctx, aggregate)
	if errors.Is(err, store.ErrNotFound) && acknowledged == 0 {
		return false, 0, nil
	}
	if err != nil {
		return false, 0, err
	}
	changes, changesErr := w.Changes(ctx, aggregate, 0, 1<<20)
	events, eventsErr := w.Events(ctx, aggregate, store.EventQuery{Limit: 1 << 20})
	if err := errors.Join(changesErr, eventsErr); err != nil {
		return false, 0, err
	}
	n := snap.Version
	wrong := map[uint64]string{} // owners of names, some of the last
	for v := max(n, 50) - 49; v <= n+1; v++ {
		owner, err := w.Lookup(ctx, store.Unique{Space: aggregate, Key: strconv.FormatUint(v, 10)})
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return false, 0, err
		}
		if (err == nil) != (v <= n) || (owner == aggregate) != (v <= n) {
			wrong[v] = owner
		}
	}
	version, rows, err := w.Load(ctx, aggregate)
	if err != nil || version != n {
		return true, 0, err
	}
	if n < acknowledged || len(snap.Rows) != int(n) || len(rows) != int(n) || len(snap.Names) != int(n) || len(changes) != int(n) || len(events) != int(n) || len(wrong) > 0 {
		t.Errorf("%s: version %d, acknowledged %d; %d rows and %d of the snapshot, %d names, %d changes, %d events, wrong owners of names %v",
			aggregate, n, acknowledged, len(rows), len(snap.Rows), len(snap.Names), len(changes), len(events), wrong)
	}
	return false, n, nil
}
