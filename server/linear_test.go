package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"math"
	random "math/rand/v2"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/keyring"
	"iamd/store"
	"iamd/store/sqlite"
	"iamd/store/storetest"
)

// entry is what a client can see of a user.
type entry struct {
	path, doc string    // which call made them so
	keys      [2]string // id and status, in order
}

// directory is an account's users, by name. It is never changed.
type directory map[string]entry

// request is a call of a client, and what it was answered.
type request struct {
	kind, user, other, mark string // mark is nobody else's
	key                     string // its id
	lags                    bool   // no versions were sent, and nothing was written
	call, ret               int64

	code    string // of the refusal
	unknown bool
	users   map[string]string // name → path
	doc     string
	keys    [2]string
}

const (
	noSuch, exists, full, inUse = "NoSuchEntity", "EntityAlreadyExists", "LimitExceeded", "DeleteConflict"
	anyKey                      = "?" // one whose id nobody was told
)

// do is what a call makes of the users, and its refusal.
func (d directory) do(r request) (directory, string) {
	one, there := d[r.user]
	key := slices.IndexFunc(one.keys[:], func(k string) bool { return r.key != "" && strings.HasPrefix(k, r.key+" ") })
	_, other := d[r.other]
	switch {
	case r.kind == "create" && there:
		return d, exists
	case r.kind != "create" && !there,
		r.kind == "unput" && one.doc == "",
		(r.kind == "off" || r.kind == "unkey") && key < 0:
		return d, noSuch
	case r.kind == "rename" && other && r.other != r.user:
		return d, exists
	case r.kind == "key" && one.keys[1] != "":
		return d, full
	case r.kind == "delete" && one != (entry{path: one.path}):
		return d, inUse
	}
	next := maps.Clone(d)
	delete(next, r.user)
	switch r.kind {
	case "delete":
		return next, ""
	case "create":
		one = entry{path: r.mark}
	case "rename":
		one.path = r.mark
		next[r.other] = one
		return next, ""
	case "put":
		one.doc = r.mark
	case "unput":
		one.doc = ""
	case "key":
		one.keys = sorted(append(one.keys[:], r.key+" Active")...)
	case "off":
		one.keys[key] = r.key + " Inactive"
	case "unkey":
		one.keys[key] = ""
		one.keys = sorted(one.keys[:]...)
	}
	next[r.user] = one
	return next, ""
}

// sorted are two keys at most, what is empty last.
func sorted(keys ...string) (two [2]string) {
	keys = slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return k == "" })
	slices.Sort(keys)
	copy(two[:], keys)
	return two
}

// reads tells whether a read can see d.
func (d directory) reads(r request) bool {
	one, there := d[r.user]
	switch r.kind {
	case "list":
		paths := map[string]string{}
		for name, e := range d {
			paths[name] = e.path
		}
		return maps.Equal(paths, r.users)
	case "doc":
		return one.doc == r.doc && (r.code == "") == (one.doc != "")
	}
	return there == (r.code == "") && one.keys == r.keys
}

// users is the order that calls can have. Whether an unknown one was done is open.
var users = porcupine.NondeterministicModel{
	Init: func() []any { return []any{directory{}} },
	Step: func(state, input, _ any) []any {
		d, r := state.(directory), input.(request)
		if slices.Contains([]string{"list", "doc", "keys"}, r.kind) {
			if d.reads(r) {
				return []any{d}
			}
			return nil
		}
		next, code := d.do(r)
		switch {
		case r.unknown:
			return []any{d, next}
		case code != r.code:
			return nil
		}
		return []any{next}
	},
	Equal: func(a, b any) bool { return maps.Equal(a.(directory), b.(directory)) },
	DescribeOperation: func(input, _ any) string {
		r := input.(request)
		return fmt.Sprintf("%s %s %s %s %v %s", r.kind, r.user, r.other, r.code, r.users, r.doc)
	},
}

// crowd are clients of several servers, who tell each other what they saw.
type crowd struct {
	t     *testing.T
	began time.Time

	mu   sync.Mutex
	seen []string // the last version that each client was told
	all  []request
}

// TestLinear: calls of one account at three nodes have one order, in time, if they
// send what versions they know of.
func TestLinear(t *testing.T) {
	wrong := violation(t, 350, func(way store.Shared) store.Backend { return storetest.Unreliable(way, 100) })
	if wrong != "" {
		t.Error(wrong)
	}
}

