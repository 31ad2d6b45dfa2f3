//go:build unix

package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// process is a running server.
type process struct {
	pid  int
	done chan struct{} // closed when it has ended
}

// settings that all servers have; a test's own come after and win.
func (c *Cluster) arguments() []string {
	args := []string{"-D", c.data()}
	for _, s := range append([]string{
		"listen_addresses=127.0.0.1", fmt.Sprint("port=", c.port), "unix_socket_directories=" + c.dir,
		"max_connections=200", "shared_buffers=64MB", "fsync=on", "wal_level=replica", "max_wal_senders=8", "hot_standby=on",
	}, c.settings...) {
		args = append(args, "-c", s)
	}
	return args
}

// launch starts the server and waits until it answers.
func (c *Cluster) launch() error {
	c.alone.Lock()
	defer c.alone.Unlock()
	log, err := os.OpenFile(filepath.Join(c.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := c.command("postgres", c.arguments()...)
	cmd.Stdout, cmd.Stderr = log, log
	p := &process{done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The server is told to end when the thread that started it does.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			p.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			_ = cmd.Wait() // it was killed, or its log says why it ended
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	c.server = p
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-p.done:
			c.server = nil
			return fmt.Errorf("the server ended: %w\n%s", err, c.log())
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w\n%s", err, c.log())
		case <-tick.C:
		}
	}
}

// end sends the server a signal and waits until it has ended.
func (c *Cluster) end(signal syscall.Signal) {
	c.alone.Lock()
	defer c.alone.Unlock()
	if c.server == nil {
		return
	}
	_ = syscall.Kill(c.server.pid, signal) // it may have ended by itself
	select {
	case <-c.server.done:
	case <-time.After(startTime):
		_ = syscall.Kill(c.server.pid, syscall.SIGKILL)
		<-c.server.done
	}
	c.server = nil
}

// Dir is the directory of all that the server writes, its log too.
func (c *Cluster) Dir() string { return c.dir }

// Stop ends the server in order: transactions are broken off, and all is written.
func (c *Cluster) Stop() { c.end(syscall.SIGINT) }

// Kill ends the server's first process at once, as a crash does. The others notice
// by themselves.
func (c *Cluster) Kill() { c.end(syscall.SIGKILL) }

// KillAll ends all of the server's processes at once, as a loss of power does.
func (c *Cluster) KillAll(t testing.TB) {
	t.Helper()
	c.signal(t, syscall.SIGKILL)
	c.Kill() // waits for the first; the others are nobody's
}

// Pause stops all of the server's processes where they are, as a cut network or a
// hanging machine looks to others, until Resume.
func (c *Cluster) Pause(t testing.TB) { c.signal(t, syscall.SIGSTOP) }

// Resume has a paused server go on.
func (c *Cluster) Resume(t testing.TB) { c.signal(t, syscall.SIGCONT) }

func (c *Cluster) signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	c.alone.Lock()
	defer c.alone.Unlock()
	if c.server == nil {
		t.Fatal("the server does not run")
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", c.server.pid, c.server.pid))
	if err != nil {
		t.Fatal(err)
	}
	pids := []int{c.server.pid}
	for _, field := range strings.Fields(string(children)) {
		var pid int
		if _, err := fmt.Sscan(field, &pid); err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Fatal(err)
		}
	}
}

// Restart starts a server that was stopped or killed, at the same port.
func (c *Cluster) Restart(t testing.TB) {
	t.Helper()
	c.end(syscall.SIGINT)
	// The children of one that was killed notice by themselves, and until then the
	// directory is theirs.
	deadline := time.Now().Add(startTime)
	for {
		err := c.launch()
		if err == nil {
			return
		}
		if c.server != nil || time.Now().After(deadline) || !strings.Contains(err.Error(), "is still in use") && !strings.Contains(err.Error(), "already exists") {
			t.Fatal(err)
		}
	}
}

// standbyName is the only standby's.
const standbyName = "standby"

// Standby starts a copy of the server, and has commits wait for it from then on.
// It runs until the test ends.
func (c *Cluster) Standby(t testing.TB) *Cluster {
	t.Helper()
	s, err := prepare(c.settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.remove)
	from := fmt.Sprintf("host=127.0.0.1 port=%d user=postgres application_name=%s", c.port, standbyName)
	if err := s.run("pg_basebackup", "-D", s.data(), "-d", from, "-R", "-X", "stream", "-c", "fast", "--no-sync"); err != nil {
		t.Fatal(err)
	}
	if err := s.launch(); err != nil {
		t.Fatal(err)
	}
	c.Exec(t, "postgres", "ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 ("+standbyName+")'", "SELECT pg_reload_conf()")
	c.Until(t, "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'")
	return s
}

// Promote makes a standby the primary, whose commits wait for nobody. The old one
// must have been stopped or killed before.
func (c *Cluster) Promote(t testing.TB) {
	t.Helper()
	c.Exec(t, "postgres", "SELECT pg_promote(true, 60)")
	c.Until(t, "SELECT NOT pg_is_in_recovery()")
}

// Until waits for a condition of the server, a query of one boolean.
func (c *Cluster) Until(t testing.TB, condition string) {
	t.Helper()
	conn, err := c.connect("postgres")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		var so bool
		if err := conn.QueryRow(ctx, condition).Scan(&so); err != nil {
			t.Fatalf("%s: %v", condition, err)
		}
		if so {
			return
		}
		<-tick.C
	}
}
