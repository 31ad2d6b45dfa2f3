package etcd

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"iamd/store"
	"iamd/store/etcd/etcdtest"
	"iamd/store/storetest"
)

// follow follows until the end of the test, again and again when it fails, as
// those who use it do.
func follow(t *testing.T, s *Store, f *storetest.Feed) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			err := s.Follow(ctx, f)
			t.Logf("Follow: %v", err)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
}

// until commits a version of an aggregate, however often it takes.
func until(t *testing.T, s *Store, name string, version uint64) {
	t.Helper()
	for t.Context().Err() == nil {
		err := s.Commit(t.Context(), []store.Part{{Aggregate: name, Expect: version - 1, Changes: store.Changes{
			Rows: []store.Row{{Kind: "n", Key: fmt.Sprint(version), Data: []byte("x")}}}}})
		switch {
		case err == nil:
			return
		case errors.Is(err, store.ErrConflict): // one whose answer was lost
			if now, _, err := s.Load(t.Context(), name); err == nil && now == version {
				return
			}
		case !errors.Is(err, store.ErrUnavailable):
			t.Errorf("Commit: %v", err)
			return
		}
	}
}

// TestMembersDie kills the leader and a member under load, one after the other.
// Whatever was acknowledged is there afterwards, and followers hear of all.
func TestMembersDie(t *testing.T) {
	t.Parallel()
	c := etcdtest.Start(t, 3)
	stores := []*Store{start(t, c.URL()), start(t, c.URL())}
	const aggregates = 6
	f := storetest.NewFeed("a/0", "a/5")
	follow(t, stores[1], f)

	var acknowledged [aggregates]atomic.Uint64
	var unknown atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range aggregates {
		s, name := stores[i%2], fmt.Sprint("a/", i)
		wg.Go(func() {
			for version := uint64(0); ctx.Err() == nil; {
				err := s.Commit(ctx, []store.Part{storetest.Version(name, version+1)})
				if err == nil {
					version++
					acknowledged[i].Store(version)
					continue
				}
				unknown.Add(1)
				for ctx.Err() == nil {
					now, _, err := s.Load(ctx, name)
					if err == nil || errors.Is(err, store.ErrNotFound) {
						if now < version {
							t.Errorf("%s has version %d, acknowledged was %d", name, now, version)
						}
						version = now
						break
					}
				}
			}
		})
	}
	progress := func() {
		t.Helper()
		for i := range aggregates {
			version := acknowledged[i].Load()
			for acknowledged[i].Load() < version+5 {
				if f.Now(t, "a/0", nil) < 1 && version > 0 {
					t.Fatal("the feed knows nothing")
				}
			}
		}
	}
	progress()
	for round, victim := range []int{c.Leader(), (c.Leader() + 1) % 3} {
		c.Kill(victim)
		progress()
		c.Restart(victim)
		progress()
		t.Logf("round %d: %d commits with no answer or a bad one", round, unknown.Load())
	}
	c.Kill(c.Leader())
	progress()
	cancel()
	wg.Wait()
	for i := range aggregates {
		name := fmt.Sprint("a/", i)
		for _, s := range stores {
			storetest.CheckVersions(t, s, name, acknowledged[i].Load())
		}
	}
	// A commit that nobody waited for may still come.
	for {
		before := storetest.CheckVersions(t, stores[0], "a/5", 0)
		told := f.Now(t, "a/5", nil)
		after := storetest.CheckVersions(t, stores[0], "a/5", before)
		if told < before || told > after {
			t.Errorf("told of version %d, there was %d before and %d after", told, before, after)
		}
		if before == after {
			return
		}
	}
}

// TestUser: a user whose token the server has forgotten gets a new one.
func TestUser(t *testing.T) {
	t.Parallel()
	c := etcdtest.Start(t, 1)
	cli := c.Client()
	role := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"root", "ann"} {
		_, err := cli.UserAdd(t.Context(), name, "pass:w/rd")
		role(err)
		_, err = cli.RoleAdd(t.Context(), name)
		role(err)
		_, err = cli.UserGrantRole(t.Context(), name, name)
		role(err)
	}
	_, err := cli.RoleGrantPermission(t.Context(), "ann", "/iamd/", "/iamd0", 2)
	role(err)
	_, err = cli.AuthEnable(t.Context())
	role(err)

	host := c.URL()[len("etcd://"):]
	if s, err := Open(t.Context(), Config{URL: "etcd://ann:wrong@" + host}); err == nil {
		_ = s.Close()
		t.Error("opened with a wrong password")
	}
	if s, err := Open(t.Context(), Config{URL: c.URL()}); err == nil {
		_ = s.Close()
		t.Error("opened without a password")
	}
	url := "etcd://ann:pass%3Aw%2Frd@" + host
	if s, err := Open(t.Context(), Config{URL: url + "/others"}); err == nil || errors.Is(err, store.ErrUnavailable) {
		_ = s.Close()
		t.Errorf("opened where the user may not write: %v", err)
	}
	s := start(t, url)
	f := storetest.NewFeed("a/1")
	follow(t, s, f)
	until(t, s, "a/1", 1)
	c.Kill(0)
	c.Restart(0)
	until(t, s, "a/1", 2)
	if got := f.Now(t, "a/1", nil); got != 2 {
		t.Errorf("told of version %d, want 2", got)
	}
}
