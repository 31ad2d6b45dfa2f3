package server

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/coreos/go-oidc/v3/oidc"

	"iamd/iam"
	"iamd/store"
)

// issuing is a server that others reach, with its own name for it.
type issuing struct {
	*Server
	url  string
	iam  *sdk.Client
	sts  *sts.Client
	late atomic.Int64 // added to the time
}

func newIssuing(t *testing.T) *issuing {
	t.Helper()
	front := httptest.NewUnstartedServer(nil)
	i := &issuing{url: "http://" + front.Listener.Addr().String()}
	now := func() time.Time { return time.Now().Add(time.Duration(i.late.Load())) }
	i.Server = start(t, Config{DataDir: t.TempDir(), PublicURL: i.url + "/", Now: now})
	front.Config.Handler = i.Handler()
	front.Start()
	t.Cleanup(func() { front.Close(); closed(t, i.Server) })
	cfg := root(i.FirstStart(), i.url)
	i.iam, i.sts = sdk.NewFromConfig(cfg), sts.NewFromConfig(cfg)
	return i
}

func (i *issuing) enable(t *testing.T) (issuer string) {
	t.Helper()
	out, err := i.iam.EnableOutboundWebIdentityFederation(t.Context(), &sdk.EnableOutboundWebIdentityFederationInput{})
	if err != nil {
		t.Fatal(err)
	}
	return *out.IssuerIdentifier
}

