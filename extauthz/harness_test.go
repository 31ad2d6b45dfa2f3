package extauthz_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"iamd/gateway"
	"iamd/guard"
	"iamd/iam"
	"iamd/keyring"
	"iamd/store"
	"iamd/sts"
)

const (
	owner   = "111122223333"
	region  = "us-east-1"
	apiHost = "orders.example.com"
	keyID   = "AKIAALICEALICEALICE1"
	secret  = "alice-secret"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

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

// world is a gateway that decides for others, and an account whose user alice may
// call all but /orders/secret.
type world struct {
	gateway *gateway.Gateway
	tokens  *sts.Service
	now     atomic.Pointer[time.Time]
	events  chan gateway.Event
}

const (
	allow = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"},
		{"Effect":"Deny","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*/prod/*/orders/secret"}]}`
	fromOffice = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*",
		"Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},"Bool":{"aws:SecureTransport":"true"}}}]}`
)

func newWorld(tb testing.TB, change ...func(*gateway.API)) *world {
	tb.Helper()
	w := &world{events: make(chan gateway.Event, 64)}
	w.now.Store(&noon)
	now := func() time.Time { return *w.now.Load() }
	ring, err := keyring.New(keyring.Config{Keys: keyring.Generate(rand.Reader), Rand: rand.Reader})
	if err != nil {
		tb.Fatal(err)
	}
	w.tokens = sts.New(sts.Config{Ring: ring, Now: now, Rand: rand.Reader})
	all := accounts{owner: account(tb)}
	gate, err := guard.New(guard.Config{Accounts: all, STS: w.tokens, Now: now})
	if err != nil {
		tb.Fatal(err)
	}
	api := gateway.API{ID: "orders", Account: owner, Region: region, Hosts: []string{apiHost}}
	for _, f := range change {
		f(&api)
	}
	office := gateway.API{
		ID: "office", Account: owner, Region: region, Hosts: []string{"office.example.com"},
		Authorization: gateway.AuthorizationNone, ResourcePolicy: fromOffice,
	}
	w.gateway, err = gateway.New(gateway.Config{SpoolDir: tb.TempDir(), MaxBody: 1 << 20, APIs: []gateway.API{api, office}}, gateway.Deps{
		Guard: gate, Account: all.View, Now: now,
		Record: func(_ context.Context, e gateway.Event) {
			select {
			case w.events <- e:
			default: // fuzzing reads none
			}
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(w.gateway.Close)
	return w
}

func account(tb testing.TB) *iam.Account {
	tb.Helper()
	env := &iam.Env{
		Now: func() time.Time { return noon }, Rand: rand.Reader, Quotas: iam.DefaultQuotas(),
		Seal:   func(_, _, secret string) []byte { return []byte(secret) },
		Unseal: func(_, _ string, sealed []byte) (string, error) { return string(sealed), nil },
	}
	row := func(kind, key string, v any) store.Row {
		data, err := json.Marshal(v)
		if err != nil {
			tb.Fatal(err)
		}
		return store.Row{Kind: kind, Key: key, Schema: 1, Data: data}
	}
	inline := []iam.InlinePolicy{{Name: "call", Document: iam.NewDocument(allow, nil)}}
	user := iam.User{
		ID: "AIDAALICE", Name: "alice", Path: "/", CreateDate: noon,
		Keys: []iam.AccessKey{{ID: keyID, Status: iam.Active, CreateDate: noon, Sealed: []byte(secret)}},
	}
	role := iam.Role{ID: "AROASHOP", Name: "Shop", Path: "/", CreateDate: noon, MaxSession: 3600, Trust: iam.NewDocument(allow, nil)}
	user.Inline, role.Inline = inline, inline
	a, err := iam.Load(env, owner, []store.Row{row("user", user.ID, user), row("role", role.ID, role)})
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// session is the role's, issued at noon for an hour.
func (w *world) session(tb testing.TB) aws.Credentials {
	tb.Helper()
	c, err := w.tokens.Issue(sts.Session{
		Kind: sts.AssumedRole, Account: owner, UniqueID: "AROASHOP", Name: "s1", Issued: noon, Expires: noon.Add(time.Hour),
	}, 0)
	if err != nil {
		tb.Fatal(err)
	}
	return aws.Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken}
}

var alice = aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret}

// signed is a request as the SDK signs it at noon.
func signed(tb testing.TB, by aws.Credentials, method, uri string, body []byte, change ...func(*http.Request)) *http.Request {
	tb.Helper()
	r, err := http.NewRequest(method, "https://"+apiHost+uri, bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range change {
		f(r)
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(context.Background(), by, r, hex.EncodeToString(sum[:]), "execute-api", region, noon); err != nil {
		tb.Fatal(err)
	}
	return r
}

// withHash declares the body's hash, so that the SDK signs that too.
func withHash(body []byte) func(*http.Request) {
	return func(r *http.Request) {
		sum := sha256.Sum256(body)
		r.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:]))
	}
}

// trusting believes forwarded headers of the loopback addresses.
func trusting(r *http.Request) guard.Origin {
	from := guard.Origin{Secure: r.TLS != nil, UserAgent: r.UserAgent(), Time: noon}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return from
	}
	from.SourceIP = host
	if a, err := netip.ParseAddr(host); err == nil && a.IsLoopback() {
		from.SourceIP = r.Header.Get("X-Forwarded-For")
		from.Secure = r.Header.Get("X-Forwarded-Proto") == "https"
	}
	return from
}

// recorded is the event of what was asked last.
func (w *world) recorded(t *testing.T) gateway.Event {
	t.Helper()
	select {
	case e := <-w.events:
		return e
	default:
		t.Fatal("nothing was recorded")
	}
	return gateway.Event{}
}
