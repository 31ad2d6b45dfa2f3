package e2e_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"iamd/server"
)

const (
	ordersHost  = "sellingpartnerapi-na.amazon.com"
	ordersQuery = "/orders/v0/orders?MarketplaceIds=ATVPDKIKX0DER&CreatedAfter=2026-01-01T00%3A00%3A00Z"
)

// sellers is an iamd in this process that stands in for the Selling Partner API,
// listening as the program does, with a client by hand and an account that
// registered an application.
type sellers struct {
	*hand
	server *server.Server
	dir    string
	at     server.Addresses
	ahead  atomic.Int64
	root   handKey
	seller
}

// seller is a developer: a user, the role that they take, and an application.
type seller struct {
	account string
	user    handKey
	role    string
	session handKey
	app     application
}

type application struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	RefreshToken string `json:"refresh_token"`
}

func newSellers(t *testing.T, in server.StandIn) *sellers {
	t.Helper()
	s := &sellers{dir: t.TempDir()}
	in.Name = "sp-api"
	ctx, stop := context.WithCancel(context.Background())
	now := func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }
	var err error
	cfg := server.Config{DataDir: s.dir, Listen: anyPort, TLSListen: anyPort, StandIn: in, Now: now, Root: server.Root{AccountID: account}}
	cfg.Gateway.Listen = anyPort
	if s.server, err = server.New(ctx, cfg); err != nil {
		t.Fatal(err)
	}
	ready, ended := make(chan server.Addresses, 1), make(chan error, 1)
	go func() { ended <- s.server.Serve(ctx, func(at server.Addresses) { ready <- at }) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := s.server.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	select {
	case s.at = <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	s.hand = newHand(t, s.dir, s.at.TLS.String(), s.at.Gateway.String(), now)
	first := s.server.FirstStart()
	s.root = handKey{id: first.AccessKeyID, secret: first.SecretAccessKey}
	s.seller = s.developer(t, account, s.root)
	return s
}

// developer does the workflow in an account: a user who may take a role, the role
// that may call, and an application in the role's name.
func (s *sellers) developer(t *testing.T, account string, root handKey) (d seller) {
	t.Helper()
	d.account = account
	s.iam(t, root, "Action", "CreateUser", "UserName", "dev")
	k := s.iam(t, root, "Action", "CreateAccessKey", "UserName", "dev").UserKey
	d.user = handKey{id: k.ID, secret: k.Secret}
	s.iam(t, root, "Action", "PutUserPolicy", "UserName", "dev", "PolicyName", "all", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole","execute-api:Invoke","sellingpartnerapi:*"],"Resource":"*"}]}`)
	d.role = s.caller(t, account, root, "SellingPartner")
	s.allow(t, root, "SellingPartner")
	d.session = s.hand.role(t, d.user, d.role)
	d.app = s.register(t, d.user, d.role)
	return d
}

// caller makes a role that the account's users may take, and that may do nothing.
func (s *sellers) caller(t *testing.T, account string, root handKey, name string) (arn string) {
	t.Helper()
	return s.iam(t, root, "Action", "CreateRole", "RoleName", name, "AssumeRolePolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::`+account+`:root"},"Action":"sts:AssumeRole"}]}`).Role
}

func (s *sellers) allow(t *testing.T, root handKey, role string) {
	t.Helper()
	s.iam(t, root, "Action", "PutRolePolicy", "RoleName", role, "PolicyName", "invoke", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*"}]}`)
}

// register registers an application, signed by the caller's own key.
func (s *sellers) register(t *testing.T, key handKey, arn string) application {
	t.Helper()
	body, err := json.Marshal(map[string]string{"name": "orders", "iam_arn": arn})
	if err != nil {
		t.Fatal(err)
	}
	r := request(t, "POST", "https://localhost/spapi/applications", string(body), "Content-Type", "application/json")
	signWith(r, string(body), key, "sellingpartnerapi", "us-east-1", s.now())
	return answered[application](t, s.send(t, r), http.StatusCreated)
}

