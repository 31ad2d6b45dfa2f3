package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"iamd/store"
	"iamd/store/postgres/postgrestest"
	"iamd/store/storetest"
)

// load commits to aggregates of its own, and goes on whatever happens.
type load struct {
	s            *Store
	acknowledged []uint64
	unknown      atomic.Int64 // commits that ended by store.ErrUnavailable
	commits      chan struct{}
	stop         context.CancelFunc
	wg           sync.WaitGroup
}

func loadName(i int) string { return "a/" + strconv.Itoa(i) }

func startLoad(t *testing.T, s *Store, committers int) *load {
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{s: s, acknowledged: make([]uint64, committers), commits: make(chan struct{}), stop: cancel}
	for i := range committers {
		l.wg.Go(func() {
			for ctx.Err() == nil {
				version, _, err := s.Load(ctx, loadName(i))
				if err == nil && version < l.acknowledged[i] {
					t.Errorf("%s has version %d, %d was acknowledged", loadName(i), version, l.acknowledged[i])
				}
				if errors.Is(err, store.ErrNotFound) {
					err = nil
				}
				for err == nil && ctx.Err() == nil {
					err = s.Commit(context.Background(), []store.Part{storetest.Version(loadName(i), version+1)})
					if err == nil {
						version++
						l.acknowledged[i] = version
						select {
						case l.commits <- struct{}{}:
						default:
						}
					}
				}
				// A conflict: a commit that was not known to be done was.
				if errors.Is(err, store.ErrUnavailable) {
					l.unknown.Add(1)
				} else if err != nil && !errors.Is(err, store.ErrConflict) && ctx.Err() == nil {
					t.Errorf("%s: %v", loadName(i), err)
					return
				}
			}
		})
	}
	t.Cleanup(func() { cancel(); l.wg.Wait() })
	return l
}

// wait waits for so many commits.
func (l *load) wait(t *testing.T, commits int) {
	t.Helper()
	for range commits {
		select {
		case <-l.commits:
		case <-t.Context().Done():
			t.Fatal("the test has ended")
		}
	}
}

// check ends the load, and checks that each aggregate has every version that was
// acknowledged, and each version all that it should.
func (l *load) check(t *testing.T) {
	t.Helper()
	l.stop()
	l.wg.Wait()
	for i, acknowledged := range l.acknowledged {
		version := storetest.CheckVersions(t, l.s, loadName(i), acknowledged)
		if unknown := uint64(l.unknown.Load()); version > acknowledged+unknown {
			t.Errorf("%s: version %d, acknowledged %d, unknown %d", loadName(i), version, acknowledged, unknown)
		}
	}
}

// TestFailover: when the primary dies and its standby is promoted, the same store
// goes on there, and nothing that was acknowledged is missing.
func TestFailover(t *testing.T) {
	t.Parallel()
	primary := postgrestest.Start(t)
	url := primary.Database(t)
	standby := primary.Standby(t)
	s := start(t, primary.URL(database(url), standby))
	f := storetest.NewFeed(loadName(0))
	failed := follow(t, s, f)
	l := startLoad(t, s, 4)
	l.wait(t, 100)
	primary.Kill()
	if err := <-failed; !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Follow: %v, want ErrUnavailable", err)
	}
	standby.Promote(t)
	l.wait(t, 100)
	failed = follow(t, s, f)
	l.check(t)
	if told := f.Now(t, loadName(0), failed); told < l.acknowledged[0] {
		t.Errorf("told %d, %d was acknowledged", told, l.acknowledged[0])
	}
	// One that names the standby alone, and first, finds it too; and one that names
	// only the dead one does not.
	start(t, standby.URL(database(url), primary))
	if _, err := Open(t.Context(), Config{URL: url}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Open: %v, want ErrUnavailable", err)
	}
}

