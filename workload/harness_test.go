package workload_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"iamd/audit"
	"iamd/guard"
	"iamd/iam"
	"iamd/keyring"
	"iamd/store"
	"iamd/sts"
	"iamd/workload"
)

const (
	account = "123456789012"
	worker  = "arn:aws:iam::" + account + ":role/Worker"
	profile = "arn:aws:iam::" + account + ":instance-profile/Web"
	id      = "i-1234567890abcdef0"
)

// world is an account with a role, and what the doors did.
type world struct {
	t      testing.TB
	deps   workload.Deps
	guard  *guard.Guard
	tokens *sts.Service

	mu      sync.Mutex
	now     time.Time
	account *iam.Account
	events  []*audit.Event
	seen    map[string]int // answers, by door and status
}

func (w *world) View(_ context.Context, id string) (*iam.Account, error) {
	if id != account {
		return nil, store.ErrNotFound
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.account, nil
}

func (w *world) Loaded(id string) (*iam.Account, bool) { return w.account, id == account }

func (w *world) Owner(context.Context, store.Unique) (string, error) { return "", store.ErrNotFound }

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// newWorld makes an account with the role Worker, which trusts both services, and
// the instance profile Web with it.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), seen: map[string]int{}}
	ring, err := keyring.New(keyring.Config{Keys: keyring.Generate(rand.Reader), Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	w.tokens = sts.New(sts.Config{Ring: ring, Now: w.clock, Rand: rand.Reader})
	if w.guard, err = guard.New(guard.Config{Accounts: w, STS: w.tokens, Now: w.clock}); err != nil {
		t.Fatal(err)
	}
	w.account = iam.NewAccount(&iam.Env{
		Now: w.clock, Rand: rand.Reader, Quotas: iam.DefaultQuotas(),
		Principal: func(string) (string, bool, bool) { return "", false, false },
		Named:     func(string, string) (string, bool) { return "", false },
	}, account)
	w.change(func(d *iam.Draft) error {
		if _, err := d.CreateRole(iam.NewRole{Name: "Worker", Trust: trusting("ecs-tasks.amazonaws.com", "ec2.amazonaws.com")}); err != nil {
			return err
		}
		if _, err := d.CreateInstanceProfile("Web", "", nil); err != nil {
			return err
		}
		return d.AddRoleToInstanceProfile("Web", "Worker")
	})
	w.deps = workload.Deps{
		Guard: w.guard, STS: w.tokens, Account: w.View, Now: w.clock, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler),
		Record: func(e *audit.Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, e)
		},
		Observe: func(door string, status int) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.seen[door+http.StatusText(status)]++
		},
	}
	return w
}

// change applies a write to the account as the store would.
func (w *world) change(fn func(*iam.Draft) error) {
	w.t.Helper()
	d := w.account.Draft()
	if err := fn(d); err != nil {
		w.t.Fatal(err)
	}
	w.account, _ = d.Seal()
}

func trusting(services ...string) string {
	b, err := json.Marshal(services)
	if err != nil {
		panic(err)
	}
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":` + string(b) + `},"Action":"sts:AssumeRole"}}`
}

// session is whose keys these are, if they are good.
func (w *world) session(keyID, token string) *sts.Session {
	w.t.Helper()
	s, err := w.tokens.Open(keyID, token)
	if err != nil {
		w.t.Fatalf("the session of %s: %v", keyID, err)
	}
	if s.Expires.Before(w.now) {
		w.t.Errorf("%s was over when it came", keyID)
	}
	return s
}

// may tells whether a session may do an action by the role's policies as they are.
func (w *world) may(s *sts.Session, action string) bool {
	w.t.Helper()
	caller, err := w.guard.Bearer(w.account, s, guard.Origin{Time: w.now})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.guard.Allowed(caller, w.account, guard.Check{Action: action, Resource: "*"})
}

// ask sends a request whose header is given as pairs.
func ask(h http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// allow is an inline policy that lets the role do one thing under a condition.
func allow(d *iam.Draft, action, condition string) error {
	return d.PutInlinePolicy(iam.Entity{Kind: iam.KindRole, Name: "Worker"}, "p",
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"`+action+`","Resource":"*","Condition":`+condition+`}}`)
}