// access gets a Login with Amazon access token, for a seller or, with a scope, for
// the application itself.
func (s *sellers) access(t *testing.T, app application, scope string) string {
	t.Helper()
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {app.RefreshToken}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret}}
	if scope != "" {
		form = url.Values{"grant_type": {"client_credentials"}, "scope": {scope}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret}}
	}
	got := s.send(t, request(t, "POST", "https://api.amazon.com/auth/o2/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded;charset=UTF-8"))
	token := answered[struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}](t, got, http.StatusOK)
	if token.ExpiresIn != 3600 || token.AccessToken == "" {
		t.Errorf("a token for %d s: %s", token.ExpiresIn, got.body)
	}
	return token.AccessToken
}

// call asks the API, with an access token and a signature; neither if empty.
func (s *sellers) call(t *testing.T, key handKey, token, method, target, body string) answer {
	t.Helper()
	if strings.HasPrefix(target, "/") {
		target = "https://" + ordersHost + target
	}
	r := request(t, method, target, body, "User-Agent", "by-hand/1.0 (Language=Go)")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("X-Amz-Access-Token", token)
	}
	if key.id != "" {
		region := map[string]string{"na": "us-east-1", "eu": "eu-west-1", "fe": "us-west-2"}[strings.TrimSuffix(strings.SplitAfter(r.URL.Host, "sellingpartnerapi-")[1], ".amazon.com")]
		signWith(r, body, key, "execute-api", region, s.now())
	}
	return s.send(t, r)
}

// failure is the API's own error.
type failure struct {
	Errors []struct{ Code, Message, Details string }
}

func wantFailure(t *testing.T, what string, got answer, status int, code, words string) {
	t.Helper()
	var f failure
	if err := json.Unmarshal([]byte(got.body), &f); err != nil || len(f.Errors) != 1 || got.status != status || f.Errors[0].Code != code ||
		!strings.Contains(f.Errors[0].Message+" "+f.Errors[0].Details, words) {
		t.Errorf("%s: %d %s; want %d %s with %q", what, got.status, got.body, status, code, words)
	}
}

func wantOK(t *testing.T, what string, got answer, words string) {
	t.Helper()
	if got.status != http.StatusOK || !strings.Contains(got.body, words) {
		t.Errorf("%s: %d %s; want 200 with %s", what, got.status, got.body, words)
	}
}

const accessDenied = "Access to requested resource is denied."