// TestLostCommits: when a standby is promoted that had not heard of the last commits,
// followers are told of what they hold that is no more, also where others have
// made as many commits since.
func TestLostCommits(t *testing.T) {
	t.Parallel()
	primary := postgrestest.Start(t)
	url := primary.Database(t)
	standby := primary.Standby(t)
	primary.Exec(t, "postgres", "ALTER SYSTEM SET synchronous_standby_names = ''", "SELECT pg_reload_conf()")
	s := start(t, primary.URL(database(url), standby))
	commit := func(s *Store, name string, expect uint64) {
		t.Helper()
		if err := s.Commit(t.Context(), []store.Part{{Aggregate: name, Expect: expect}}); err != nil {
			t.Fatal(err)
		}
	}
	names := []string{"kept", "lost", "made again"}
	for _, name := range names[1:] {
		commit(s, name, 0)
	}
	primary.Until(t, "SELECT bool_and(replay_lsn = pg_current_wal_lsn()) FROM pg_stat_replication")
	standby.Stop()
	commit(s, "kept", 0)
	for _, name := range names[1:] {
		commit(s, name, 1)
		commit(s, name, 2)
	}
	f := storetest.NewFeed(names...)
	failed := follow(t, s, f)
	for i, name := range names {
		if told := f.Now(t, name, failed); told != uint64(min(2*i+1, 3)) {
			t.Fatalf("told of version %d of %s", told, name)
		}
	}
	primary.Kill()
	if err := <-failed; !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Follow: %v, want ErrUnavailable", err)
	}
	standby.Restart(t)
	standby.Promote(t)
	other := start(t, standby.URL(database(url)))
	commit(other, "made again", 1)
	commit(other, "made again", 2)
	failed = follow(t, s, f)
	f.Now(t, "lost", failed)
	if told := f.Reverts(); len(told) != 3 {
		t.Errorf("told of %v, want %q", told, names)
	}
	// Then all is as ever, and where nothing was lost nothing is told.
	f.Now(t, "lost", failed)
	if told := f.Reverts(); len(told) != 0 || f.Held()["lost"] != 1 {
		t.Errorf("told of %v later; held is %v", told, f.Held())
	}
	// A database that is put back in place, beneath connections that stay, is noticed too.
	standby.Exec(t, database(url), "UPDATE aggregates SET version = 1 WHERE name = 'made again'")
	f.Now(t, "made again", failed)
	if told := f.Reverts(); len(told) != 1 || told["made again"] != 1 {
		t.Errorf("told of %v after versions went back", told)
	}
}

// TestStandbyIsRefused: nobody works with a server that only reads, as what it shows
// may be old.
func TestStandbyIsRefused(t *testing.T) {
	t.Parallel()
	primary := postgrestest.Start(t)
	url := primary.Database(t)
	start(t, url)
	standby := primary.Standby(t)
	if _, err := Open(t.Context(), Config{URL: standby.URL(database(url))}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Open: %v, want ErrUnavailable", err)
	}
	s := start(t, standby.URL(database(url), primary)) // finds the primary behind it
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1"}}); err != nil {
		t.Error(err)
	}
}

// TestUnconfirmedCommit: a commit whose wait for the standby was broken off is not
// told as done, though the server tells it so.
func TestUnconfirmedCommit(t *testing.T) {
	t.Parallel()
	primary := postgrestest.Start(t)
	url := primary.Database(t)
	standby := primary.Standby(t)
	s := start(t, url)
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1"}}); err != nil {
		t.Fatal(err)
	}
	standby.Stop()
	answer := make(chan error)
	go func() { answer <- s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: 1}}) }()
	primary.Until(t, "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'iamd'")
	primary.Exec(t, "postgres", "SET synchronous_commit = local", "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'iamd'")
	if err := <-answer; !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Commit: %v, want ErrUnavailable", err)
	}
}

// TestReadOnlyHeals: connections to a server that turns read-only are given up, and
// new ones are used as soon as it takes writes.
func TestReadOnlyHeals(t *testing.T) {
	t.Parallel()
	cluster := postgrestest.Start(t)
	url := cluster.Database(t)
	s := start(t, url)
	var version uint64
	var wg sync.WaitGroup
	for i := range 8 { // several connections
		wg.Go(func() {
			if err := s.Commit(t.Context(), []store.Part{{Aggregate: fmt.Sprint("b/", i)}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for range 3 {
		cluster.Exec(t, "postgres", "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
		cluster.Until(t, "SELECT current_setting('default_transaction_read_only') = 'on'")
		cluster.Exec(t, "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'iamd'")
		if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: version}}); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("Commit: %v, want ErrUnavailable", err)
		}
		cluster.Exec(t, "postgres", "SET default_transaction_read_only = off", "ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")
		cluster.Until(t, "SELECT current_setting('default_transaction_read_only') = 'off'")
		if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: version}}); err != nil {
			t.Errorf("Commit: %v", err)
		}
		version++
	}
}

// TestSilence: a server that hangs is not waited for without end, and a commit that
// had begun there is told as unknown.
func TestSilence(t *testing.T) {
	t.Parallel()
	cluster := postgrestest.Start(t)
	s := start(t, cluster.Database(t))
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1"}}); err != nil {
		t.Fatal(err)
	}
	f := storetest.NewFeed("a/1")
	failed := follow(t, s, f)
	f.Now(t, "a/1", failed)
	cluster.Pause(t)
	answers := make(chan error)
	go func() { answers <- s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: 1}}) }()
	go func() { _, err := s.Lookup(t.Context(), store.Unique{Space: "s", Key: "k"}); answers <- err }()
	for _, err := range []error{<-failed, <-answers, <-answers} {
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%v, want ErrUnavailable", err)
		}
	}
	cluster.Resume(t)
	version, _, err := s.Load(t.Context(), "a/1")
	if err == nil {
		err = s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: version}})
	}
	if err != nil {
		t.Errorf("after it went on: %v", err)
	}
}
