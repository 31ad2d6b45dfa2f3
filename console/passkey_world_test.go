package console

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"iamd/audit"
	"iamd/guard"
	"iamd/iam"
	"iamd/keyring"
	"iamd/sigv4"
	"iamd/store"
	"iamd/store/sqlite"
	"iamd/sts"
)

const (
	keyAccount = "123456789012"
	herePublic = "http://127.0.0.1:4566"
	here       = "http://localhost:4566" // where passkeys work then
)

// passkeyWorld is a console of which the passkeys are tried: over a real store, with two
// accounts that have a user Bob each; the first has a user Al besides.
type passkeyWorld struct {
	*testing.T
	c       *Console
	backend store.Backend
	now     time.Time
	public  string
	root    map[string]sigv4.Credentials // by account
	bob     map[string]sigv4.Credentials
}

func newPasskeyWorld(t *testing.T) *passkeyWorld {
	t.Helper()
	w := &passkeyWorld{T: t, now: time.Now().UTC(), public: herePublic, root: map[string]sigv4.Credentials{}, bob: map[string]sigv4.Credentials{}}
	ctx, now := t.Context(), func() time.Time { return w.now }
	backend, err := sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(t.TempDir(), "iamd.db"), Now: now})
	w.must(err)
	ring, err := keyring.New(keyring.Config{Keys: keyring.Generate(rand.Reader), Rand: rand.Reader})
	w.must(err)
	w.backend = backend
	bound := func(account, id string) []byte { return []byte(account + "/" + id) }
	env := &iam.Env{
		Now: now, Rand: rand.Reader, Quotas: iam.DefaultQuotas(),
		Seal: func(account, id, secret string) []byte {
			return ring.Seal(keyring.Secret, []byte(secret), bound(account, id))
		},
		Unseal: func(account, id string, sealed []byte) (string, error) {
			plain, err := ring.Open(keyring.Secret, sealed, bound(account, id))
			return string(plain), err
		},
		Principal: func(string) (string, bool, bool) { return "", false, false },
		Named:     func(string, string) (string, bool) { return "", false },
	}
	all := store.New(store.Config[*iam.Account, *iam.Draft]{
		Backend: backend, Prefix: "account/",
		Load: func(id string, rows []store.Row) (*iam.Account, error) { return iam.Load(env, id, rows) },
		New:  func(id string) *iam.Account { return iam.NewAccount(env, id) },
	})
	tokens := sts.New(sts.Config{Ring: ring, Now: now, Rand: rand.Reader})
	gate, err := guard.New(guard.Config{Accounts: all, STS: tokens, Now: now})
	w.must(err)
	told := audit.New(audit.Config{Sink: backend, Prefix: "account/", Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() {
		w.must(told.Close(context.WithoutCancel(ctx)))
		w.must(backend.Close())
	})
	w.c = &Console{mux: http.NewServeMux(), cfg: Config{
		Guard: gate, STS: tokens, Accounts: all, Audit: told, Ring: ring, Now: now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler),
		Origin:    func(*http.Request) guard.Origin { return guard.Origin{SourceIP: "192.0.2.1", Time: w.now} },
		PublicURL: func() string { return w.public },
	}}
	for _, row := range passkeyRows() {
		w.c.mux.Handle(row.method+" "+prefix+row.path, w.c.guarded(row))
	}
	for _, id := range []string{keyAccount, "210987654321"} {
		w.must(all.Create(ctx, id, func(d *iam.Draft) error {
			key, secret := d.Begin(iam.NewAccountInput{Name: "test", Email: "root@" + id + ".example"})
			w.root[id] = sigv4.Credentials{KeyID: key, Secret: secret}
			bob, err := d.CreateUser(iam.NewUser{Name: "Bob", Path: "/", Tags: []iam.Tag{{Key: "team", Value: "red"}}})
			if err != nil {
				return err
			}
			own, secret, err := d.CreateAccessKey(bob)
			if err != nil {
				return err
			}
			w.bob[id] = sigv4.Credentials{KeyID: own.ID, Secret: secret}
			_, err = d.CreateUser(iam.NewUser{Name: "Al", Path: "/"})
			return err
		}))
	}
	return w
}

func (w *passkeyWorld) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// change writes to the first account.
func (w *passkeyWorld) change(fn func(d *iam.Draft) error) {
	w.Helper()
	w.must(w.c.cfg.Accounts.Update(w.Context(), keyAccount, fn))
}

func (w *passkeyWorld) view(account string) *iam.Account {
	w.Helper()
	a, err := w.c.cfg.Accounts.View(w.Context(), account)
	w.must(err)
	return a
}

func (w *passkeyWorld) user(account, name string) *iam.User {
	w.Helper()
	u, err := w.view(account).User(name)
	w.must(err)
	return u
}

// post asks a signed row, by a page of an origin.
func (w *passkeyWorld) post(by sigv4.Credentials, origin, path string, in any) (status int, out map[string]any) {
	w.Helper()
	body, err := json.Marshal(in)
	w.must(err)
	r := httptest.NewRequest(http.MethodPost, prefix+path, bytes.NewReader(body))
	r.Host = strings.TrimPrefix(strings.TrimPrefix(origin, "http://"), "https://")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", origin)
	w.must(sigv4.Sign(r, sha256.Sum256(body), by, w.now, sigv4.Options{Service: "signin", Region: "us-east-1", DoubleEncode: true}))
	answer := httptest.NewRecorder()
	w.c.ServeHTTP(answer, r)
	w.must(json.Unmarshal(answer.Body.Bytes(), &out))
	return answer.Code, out
}

