//go:build unix

package postgrestest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// startTime is how long a server may take to answer.
const startTime = time.Minute

// Cluster is a server's directory and, unless it was stopped, its process.
type Cluster struct {
	bin, dir string
	port     int
	settings []string
	owner    *syscall.Credential // nil: whoever runs the test
	made     atomic.Int64        // databases
	alone    sync.Mutex          // held while a server starts or ends
	server   *process            // nil when stopped
}

// shared is the server of the test binary. There is one process and one of it.
var shared struct {
	sync.Mutex
	ready   bool // Main will stop it
	cluster *Cluster
}

// Main runs the tests of a binary and stops the shared server after them. Its
// result is what TestMain exits with.
func Main(m *testing.M) int {
	shared.Lock()
	shared.ready = true
	shared.Unlock()
	defer func() {
		shared.Lock()
		defer shared.Unlock()
		if shared.cluster != nil {
			shared.cluster.remove()
		}
	}()
	return m.Run()
}

// Shared returns the server of the test binary, whose TestMain must call Main. It
// is not to be stopped.
func Shared(t testing.TB) *Cluster {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.ready {
		t.Fatal("TestMain must call postgrestest.Main")
	}
	if shared.cluster == nil {
		c, err := start(nil)
		if err != nil {
			t.Fatal(err)
		}
		shared.cluster = c
	}
	return shared.cluster
}

// Start runs a server until the test ends. Settings are such as "fsync=off".
func Start(t testing.TB, settings ...string) *Cluster {
	t.Helper()
	c, err := start(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.remove)
	return c
}

func start(settings []string) (_ *Cluster, err error) {
	c, err := prepare(settings)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			c.remove()
		}
	}()
	if err := c.run("initdb", "-D", c.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"); err != nil {
		return nil, err
	}
	return c, c.launch()
}

// prepare makes a directory for a server, and finds it a port.
func prepare(settings []string) (*Cluster, error) {
	c := &Cluster{settings: settings}
	programs, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return nil, err
	}
	if len(programs) > 0 {
		c.bin = filepath.Dir(slices.MaxFunc(programs, func(a, b string) int { return version(a) - version(b) }))
	} else if found, err := exec.LookPath("initdb"); err == nil {
		c.bin = filepath.Dir(found)
	} else {
		return nil, fmt.Errorf("PostgreSQL's programs are missing: run scripts/tools.sh")
	}
	if os.Getuid() == 0 {
		if c.owner, err = unprivileged(); err != nil {
			return nil, err
		}
	}
	if c.dir, err = os.MkdirTemp("", "iamd-postgres-"); err != nil {
		return nil, err
	}
	if c.owner != nil {
		if err := os.Chown(c.dir, int(c.owner.Uid), int(c.owner.Gid)); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c.port = l.Addr().(*net.TCPAddr).Port
	return c, l.Close()
}

// version is the number in /usr/lib/postgresql/15/bin/initdb.
func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 for what is none
	return n
}

// unprivileged is whom root lets run the server.
func unprivileged() (*syscall.Credential, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL's user is missing: run scripts/tools.sh: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// run runs one of PostgreSQL's programs to its end.
func (c *Cluster) run(program string, args ...string) error {
	cmd := c.command(program, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}

func (c *Cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, program), args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	cmd.SysProcAttr = ofParent(c.owner)
	return cmd
}

// remove ends the server and removes all that it wrote.
func (c *Cluster) remove() {
	c.end(syscall.SIGQUIT)
	_ = os.RemoveAll(c.dir) // what is left is the temporary directory's to lose
}

// URL is the connection string of a database in this server and, for who follows a
// failover, in others.
func (c *Cluster) URL(database string, others ...*Cluster) string {
	hosts := fmt.Sprint("127.0.0.1:", c.port)
	for _, o := range others {
		hosts += fmt.Sprint(",127.0.0.1:", o.port)
	}
	return "postgres://postgres@" + hosts + "/" + database + "?sslmode=disable"
}

// Database makes an empty database and returns its connection string.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprint("test", c.made.Add(1))
	c.Exec(t, "postgres", "CREATE DATABASE "+name)
	return c.URL(name)
}

// Exec runs statements in a database, as its superuser.
func (c *Cluster) Exec(t testing.TB, database string, statements ...string) {
	t.Helper()
	conn, err := c.connect(database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, sql := range statements {
		if _, err := conn.Exec(context.Background(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

func (c *Cluster) connect(database string) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	return pgx.Connect(ctx, c.URL(database))
}

// log is the end of what the server wrote.
func (c *Cluster) log() string {
	data, err := os.ReadFile(filepath.Join(c.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return strings.ToValidUTF8(string(data[max(0, len(data)-4000):]), "?")
}
