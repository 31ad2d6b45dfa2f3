package etcd

import (
	"errors"
	"strings"
	"testing"

	clientv3 "go.etcd.io/etcd/client/v3"

	"iamd/store"
	"iamd/store/etcd/etcdtest"
	"iamd/store/storetest"
)

// TestQuota: a cluster whose database is full takes no writes and says why. Reads and
// followers go on, nothing is acknowledged that is not there, and it heals once there
// is room and the alarm is disarmed.
func TestQuota(t *testing.T) {
	t.Parallel()
	c := etcdtest.Start(t, 1, "--quota-backend-bytes", "8388608")
	s := start(t, c.URL())
	f := storetest.NewFeed("a/1")
	follow(t, s, f)
	write := func(expect uint64, bytes int) error {
		return s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: expect, Changes: store.Changes{
			Rows: []store.Row{{Kind: "n", Key: "k", Data: make([]byte, bytes)}}}}})
	}
	const version = 3
	for expect := range uint64(version) {
		if err := write(expect, 200<<10); err != nil {
			t.Fatal(err)
		}
	}
	used := []store.Soft{{Aggregate: "a/1", Kind: "used", Data: make([]byte, 100<<10)}}
	var err error
	for err == nil { // each value that was is kept until it is compacted
		err = s.SaveSoft(t.Context(), used)
	}
	refusals := map[string]error{
		"the first":     err,
		"a small one":   write(version, 1),
		"a large one":   write(version, 3<<20), // staged, as it needs several transactions
		"soft values":   s.SaveSoft(t.Context(), used),
		"events":        s.AppendEvents(t.Context(), map[string][]store.Event{"a/1": {{ID: "e"}}}),
		"another store": func() error { _, err := Open(t.Context(), Config{URL: c.URL() + "/other"}); return err }(),
	}
	for what, err := range refusals {
		if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "database is full") {
			t.Errorf("%s: %v, want ErrUnavailable and why", what, err)
		}
	}
	if now, rows, err := s.Load(t.Context(), "a/1"); err != nil || now != version || len(rows) != 1 || len(rows[0].Data) != 200<<10 {
		t.Errorf("version %d, %d was acknowledged; %d rows, %v", now, version, len(rows), err)
	}
	if told := f.Now(t, "a/1", nil); told != version {
		t.Errorf("told of version %d, want %d", told, version)
	}

	cli := c.Client()
	status, err := cli.Status(t.Context(), cli.Endpoints()[0])
	if err == nil {
		_, err = cli.Compact(t.Context(), status.Header.Revision, clientv3.WithCompactPhysical())
	}
	if err == nil {
		_, err = cli.Defragment(t.Context(), cli.Endpoints()[0])
	}
	if err == nil {
		_, err = cli.AlarmDisarm(t.Context(), &clientv3.AlarmMember{}) // all there are
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := write(version, 1); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if told := f.Now(t, "a/1", nil); told != version+1 {
		t.Errorf("told of version %d, want %d", told, version+1)
	}
	if _, err := s.Prune(t.Context(), s.now().Add(-2*stageAge)); err != nil {
		t.Error(err)
	}
}