// history is the first event of a name and an error code in the first account's.
func (w *passkeyWorld) history(name, code string) string {
	w.Helper()
	w.must(w.c.cfg.Audit.Flush(w.Context()))
	events, err := w.backend.Events(w.Context(), "account/"+keyAccount, store.EventQuery{Limit: 100})
	w.must(err)
	for _, e := range events {
		var told audit.Event
		w.must(json.Unmarshal(e.Data, &told))
		if told.EventName == name && told.ErrorCode == code {
			return string(e.Data)
		}
	}
	return "nothing"
}

// authenticator is one with one key, and the page it is used on.
type authenticator struct {
	at   virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	cred virtualwebauthn.Credential
}

func newAuthenticator(origin, host string) *authenticator {
	k := &authenticator{
		at:   virtualwebauthn.RelyingParty{ID: host, Name: "iamd", Origin: origin},
		auth: virtualwebauthn.NewAuthenticator(), cred: NewCredential(),
	}
	k.cred.Counter = 7
	return k
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // values
	}
	return string(b)
}

// make answers creation options.
func (k *authenticator) make(options any) json.RawMessage {
	o, err := virtualwebauthn.ParseAttestationOptions(asJSON(options))
	if err != nil {
		panic(err) // options that no browser reads
	}
	return json.RawMessage(virtualwebauthn.CreateAttestationResponse(k.at, k.auth, k.cred, *o))
}

// sign answers request options.
func (k *authenticator) sign(options any) json.RawMessage {
	o, err := virtualwebauthn.ParseAssertionOptions(asJSON(options))
	if err != nil {
		panic(err) // options that no browser reads
	}
	k.cred.Counter++
	return json.RawMessage(virtualwebauthn.CreateAssertionResponse(k.at, k.auth, k.cred, *o))
}

// begin begins a registration at the usual origin.
func (w *passkeyWorld) begin(by sigv4.Credentials, user *string) (challenge string, options any) {
	w.Helper()
	status, out := w.post(by, here, "passkeys/begin", beginPasskey{user, "my-key"})
	if status != http.StatusOK {
		w.Fatalf("begin: %d %v", status, out)
	}
	return out["challenge"].(string), out["options"]
}

// register registers a key for a user, nil for the caller, and gives its serial
// number.
func (w *passkeyWorld) register(by sigv4.Credentials, user *string, k *authenticator) string {
	w.Helper()
	challenge, options := w.begin(by, user)
	status, out := w.post(by, here, "passkeys/finish", finishPasskey{beginPasskey{user, "my-key"}, challenge, k.make(options)})
	if status != http.StatusOK {
		w.Fatalf("finish: %d %v", status, out)
	}
	w.now = w.now.Add(time.Second)
	return out["serialNumber"].(string)
}

// at is a call of the sign-in from a page.
func (w *passkeyWorld) at(origin string) *call {
	r := httptest.NewRequest(http.MethodPost, prefix+"signin", nil)
	r.Host = strings.TrimPrefix(strings.TrimPrefix(origin, "http://"), "https://")
	r.Header.Set("Origin", origin)
	return &call{Context: w.Context(), Time: w.now, Request: r}
}

// ask gives what Bob's passkeys are asked.
func (w *passkeyWorld) ask(origin string) *passkeyQuestion {
	w.Helper()
	q := w.c.passkeyOptions(w.at(origin), w.view(keyAccount), w.user(keyAccount, "Bob"))
	if q == nil {
		w.Fatal("Bob's passkeys are not asked")
	}
	return q
}

// answer is what Bob's passkey answers.
func (w *passkeyWorld) answer(k *authenticator) *passkeyAnswer {
	w.Helper()
	q := w.ask(here)
	return &passkeyAnswer{q.Challenge, k.sign(q.Options)}
}

// enter brings an answer for a person, and uses it up as the sign-in does.
func (w *passkeyWorld) enter(k *call, a *iam.Account, u *iam.User, answer *passkeyAnswer) (string, error) {
	p, err := w.c.passkeyProof(k, &attempt{in: &signInRequest{Passkey: answer}, account: a, user: u})
	if err != nil {
		return "", err
	}
	return p.serial, w.c.cfg.Accounts.Update(k, a.ID, func(d *iam.Draft) error { return p.use(d, u) })
}

// use brings an answer for Bob.
func (w *passkeyWorld) use(answer *passkeyAnswer) (string, error) {
	return w.enter(w.at(here), w.view(keyAccount), w.user(keyAccount, "Bob"), answer)
}

// changed is a credential of which one member, or one of its response's, was
// replaced; a nil value removes it.
func changed(credential json.RawMessage, member string, value any) json.RawMessage {
	var c map[string]any
	if err := json.Unmarshal(credential, &c); err != nil {
		panic(err) // what an authenticator said
	}
	in := c
	if name, ok := strings.CutPrefix(member, "response."); ok {
		in, member = c["response"].(map[string]any), name
	}
	in[member] = value
	if value == nil {
		delete(in, member)
	}
	return json.RawMessage(asJSON(c))
}

// member reads a member of a credential's response, as bytes.
func member(credential json.RawMessage, name string) []byte {
	var c struct {
		Response map[string]string `json:"response"`
	}
	if err := json.Unmarshal(credential, &c); err != nil {
		panic(err) // what an authenticator said
	}
	b, err := base64.RawURLEncoding.DecodeString(c.Response[name])
	if err != nil {
		panic(err)
	}
	return b
}

func coded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
