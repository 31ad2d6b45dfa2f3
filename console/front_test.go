package console

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"iamd/audit"
	"iamd/guard"
	"iamd/iam"
	"iamd/keyring"
	"iamd/limits"
	"iamd/sigv4"
	"iamd/store"
	"iamd/store/sqlite"
	"iamd/sts"
)

const (
	corp      = "111122223333" // has the alias corp, a root user, Bob and Al, who has no password
	shut      = "444455556666" // is closed, and like the other otherwise
	rootWord  = "Root-Passw0rd"
	bobWord   = "Bobs-Passw0rd"
	otherWord = "Other-Passw0rd"
)

// cheap is what hashes cost here: nobody guesses.
var cheap = iam.PasswordCost{Memory: 64, Passes: 1}

// Most tests need no hash of their own.
var (
	rootHash    = sync.OnceValue(func() string { return cheap.Hash(rand.Reader, rootWord) })
	bobPassword = sync.OnceValue(func() *iam.Password {
		d := iam.NewAccount(&iam.Env{Now: time.Now, Rand: rand.Reader, Quotas: iam.DefaultQuotas(), PasswordCost: cheap}, corp).Draft()
		p, err := d.Prepare(&iam.User{Name: "Bob"}, bobWord)
		if err != nil {
			panic(err) // a constant
		}
		return p
	})
)

// front is a console over a real store, and a clock that stands still.
type front struct {
	*testing.T
	c       *Console
	backend *sqlite.Store
	now     time.Time
	from    guard.Origin
	loads   atomic.Int32 // accounts that were asked for by number
}

// counted counts what is loaded.
type counted struct {
	iam.Store
	loads *atomic.Int32
}

func (s counted) View(ctx context.Context, id string) (*iam.Account, error) {
	s.loads.Add(1)
	return s.Store.View(ctx, id)
}

func newFront(t *testing.T) *front {
	t.Helper()
	f := &front{T: t, now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), from: guard.Origin{SourceIP: "192.0.2.1", UserAgent: "test"}}
	ctx, now := context.WithoutCancel(t.Context()), func() time.Time { return f.now }
	var err error
	f.backend, err = sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(t.TempDir(), "iamd.db"), Now: now})
	f.must(err)
	ring, err := keyring.New(keyring.Config{Keys: keyring.Generate(rand.Reader), Rand: rand.Reader})
	f.must(err)
	bound := func(account, id string) []byte { return []byte(account + "/" + id) }
	env := &iam.Env{
		Now: now, Rand: rand.Reader, Quotas: iam.DefaultQuotas(), PasswordCost: cheap,
		Seal: func(account, id, secret string) []byte {
			return ring.Seal(keyring.Secret, []byte(secret), bound(account, id))
		},
		Unseal: func(account, id string, sealed []byte) (string, error) {
			plain, err := ring.Open(keyring.Secret, sealed, bound(account, id))
			return string(plain), err
		},
	}
	all := store.New(store.Config[*iam.Account, *iam.Draft]{
		Backend: f.backend, Prefix: "account/",
		Load: func(id string, rows []store.Row) (*iam.Account, error) { return iam.Load(env, id, rows) },
		New:  func(id string) *iam.Account { return iam.NewAccount(env, id) },
	})
	accounts := counted{all, &f.loads}
	tokens := sts.New(sts.Config{Ring: ring, Now: now, Rand: rand.Reader})
	gate, err := guard.New(guard.Config{
		Accounts: accounts, STS: tokens, Now: now,
		Seal:   func(_ string, plain []byte) []byte { return plain },
		Unseal: func(_ string, sealed []byte) ([]byte, error) { return sealed, nil },
	})
	f.must(err)
	told := audit.New(audit.Config{Sink: f.backend, Prefix: "account/", Log: slog.New(slog.DiscardHandler)})
	f.Cleanup(func() {
		f.must(told.Close(ctx))
		f.must(all.Close(ctx))
		f.must(f.backend.Close())
	})
	f.c = New(Config{
		Guard: gate, STS: tokens, Accounts: accounts, Audit: told, Ring: ring,
		Origin:  func(*http.Request) guard.Origin { o := f.from; o.Time = f.now; return o },
		Guesses: limits.NewTries(limits.Guessing), Hashing: limits.NewTurns(2, limits.HashingShare), PasswordCost: cheap,
		PublicURL: func() string { return "http://127.0.0.1:4566" }, GatewayURL: func() string { return "" }, Version: "1.2.3",
		Now: now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler),
	})
	for id, alias := range map[string]string{corp: "corp", shut: "shut"} {
		f.must(all.Create(ctx, id, func(d *iam.Draft) error {
			d.Begin(iam.NewAccountInput{Name: "Name of " + alias, Email: "root@" + alias + ".example"})
			d.SetRootPassword(rootHash())
			if err := d.CreateAccountAlias(alias); err != nil {
				return err
			}
			bob, err := d.CreateUser(iam.NewUser{Name: "Bob", Path: "/people/"})
			if err != nil {
				return err
			}
			if _, err = d.CreateLoginProfile(bob, bobPassword(), false); err != nil {
				return err
			}
			_, err = d.CreateUser(iam.NewUser{Name: "Al"})
			return err
		}))
	}
	f.change(shut, func(d *iam.Draft) error { d.Close(f.now); return nil })
	return f
}

func (f *front) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *front) view(account string) *iam.Account {
	f.Helper()
	a, err := f.c.cfg.Accounts.View(f.Context(), account)
	f.must(err)
	return a
}

func (f *front) bob() *iam.User {
	f.Helper()
	u, err := f.view(corp).User("Bob")
	f.must(err)
	return u
}

func (f *front) change(account string, fn func(d *iam.Draft) error) {
	f.Helper()
	f.must(f.c.cfg.Accounts.Update(f.Context(), account, fn))
}