// TestStandIn is the whole path of a developer under Amazon's own names, and every
// way to leave it.
func TestStandIn(t *testing.T) {
	s := newSellers(t, server.StandIn{})
	if who := s.sts(t, s.session, "sts.amazonaws.com", "us-east-1", "Action", "GetCallerIdentity").Caller; who != "arn:aws:sts::"+account+":assumed-role/SellingPartner/by-hand" {
		t.Errorf("the session is %s", who)
	}
	token := s.access(t, s.app, "")
	if !strings.HasPrefix(token, "Atza|") {
		t.Errorf("an access token: %s", token)
	}
	got := s.call(t, s.session, token, "GET", ordersQuery, "")
	wantOK(t, "the call", got, `"AmazonOrderId"`)
	if got.header.Get("X-Amzn-Ratelimit-Limit") != "0.5" || got.header.Get("X-Amzn-Requestid") == "" {
		t.Errorf("headers: %v", got.header)
	}
	for _, host := range []string{"sellingpartnerapi-eu.amazon.com", "sellingpartnerapi-fe.amazon.com"} {
		wantOK(t, host, s.call(t, s.session, token, "GET", "https://"+host+ordersQuery, ""), `"AmazonOrderId"`)
	}
	wantOK(t, "a sandbox case", s.call(t, s.session, token, "GET", "https://sandbox."+ordersHost+"/orders/v0/orders/TEST_CASE_200", ""), "702-0000002-0000002")
	wantFailure(t, "a sandbox case that is wrong", s.call(t, s.session, token, "GET", "https://sandbox."+ordersHost+"/orders/v0/orders/TEST_CASE_400", ""), 400, "InvalidInput", "Invalid Input")
	wantFailure(t, "a parameter missing", s.call(t, s.session, token, "GET", "/orders/v0/orders", ""), 400, "InvalidInput", "")

	// Both, or nothing.
	wantFailure(t, "neither", s.call(t, handKey{}, "", "GET", ordersQuery, ""), 403, "MissingAuthenticationToken", accessDenied)
	wantFailure(t, "no signature", s.call(t, handKey{}, token, "GET", ordersQuery, ""), 403, "MissingAuthenticationToken", accessDenied)
	wantFailure(t, "no token", s.call(t, s.session, "", "GET", ordersQuery, ""), 403, "Unauthorized", "Access token is missing in the request header.")
	wantFailure(t, "a malformed token", s.call(t, s.session, token[:len(token)-9]+"AAAAAAAAA", "GET", ordersQuery, ""), 403, "Unauthorized",
		"The access token you provided is revoked, malformed or invalid.")
	forged := s.session
	forged.secret = s.user.secret
	wantFailure(t, "a wrong secret", s.call(t, forged, token, "GET", ordersQuery, ""), 403, "InvalidSignature",
		"The request signature we calculated does not match the signature you provided.")
	wantFailure(t, "the user, not the role that was registered", s.call(t, s.user, token, "GET", ordersQuery, ""), 403, "Unauthorized", accessDenied)
	r := request(t, "GET", "https://"+ordersHost+ordersQuery, "", "X-Amz-Access-Token", token)
	signWith(r, "", s.session, "execute-api", "eu-west-1", s.now())
	wantFailure(t, "signed for another region", s.send(t, r), 403, "InvalidSignature", "Credential should be scoped to a valid region, not 'eu-west-1'.")
	wantFailure(t, "a path that there is not", s.call(t, s.session, token, "GET", "/orders/v9/orders", ""), 403, "MissingAuthenticationToken", "")

	// Another account, its own application: neither's token serves the other.
	c, err := s.server.CreateAccount(context.Background(), "other", "")
	if err != nil {
		t.Fatal(err)
	}
	other := s.developer(t, c.AccountID, handKey{id: c.AccessKeyID, secret: c.SecretAccessKey})
	wantOK(t, "another account", s.call(t, other.session, s.access(t, other.app, ""), "GET", ordersQuery, ""), `"AmazonOrderId"`)
	wantFailure(t, "another application's token", s.call(t, s.session, s.access(t, other.app, ""), "GET", ordersQuery, ""), 403, "Unauthorized", accessDenied)

	// Grantless and restricted operations.
	wantFailure(t, "a seller's token for a grantless operation", s.call(t, s.session, token, "GET", "/notifications/v1/destinations", ""), 403, "Unauthorized", accessDenied)
	grantless := s.access(t, s.app, "sellingpartnerapi::notifications")
	wantOK(t, "a grantless operation", s.call(t, s.session, grantless, "GET", "/notifications/v1/destinations", ""), `"destinationId"`)
	const address = "/orders/v0/orders/701-0000001-0000001/address"
	wantFailure(t, "an address, without a restricted token", s.call(t, s.session, token, "GET", address, ""), 403, "Unauthorized", accessDenied)
	restricted := answered[struct{ RestrictedDataToken string }](t, s.call(t, s.session, token, "POST", "/tokens/2021-03-01/restrictedDataToken",
		`{"restrictedResources":[{"method":"GET","path":"`+address+`"}]}`), http.StatusOK).RestrictedDataToken
	wantOK(t, "an address", s.call(t, s.session, restricted, "GET", address, ""), `"ShippingAddress"`)
	wantFailure(t, "another address", s.call(t, s.session, restricted, "GET", strings.Replace(address, "701", "702", 1), ""), 403, "Unauthorized", accessDenied)

	// The usage plan: one application's requests are no other's.
	for i := 0; ; i++ {
		got := s.call(t, s.session, grantless, "GET", "/notifications/v1/destinations", "")
		if got.status == http.StatusOK && i < 20 {
			continue
		}
		wantFailure(t, "too many", got, 429, "QuotaExceeded", "You exceeded your quota for the requested resource.")
		break
	}
	wantOK(t, "while another may", s.call(t, other.session, s.access(t, other.app, "sellingpartnerapi::notifications"), "GET", "/notifications/v1/destinations", ""), "destinationId")

	// An hour later the tokens have ended.
	s.ahead.Store(int64(61 * time.Minute))
	wantFailure(t, "a session that ended", s.call(t, s.session, token, "GET", ordersQuery, ""), 403, "Unauthorized", "The security token included in the request is expired")
	again := s.hand.role(t, s.user, s.seller.role)
	wantFailure(t, "an access token that ended", s.call(t, again, token, "GET", ordersQuery, ""), 403, "Unauthorized", "The access token you provided has expired.")
	wantOK(t, "a new one", s.call(t, again, s.access(t, s.app, ""), "GET", ordersQuery, ""), `"AmazonOrderId"`)
}

