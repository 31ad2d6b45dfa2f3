package etcd

import (
	"bytes"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"

	"iamd/store"
	"iamd/store/etcd/etcdtest"
	"iamd/store/storetest"
)

// TestRestored: a follower is told of what it holds that is no more since the cluster
// was put back to an earlier state, and of what comes after.
func TestRestored(t *testing.T) {
	t.Parallel()
	c := etcdtest.Start(t, 1)
	s := start(t, c.URL())
	until(t, s, "a/1", 1)
	c.Kill(0)
	restore := c.Keep(0)
	c.Restart(0)
	f := storetest.NewFeed("a/1", "a/2")
	follow(t, s, f)
	until(t, s, "a/1", 2)
	until(t, s, "a/1", 3)
	until(t, s, "a/2", 1)
	if one, two, reverts := f.Now(t, "a/1", nil), f.Now(t, "a/2", nil), f.Reverts(); one != 3 || two != 1 || len(reverts) != 0 {
		t.Fatalf("versions %d and %d, %v were reverted", one, two, reverts)
	}
	c.Kill(0)
	restore()
	c.Restart(0)
	if one, two, reverts := f.Now(t, "a/1", nil), f.Now(t, "a/2", nil), f.Reverts(); one != 0 || two != 0 || !maps.Equal(reverts, map[string]int{"a/1": 1, "a/2": 1}) {
		t.Errorf("versions %d and %d after the restore, %v were reverted", one, two, reverts)
	}
	until(t, s, "a/1", 2)
	if one := f.Now(t, "a/1", nil); one != 2 {
		t.Errorf("version %d of what was written later, want 2", one)
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
	f := storetest.NewFeed("a/1", "a/2")
	follow(t, follower, f)
	until(t, s, "a/1", 1)
	if got := f.Now(t, "a/1", nil); got != 1 {
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
	if one, two := f.Now(t, "a/1", nil), f.Now(t, "a/2", nil); one != 6 || two != 5 {
		t.Errorf("told of versions %d and %d, want 6 and 5", one, two)
	}
	if text := log.String(); !strings.Contains(text, "compacted") {
		t.Errorf("it was not missed: %s", text)
	}
	until(t, s, "a/2", 6)
	if got := f.Now(t, "a/2", nil); got != 6 {
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
