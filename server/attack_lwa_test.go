package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/server/servertest"
	"iamd/standin"
)

const sellingHost = "sellingpartnerapi-na.amazon.com"

// shelf is a buffer for many writers.
type shelf struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *shelf) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *shelf) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// selling is a stand-in with an account that has applications, and everything that
// was told in secret.
type selling struct {
	*listening
	url     string
	log     *shelf
	first   *Credentials
	client  *http.Client
	secrets []string
}

func startSelling(t *testing.T) *selling {
	t.Helper()
	s := &selling{log: new(shelf)}
	s.listening = listenTLS(t, Config{
		StandIn: StandIn{Name: standin.SellingPartner},
		Log:     slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	s.url, s.first, s.client = "http://"+s.at.API.String(), s.FirstStart(), s.listening.client(t, sellingHost, false)
	s.secrets = append(s.secrets, s.first.SecretAccessKey)
	return s
}

func (s *selling) iam() *sdk.Client { return sdk.NewFromConfig(root(s.first, s.url)) }

func (s *selling) rootKeys() aws.Credentials {
	return aws.Credentials{AccessKeyID: s.first.AccessKeyID, SecretAccessKey: s.first.SecretAccessKey}
}

func (s *selling) sts(by aws.Credentials) *sts.Client {
	return sts.NewFromConfig(servertest.Config(s.url, "us-east-1", by.AccessKeyID, by.SecretAccessKey, by.SessionToken))
}

const mayCall = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["execute-api:Invoke","sts:*"],"Resource":"*"}}`

func (s *selling) user(t *testing.T, name string) aws.Credentials {
	t.Helper()
	c := s.iam()
	if _, err := c.CreateUser(t.Context(), &sdk.CreateUserInput{UserName: &name}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutUserPolicy(t.Context(), &sdk.PutUserPolicyInput{UserName: &name, PolicyName: aws.String("p"), PolicyDocument: aws.String(mayCall)}); err != nil {
		t.Fatal(err)
	}
	key, err := c.CreateAccessKey(t.Context(), &sdk.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		t.Fatal(err)
	}
	s.secrets = append(s.secrets, *key.AccessKey.SecretAccessKey)
	return aws.Credentials{AccessKeyID: *key.AccessKey.AccessKeyId, SecretAccessKey: *key.AccessKey.SecretAccessKey}
}

func (s *selling) role(t *testing.T, name string) {
	t.Helper()
	c := s.iam()
	trust := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + s.first.AccountID + `"},"Action":"sts:AssumeRole"}}`
	if _, err := c.CreateRole(t.Context(), &sdk.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutRolePolicy(t.Context(), &sdk.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("p"), PolicyDocument: aws.String(mayCall)}); err != nil {
		t.Fatal(err)
	}
}

func (s *selling) arn(what string) string { return "arn:aws:iam::" + s.first.AccountID + ":" + what }

func (s *selling) assume(t *testing.T, by aws.Credentials, role string) aws.Credentials {
	t.Helper()
	out, err := s.sts(by).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String(s.arn("role/" + role)), RoleSessionName: aws.String("s1")})
	if err != nil {
		t.Fatal(err)
	}
	c := out.Credentials
	s.secrets = append(s.secrets, *c.SecretAccessKey, *c.SessionToken)
	return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}
}

// register gives an application, with an access token of its seller's.
func (s *selling) register(t *testing.T, signer string) map[string]string {
	t.Helper()
	status, app := applicationCall(t, s.first, s.url, "POST", "", `{"name":"orders","iam_arn":"`+s.arn(signer)+`"}`)
	if status != http.StatusCreated {
		t.Fatalf("%d %v", status, app)
	}
	got := tokens(t, s.url, app, "grant_type", "refresh_token", "refresh_token", app["refresh_token"])
	if app["access"] = got["access_token"]; app["access"] == "" {
		t.Fatalf("%v", got)
	}
	s.secrets = append(s.secrets, app["client_secret"], app["refresh_token"], app["access"])
	return app
}

