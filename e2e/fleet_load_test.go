//go:build linux

package e2e_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// ledger is what nodes have acknowledged.
type ledger struct {
	mu    sync.Mutex
	users map[string]bool // "account name"
	keys  map[string]*fleetKey
	acks  map[string][]time.Time // of writes, by node
	late  map[string]time.Duration
}

// fleetKey is an access key that was made.
type fleetKey struct {
	aws.Credentials
	account *fleetAccount
	user    string
	state   keyState
	revoked time.Time // when that was acknowledged
}

type keyState int

const (
	active keyState = iota
	asked           // to be deactivated; whether that was done is not known
	revoked
)

func newLedger() *ledger {
	return &ledger{users: map[string]bool{}, keys: map[string]*fleetKey{}, acks: map[string][]time.Time{}, late: map[string]time.Duration{}}
}

func (l *ledger) note(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do()
}

func (l *ledger) wrote(n *fleetNode) {
	l.note(func() { l.acks[n.name] = append(l.acks[n.name], time.Now()) })
}

// some are up to limit keys in a state, chosen by chance.
func (l *ledger) some(limit int, which func(*fleetKey) bool) (list []*fleetKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range l.keys {
		if which(k) {
			list = append(list, k)
		}
	}
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:min(limit, len(list))]
}

// gap is the longest time within which a node acknowledged no write.
func (l *ledger) gap(n *fleetNode, since time.Time) (longest time.Duration, count int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, at := range append(slices.Clone(l.acks[n.name]), time.Now()) {
		if at.After(since) {
			longest, since, count = max(longest, at.Sub(since)), at, count+1
		}
	}
	return longest, count - 1
}

// fleetAccount is one that the load writes to, by a user who may do all.
type fleetAccount struct {
	id, role string
	driver   aws.Credentials
}

