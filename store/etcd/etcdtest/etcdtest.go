package etcdtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

// Cluster is a cluster of etcd servers on loopback.
type Cluster struct {
	t       testing.TB
	members []*member
}

type member struct {
	name         string
	client, peer string   // host:port
	more         []string // further ones for clients
	enter        []string
	args         []string
	dir, log     string
	stop         func() // nil: it doesn't run
}

// binary finds etcd, or fails the test.
func binary(t testing.TB) string {
	for _, name := range []string{"etcd", "/usr/bin/etcd"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("etcd is not installed: scripts/tools.sh installs what the tests need")
	return ""
}

// Place is where a server runs, by addresses without ports.
type Place struct {
	Clients []string // that it listens on for clients; the test uses the first
	Peer    string
	Enter   []string // the command that runs another there; empty: here
}

// Start starts a cluster of n servers on loopback, with more arguments for each. It
// ends with the test.
func Start(t testing.TB, n int, args ...string) *Cluster {
	t.Helper()
	return StartAt(t, slices.Repeat([]Place{{Clients: []string{loopback}, Peer: loopback}}, n), args...)
}

const loopback = "127.0.0.1"

// StartAt is Start with a server at each place.
func StartAt(t testing.TB, places []Place, args ...string) *Cluster {
	t.Helper()
	c := &Cluster{t: t}
	addresses := free(t, 2*len(places))
	var all []string
	for i, p := range places {
		at := func(host, like string) string { return strings.Replace(like, loopback, host, 1) }
		m := &member{name: fmt.Sprint("n", i), client: at(p.Clients[0], addresses[2*i]), peer: at(p.Peer, addresses[2*i+1]), enter: p.Enter, dir: t.TempDir()}
		for _, host := range p.Clients[1:] {
			m.more = append(m.more, at(host, addresses[2*i]))
		}
		m.log = filepath.Join(m.dir, "log")
		c.members = append(c.members, m)
		all = append(all, m.name+"=http://"+m.peer)
	}
	for _, m := range c.members {
		m.args = append(arguments(m, strings.Join(all, ",")), args...)
	}
	t.Cleanup(func() {
		for i := range c.members {
			c.Kill(i)
		}
	})
	for i := range c.members {
		c.launch(i)
	}
	for i := range c.members {
		c.ready(i)
	}
	return c
}

func arguments(m *member, all string) []string {
	heartbeat, election := "200", "2000" // for a machine that is busy with other tests, while a lost leader is soon replaced
	if !strings.Contains(all, ",") {
		heartbeat, election = "10", "100" // it waits for nobody
	}
	clients := "http://" + m.client
	for _, address := range m.more {
		clients += ",http://" + address
	}
	return []string{
		"--name", m.name, "--data-dir", filepath.Join(m.dir, "data"),
		"--listen-client-urls", clients, "--advertise-client-urls", "http://" + m.client,
		"--listen-peer-urls", "http://" + m.peer, "--initial-advertise-peer-urls", "http://" + m.peer,
		"--initial-cluster", all, "--initial-cluster-state", "new",
		"--heartbeat-interval", heartbeat, "--election-timeout", election,
		"--logger", "zap", "--log-level", "warn",
	}
}

// The ports that servers get. Systems take those of outgoing connections from above:
// while a member is dead its port must stay free, or it does not start again, and a
// client that dials it must not meet another server, or itself.
const (
	firstPort = 10240
	ports     = 32768 - firstPort
)

// given are the ports that this process has used.
var given sync.Map

// free returns addresses of loopback on which nothing listens, each once.
func free(t testing.TB, n int) (list []string) {
	t.Helper()
	for tries := 0; len(list) < n; tries++ {
		port := firstPort + rand.N(ports)
		if _, used := given.LoadOrStore(port, true); used && tries < 10*ports {
			continue
		}
		l, err := net.Listen("tcp", fmt.Sprint(loopback, ":", port))
		if err != nil && tries < 10*ports {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		list = append(list, l.Addr().String())
	}
	return list
}

// run starts a server under a shell that kills it when its own input ends, and
// removes a directory then, if there is one.
func run(path string, args []string, log, remove string) (stop func(), err error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	const script = `remove=$1; shift; "$@" & server=$!; read -r end; kill -9 $server; wait $server; [ -z "$remove" ] || rm -rf "$remove"`
	cmd := exec.Command("sh", append([]string{"-c", script, "sh", remove, path}, args...)...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	cmd.Stdout, cmd.Stderr = out, out
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() {
		// The shell ends as it was told: it has nothing to say.
		_ = input.Close()
		_ = cmd.Wait()
	}), nil
}

func (c *Cluster) launch(i int) {
	c.t.Helper()
	m := c.members[i]
	command := slices.Concat(m.enter, []string{binary(c.t)}, m.args)
	stop, err := run(command[0], command[1:], m.log, "")
	if err != nil {
		c.t.Fatal(err)
	}
	m.stop = stop
}

// ready waits until a member answers for the cluster.
func (c *Cluster) ready(i int) {
	c.t.Helper()
	m := c.members[i]
	if err := answers(m.client); err != nil {
		text, _ := os.ReadFile(m.log)
		c.t.Fatalf("etcd does not start: %v\n%.4000s", err, text)
	}
}

// startTime is longer than a server takes to start, or a cluster to find a leader, on
// a machine that is busy with other tests.
const startTime = 3 * time.Minute

// answers waits until a server answers a read that needs a leader.
func answers(address string) error {
	cli, err := connect(address)
	if err != nil {
		return err
	}
	defer cli.Close()
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	for {
		try, end := context.WithTimeout(ctx, 2*time.Second)
		_, err := cli.Get(try, "ready")
		end()
		if err == nil || ctx.Err() != nil || strings.Contains(err.Error(), "user name is empty") {
			return ctx.Err()
		}
	}
}

func connect(addresses ...string) (*clientv3.Client, error) {
	return clientv3.New(clientv3.Config{Endpoints: addresses, DialTimeout: 3 * time.Second, Logger: zap.NewNop()})
}

// URL names the cluster to the store.
func (c *Cluster) URL() string {
	var hosts []string
	for _, m := range c.members {
		hosts = append(hosts, m.client)
	}
	return "etcd://" + strings.Join(hosts, ",")
}

// URLs name each member alone.
func (c *Cluster) URLs() (list []string) {
	for _, m := range c.members {
		list = append(list, "etcd://"+m.client)
	}
	return list
}

// Client returns a client of all members, for what the store has no call for.
func (c *Cluster) Client() *clientv3.Client {
	c.t.Helper()
	cli, err := connect(strings.Split(strings.TrimPrefix(c.URL(), "etcd://"), ",")...)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = cli.Close() })
	return cli
}

