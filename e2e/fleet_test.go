//go:build linux

package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/store/etcd/etcdtest"
	"iamd/store/postgres/postgrestest"
)

const (
	staleFor = 5 * time.Second // of the nodes
	noticed  = time.Second     // after which a node knows that it hears nothing
	enough   = time.Minute     // for what needs no such time
)

// fleet is nodes on one store, with a load.
type fleet struct {
	t        *testing.T
	nodes    []*fleetNode
	accounts []*fleetAccount
	ledger   *ledger
	gate     sync.RWMutex // held by a turn of the load, and against it by checks
	group    sync.WaitGroup
	stop     func() // the load; nil before it has begun
}

// end ends the load. It must be called before what the load needs goes.
func (f *fleet) end() {
	if f.stop != nil {
		f.stop()
		f.group.Wait()
	}
}

// begin makes accounts, and starts the load.
func (f *fleet) begin() {
	t, a := f.t, f.nodes[0]
	var root *aws.Credentials
	for _, n := range f.nodes {
		file := filepath.Join(n.dir, "root-credentials.csv")
		switch _, err := os.Stat(file); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			t.Fatal(err)
		case root != nil:
			t.Fatal("two nodes made the first account")
		default:
			root = new(keyFile(t, file))
		}
	}
	if root == nil {
		t.Fatal("no node made the first account")
	}
	f.addAccount(account, a.as(*root))
	for _, name := range []string{"second", "third"} {
		out, _ := new(process).run(t, a.env, "account", "create", name, "--json", "--data-dir", a.dir)
		var made struct{ ID, AccessKeyID, SecretAccessKey string }
		if err := json.Unmarshal([]byte(out), &made); err != nil {
			t.Fatal(err)
		}
		f.addAccount(made.ID, a.as(aws.Credentials{AccessKeyID: made.AccessKeyID, SecretAccessKey: made.SecretAccessKey}))
	}
	f.startLoad()
	f.soon(t, "keys are made and revoked", func() (string, bool) {
		n := len(f.ledger.some(20, func(k *fleetKey) bool { return k.state == revoked }))
		return fmt.Sprint(n, " revoked"), n >= 10
	})
	f.check(t, "before any fault")
}

// soon waits until something is so.
func (f *fleet) soon(t *testing.T, what string, so func() (why string, ok bool)) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.Now().Add(enough)
	for {
		why, ok := so()
		switch {
		case ok:
			return
		case time.Now().After(end):
			t.Fatalf("not after %s: %s: %s", enough, what, why)
		}
		<-tick.C
	}
}

// fault has something happen under load, waits until the nodes named write again,
// and checks all that must hold.
func (f *fleet) fault(t *testing.T, what string, happen func(), heal ...*fleetNode) {
	t.Helper()
	begun := time.Now()
	f.ledger.note(func() { clear(f.ledger.late) })
	happen()
	t.Logf("%s: all write again after %s", what, f.healed(t, what, begun, heal...))
	f.check(t, what)
	var lines []string
	for _, n := range f.nodes {
		gap, count := f.ledger.gap(n, begun)
		line := fmt.Sprintf("%s acknowledged %d writes, none for %s at most", n.name, count, gap.Round(time.Millisecond))
		f.ledger.note(func() {
			if late := f.ledger.late[n.name]; late > 0 {
				line += fmt.Sprintf(", took a revoked key up to %s after", late.Round(time.Millisecond))
			}
		})
		lines = append(lines, line)
	}
	t.Logf("%s: %s", what, strings.Join(lines, "; "))
}

// healed waits until nodes are ready and write, and tells when each did since then.
func (f *fleet) healed(t *testing.T, what string, since time.Time, nodes ...*fleetNode) string {
	t.Helper()
	times := make([]string, len(nodes))
	var group sync.WaitGroup
	for i, n := range nodes {
		group.Go(func() {
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			for n1 := 0; time.Since(since) < enough; n1++ {
				_, text := n.ready()
				name := fmt.Sprintf("heal-%s-%d-%d", n.name, since.UnixNano(), n1)
				if text == "ready\n" && f.write(n, f.accounts[0], name, callTime) {
					times[i] = fmt.Sprintf("%s %s", n.name, time.Since(since).Round(time.Millisecond))
					return
				}
				<-tick.C
			}
			_, text := n.ready()
			t.Errorf("%s: %s does not heal in %s: %s", what, n.name, enough, text)
		})
	}
	group.Wait()
	return strings.Join(times, ", ")
}