const (
	doAll  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*","sts:*"],"Resource":"*"}]}`
	trusts = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"%s"}}]}`
)

func (f *fleet) addAccount(id string, root clients) {
	driver, _ := user(f.t, f.nodes[0].url, root, "driver")
	putUserPolicy(f.t, root, "driver", doAll)
	made := role(f.t, root, "work", fmt.Sprintf(trusts, id))
	f.accounts = append(f.accounts, &fleetAccount{id: id, role: *made.Role.Arn, driver: driver.key})
	f.ledger.users[id+" driver"] = true
}

// callTime is how long a caller of the load waits.
const callTime = 3 * time.Second

// startLoad begins the load and the probes, until f.end.
func (f *fleet) startLoad() {
	ctx, cancel := context.WithCancel(context.Background())
	f.stop = cancel
	each := func(every time.Duration, do func(i int)) {
		f.group.Go(func() {
			tick := time.NewTicker(every)
			defer tick.Stop()
			for i := 0; ; i++ {
				select {
				case <-tick.C:
				case <-ctx.Done():
					return
				}
				f.gate.RLock()
				do(i)
				f.gate.RUnlock()
			}
		})
	}
	for i, n := range f.nodes {
		for j, a := range []*fleetAccount{f.accounts[0], f.accounts[1+i%2]} {
			w := &writer{fleet: f, node: n, other: f.nodes[(i+1)%len(f.nodes)], account: a, name: fmt.Sprintf("%s%d", n.name, j)}
			each(60*time.Millisecond, w.turn)
		}
		each(40*time.Millisecond, func(int) { f.probe(n) })
	}
}

// writer is a client of one node.
type writer struct {
	*fleet
	node, other *fleetNode
	account     *fleetAccount
	name        string
	keys        []*fleetKey
}

func (w *writer) turn(i int) {
	name := fmt.Sprintf("%s-%d", w.name, i)
	if !w.write(w.node, w.account, name, callTime) {
		return
	}
	if i%2 == 0 {
		w.makeKey(name)
	}
	if len(w.keys) > 6 {
		w.revoke(w.node, w.keys[0])
		w.keys = w.keys[1:]
	}
	if i%5 == 0 {
		w.assume()
	}
}

// write makes a user, and tells whether that was acknowledged.
func (f *fleet) write(n *fleetNode, a *fleetAccount, name string, within time.Duration) bool {
	err := n.create(a.driver, name, within)
	if err == nil {
		f.ledger.wrote(n)
		f.ledger.note(func() { f.ledger.users[a.id+" "+name] = true })
	} else if !judge(err).away() {
		f.t.Errorf("CreateUser at %s: %v", n.name, err)
	}
	return err == nil
}

func (w *writer) makeKey(user string) {
	if k := w.newKey(w.node, w.account, user); k != nil {
		w.keys = append(w.keys, k)
	}
}

// newKey makes a key; nil when the node doesn't say that it did.
func (f *fleet) newKey(n *fleetNode, a *fleetAccount, user string) *fleetKey {
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	out, err := n.as(a.driver).IAM.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &user})
	if err != nil {
		if !judge(err).away() {
			f.t.Errorf("CreateAccessKey at %s: %v", n.name, err)
		}
		return nil
	}
	k := &fleetKey{Credentials: aws.Credentials{AccessKeyID: *out.AccessKey.AccessKeyId, SecretAccessKey: *out.AccessKey.SecretAccessKey}, account: a, user: user}
	f.ledger.wrote(n)
	f.ledger.note(func() { f.ledger.keys[k.AccessKeyID] = k })
	return k
}

// set makes a key active or not.
func (f *fleet) set(n *fleetNode, k *fleetKey, status types.StatusType, within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	_, err := n.as(k.account.driver).IAM.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: &k.user, AccessKeyId: &k.AccessKeyID, Status: status})
	return err
}

// revoke deactivates a key, and tells whether that was acknowledged.
func (f *fleet) revoke(n *fleetNode, k *fleetKey) bool {
	f.ledger.note(func() { k.state = asked })
	err := f.set(n, k, types.StatusTypeInactive, callTime)
	if err == nil {
		f.ledger.wrote(n)
		f.ledger.note(func() { k.state, k.revoked = revoked, time.Now() })
	} else if !judge(err).away() {
		f.t.Errorf("UpdateAccessKey at %s: %v", n.name, err)
	}
	return err == nil
}

// assume takes the role on at one node and uses its keys at another.
func (w *writer) assume() {
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	out, err := w.node.as(w.account.driver).STS.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &w.account.role, RoleSessionName: &w.name})
	if err == nil {
		c := out.Credentials
		_, err = w.other.as(aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}).STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	}
	if !judge(err).away() && err != nil {
		w.t.Errorf("a role's session, taken on at %s, at %s: %v", w.node.name, w.other.name, err)
	}
}

// probe asks a node about a key that was revoked of late, and about one that is
// active.
func (f *fleet) probe(n *fleetNode) {
	for _, k := range f.ledger.some(1, func(k *fleetKey) bool { return k.state == revoked && time.Since(k.revoked) < 2*staleFor }) {
		begun := time.Now()
		switch v := n.identity(k.Credentials, callTime); {
		case v == accepted:
			f.ledger.note(func() { f.ledger.late[n.name] = max(f.ledger.late[n.name], begun.Sub(k.revoked)) })
			if begun.Sub(k.revoked) > noticed+staleFor {
				f.t.Errorf("%s accepts a key %s after it was revoked", n.name, begun.Sub(k.revoked))
			}
		case v != unknownKey && !v.away():
			f.t.Errorf("a revoked key at %s: %s", n.name, v)
		}
	}
	for _, k := range f.ledger.some(1, func(k *fleetKey) bool { return k.state == active }) {
		v := n.identity(k.Credentials, callTime)
		f.ledger.note(func() {
			if k.state == active && v != accepted && !v.away() {
				f.t.Errorf("a key that is active, at %s: %s", n.name, v)
			}
		})
	}
}

// listed are all users that a node has.
func (f *fleet) listed(n *fleetNode) (map[string]bool, error) {
	all := map[string]bool{}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for _, a := range f.accounts {
		pages := iam.NewListUsersPaginator(n.as(a.driver).IAM, &iam.ListUsersInput{MaxItems: aws.Int32(1000)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, u := range page.Users {
				all[a.id+" "+*u.UserName] = true
			}
		}
	}
	return all, nil
}

// check holds the load and has all nodes show that nothing acknowledged is lost,
// that they agree, and that what was revoked is refused.
func (f *fleet) check(t *testing.T, what string) {
	t.Helper()
	f.gate.Lock()
	defer f.gate.Unlock()
	f.soon(t, what+": the nodes have the same users", func() (string, bool) {
		var first map[string]bool
		for _, n := range f.nodes {
			if status, text := n.ready(); status != 200 || text != "ready\n" {
				return n.name + ": " + text, false
			}
			all, err := f.listed(n)
			if err != nil {
				return n.name + ": " + err.Error(), false
			}
			if first == nil {
				first = all
			}
			if !maps.Equal(first, all) {
				return fmt.Sprintf("A has %d users, %s has %d", len(first), n.name, len(all)), false
			}
		}
		lost := 0
		for name := range f.ledger.users {
			if !first[name] {
				lost++
				t.Errorf("%s: %s is lost", what, name)
			}
		}
		t.Logf("%s: %d users acknowledged, %d there, %d lost", what, len(f.ledger.users), len(first), lost)
		return "", true
	})
	refused := f.ledger.some(60, func(k *fleetKey) bool { return k.state == revoked })
	works := f.ledger.some(15, func(k *fleetKey) bool { return k.state == active })
	var group sync.WaitGroup
	for _, n := range f.nodes {
		group.Go(func() {
			for _, k := range refused {
				v := n.identity(k.Credentials, callTime)
				for v == accepted && time.Since(k.revoked) < noticed+staleFor { // it was a moment ago
					v = n.identity(k.Credentials, callTime)
				}
				if v != unknownKey {
					t.Errorf("%s: a revoked key at %s: %q", what, n.name, v)
				}
			}
			for _, k := range works {
				if v := n.identity(k.Credentials, callTime); v != accepted {
					t.Errorf("%s: an active key at %s: %q", what, n.name, v)
				}
			}
		})
	}
	group.Wait()
	if len(refused) == 0 || len(works) == 0 {
		t.Errorf("%s: %d revoked keys, %d active ones", what, len(refused), len(works))
	}
}
