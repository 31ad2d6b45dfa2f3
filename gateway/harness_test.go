package gateway_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"iamd/gateway"
	"iamd/guard"
	"iamd/iam"
	"iamd/keyring"
	"iamd/lwa"
	"iamd/sigv4"
	"iamd/store"
	"iamd/sts"
)

const (
	owner   = "123456789012"
	other   = "210987654321"
	region  = "us-east-1"
	apiHost = "api.example.com"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// accounts are a guard's view of accounts that never change.
type accounts map[string]*iam.Account

func (a accounts) View(_ context.Context, id string) (*iam.Account, error) {
	if v, ok := a[id]; ok {
		return v, nil
	}
	return nil, store.ErrNotFound
}

func (a accounts) Loaded(id string) (*iam.Account, bool) { v, ok := a[id]; return v, ok }

func (a accounts) Owner(_ context.Context, u store.Unique) (string, error) {
	for id, v := range a {
		if _, _, ok := v.AccessKey(u.Key); ok {
			return id, nil
		}
	}
	return "", store.ErrNotFound
}

// organizations has the other account in one.
type organizations struct{}

func (organizations) Organization(account string) (guard.Organization, error) {
	if account == other {
		return guard.Organization{ID: "o-others"}, nil
	}
	return guard.Organization{}, nil
}

// world is a gateway with callers before it and an upstream behind it.
type world struct {
	guard    *guard.Guard
	gateway  *gateway.Gateway
	door     *httptest.Server
	upstream *httptest.Server
	tokens   *sts.Service
	now      atomic.Pointer[time.Time]

	mu     sync.Mutex
	seen   []seen
	events chan gateway.Event // as they were recorded; each is told after its answer
	logs   syncBuffer         // of errors
}

// seen is what the upstream got.
type seen struct {
	Method, URI, Host string
	Header            http.Header
	Body              []byte
	Length            int64
}

var (
	alice   = sigv4.Credentials{KeyID: "AKIAALICEALICEALICE1", Secret: "alice-secret"} // may call
	bob     = sigv4.Credentials{KeyID: "AKIABOBBOBBOBBOBBOB1", Secret: "bob-secret"}   // may not
	carol   = sigv4.Credentials{KeyID: "AKIACAROLCAROLCAROL1", Secret: "carol-secret"} // inactive key
	dave    = sigv4.Credentials{KeyID: "AKIADAVEDAVEDAVEDAV1", Secret: "dave-secret"}  // denied /orders/secret
	mallory = sigv4.Credentials{KeyID: "AKIAMALLORYMALLORYM1", Secret: "x"}            // nobody
	// Of another account, which is in an organization: who may, who may not, who is
	// denied /orders/secret.
	eve   = sigv4.Credentials{KeyID: "AKIAEVEEVEEVEEVEEVE1", Secret: "eve-secret"}
	frank = sigv4.Credentials{KeyID: "AKIAFRANKFRANKFRANK1", Secret: "frank-secret"}
	grace = sigv4.Credentials{KeyID: "AKIAGRACEGRACEGRACE1", Secret: "grace-secret"}
)

const (
	allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*"}]}`
	denySome = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"execute-api:*","Resource":"arn:aws:execute-api:*:*:*/prod/*/orders/secret*"}]}`
)

func newWorld(tb testing.TB, change func(*gateway.Config)) *world {
	tb.Helper()
	w := &world{events: make(chan gateway.Event, 1024)}
	w.now.Store(&noon)
	now := func() time.Time { return *w.now.Load() }
	ring, err := keyring.New(keyring.Config{Keys: keyring.Generate(rand.Reader), Rand: rand.Reader})
	if err != nil {
		tb.Fatal(err)
	}
	w.tokens = sts.New(sts.Config{Ring: ring, Now: now, Rand: rand.Reader})
	all := accounts{owner: account(tb, owner, []sigv4.Credentials{alice, bob, carol, dave}), other: account(tb, other, []sigv4.Credentials{eve, frank, grace})}
	w.upstream = httptest.NewServer(http.HandlerFunc(w.serve))
	tb.Cleanup(w.upstream.Close)
	cfg := gateway.Config{
		SpoolDir: tb.TempDir(),
		APIs: []gateway.API{{
			ID: "shop", Account: owner, Region: region, Hosts: []string{apiHost}, Upstream: w.upstream.URL,
		}},
	}
	if change != nil {
		change(&cfg)
	}
	w.guard, err = guard.New(guard.Config{
		Accounts: all, STS: w.tokens, Now: now, Organizations: organizations{},
		Seal: func(account string, plain []byte) []byte {
			return ring.Seal(keyring.AuthorizationMessage, plain, []byte(account))
		},
		Unseal: func(account string, sealed []byte) ([]byte, error) {
			return ring.Open(keyring.AuthorizationMessage, sealed, []byte(account))
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	w.gateway, err = gateway.New(cfg, gateway.Deps{
		Guard:   w.guard,
		Account: all.View,
		Now:     now,

		Applications: applications{},
		Log:          slog.New(slog.NewTextHandler(&w.logs, &slog.HandlerOptions{Level: slog.LevelError})),
		Record: func(_ context.Context, e gateway.Event) {
			select {
			case w.events <- e:
			default: // nobody reads them in benchmarks
			}
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(w.gateway.Close)
	w.door = httptest.NewUnstartedServer(w.gateway)
	w.door.Config.DisableGeneralOptionsHandler = true // as the program's
	w.door.Start()
	tb.Cleanup(w.door.Close)
	return w
}

// account is built of rows, as the store keeps them.
func account(tb testing.TB, id string, users []sigv4.Credentials) *iam.Account {
	tb.Helper()
	env := &iam.Env{
		Now:    func() time.Time { return noon },
		Rand:   rand.Reader,
		Seal:   func(_, _, secret string) []byte { return []byte(secret) },
		Unseal: func(_, _ string, sealed []byte) (string, error) { return string(sealed), nil },
		Quotas: iam.DefaultQuotas(),
	}
	var rows []store.Row
	add := func(kind, key string, v any) {
		data, err := json.Marshal(v)
		if err != nil {
			tb.Fatal(err)
		}
		rows = append(rows, store.Row{Kind: kind, Key: key, Schema: 1, Data: data})
	}
	for _, c := range users {
		name := strings.TrimSuffix(c.Secret, "-secret")
		u := iam.User{
			ID: "AIDA" + strings.ToUpper(name), Name: name, Path: "/", CreateDate: noon, Tags: []iam.Tag{{Key: "team", Value: name}},
			Keys: []iam.AccessKey{{ID: c.KeyID, Status: iam.Active, CreateDate: noon, Sealed: []byte(c.Secret)}},
		}
		if c != bob && c != frank {
			u.Inline = []iam.InlinePolicy{{Name: "call", Document: iam.NewDocument(allowAll, nil)}}
		}
		if c == dave || c == grace {
			u.Inline = append(u.Inline, iam.InlinePolicy{Name: "deny", Document: iam.NewDocument(denySome, nil)})
		}
		if c == carol {
			u.Keys[0].Status = iam.Inactive
		}
		add("user", u.ID, u)
	}
	role := iam.Role{ID: "AROASHOP", Name: "Shop", Path: "/", CreateDate: noon, MaxSession: 3600, Trust: iam.NewDocument(allowAll, nil)}
	role.Inline = []iam.InlinePolicy{{Name: "call", Document: iam.NewDocument(allowAll, nil)}}
	add("role", role.ID, role)
	a, err := iam.Load(env, id, rows)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// session is the role's, issued at noon for an hour.
func (w *world) session(tb testing.TB, policies ...string) sigv4.Credentials {
	tb.Helper()
	c, err := w.tokens.Issue(sts.Session{
		Kind: sts.AssumedRole, Account: owner, UniqueID: "AROASHOP", Name: "s1",
		Issued: noon, Expires: noon.Add(time.Hour), Policies: policies,
	}, 0)
	if err != nil {
		tb.Fatal(err)
	}
	return sigv4.Credentials{KeyID: c.AccessKeyID, Secret: c.SecretAccessKey, Token: c.SessionToken}
}

func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	w.mu.Lock()
	w.seen = append(w.seen, seen{r.Method, r.RequestURI, r.Host, r.Header.Clone(), b, r.ContentLength})
	w.mu.Unlock()
	rw.Header().Set("X-Upstream", "yes")
	rw.Header().Set("X-Amzn-Requestid", "the upstream's own")
	rw.WriteHeader(http.StatusAccepted)
	_, _ = rw.Write(b)
}

// request makes an unsigned request to the API.
func (w *world) request(tb testing.TB, method, uri string, body []byte) *http.Request {
	tb.Helper()
	r, err := http.NewRequest(method, w.door.URL+uri, bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	r.Host = apiHost
	return r
}

func options(change func(*sigv4.Options)) sigv4.Options {
	o := sigv4.Options{Service: "execute-api", Region: region, DoubleEncode: true, NormalizePath: true}
	if change != nil {
		change(&o)
	}
	return o
}

// signed makes a request signed now by cred.
func (w *world) signed(tb testing.TB, cred sigv4.Credentials, method, uri string, body []byte) *http.Request {
	tb.Helper()
	r := w.request(tb, method, uri, body)
	w.sign(tb, r, cred, body)
	return r
}

func (w *world) sign(tb testing.TB, r *http.Request, cred sigv4.Credentials, body []byte) {
	tb.Helper()
	if err := sigv4.Sign(r, sha256.Sum256(body), cred, *w.now.Load(), options(nil)); err != nil {
		tb.Fatal(err)
	}
}

// applications are two, of alice and of the role, known by what their tokens hold.
type applications struct{}

func (applications) Admit(_ context.Context, c lwa.Call) (*lwa.Admission, error) {
	fail := func(kind lwa.Kind) (*lwa.Admission, error) { return nil, &lwa.Refused{Kind: kind} }
	name, partner, _ := strings.Cut(strings.TrimPrefix(c.Token, "Atza|"), "/")
	signer, known := map[string]string{"alice": "AIDAALICE", "shop": "AROASHOP"}[name]
	switch {
	case c.Token == "":
		return fail(lwa.MissingToken)
	case c.Token == "Atza|old":
		return fail(lwa.ExpiredToken)
	case c.Token == "Atza|any/A1":
		return &lwa.Admission{ClientID: "client-any", Account: owner, SellingPartner: partner}, nil
	case strings.HasPrefix(c.Token, "Atz.sprdt|"):
		return &lwa.Admission{ClientID: "client-any", Account: owner, SellingPartner: "A1", PII: true, DataElements: strings.Fields(c.Token[10:])}, nil
	case c.Token == "Atza|broken":
		return nil, errors.New("the store is away")
	case !known || !strings.HasPrefix(c.Token, "Atza|"):
		return fail(lwa.BadToken)
	case c.Signer != nil && (c.Signer.UniqueID != signer || c.Signer.Account != owner):
		return fail(lwa.OtherSigner)
	case strings.HasPrefix(c.Operation, "grantless") != (partner == ""):
		return fail(lwa.OtherScope)
	}
	a := &lwa.Admission{ClientID: "client-" + name, Account: owner, SellingPartner: partner}
	if partner == "" {
		a.Scope = "sellingpartnerapi::notifications"
	}
	return a, nil
}

// reply is an answer, read whole.
type reply struct {
	status int
	header http.Header
	body   string
}

func do(tb testing.TB, r *http.Request) reply {
	tb.Helper()
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(b)}
}

// refusedWith checks a refusal's status, type and words, and that the upstream saw
// nothing of the request.
func (w *world) refusedWith(t *testing.T, r *http.Request, status int, kind, words string) {
	t.Helper()
	before := w.calls()
	got := do(t, r)
	if got.status != status || got.header.Get("x-amzn-ErrorType") != kind || !strings.Contains(got.body, words) {
		t.Errorf("answer %d %q %s; want %d %q with %q", got.status, got.header.Get("x-amzn-ErrorType"), got.body, status, kind, words)
	}
	if got.header.Get("x-amzn-RequestId") == "" || got.header.Get("Content-Type") != "application/json" || !json.Valid([]byte(got.body)) {
		t.Errorf("headers %v, body %s", got.header, got.body)
	}
	if w.calls() != before {
		t.Error("the upstream was called")
	}
}

func (w *world) calls() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.seen)
}

// last is what the upstream got last.
func (w *world) last(t *testing.T) seen {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.seen) == 0 {
		t.Fatal("the upstream was not called")
	}
	return w.seen[len(w.seen)-1]
}