// TestLinearBites: nodes that overwrite each other's writes are found.
func TestLinearBites(t *testing.T) {
	wrong := violation(t, 100, func(way store.Shared) store.Backend { return storetest.Overwriting(way) })
	if wrong == "" {
		t.Error("nothing was found")
	}
}

// violation has clients make so many calls each, and tells what of it can't be.
func violation(t *testing.T, calls int, change func(store.Shared) store.Backend) string {
	backend, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "shared.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := backend.Close(); err != nil {
			t.Error(err)
		}
	})
	net, keys := storetest.NewNetwork(backend), keyring.Generate(rand.Reader)
	var list []*node
	for range 3 {
		way := net.Node()
		s, err := New(context.Background(), Config{DataDir: t.TempDir(), Keyring: keys, StaleFor: time.Hour, Backend: change(way)})
		if err != nil {
			t.Fatal(err)
		}
		front := httptest.NewServer(s.Handler())
		t.Cleanup(func() {
			front.Close()
			closed(t, s)
		})
		list = append(list, &node{Server: s, way: way, url: front.URL})
	}
	root := first(t, list)
	const each = 2 // clients of a node: no more versions than a request may name
	c := &crowd{t: t, began: time.Now(), seen: make([]string, each*len(list))}
	ctx, stop := context.WithCancel(t.Context())
	var faults, clients sync.WaitGroup
	faults.Go(func() { harm(ctx, list) })
	for i := range c.seen {
		clients.Go(func() { c.client(i, calls, list[i%len(list)], root) })
	}
	clients.Wait()
	stop()
	faults.Wait()
	return c.check()
}

// harm keeps news from nodes, and cuts one off for a moment.
func harm(ctx context.Context, list []*node) {
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		way := list[n%len(list)].way
		if n == 5 {
			way.Cut(true)
		}
		way.Quiet(true)
		ended := false
		select {
		case <-tick.C:
		case <-ctx.Done():
			ended = true
		}
		way.Cut(false)
		way.Quiet(false)
		if ended {
			return
		}
	}
}

func (c *crowd) now() int64 { return int64(time.Since(c.began)) }

// client calls one node.
func (c *crowd) client(number, calls int, n *node, root *Credentials) {
	chance := random.New(random.NewPCG(uint64(number), 7))
	version := ""
	to := n.client(root.AccessKeyID, root.SecretAccessKey, &version)
	kinds := []string{"create", "create", "rename", "delete", "delete", "delete", "put", "unput", "unput", "key", "off", "unkey", "unkey", "list", "list", "doc", "keys"}
	var known [][2]string // user and key
	for i := range calls {
		name := func() string { return string(rune('a' + chance.IntN(4))) }
		r := request{kind: kinds[chance.IntN(len(kinds))], user: name(), other: name(), mark: fmt.Sprintf("m%dx%d", number, i)}
		if r.kind == "off" || r.kind == "unkey" {
			if len(known) == 0 {
				continue
			}
			k := known[len(known)-1-chance.IntN(min(3, len(known)))]
			r.user, r.key = k[0], k[1]
		}
		careful := chance.IntN(4) > 0
		r.call, version = c.now(), ""
		if careful {
			c.mu.Lock()
			version = strings.Join(slices.DeleteFunc(slices.Clone(c.seen), func(v string) bool { return v == "" }), ",")
			c.mu.Unlock()
		}
		r.send(c.t.Context(), to)
		reading := slices.Contains([]string{"list", "doc", "keys"}, r.kind)
		r.lags = !careful && (reading || r.code != "")
		c.mu.Lock()
		if version != "" && !strings.Contains(version, ",") && !r.unknown {
			c.seen[number] = version
		}
		r.ret = c.now()
		if !r.unknown || !reading {
			c.all = append(c.all, r)
		}
		c.mu.Unlock()
		if r.unknown {
			soon(c.t, "the node is well again", func() bool { return n.follower.State().Stalled == nil })
		}
		if r.kind == "key" && r.code == "" && !r.unknown {
			known = append(known, [2]string{r.user, r.key})
		}
	}
}