// Lead makes a member that runs the leader.
func (c *Cluster) Lead(i int) {
	c.t.Helper()
	leader := c.Leader()
	if leader == i {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	cli, err := connect(c.members[leader].client) // nobody else is asked
	if err != nil {
		c.t.Fatal(err)
	}
	defer cli.Close()
	status, err := cli.Status(ctx, "http://"+c.members[i].client)
	if err == nil {
		_, err = cli.MoveLeader(ctx, status.Header.MemberId)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// Dir is the directory of all that a member writes, its log too.
func (c *Cluster) Dir(i int) string { return c.members[i].dir }

// Kill kills a member, as a crash would.
func (c *Cluster) Kill(i int) {
	if m := c.members[i]; m.stop != nil {
		m.stop()
		m.stop = nil
	}
}

// Restart starts a member that was killed, with what it had on disk, and waits
// until it answers.
func (c *Cluster) Restart(i int) {
	c.t.Helper()
	c.launch(i)
	c.ready(i)
}

// Keep copies what a member has on disk, which must not run, and returns what puts
// that back, when it does not run either.
func (c *Cluster) Keep(i int) (restore func()) {
	c.t.Helper()
	data, kept := filepath.Join(c.members[i].dir, "data"), c.t.TempDir()
	replace := func(to, from string) {
		c.t.Helper()
		if err := errors.Join(os.RemoveAll(to), os.CopyFS(to, os.DirFS(from))); err != nil {
			c.t.Fatal(err)
		}
	}
	replace(kept, data)
	return func() { replace(data, kept) }
}

// Leader waits until those who run agree on a leader, and returns its number.
func (c *Cluster) Leader() int {
	c.t.Helper()
	cli := c.Client()
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	for ctx.Err() == nil {
		for i, m := range c.members {
			if m.stop == nil {
				continue
			}
			try, end := context.WithTimeout(ctx, time.Second)
			status, err := cli.Status(try, "http://"+m.client)
			end()
			if err == nil && status.Leader != 0 && status.Leader == status.Header.MemberId {
				return i
			}
		}
	}
	c.t.Fatal("the cluster has no leader")
	return 0
}

// shared is the server that tests of one binary share.
var shared struct {
	once    sync.Once
	address string
	err     error
	stop    func() // kept: when the pipe to the shell is collected, the server ends
}

// Shared returns the URL of a place for one test in a server that the tests of
// the binary share. Every call with the same test returns the same place.
func Shared(t testing.TB) string {
	t.Helper()
	path := binary(t)
	addresses := free(t, 2)
	shared.once.Do(func() { shared.address, shared.stop, shared.err = startShared(path, addresses) })
	if shared.err != nil {
		t.Fatalf("start etcd: %v", shared.err)
	}
	return "etcd://" + shared.address + "/" + url.PathEscape(t.Name())
}

func startShared(path string, addresses []string) (address string, stop func(), err error) {
	dir, err := os.MkdirTemp("", "etcdtest")
	if err != nil {
		return "", nil, err
	}
	m := &member{name: "shared", client: addresses[0], peer: addresses[1], dir: dir}
	// It is never stopped: it ends with this process, and its directory with it. So it
	// needn't wait for the disk.
	if stop, err = run(path, append(arguments(m, "shared=http://"+m.peer), "--unsafe-no-fsync"), filepath.Join(dir, "log"), dir); err != nil {
		return "", nil, err
	}
	return m.client, stop, answers(m.client)
}