func (i *issuing) token(t *testing.T, algorithm string) *sts.GetWebIdentityTokenOutput {
	t.Helper()
	out, err := i.sts.GetWebIdentityToken(t.Context(), &sts.GetWebIdentityTokenInput{
		Audience: []string{"https://api.example.com"}, SigningAlgorithm: aws.String(algorithm),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// get asks as anybody may.
func (i *issuing) get(t *testing.T, method, url string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// verifier is a standard client that has never heard of iamd.
func verifier(t *testing.T, issuer string) *oidc.IDTokenVerifier {
	t.Helper()
	p, err := oidc.NewProvider(t.Context(), issuer)
	if err != nil {
		t.Fatal(err)
	}
	return p.Verifier(&oidc.Config{ClientID: "https://api.example.com"})
}

// TestTokensVerify: a standard client accepts tokens of both algorithms, of the
// audience and the issuer that it knows, and nothing else.
func TestTokensVerify(t *testing.T) {
	i, ctx := newIssuing(t), t.Context()
	issuer := i.enable(t)
	if !strings.HasPrefix(issuer, i.url+"/tokens/") {
		t.Errorf("issuer %s", issuer)
	}
	for _, algorithm := range []string{"RS256", "ES384"} {
		out := i.token(t, algorithm)
		id, err := verifier(t, issuer).Verify(ctx, *out.WebIdentityToken)
		if err != nil {
			t.Fatalf("%s: %v", algorithm, err)
		}
		if id.Issuer != issuer || id.Subject != "arn:aws:iam::"+i.FirstStart().AccountID+":root" || !id.Expiry.Equal(*out.Expiration) ||
			id.Expiry.Sub(id.IssuedAt) != 5*time.Minute {
			t.Errorf("%s: %+v until %v", algorithm, id, out.Expiration)
		}
		header, payload, signature := parts(t, *out.WebIdentityToken)
		if !strings.Contains(header, `"typ":"JWT"`) || !strings.Contains(header, `"alg":"`+algorithm+`"`) {
			t.Errorf("%s: header %s", algorithm, header)
		}
		other := strings.Replace(payload, ":root", ":user/admin", 1)
		for what, forged := range map[string]string{
			"another subject":   encode(header) + "." + encode(other) + "." + signature,
			"no signature":      encode(header) + "." + encode(payload) + ".",
			"no algorithm":      encode(strings.Replace(header, algorithm, "none", 1)) + "." + encode(payload) + ".",
			"another algorithm": encode(strings.Replace(header, algorithm, "HS256", 1)) + "." + encode(payload) + "." + signature,
			"another key":       encode(strings.Replace(header, `"kid":"`, `"kid":"x`, 1)) + "." + encode(payload) + "." + signature,
		} {
			if _, err := verifier(t, issuer).Verify(ctx, forged); err == nil {
				t.Errorf("%s: %s is accepted", algorithm, what)
			}
		}
	}
	token := *i.token(t, "ES384").WebIdentityToken
	p, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Verifier(&oidc.Config{ClientID: "another"}).Verify(ctx, token); err == nil {
		t.Error("another audience accepts it")
	}
	late := &oidc.Config{ClientID: "https://api.example.com", Now: func() time.Time { return time.Now().Add(6 * time.Minute) }}
	if _, err := p.Verifier(late).Verify(ctx, token); err == nil {
		t.Error("it is accepted after its end")
	}

	// Another account is another issuer, with other keys.
	c, err := i.CreateAccount(ctx, "another", "")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := sdk.NewFromConfig(root(c, i.url)).EnableOutboundWebIdentityFederation(ctx, &sdk.EnableOutboundWebIdentityFederationInput{})
	if err != nil {
		t.Fatal(err)
	}
	_, ourKeys := i.get(t, http.MethodGet, issuer+keysPath)
	_, theirKeys := i.get(t, http.MethodGet, *theirs.IssuerIdentifier+keysPath)
	if ourKeys == theirKeys || *theirs.IssuerIdentifier == issuer {
		t.Error("two accounts are one issuer")
	}
	if _, err := verifier(t, *theirs.IssuerIdentifier).Verify(ctx, token); err == nil {
		t.Error("a token of one issuer is accepted as another's")
	}
}

func parts(t *testing.T, token string) (header, payload, signature string) {
	t.Helper()
	part := strings.Split(token, ".")
	var plain []string
	for _, p := range part[:2] {
		b, err := base64.RawURLEncoding.DecodeString(p)
		if err != nil {
			t.Fatal(err)
		}
		plain = append(plain, string(b))
	}
	return plain[0], plain[1], part[2]
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// TestIssuerDocuments: what everybody may read, and nobody else's.
func TestIssuerDocuments(t *testing.T) {
	i := newIssuing(t)
	issuer := i.enable(t)
	res, body := i.get(t, http.MethodGet, issuer+discoveryPath)
	var said map[string]any
	if err := json.Unmarshal([]byte(body), &said); err != nil || said["issuer"] != issuer || said["jwks_uri"] != issuer+keysPath {
		t.Errorf("%s, %v", body, err)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "Cache-Control": "public, max-age=300"} {
		if got := res.Header.Get(name); res.StatusCode != http.StatusOK || got != want {
			t.Errorf("%d, %s %q", res.StatusCode, name, got)
		}
	}
	_, keys := i.get(t, http.MethodGet, issuer+keysPath)
	for _, private := range []string{`"d"`, `"p"`, `"q"`, `"dp"`, `"k"`} {
		if strings.Contains(keys, private) {
			t.Errorf("a private part stands in %s", keys)
		}
	}
	id := issuer[strings.LastIndexByte(issuer, '/')+1:]
	for _, path := range []string{
		"/tokens/", "/tokens/" + id, "/tokens/" + id + "/", "/tokens/" + id + "/.well-known/", "/tokens/" + id + keysPath + "/x",
		"/tokens/" + strings.ToUpper(id) + keysPath, "/tokens/{" + id + "}" + keysPath, "/tokens/" + strings.ReplaceAll(id, "-", "") + keysPath,
		"/tokens/urn:uuid:" + id + keysPath, "/tokens/00000000-0000-4000-8000-000000000000" + keysPath, "/tokens/" + strings.Repeat("a", 5000) + discoveryPath,
		"/tokens/..%2f" + id + keysPath, "/tokens/" + i.FirstStart().AccountID + keysPath, keysPath, discoveryPath,
	} {
		if res, body := i.get(t, http.MethodGet, i.url+path); res.StatusCode != http.StatusNotFound || res.Header.Get("Cache-Control") == keysKept {
			t.Errorf("%.80s: %d %s", path, res.StatusCode, body)
		}
	}
	if res, body := i.get(t, http.MethodHead, issuer+keysPath); res.StatusCode != http.StatusOK || body != "" {
		t.Errorf("HEAD: %d", res.StatusCode)
	}
	if res, _ := i.get(t, http.MethodPost, issuer+keysPath); res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", res.StatusCode)
	}
}

// TestGuessedIssuersLoadNothing: an id that is nobody's costs a look into the
// index only, and one that is somebody's loads that account alone.
func TestGuessedIssuersLoadNothing(t *testing.T) {
	cfg := Config{DataDir: t.TempDir()}
	s := start(t, cfg)
	keys, err := iam.NewSigningKeys(s.cfg.Rand)
	if err != nil {
		t.Fatal(err)
	}
	var accounts []string
	issuer := ""
	for range lookAt + 1 { // the first is an issuer; a start looks into so many at most
		c, err := s.CreateAccount(t.Context(), "an account", "")
		if err != nil {
			t.Fatal(err)
		}
		if accounts = append(accounts, c.AccountID); issuer != "" {
			continue
		}
		if err := s.accounts.Update(t.Context(), c.AccountID, func(d *iam.Draft) (err error) {
			issuer, err = d.EnableOutboundFederation(keys)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	closed(t, s)
	s = start(t, cfg)
	defer closed(t, s)
	ask := func(ctx context.Context, id string) int {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, issuers+id+keysPath, nil))
		return w.Code
	}
	// Whatever the start has loaded is loaded before.
	loaded := func() (n int) {
		for _, id := range accounts {
			if _, ok := s.accounts.Loaded(id); ok {
				n++
			}
		}
		return n
	}
	before := loaded()
	if before == len(accounts) {
		t.Fatal("all accounts are loaded from the start")
	}
	const guess = "00000000-0000-4000-8000-000000000000"
	if status := ask(t.Context(), guess); status != http.StatusNotFound || loaded() != before {
		t.Errorf("a guess: %d, %d accounts loaded, %d before", status, loaded(), before)
	}
	if status := ask(t.Context(), issuer); status != http.StatusOK {
		t.Errorf("the issuer: %d", status)
	}
	if _, ok := s.accounts.Loaded(accounts[0]); !ok {
		t.Error("the issuer's account is not loaded")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if status := ask(gone, guess); status != http.StatusServiceUnavailable {
		t.Errorf("a question that nobody waits for: %d", status)
	}
}

// TestDisabledIssuer: no tokens from then on; those that are out stay good until
// they end, and then the issuer is gone.
func TestDisabledIssuer(t *testing.T) {
	i, ctx := newIssuing(t), t.Context()
	issuer := i.enable(t)
	token := *i.token(t, "RS256").WebIdentityToken
	if _, err := i.iam.DisableOutboundWebIdentityFederation(ctx, &sdk.DisableOutboundWebIdentityFederationInput{}); err != nil {
		t.Fatal(err)
	}
	if out, err := i.sts.GetWebIdentityToken(ctx, &sts.GetWebIdentityTokenInput{Audience: []string{"a"}, SigningAlgorithm: aws.String("RS256")}); err == nil {
		t.Errorf("a disabled issuer gave out %v", out)
	}
	if _, err := verifier(t, issuer).Verify(ctx, token); err != nil {
		t.Errorf("a token that was out: %v", err)
	}
	known := verifier(t, issuer) // has the discovery document, and no key yet
	i.late.Store(int64(66 * time.Minute))
	for _, path := range []string{discoveryPath, keysPath} {
		if res, body := i.get(t, http.MethodGet, issuer+path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
	if _, err := known.Verify(ctx, token); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("without keys: %v", err)
	}
	if _, err := oidc.NewProvider(ctx, issuer); err == nil {
		t.Error("the issuer is still there")
	}
	i.late.Store(0)
	if again := i.enable(t); again != issuer {
		t.Errorf("enabled again it is %s", again)
	}
	if _, err := verifier(t, issuer).Verify(ctx, token); err != nil {
		t.Errorf("enabled again: %v", err)
	}
}

// TestTokensAreInNoEvent: who was given a token is told, the token is not, nor is
// any key.
func TestTokensAreInNoEvent(t *testing.T) {
	i, ctx := newIssuing(t), t.Context()
	issuer := i.enable(t)
	token := *i.token(t, "ES384").WebIdentityToken
	if err := i.Server.audit.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	list, err := i.backend.Events(ctx, accountPrefix+i.FirstStart().AccountID, store.EventQuery{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	_, _, signature := parts(t, token)
	for _, e := range list {
		text := string(e.Data)
		if strings.Contains(text, token) || strings.Contains(text, signature) {
			t.Errorf("the token stands in %s", text)
		}
		told["token"] = told["token"] || strings.Contains(text, `"eventName":"GetWebIdentityToken"`) && strings.Contains(text, `"responseElements":{"webIdentityToken":"HIDDEN_DUE_TO_SECURITY_REASONS"`)
		told["issuer"] = told["issuer"] || strings.Contains(text, `"issuerIdentifier":"`+issuer+`"`)
	}
	if !told["token"] || !told["issuer"] {
		t.Errorf("events %v of %d", told, len(list))
	}
}

// TestPublicURL: what may be configured, and what is found without.
func TestPublicURL(t *testing.T) {
	for raw, want := range map[string]string{
		"https://iam.example.com": "https://iam.example.com", "http://127.0.0.1:4566/": "http://127.0.0.1:4566",
		"https://iam.example.com/aws//": "https://iam.example.com/aws", "http://[::1]:4566": "http://[::1]:4566",
	} {
		if got, err := publicURL(raw); err != nil || got != want {
			t.Errorf("%s: %q, %v", raw, got, err)
		}
	}
	for _, raw := range []string{
		"iam.example.com", "ftp://iam.example.com", "https://", "https://:443", "https://a@b.example.com", "https://a.example.com?x", "https://a.example.com#x",
		"https:a.example.com", "https://a b", "https://" + strings.Repeat("a", 200),
	} {
		if got, err := publicURL(raw); err == nil {
			t.Errorf("%s: %q", raw, got)
		}
		if s, err := New(t.Context(), Config{DataDir: t.TempDir(), PublicURL: raw}); err == nil || !strings.Contains(err.Error(), "public_url") {
			t.Errorf("%s: a server starts: %v %v", raw, s, err)
		}
	}
	for address, want := range map[string]string{
		"127.0.0.1:4566": "http://127.0.0.1:4566", ":4566": "http://localhost:4566", "0.0.0.0:1": "http://localhost:1",
		"[::]:4566": "http://localhost:4566", "[::1]:4566": "http://[::1]:4566", "iam.example.com:80": "http://iam.example.com:80",
	} {
		if got := listenURL(address); got != want {
			t.Errorf("%s: %s", address, got)
		}
	}
}

// TestListeningNames: a server that chooses its port is known by the one it chose.
func TestListeningNames(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir(), Listen: "127.0.0.1:0"})
	defer closed(t, s)
	ctx, stop := context.WithCancel(t.Context())
	at, ended := make(chan Addresses, 1), make(chan error, 1)
	go func() { ended <- s.Serve(ctx, func(a Addresses) { at <- a }) }()
	url := "http://" + (<-at).API.String()
	out, err := sdk.NewFromConfig(root(s.FirstStart(), url)).EnableOutboundWebIdentityFederation(ctx, &sdk.EnableOutboundWebIdentityFederationInput{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := oidc.NewProvider(ctx, *out.IssuerIdentifier); err != nil {
		t.Error(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestIssuerAfterRestart: the store knows the issuer and its keys.
func TestIssuerAfterRestart(t *testing.T) {
	cfg := Config{DataDir: t.TempDir(), PublicURL: "https://iam.example.com"}
	s := start(t, cfg)
	id, keys := s.FirstStart().AccountID, ""
	made, err := iam.NewSigningKeys(s.cfg.Rand)
	if err != nil {
		t.Fatal(err)
	}
	issuer := ""
	if err := s.accounts.Update(t.Context(), id, func(d *iam.Draft) (err error) {
		issuer, err = d.EnableOutboundFederation(made)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, issuers+issuer+keysPath, nil))
		if keys == "" {
			keys = w.Body.String()
		}
		if w.Code != http.StatusOK || w.Body.String() != keys || !strings.Contains(keys, `"crv":"P-384"`) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		a, err := s.accounts.View(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := a.SigningKey(iam.ES384); err != nil {
			t.Errorf("the sealed key: %v", err)
		}
		closed(t, s)
		s = start(t, cfg)
	}
	closed(t, s)
}