// killed: kill -9 of a node, under load, and its start.
func (f *fleet) killed(t *testing.T) {
	a := f.nodes[0]
	f.fault(t, "a node is killed", func() {
		at := time.Now()
		a.kill()
		t.Logf("a node is killed: the others: %s", f.healed(t, "a node is killed", at, f.nodes[1:]...))
		if err := a.start(t); err != nil {
			t.Fatalf("%v\n%s", err, a.logged())
		}
	}, f.nodes...)
}

// stopped: a node that does not run for longer than it may decide from memory, and
// then goes on, knows at its first answer what was revoked meanwhile.
func (f *fleet) stopped(t *testing.T) {
	const what, length = "a node is stopped for 8 s", 8 * time.Second
	a, b := f.nodes[0], f.nodes[1]
	f.fault(t, what, func() {
		key := f.known(t, a, b, f.accounts[0])
		b.signal(t, syscall.SIGSTOP)
		over := time.After(length)
		f.mustRevoke(t, a, key)
		answers := make(chan verdict)
		asked := 0
		ask := func() {
			asked++
			go func() { answers <- b.identity(key.Credentials, enough) }()
		}
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for stopped := true; stopped; {
			select {
			case <-tick.C:
				ask()
			case <-over:
				stopped = false
			}
		}
		b.signal(t, syscall.SIGCONT)
		went := time.Now()
		for range 10 {
			ask()
		}
		seen := map[verdict]int{}
		for range asked {
			v := <-answers
			seen[v]++
			if v != unknownKey && v != unavailable {
				t.Errorf("%s: a key that was revoked meanwhile: %q", what, v)
			}
		}
		f.soon(t, what+": it takes a good key", func() (string, bool) {
			v := b.identity(f.accounts[0].driver, callTime)
			return string(v), v == accepted
		})
		t.Logf("%s: it answered with a revoked key %v; it took a good one after %s", what, seen, time.Since(went).Round(time.Millisecond))
		t.Logf("%s: it wrote after %s", what, f.healed(t, what, went, b))
	}, f.nodes...)
}

// known is a new key, made by one node and used at another, that the load does not
// touch.
func (f *fleet) known(t *testing.T, a, b *fleetNode, in *fleetAccount) *fleetKey {
	t.Helper()
	var key *fleetKey
	f.soon(t, a.name+" makes a key", func() (string, bool) {
		name := fmt.Sprint("known-", time.Now().UnixNano())
		if f.write(a, in, name, callTime) {
			key = f.newKey(a, in, name)
		}
		return "", key != nil
	})
	f.soon(t, "the key works at "+b.name, func() (string, bool) {
		v := b.identity(key.Credentials, callTime)
		if v != accepted && !v.away() {
			t.Fatalf("a new key of %s at %s: %q", a.name, b.name, v)
		}
		return string(v), v == accepted
	})
	return key
}

func (f *fleet) mustRevoke(t *testing.T, n *fleetNode, k *fleetKey) {
	t.Helper()
	f.soon(t, "a key is revoked", func() (string, bool) { return "", f.revoke(n, k) })
}

// propagation measures how long after a write was acknowledged another node shows
// it: a key that is deactivated is refused, and taken once it is active again.
func (f *fleet) propagation(t *testing.T) {
	f.gate.Lock()
	defer f.gate.Unlock()
	const writes = 500
	var mu sync.Mutex
	var took []time.Duration
	var refused atomic.Int64
	var group sync.WaitGroup
	for i, n := range f.nodes {
		other := f.nodes[(i+1)%len(f.nodes)]
		key := f.known(t, n, other, f.accounts[i])
		f.ledger.note(func() { key.state = asked }) // no check may ask for it
		group.Go(func() {
			for j := range (writes + len(f.nodes) - 1) / len(f.nodes) {
				status, want := types.StatusTypeInactive, unknownKey
				if j%2 == 1 {
					status, want = types.StatusTypeActive, accepted
				}
				for begun := time.Now(); ; refused.Add(1) {
					err := f.set(n, key, status, enough)
					if err == nil {
						break
					}
					if !judge(err).away() || time.Since(begun) > enough {
						t.Errorf("a write amid peace: %v", err)
						return
					}
				}
				done := time.Now()
				for other.identity(key.Credentials, enough) != want {
					if time.Since(done) > enough {
						t.Errorf("%s does not see what %s wrote", other.name, n.name)
						return
					}
				}
				mu.Lock()
				took = append(took, time.Since(done))
				mu.Unlock()
			}
		})
	}
	begun := time.Now()
	group.Wait()
	slices.Sort(took)
	if len(took) < writes {
		t.Fatalf("%d writes were seen", len(took))
	}
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	t.Logf("propagation of %d writes, until a request at another node was answered by them: p50 %s, p99 %s, at most %s; in %s, with %d writes refused", len(took),
		p50.Round(100*time.Microsecond), p99.Round(100*time.Microsecond), took[len(took)-1].Round(100*time.Microsecond), time.Since(begun).Round(time.Millisecond), refused.Load())
	if p99 > 5*time.Second {
		t.Errorf("p99 of propagation is %s", p99)
	}
}