// call sends a signed call of the API; without keys it is not signed.
func (s *selling) call(t *testing.T, by *aws.Credentials, token, method, target, body string, change ...func(*http.Request)) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "https://"+sellingHost+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("X-Amz-Access-Token", token)
	}
	if by != nil {
		hash := sha256.Sum256([]byte(body))
		if err := v4.NewSigner().SignHTTP(t.Context(), *by, r, hex.EncodeToString(hash[:]), "execute-api", "us-east-1", time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range change {
		c(r)
	}
	res, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

const ordersTarget = "/orders/v0/orders?MarketplaceIds=ATVPDKIKX0DER"

// TestWhoSigns: of all who may call, one may with an application's token: whom it
// registered, and that by who it was, not by its name.
func TestWhoSigns(t *testing.T) {
	s := startSelling(t)
	seller, eve := s.user(t, "seller"), s.user(t, "eve")
	s.role(t, "Seller")
	s.role(t, "Other")
	ofRole, ofUser := s.register(t, "role/Seller"), s.register(t, "user/seller")
	session, stranger := s.assume(t, eve, "Seller"), s.assume(t, eve, "Other")
	chained := s.assume(t, stranger, "Seller")
	temporary := func(c *sts.GetSessionTokenOutput, err error) aws.Credentials {
		if err != nil {
			t.Fatal(err)
		}
		return aws.Credentials{AccessKeyID: *c.Credentials.AccessKeyId, SecretAccessKey: *c.Credentials.SecretAccessKey, SessionToken: *c.Credentials.SessionToken}
	}
	mine := temporary(s.sts(seller).GetSessionToken(t.Context(), &sts.GetSessionTokenInput{}))
	fed, err := s.sts(seller).GetFederationToken(t.Context(), &sts.GetFederationTokenInput{Name: aws.String("seller"), Policy: aws.String(mayCall)})
	if err != nil {
		t.Fatal(err)
	}
	federated := aws.Credentials{AccessKeyID: *fed.Credentials.AccessKeyId, SecretAccessKey: *fed.Credentials.SecretAccessKey, SessionToken: *fed.Credentials.SessionToken}
	owner := s.rootKeys()
	crossed := session // the role's key with another session's token
	crossed.SessionToken = stranger.SessionToken
	for what, c := range map[string]struct {
		by             *aws.Credentials
		ofRole, ofUser int
	}{
		"the role":                  {&session, 200, 403},
		"the role, by another":      {&chained, 200, 403},
		"another role":              {&stranger, 403, 403},
		"the user":                  {&seller, 403, 200},
		"the user's session":        {&mine, 403, 200},
		"a user federated by it":    {&federated, 403, 403},
		"another user":              {&eve, 403, 403},
		"the account's root":        {&owner, 403, 403},
		"nobody":                    {nil, 403, 403},
		"the role, another's token": {&crossed, 403, 403},
	} {
		for _, one := range []struct {
			app  map[string]string
			want int
		}{{ofRole, c.ofRole}, {ofUser, c.ofUser}} {
			if status, text := s.call(t, c.by, one.app["access"], "GET", ordersTarget, ""); status != one.want {
				t.Errorf("%s, application of %s: %d %s", what, one.app["iam_arn"], status, text)
			}
		}
	}
	// Made again under its name, and under the name's spelling, it is somebody else.
	c := s.iam()
	if _, err := c.DeleteRolePolicy(t.Context(), &sdk.DeleteRolePolicyInput{RoleName: aws.String("Seller"), PolicyName: aws.String("p")}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DeleteRole(t.Context(), &sdk.DeleteRoleInput{RoleName: aws.String("Seller")}); err != nil {
		t.Fatal(err)
	}
	s.role(t, "Seller")
	again := s.assume(t, eve, "Seller")
	for what, by := range map[string]aws.Credentials{"the old role's session": session, "the new role": again} {
		if status, text := s.call(t, &by, ofRole["access"], "GET", ordersTarget, ""); status != 403 {
			t.Errorf("%s: %d %s", what, status, text)
		}
	}
	// A name that is changed is not another user; a token in the query is none.
	if _, err := c.UpdateUser(t.Context(), &sdk.UpdateUserInput{UserName: aws.String("seller"), NewUserName: aws.String("trader")}); err != nil {
		t.Fatal(err)
	}
	if status, text := s.call(t, &seller, ofUser["access"], "GET", ordersTarget, ""); status != 200 {
		t.Errorf("the user by another name: %d %s", status, text)
	}
	for _, name := range []string{"x-amz-access-token", "X-Amz-Access-Token", "access_token"} {
		if status, text := s.call(t, &seller, "", "GET", ordersTarget+"&"+name+"="+url.QueryEscape(ofUser["access"]), ""); status != 403 || !strings.Contains(text, "missing in the request header") {
			t.Errorf("%s in the query: %d %s", name, status, text)
		}
	}
	s.register(t, "role/Seller")
	s.nothingTold(t)
}

// TestForgedApplication: who calls is the gateway's to say: a client that says so
// itself gets a token of its own application, or none.
func TestForgedApplication(t *testing.T) {
	s := startSelling(t)
	mallory := s.user(t, "mallory")
	s.user(t, "victim")
	own, other := s.register(t, "user/mallory"), s.register(t, "user/victim")
	const ask = `{"restrictedResources":[{"method":"GET","path":"/orders/v0/orders/{orderId}/address"}]}`
	const address = "/orders/v0/orders/701-0000001-0000001/address"
	forge := func(r *http.Request) {
		for _, name := range []string{"X-Iamd-Client-Id", "x_iamd_client_id", "X-IAMD-Client_Id"} {
			r.Header[name] = []string{other["client_id"]}
		}
		r.Header["X-Iamd-Selling-Partner-Id"] = []string{other["selling_partner_id"]}
		r.Header["Connection"] = []string{"X-Iamd-Client-Id, X-Iamd-Selling-Partner-Id"}
	}
	const target = "/tokens/2021-03-01/restrictedDataToken"
	for _, token := range []string{"", "x", other["access"]} {
		if status, text := s.call(t, &mallory, token, "POST", target, ask, forge); status != 403 {
			t.Errorf("with %.5q: %d %s", token, status, text)
		}
	}
	status, text := s.call(t, &mallory, own["access"], "POST", target, ask, forge)
	var told struct{ RestrictedDataToken string }
	if err := json.Unmarshal([]byte(text), &told); err != nil || status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	s.secrets = append(s.secrets, told.RestrictedDataToken)
	for _, c := range []struct {
		what, token, method, target string
		want                        int
	}{
		{"its own", told.RestrictedDataToken, "GET", address, 200},
		{"an ordinary token", own["access"], "GET", address, 403},
		{"a slash more", own["access"], "GET", address + "/", 403},
		{"another case", own["access"], "GET", "/orders/v0/ORDERS/701-0000001-0000001/Address", 403},
		{"an escape", own["access"], "GET", "/orders/v0/orders/701-0000001-0000001/%61ddress", 400},
		{"an escaped slash", own["access"], "GET", "/orders/v0/orders/701-0000001-0000001%2Faddress", 400},
		{"an escape of an escape", own["access"], "GET", "/orders/v0/orders/701-0000001-0000001%252Faddress", 400},
		{"a parameter", own["access"], "GET", address + ";x=y", 400},
		{"two slashes", own["access"], "GET", "/orders/v0/orders//701-0000001-0000001/address", 400},
		{"a dot", own["access"], "GET", "/orders/v0/./orders/701-0000001-0000001/address", 400},
		{"HEAD", own["access"], "HEAD", address, 403},
		{"a token for addresses, elsewhere", told.RestrictedDataToken, "GET", ordersTarget, 403},
		{"a token for addresses, for another", told.RestrictedDataToken, "POST", target, 403},
	} {
		body := ""
		if c.method == "POST" {
			body = ask
		}
		if status, text := s.call(t, &mallory, c.token, c.method, c.target, body); status != c.want {
			t.Errorf("%s: %d %s", c.what, status, text)
		}
	}
	s.nothingTold(t)
}

// nothingTold looks for whatever was told in secret in the log, in the histories and
// in the files.
func (s *selling) nothingTold(t *testing.T) {
	t.Helper()
	// Requests that go wrong with secrets in all places.
	for _, secret := range s.secrets {
		for _, path := range []string{"/auth/o2/token", "/spapi/applications", "/spapi/applications/" + url.PathEscape(secret), "/spapi/" + url.PathEscape(secret)} {
			for _, method := range []string{"GET", "POST", "DELETE"} {
				r, err := http.NewRequestWithContext(t.Context(), method, s.url+path+"?client_secret="+url.QueryEscape(secret), strings.NewReader("client_secret="+url.QueryEscape(secret)))
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("X-Amz-Access-Token", secret)
				r.SetBasicAuth("amzn1.application-oa2-client.00000000000000000000000000000000", secret)
				res, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(res.Body)
				res.Body.Close()
				if err != nil || bytes.Contains(text, []byte(secret)) || res.StatusCode < 400 {
					t.Errorf("%s %s: %d %s, %v", method, path, res.StatusCode, text, err)
				}
			}
		}
	}
	if err := s.audit.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	places := map[string]string{"the log": s.log.String()}
	err := fs.WalkDir(os.DirFS(s.cfg.DataDir), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || strings.HasPrefix(path, "root-") {
			return err // the root user's first key is in a file of its own
		}
		text, err := os.ReadFile(filepath.Join(s.cfg.DataDir, path))
		places[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(places) < 3 {
		t.Errorf("only %d places", len(places))
	}
	for place, text := range places {
		for _, secret := range s.secrets {
			if secret == "" || strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) {
				t.Errorf("%s holds %.12s…", place, secret)
			}
		}
	}
}
