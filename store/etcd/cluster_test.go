package etcd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"iamd/store"
	"iamd/store/etcd/etcdtest"
)

// feed is a store.Feed whose news can be waited for.
type feed struct {
	mu      sync.Mutex
	held    map[string]uint64
	current time.Time
	news    chan struct{} // closed and made anew by each call
}

func newFeed(held ...string) *feed {
	f := &feed{held: map[string]uint64{}, news: make(chan struct{})}
	for _, name := range held {
		f.held[name] = 0
	}
	return f
}

func (f *feed) Held() map[string]uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	held := map[string]uint64{}
	for name, version := range f.held {
		held[name] = version
	}
	return held
}

func (f *feed) tell(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
	close(f.news)
	f.news = make(chan struct{})
}

func (f *feed) Moved(name string, version uint64) {
	f.tell(func() { f.held[name] = max(f.held[name], version) })
}

func (f *feed) Current(at time.Time) { f.tell(func() { f.current = at }) }

// now waits until the feed is current as of now, and returns the version that it
// knows of an aggregate.
func (f *feed) now(t *testing.T, name string) uint64 {
	t.Helper()
	asked := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for {
		f.mu.Lock()
		current, version, news := f.current, f.held[name], f.news
		f.mu.Unlock()
		if current.After(asked) {
			return version
		}
		select {
		case <-news:
		case <-ctx.Done():
			t.Fatal("nothing is heard")
		}
	}
}

// follow follows until the end of the test, again and again when it fails, as
// those who use it do.
func follow(t *testing.T, s *Store, f *feed) {
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
	f := newFeed("a/0", "a/5")
	follow(t, stores[1], f)

	var acknowledged [aggregates]atomic.Uint64
	var unknown atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range aggregates {
		s, name := stores[i%2], fmt.Sprint("a/", i)
		wg.Go(func() {
			for version := uint64(0); ctx.Err() == nil; {
				k := fmt.Sprint(version + 1)
				err := s.Commit(ctx, []store.Part{{Aggregate: name, Expect: version, Changes: store.Changes{
					Rows:   []store.Row{{Kind: "n", Key: k, Data: make([]byte, 500)}},
					Take:   []store.Unique{{Space: name, Key: k}},
					Events: []store.Event{{ID: k, Data: []byte(k)}},
				}}})
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
				if f.now(t, "a/0") < 1 && version > 0 {
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
			checkVersions(t, s, name, acknowledged[i].Load())
		}
	}
	version, _, err := stores[0].Load(t.Context(), "a/5")
	if told := f.now(t, "a/5"); err != nil || told != version {
		t.Errorf("told of version %d, there is %d, %v", told, version, err)
	}
}

// checkVersions checks that an aggregate is at the acknowledged version or later,
// and that each version left all of its traces.
func checkVersions(t *testing.T, s *Store, aggregate string, acknowledged uint64) {
	t.Helper()
	snap, err := s.Snapshot(t.Context(), aggregate)
	if err != nil {
		t.Fatal(err)
	}
	changes, changesErr := s.Changes(t.Context(), aggregate, 0, 1<<20)
	events, eventsErr := s.Events(t.Context(), aggregate, store.EventQuery{Limit: 1 << 20})
	if err := errors.Join(changesErr, eventsErr); err != nil {
		t.Fatal(err)
	}
	n := int(snap.Version)
	if snap.Version < acknowledged || len(snap.Rows) != n || len(snap.Names) != n || len(changes) != n || len(events) != n {
		t.Errorf("%s: version %d, acknowledged %d; %d rows, %d names, %d changes, %d events",
			aggregate, n, acknowledged, len(snap.Rows), len(snap.Names), len(changes), len(events))
	}
}

// TestMissedHistory: a follower whose member was away hears of what was committed
// and compacted in the meantime.
func TestMissedHistory(t *testing.T) {
	t.Parallel()
	c := etcdtest.Start(t, 3)
	s := start(t, c.URL())
	victim := (c.Leader() + 1) % 3
	var log buffer
	follower := start(t, c.URLs()[victim])
	follower.log = slog.New(slog.NewTextHandler(&log, nil))
	f := newFeed("a/1", "a/2")
	follow(t, follower, f)
	until(t, s, "a/1", 1)
	if got := f.now(t, "a/1"); got != 1 {
		t.Errorf("told of version %d, want 1", got)
	}
	c.Kill(victim)
	for v := range uint64(5) {
		until(t, s, "a/1", v+2)
		until(t, s, "a/2", v+1)
	}
	cli := c.Client()
	now, err := cli.Get(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cli.Compact(t.Context(), now.Header.Revision); err != nil {
		t.Fatal(err)
	}
	c.Restart(victim)
	if one, two := f.now(t, "a/1"), f.now(t, "a/2"); one != 6 || two != 5 {
		t.Errorf("told of versions %d and %d, want 6 and 5", one, two)
	}
	if text := log.String(); !strings.Contains(text, "compacted") {
		t.Errorf("it was not missed: %s", text)
	}
	until(t, s, "a/2", 6)
	if got := f.now(t, "a/2"); got != 6 {
		t.Errorf("told of version %d, want 6", got)
	}
}

// buffer may be written and read at the same time.
type buffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

// TestCompactedLoad: history that is compacted away amid a load of many pages
// makes it begin anew.
func TestCompactedLoad(t *testing.T) {
	s := start(t, etcdtest.Shared(t))
	var rows []store.Row
	for i := range 2000 {
		rows = append(rows, store.Row{Kind: "n", Key: fmt.Sprintf("%04d", i), Data: make([]byte, 3000)})
	}
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Changes: store.Changes{Rows: rows}}}); err != nil {
		t.Fatal(err)
	}
	tries := 0
	err := s.consistently(func() error {
		resp, err := s.client.Put(t.Context(), s.prefix+"other", "")
		if err != nil {
			return err
		}
		if tries++; tries < 3 { // as if it had begun before
			if _, err := s.client.Compact(t.Context(), resp.Header.Revision); err != nil {
				return err
			}
			_, err = s.version(t.Context(), "a/1", resp.Header.Revision-1)
			return err
		}
		_, _, _, got, err := s.load(t.Context(), "a/1")
		if len(got) != len(rows) {
			t.Errorf("%d rows, want %d", len(got), len(rows))
		}
		return err
	})
	if err != nil || tries != 3 {
		t.Errorf("after %d tries: %v", tries, err)
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
	f := newFeed("a/1")
	follow(t, s, f)
	until(t, s, "a/1", 1)
	c.Kill(0)
	c.Restart(0)
	until(t, s, "a/1", 2)
	if got := f.now(t, "a/1"); got != 2 {
		t.Errorf("told of version %d, want 2", got)
	}
}