// TestFleetOnEtcd: three nodes on three members, one node and one member behind
// networks that can be cut.
func TestFleetOnEtcd(t *testing.T) {
	t.Parallel()
	inside, member := newRoom(t), newRoom(t)
	here := etcdtest.Place{Clients: []string{"127.0.0.1", inside.hostBack}, Peer: member.hostBack}
	c := etcdtest.StartAt(t, []etcdtest.Place{here, here, {Clients: []string{member.front}, Peer: member.back, Enter: member.enter}})
	hosts := strings.Split(strings.TrimPrefix(c.URL(), "etcd://"), ",")
	seen := strings.ReplaceAll("etcd://"+hosts[0]+","+hosts[1], "127.0.0.1", inside.hostBack)
	f := newFleet(t, []string{c.URL(), "etcd://" + hosts[2] + "," + hosts[0] + "," + hosts[1], seen}, []*room{nil, nil, inside})
	defer f.end()
	f.begin()
	f.killed(t)
	leader := c.Leader()
	f.fault(t, "etcd's leader is killed", func() { c.Kill(leader) }, f.nodes...)
	f.fault(t, "the member that was killed is back", func() { c.Restart(leader) }, f.nodes...)
	f.cutOff(t, inside)
	f.stopped(t)
	c.Lead(2)
	f.fault(t, "etcd's leader is cut off from the others", func() { member.cut(t) }, f.nodes...)
	f.fault(t, "etcd's members are together again", func() { member.mend(t) }, f.nodes...)
	f.propagation(t)
	f.check(t, "at the end")
}

// TestFleetOnPostgreSQL: three nodes on a primary whose commits wait for a standby,
// one node behind a network that can be cut.
func TestFleetOnPostgreSQL(t *testing.T) {
	t.Parallel()
	inside := newRoom(t)
	primary := postgrestest.Start(t, "listen_addresses=127.0.0.1,"+inside.hostBack, "hba_file="+admit(t, inside.back))
	url := primary.Database(t)
	standby := primary.Standby(t)
	url = primary.URL(url[strings.LastIndexByte(url, '/')+1:strings.IndexByte(url, '?')], standby) + "&target_session_attrs=read-write"
	f := newFleet(t, []string{url, url, strings.ReplaceAll(url, "127.0.0.1", inside.hostBack)}, []*room{nil, nil, inside})
	defer f.end()
	f.begin()
	f.killed(t)
	f.fault(t, "PostgreSQL's primary is killed", func() {
		primary.Kill()
		standby.Promote(t)
	}, f.nodes...)
	f.fault(t, "the new primary has a standby", func() { standby.Standby(t) }, f.nodes...)
	f.cutOff(t, inside)
	f.stopped(t)
	f.propagation(t)
	f.check(t, "at the end")
}

// admit is a file that has PostgreSQL take connections from here and one address.
func admit(t *testing.T, address string) string {
	t.Helper()
	file, err := os.CreateTemp("", "iamd-hba-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(file.Name()) })
	_, err = file.WriteString("local all all trust\nlocal replication all trust\nhost all all 127.0.0.1/32 trust\n" +
		"host replication all 127.0.0.1/32 trust\nhost all all " + address + "/32 trust\n")
	// The server is another user's.
	if err := errors.Join(err, file.Chmod(0o644), file.Close()); err != nil {
		t.Fatal(err)
	}
	return file.Name()
}
