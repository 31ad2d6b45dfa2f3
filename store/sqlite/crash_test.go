package sqlite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"iamd/store"
)

// crashPath tells this test's child process which store to commit to.
const crashPath = "IAMD_TEST_CRASH_PATH"

const crashAggregates = 6

// TestCrash kills a process that commits, again and again, and looks whether all
// that it was told to be durable is there, and nothing by halves. What the
// system itself would lose without synchronous=FULL it can't show:
// TestDurabilitySettings looks at that.
func TestCrash(t *testing.T) {
	if path := os.Getenv(crashPath); path != "" {
		commitUntilKilled(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "store.db")
	acknowledged := make([]uint64, crashAggregates)
	for round := range 6 {
		total := killAmidCommits(t, path, 1+rand.IntN(300), acknowledged)
		s := start(t, path)
		for i, acked := range acknowledged {
			checkCrashed(t, s, crashName(i), acked)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("round %d: killed after %d acknowledgements", round, total)
	}
}

func crashName(i int) string { return "a/" + strconv.Itoa(i) }

// killAmidCommits runs a child until it has acknowledged n commits, kills it,
// and notes the newest version it acknowledged of each aggregate.
func killAmidCommits(t *testing.T, path string, n int, acknowledged []uint64) (total int) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestCrash$")
	child.Env = append(os.Environ(), crashPath+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() { // also what it had written when it was killed
		var i int
		var version uint64
		if _, err := fmt.Sscanf(lines.Text(), "ack %d %d.", &i, &version); err != nil {
			t.Errorf("the child says %q", lines.Text())
			break
		}
		acknowledged[i] = max(acknowledged[i], version)
		if total++; total == n {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := child.Wait(); !errors.As(err, &exit) || exit.Exited() || total < n {
		t.Fatalf("the child ended by itself after %d acknowledgements: %v", total, err)
	}
	return total
}

// commitUntilKilled is the child.
func commitUntilKilled(t *testing.T, path string) {
	s := start(t, path)
	out := make(chan string)
	for i := range crashAggregates {
		go func() {
			version, _, err := s.Load(context.Background(), crashName(i))
			for err == nil || errors.Is(err, store.ErrNotFound) {
				key := strconv.FormatUint(version+1, 10)
				err = s.Commit(context.Background(), []store.Part{{Aggregate: crashName(i), Expect: version, Changes: store.Changes{
					Rows:   []store.Row{{Kind: "n", Key: key, Data: make([]byte, 500)}},
					Take:   []store.Unique{{Space: crashName(i), Key: key}},
					Events: []store.Event{{ID: key, Data: []byte(key)}},
				}}})
				version++
				out <- fmt.Sprintf("ack %d %d.\n", i, version)
			}
			out <- "failed: " + err.Error() + "\n"
		}()
	}
	for line := range out {
		if _, err := os.Stdout.WriteString(line); err != nil {
			t.Fatal(err)
		}
	}
}

// checkCrashed checks that an aggregate is at the acknowledged version or later,
// and that each version left all of its traces.
func checkCrashed(t *testing.T, s *Store, aggregate string, acknowledged uint64) {
	t.Helper()
	ctx := t.Context()
	version, rows, err := s.Load(ctx, aggregate)
	if errors.Is(err, store.ErrNotFound) && acknowledged == 0 {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	changes, changesErr := s.Changes(ctx, aggregate, 0, 1<<20)
	events, eventsErr := s.Events(ctx, aggregate, store.EventQuery{Limit: 1 << 20})
	if err := errors.Join(changesErr, eventsErr); err != nil {
		t.Fatal(err)
	}
	n := int(version)
	if version < acknowledged || len(rows) != n || len(changes) != n || len(events) != n {
		t.Errorf("%s: version %d, acknowledged %d; %d rows, %d changes, %d events", aggregate, version, acknowledged, len(rows), len(changes), len(events))
	}
	for v := range n + 1 {
		owner, err := s.Lookup(ctx, store.Unique{Space: aggregate, Key: strconv.Itoa(v + 1)})
		if (owner == aggregate) != (v < n) || (err == nil) != (v < n) {
			t.Errorf("%s: version %d's name is owned by %q, %v", aggregate, v+1, owner, err)
		}
	}
}

// TestDurabilitySettings: the writer's connection waits for the disk, and the
// readers' can't write.
func TestDurabilitySettings(t *testing.T) {
	s := start(t, filepath.Join(t.TempDir(), "store.db"))
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "0", "busy_timeout": "5000", "mmap_size": "0"} {
		var got string
		if err := s.writer.conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %s", pragma, got, err, want)
		}
	}
	if _, err := s.readers.Exec("DELETE FROM rows"); err == nil {
		t.Error("a reader deleted rows")
	}
	if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1"}}); err != nil {
		t.Fatal(err)
	}
	var verdict string
	if err := s.readers.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity: %q, %v", verdict, err)
	}
}
