package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"iamd/store"
)

// Use is one time that something was used.
type Use struct {
	Time    time.Time `json:"t"`
	Region  string    `json:"r,omitempty"`
	Service string    `json:"s,omitempty"` // of a key: the service it was used with
	// By is the ARN of who used it.
	By string `json:"b,omitempty"`
}

// Kinds of last-used data, by what the key names.
const (
	softKey     = "used-key"     // access key id
	softRole    = "used-role"    // role's unique id
	softLogin   = "used-login"   // user's unique id, or the account's number for the root user
	softService = "used-service" // entity's unique id, or the account's number for the root user, "/", service
	softAction  = "used-action"  // entity's unique id, "/", service:Action
)

// maxUsages is of how many accounts last-used data stay in memory, beside those that
// wait to be saved: of as many as have their entities there.
const maxUsages = 10_000

// usage is an account's last-used data in memory.
type usage struct {
	mu    sync.RWMutex
	last  map[usageKey]Use
	dirty map[usageKey]bool // to be saved, or removed if they are in last no more
	kept  int               // how many were left when the dead were last looked for
	// read is when what was saved was last read, by the monotonic clock.
	read time.Time
	// latest are what was noted last, of whom and for what falls on the same place:
	// under load most are the same again within the second.
	latest [32]atomic.Pointer[Attempt]
	// asked is set by whoever asks for it, and cleared by who makes room.
	asked atomic.Bool
}

// saved tells whether nothing of it waits.
func (u *usage) saved() bool {
	u.mu.RLock()
	defer u.mu.RUnlock()
	return len(u.dirty) == 0
}

// forget makes room for so many accounts: first those of whom nobody asked since the
// last time, then any. Their data are read again when they are asked for. Who notes a
// use of an account in the moment in which it goes has noted it in vain.
func (r *Recorder) forget(n int) {
	for _, all := range []bool{false, true} {
		if n <= 0 {
			return
		}
		r.usages.Range(func(account, held any) bool {
			u := held.(*usage)
			if (u.asked.Swap(false) && !all) || !u.saved() {
				return true
			}
			r.usages.Delete(account)
			n--
			return n > 0
		})
	}
}

type usageKey struct{ kind, key string }

func (u *usage) set(k usageKey, use Use) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if old, ok := u.last[k]; ok && (use == old || use.Time.Before(old.Time)) {
		return
	}
	u.last[k] = use
	u.dirty[k] = true
}

func (u *usage) get(k usageKey) (Use, bool) {
	u.mu.RLock()
	defer u.mu.RUnlock()
	use, ok := u.last[k]
	return use, ok
}

// meet takes in what another process may have saved.
func (u *usage) meet(k usageKey, use Use) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if old, ok := u.last[k]; !ok || old.Time.Before(use.Time) {
		u.last[k] = use
	}
}

// due tells, once in FlushEvery, that what others saved is to be read again.
func (u *usage) due() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if time.Since(u.read) < FlushEvery {
		return false
	}
	u.read = time.Now()
	return true
}

// take hands over what is to be saved.
func (u *usage) take(aggregate string) ([]store.Soft, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	soft := make([]store.Soft, 0, len(u.dirty))
	for k := range u.dirty {
		value := store.Soft{Aggregate: aggregate, Kind: k.kind, Key: k.key}
		if use, ok := u.last[k]; ok {
			data, err := json.Marshal(use)
			if err != nil {
				return nil, fmt.Errorf("audit: usage %s %s: %w", k.kind, k.key, err)
			}
			value.Data = data
		}
		soft = append(soft, value)
	}
	clear(u.dirty)
	return soft, nil
}

// again marks what could not be saved.
func (u *usage) again(k usageKey) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.dirty[k] = true
}

func (r *Recorder) usage(ctx context.Context, account string) (*usage, error) {
	if held, ok := r.usages.Load(account); ok {
		u := held.(*usage)
		if !u.asked.Load() { // mostly it was, and all processors may go on reading
			u.asked.Store(true)
		}
		return u, nil
	}
	u := &usage{last: map[usageKey]Use{}, dirty: map[usageKey]bool{}, read: time.Now()}
	err := r.saved(ctx, account, func(k usageKey, use Use) { u.last[k] = use })
	if err != nil {
		return nil, err
	}
	first, _ := r.usages.LoadOrStore(account, u)
	return first.(*usage), nil
}

// saved calls fn with the last-used data of an account, as they were saved.
func (r *Recorder) saved(ctx context.Context, account string, fn func(usageKey, Use)) error {
	soft, err := r.cfg.Sink.LoadSoft(ctx, r.cfg.Prefix+account)
	if err != nil {
		return fmt.Errorf("audit: last-used data of %s: %w", account, err)
	}
	for _, s := range soft {
		var use Use
		if err := json.Unmarshal(s.Data, &use); err != nil {
			return fmt.Errorf("audit: usage %s %s of %s: %w", s.Kind, s.Key, account, err)
		}
		fn(usageKey{s.Kind, s.Key}, use)
	}
	return nil
}