// TestStandInOwner: the API is another account's than the role, so both sides must
// allow a call, and its resource policy decides both ways.
func TestStandInOwner(t *testing.T) {
	const owned = `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + account + `:root"},"Action":"execute-api:Invoke","Resource":"execute-api:/*"},
		{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"execute-api:Invoke","Resource":"execute-api:/prod/GET/orders/v0/orders/*/orderItems"},
		{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"execute-api:Invoke","Resource":"execute-api:/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`
	s := newSellers(t, server.StandIn{ResourcePolicy: owned})
	owner, err := os.ReadFile(filepath.Join(s.dir, "sp-api-account"))
	if err != nil || strings.TrimSpace(string(owner)) == account {
		t.Fatalf("the owner of the APIs: %s %v", owner, err)
	}
	if info, err := os.Stat(filepath.Join(s.dir, "sp-api-account")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: %v %v", info, err)
	}
	token := s.access(t, s.app, "")
	wantOK(t, "both allow", s.call(t, s.session, token, "GET", ordersQuery, ""), `"AmazonOrderId"`)
	wantFailure(t, "the API denies", s.call(t, s.session, token, "GET", "/orders/v0/orders/701-0000001-0000001/orderItems", ""), 403, "Unauthorized", accessDenied)
	wantFailure(t, "the API denies what comes in the clear", s.call(t, s.session, token, "GET", "http://"+ordersHost+ordersQuery, ""), 403, "Unauthorized", accessDenied)

	arn := s.caller(t, account, s.root, "Nothing")
	nothing := s.hand.role(t, s.user, arn)
	app := s.register(t, s.user, arn)
	access := s.access(t, app, "")
	wantFailure(t, "the role's own account allows nothing", s.call(t, nothing, access, "GET", ordersQuery, ""), 403, "Unauthorized", accessDenied)
	s.allow(t, s.root, "Nothing")
	wantOK(t, "now it does", s.call(t, nothing, access, "GET", ordersQuery, ""), `"AmazonOrderId"`)

	c, err := s.server.CreateAccount(context.Background(), "other", "")
	if err != nil {
		t.Fatal(err)
	}
	other := s.developer(t, c.AccountID, handKey{id: c.AccessKeyID, secret: c.SecretAccessKey})
	wantFailure(t, "the API does not name the account", s.call(t, other.session, s.access(t, other.app, ""), "GET", ordersQuery, ""), 403, "Unauthorized", accessDenied)
}

// TestStandInWithoutSignatures: the contract since October 2023, by which a
// signature is not looked at.
func TestStandInWithoutSignatures(t *testing.T) {
	s := newSellers(t, server.StandIn{Authorization: "LWA"})
	token := s.access(t, s.app, "")
	wantOK(t, "a token alone", s.call(t, handKey{}, token, "GET", ordersQuery, ""), `"AmazonOrderId"`)
	wantOK(t, "a wrong signature", s.call(t, handKey{id: "AKIAIOSFODNN7EXAMPLE", secret: "none"}, token, "GET", ordersQuery, ""), `"AmazonOrderId"`)
	wantOK(t, "by the plain listener", s.call(t, handKey{}, token, "GET", "http://"+ordersHost+ordersQuery, ""), `"AmazonOrderId"`)
	wantFailure(t, "no token", s.call(t, handKey{}, "", "GET", ordersQuery, ""), 403, "Unauthorized", "Access token is missing in the request header.")
}
