package authzen_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/gateway"
	"iamd/server"
	"iamd/server/servertest"
)

const (
	account = "111122223333"
	apiHost = "shop.example.com"
	region  = "eu-west-1"
)

// world is a whole server with one account of users, and one guarded API.
type world struct {
	server *server.Server
	url    string
	root   aws.Credentials
	iam    *iam.Client
	keys   map[string]aws.Credentials // of users
	users  map[string]string          // ARNs by name
	roles  map[string]string
}

func newWorld(t testing.TB, apis ...gateway.API) *world {
	t.Helper()
	if apis == nil {
		apis = []gateway.API{{ID: "shop", Account: account, Region: region, Hosts: []string{apiHost}}}
	}
	s, err := server.New(context.Background(), server.Config{
		DataDir: t.TempDir(), Root: server.Root{AccountID: account}, PublicURL: "https://iamd.example.com",
		Gateway: gateway.Config{Listen: "127.0.0.1:0", SpoolDir: t.TempDir(), APIs: apis},
	})
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		front.Close()
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	c := s.FirstStart()
	w := &world{
		server: s, url: front.URL, root: aws.Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey},
		keys: map[string]aws.Credentials{}, users: map[string]string{}, roles: map[string]string{},
	}
	w.iam = iam.NewFromConfig(w.config(w.root))
	return w
}

func (w *world) config(c aws.Credentials) aws.Config {
	return servertest.Config(w.url, region, c.AccessKeyID, c.SecretAccessKey, c.SessionToken)
}

func document(statements string) *string {
	return aws.String(`{"Version":"2012-10-17","Statement":[` + statements + `]}`)
}

// user makes a user with statements, if there are any, and a key.
func (w *world) user(t testing.TB, name, path, statements string) string {
	t.Helper()
	u, err := w.iam.CreateUser(context.Background(), &iam.CreateUserInput{UserName: &name, Path: &path})
	if err != nil {
		t.Fatal(err)
	}
	if statements != "" {
		if _, err := w.iam.PutUserPolicy(context.Background(), &iam.PutUserPolicyInput{UserName: &name, PolicyName: aws.String("own"), PolicyDocument: document(statements)}); err != nil {
			t.Fatal(err)
		}
	}
	k, err := w.iam.CreateAccessKey(context.Background(), &iam.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		t.Fatal(err)
	}
	w.keys[name] = aws.Credentials{AccessKeyID: *k.AccessKey.AccessKeyId, SecretAccessKey: *k.AccessKey.SecretAccessKey}
	w.users[name] = *u.User.Arn
	return *u.User.Arn
}

// role makes a role with statements that the account may assume.
func (w *world) role(t *testing.T, name, statements string) string {
	t.Helper()
	r, err := w.iam.CreateRole(context.Background(), &iam.CreateRoleInput{
		RoleName: &name, AssumeRolePolicyDocument: document(`{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.iam.PutRolePolicy(context.Background(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("own"), PolicyDocument: document(statements)}); err != nil {
		t.Fatal(err)
	}
	w.roles[name] = *r.Role.Arn
	return *r.Role.Arn
}

// assume gives a role's session, narrowed by a policy unless that is "".
func (w *world) assume(t *testing.T, by aws.Credentials, role, narrowed string) aws.Credentials {
	t.Helper()
	in := &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("session")}
	if narrowed != "" {
		in.Policy = document(narrowed)
	}
	out, err := sts.NewFromConfig(w.config(by)).AssumeRole(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	return aws.Credentials{AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken}
}

// answered is an HTTP answer.
type answered struct {
	status int
	header http.Header
	body   string
}

// object reads the answer as JSON.
func (a answered) object(t *testing.T) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(a.body), &o); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return o
}

// decision is that of an answer to one question.
func (a answered) decision(t *testing.T) bool {
	t.Helper()
	d, ok := a.object(t)["decision"].(bool)
	if a.status != http.StatusOK || !ok {
		t.Fatalf("no decision: %d %s", a.status, a.body)
	}
	return d
}

// reason is why.
func (a answered) reason(t *testing.T) string {
	t.Helper()
	c, _ := a.object(t)["context"].(map[string]any)
	s, _ := c["reason"].(string)
	return s
}

// sign signs by the SDK's own signer.
func sign(t testing.TB, r *http.Request, body []byte, c aws.Credentials, service string, at time.Time) {
	t.Helper()
	hash := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(context.Background(), c, r, hex.EncodeToString(hash[:]), service, region, at); err != nil {
		t.Fatal(err)
	}
}

// ask sends a question, signed.
func (w *world) ask(t *testing.T, by aws.Credentials, path, body string) answered {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, w.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	sign(t, r, []byte(body), by, "authzen", time.Now())
	return w.send(t, r)
}

func (w *world) send(t *testing.T, r *http.Request) answered {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{resp.StatusCode, resp.Header, string(text)}
}

func marshal(t testing.TB, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

type m = map[string]any

// about is a question about a principal.
func about(kind, id, action, resource string) m {
	return m{"subject": m{"type": kind, "id": id}, "action": m{"name": action}, "resource": m{"type": "x", "id": resource}}
}

const (
	evaluation  = "/access/v1/evaluation"
	evaluations = "/access/v1/evaluations"
	search      = "/access/v1/search/"
)