// changeBob changes the user as the draft has it.
func (f *front) changeBob(fn func(d *iam.Draft, u *iam.User) error) {
	f.Helper()
	f.change(corp, func(d *iam.Draft) error {
		u, err := d.User("Bob")
		if err != nil {
			return err
		}
		return fn(d, u)
	})
}

// passwordOfBob gives Bob another password, as an administrator does.
func (f *front) passwordOfBob(word string) {
	f.Helper()
	p, err := f.view(corp).Prepare(f.bob(), word)
	f.must(err)
	f.changeBob(func(d *iam.Draft, u *iam.User) error { return d.UpdateLoginProfile(u, p, nil) })
}

// allow gives Bob an inline policy.
func (f *front) allow(document string) {
	f.Helper()
	f.change(corp, func(d *iam.Draft) error {
		return d.PutInlinePolicy(iam.Entity{Kind: iam.KindUser, Name: "Bob"}, "p", document)
	})
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
	member map[string]any
}

func (a answer) code() string { s, _ := a.member["code"].(string); return s }
func (a answer) next() string { s, _ := a.member["next"].(string); return s }
func (a answer) fault() string {
	s, _ := a.member["error"].(string)
	return s
}

func (f *front) do(r *http.Request) answer {
	f.Helper()
	w := httptest.NewRecorder()
	f.c.ServeHTTP(w, r)
	out := answer{status: w.Code, header: w.Result().Header, text: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &out.member); err != nil {
		f.Fatalf("%d %q: %v", w.Code, w.Body, err)
	}
	return out
}

// request is a POST of JSON that no browser sent.
func request(path string, body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, prefix+path, bytes.NewReader(body))
	r.Host = address
	r.Header.Set("Content-Type", "application/json")
	return r
}

// address is where the console is, as browsers say it.
const address = "127.0.0.1:4566"

// page is a GET that no browser sent.
func page(path string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, prefix+path, http.NoBody)
	r.Host = address
	return r
}

// post asks an unsigned row.
func (f *front) post(path string, in any) answer {
	f.Helper()
	body, err := json.Marshal(in)
	f.must(err)
	return f.do(request(path, body))
}

// signed asks a signed row.
func (f *front) signed(by sigv4.Credentials, path string, in any) answer {
	f.Helper()
	body, err := json.Marshal(in)
	f.must(err)
	r := request(path, body)
	f.must(sigv4.Sign(r, sha256.Sum256(body), by, f.now, sigv4.Options{Service: "signin", Region: "eu-west-1", DoubleEncode: true}))
	return f.do(r)
}

func asBob(more ...func(*signInRequest)) *signInRequest {
	in := &signInRequest{Type: typeUser, Account: "corp", User: "Bob", Password: bobWord}
	for _, fn := range more {
		fn(in)
	}
	return in
}

func asRoot() *signInRequest {
	return &signInRequest{Type: typeRoot, Email: "root@corp.example", Password: rootWord}
}

// enter signs in, and gives the keys.
func (f *front) enter(in *signInRequest) sigv4.Credentials {
	f.Helper()
	return f.keysOf(f.post("signin", in))
}

func (f *front) keysOf(a answer) sigv4.Credentials {
	f.Helper()
	got, ok := a.member["credentials"].(map[string]any)
	if a.status != http.StatusOK || !ok {
		f.Fatalf("no keys: %d %s", a.status, a.text)
	}
	return sigv4.Credentials{
		KeyID: got["AccessKeyId"].(string), Secret: got["SecretAccessKey"].(string), Token: got["SessionToken"].(string),
	}
}

// caller is who calls IAM with some keys.
func (f *front) caller(by sigv4.Credentials) (*guard.Caller, error) {
	f.Helper()
	r := httptest.NewRequest(http.MethodPost, "https://iam.amazonaws.com/", nil)
	o := sigv4.Options{Service: "iam", Region: "us-east-1", DoubleEncode: true, NormalizePath: true, MaxSkew: guard.SkewQuery}
	f.must(sigv4.Sign(r, sha256.Sum256(nil), by, f.now, o))
	return f.c.cfg.Guard.Authenticate(f.Context(), r, sha256.Sum256(nil), guard.Door{Options: o}, guard.Origin{Time: f.now})
}

// phone gives Bob, or root for nil, a virtual device; code is what it shows so many
// steps from now.
func (f *front) phone(name string, user *string) (serial string, code func(steps int) string) {
	f.Helper()
	seed := iam.NewSeed(rand.Reader)
	code = func(steps int) string {
		s, err := totp.GenerateCode(seed, f.now.Add(time.Duration(steps)*30*time.Second))
		f.must(err)
		return s
	}
	f.change(corp, func(d *iam.Draft) error {
		m, err := d.CreateVirtualMFADevice(iam.NewMFADevice{Name: name, Seed: seed})
		if err != nil {
			return err
		}
		var owner *iam.User
		if user != nil {
			if owner, err = d.User(*user); err != nil {
				return err
			}
		}
		serial = d.Serial(m)
		return d.EnableMFADevice(owner, serial, code(-2), code(-1))
	})
	return serial, code
}

// events are an account's, the oldest first.
func (f *front) events(account string) (list []map[string]any) {
	f.Helper()
	f.must(f.c.cfg.Audit.Flush(f.Context()))
	got, err := f.backend.Events(f.Context(), "account/"+account, store.EventQuery{Limit: 10000})
	f.must(err)
	for _, e := range got {
		var event map[string]any
		f.must(json.Unmarshal(e.Data, &event))
		list = append([]map[string]any{event}, list...)
	}
	return list
}

// wait lets so much time pass.
func (f *front) wait(d time.Duration) { f.now = f.now.Add(d) }