// Attempt is one authorization that was asked for, allowed or not: last-accessed
// data counts both.
type Attempt struct {
	Account  string // the caller's
	KeyID    string // a long-term key; empty for a session's
	RoleID   string // of a role session
	EntityID string // unique id of the user or role
	ARN      string // of the caller
	Service  string // "iam", "execute-api"
	Action   string // "CreateUser"
	Region   string
	Time     time.Time
}

// place is where latest has an attempt like this. Ids end with chance.
func (u *usage) place(a *Attempt) *atomic.Pointer[Attempt] {
	at := len(a.Action)
	if n := len(a.EntityID); n > 0 {
		at += int(a.EntityID[n-1])
	}
	return &u.latest[at%len(u.latest)]
}

// Attempted notes what was used. It waits for no disk. A caller without an
// account uses nothing of one.
func (r *Recorder) Attempted(ctx context.Context, a Attempt) {
	if a.Account == "" {
		return
	}
	u, err := r.usage(ctx, a.Account)
	if err != nil {
		r.cfg.Log.Log(ctx, level(err), "last-used data not noted", "account", a.Account, "error", err)
		return
	}
	a.Time = a.Time.UTC().Truncate(time.Second)
	latest := u.place(&a)
	if last := latest.Load(); last != nil && *last == a {
		return
	}
	// These are slices of the request's headers, and would hold them in memory.
	a.Region, a.KeyID = strings.Clone(a.Region), strings.Clone(a.KeyID)
	use := Use{Time: a.Time, Region: a.Region, By: a.ARN}
	if a.KeyID != "" {
		k := use
		k.Service = a.Service
		u.set(usageKey{softKey, a.KeyID}, k)
	}
	if a.RoleID != "" {
		u.set(usageKey{softRole, a.RoleID}, use)
	}
	if a.EntityID == "" { // the root user, of whom no report tells single actions
		u.set(usageKey{softService, a.Account + "/" + a.Service}, use)
	}
	if a.EntityID != "" {
		u.set(usageKey{softService, a.EntityID + "/" + a.Service}, use)
		u.set(usageKey{softAction, a.EntityID + "/" + a.Service + ":" + a.Action}, use)
	}
	noted := a // a itself stays off the heap
	latest.Store(&noted)
}

// SignedIn notes that the password of a user, or of the root user by the account's
// number, was used to sign in. It waits for no disk.
func (r *Recorder) SignedIn(ctx context.Context, account, entityID string, at time.Time) {
	u, err := r.usage(ctx, account)
	if err != nil {
		r.cfg.Log.Log(ctx, level(err), "last-used data not noted", "account", account, "error", err)
		return
	}
	u.set(usageKey{softLogin, entityID}, Use{Time: at.UTC().Truncate(time.Second)})
}

// Login tells when somebody's password was last used to sign in.
func (r *Recorder) Login(ctx context.Context, account, entityID string) (Use, bool, error) {
	return r.last(ctx, account, usageKey{softLogin, entityID})
}

// Key tells when an access key was last used.
func (r *Recorder) Key(ctx context.Context, account, keyID string) (Use, bool, error) {
	return r.last(ctx, account, usageKey{softKey, keyID})
}

// Role tells when a role was last used.
func (r *Recorder) Role(ctx context.Context, account, roleID string) (Use, bool, error) {
	return r.last(ctx, account, usageKey{softRole, roleID})
}

// Service tells when an entity last tried to use a service, by its prefix.
func (r *Recorder) Service(ctx context.Context, account, entityID, service string) (Use, bool, error) {
	return r.last(ctx, account, usageKey{softService, entityID + "/" + service})
}

// Action tells when an entity last tried an action of a service.
func (r *Recorder) Action(ctx context.Context, account, entityID, service, action string) (Use, bool, error) {
	return r.last(ctx, account, usageKey{softAction, entityID + "/" + service + ":" + action})
}

// met is usage, with what other processes saved until a moment ago.
func (r *Recorder) met(ctx context.Context, account string) (*usage, error) {
	u, err := r.usage(ctx, account)
	if err == nil && r.cfg.Shared && u.due() {
		err = r.saved(ctx, account, u.meet)
	}
	return u, err
}

func (r *Recorder) last(ctx context.Context, account string, k usageKey) (Use, bool, error) {
	u, err := r.met(ctx, account)
	if err != nil {
		return Use{}, false, err
	}
	use, ok := u.get(k)
	return use, ok, nil
}