// send makes the call, and notes the answer.
func (r *request) send(ctx context.Context, to *sdk.Client) {
	user, policy, key := aws.String(r.user), aws.String("p"), aws.String(r.key)
	path := aws.String("/" + r.mark + "/")
	var err error
	switch r.kind {
	case "create":
		_, err = to.CreateUser(ctx, &sdk.CreateUserInput{UserName: user, Path: path})
	case "rename":
		_, err = to.UpdateUser(ctx, &sdk.UpdateUserInput{UserName: user, NewUserName: aws.String(r.other), NewPath: path})
	case "delete":
		_, err = to.DeleteUser(ctx, &sdk.DeleteUserInput{UserName: user})
	case "put":
		text := `{"Version":"2012-10-17","Statement":[{"Sid":"` + r.mark + `","Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
		_, err = to.PutUserPolicy(ctx, &sdk.PutUserPolicyInput{UserName: user, PolicyName: policy, PolicyDocument: &text})
	case "unput":
		_, err = to.DeleteUserPolicy(ctx, &sdk.DeleteUserPolicyInput{UserName: user, PolicyName: policy})
	case "key":
		var out *sdk.CreateAccessKeyOutput
		r.key = anyKey
		if out, err = to.CreateAccessKey(ctx, &sdk.CreateAccessKeyInput{UserName: user}); err == nil {
			r.key = *out.AccessKey.AccessKeyId
		}
	case "off":
		_, err = to.UpdateAccessKey(ctx, &sdk.UpdateAccessKeyInput{UserName: user, AccessKeyId: key, Status: types.StatusTypeInactive})
	case "unkey":
		_, err = to.DeleteAccessKey(ctx, &sdk.DeleteAccessKeyInput{UserName: user, AccessKeyId: key})
	case "list":
		var out *sdk.ListUsersOutput
		if out, err = to.ListUsers(ctx, &sdk.ListUsersInput{}); err == nil {
			r.users = map[string]string{}
			for _, u := range out.Users {
				r.users[*u.UserName] = strings.Trim(*u.Path, "/")
			}
		}
	case "doc":
		var out *sdk.GetUserPolicyOutput
		if out, err = to.GetUserPolicy(ctx, &sdk.GetUserPolicyInput{UserName: user, PolicyName: policy}); err == nil {
			_, rest, _ := strings.Cut(*out.PolicyDocument, "Sid%22%3A%22")
			r.doc, _, _ = strings.Cut(rest, "%22")
		}
	case "keys":
		var out *sdk.ListAccessKeysOutput
		if out, err = to.ListAccessKeys(ctx, &sdk.ListAccessKeysInput{UserName: user}); err == nil {
			var list []string
			for _, k := range out.AccessKeyMetadata {
				list = append(list, *k.AccessKeyId+" "+string(k.Status))
			}
			r.keys = sorted(list...)
		}
	}
	r.code = code(err)
	r.unknown = err != nil && !slices.Contains([]string{noSuch, exists, full, inUse}, r.code)
}

// check looks for an order.
func (c *crowd) check() string {
	known, counts := map[string]bool{}, map[string]int{}
	for _, r := range c.all {
		known[r.key] = r.kind == "key" && !r.unknown || known[r.key]
	}
	var history []porcupine.Operation
	for i, r := range c.all {
		for j, k := range r.keys {
			if id, status, ok := strings.Cut(k, " "); ok && !known[id] {
				r.keys[j] = anyKey + " " + status
			}
		}
		r.keys = sorted(r.keys[:]...)
		o := porcupine.Operation{ClientId: i, Input: r, Call: r.call, Output: r, Return: r.ret}
		switch {
		case r.unknown:
			counts["unknown"]++
			o.Return = math.MaxInt64
		case r.lags:
			counts["lag"]++
			continue
		case r.code != "":
			counts["refused"]++
		default:
			counts[r.kind]++
		}
		history = append(history, o)
	}
	c.t.Logf("%d calls in %v: %v", len(c.all), time.Since(c.began).Round(time.Millisecond), counts)
	model := users.ToModel()
	result, info := porcupine.CheckOperationsVerbose(model, history, 5*time.Minute)
	if result == porcupine.Ok {
		return ""
	}
	path := filepath.Join(c.t.ArtifactDir(), "history.html")
	return fmt.Sprintf("what was seen has no order (%s): %s", result, errors.Join(errors.New(path), porcupine.VisualizePath(model, info, path)))
}
