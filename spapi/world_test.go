package spapi_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/server"
	"iamd/server/servertest"
)

// world is a whole server, whose clock can be moved.
type world struct {
	*server.Server
	url   string
	root  aws.Credentials
	id    string       // the account's number
	ahead atomic.Int64 // of the world's clock, nanoseconds
}

func start(t testing.TB, change ...func(*server.Config)) *world {
	t.Helper()
	w := &world{}
	cfg := server.Config{DataDir: t.TempDir(), Now: w.now}
	for _, c := range change {
		c(&cfg)
	}
	s, err := server.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.Server = s
	front := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		front.Close()
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	first := s.FirstStart()
	w.url, w.id = front.URL, first.AccountID
	w.root = aws.Credentials{AccessKeyID: first.AccessKeyID, SecretAccessKey: first.SecretAccessKey}
	return w
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// iam is IAM by somebody's keys.
func (w *world) iam(by aws.Credentials) *iam.Client {
	return iam.NewFromConfig(servertest.Config(w.url, "us-east-1", by.AccessKeyID, by.SecretAccessKey, by.SessionToken))
}

// user makes a user with a policy, and gives their key.
func (w *world) user(t testing.TB, name, policy string) aws.Credentials {
	t.Helper()
	c := w.iam(w.root)
	if _, err := c.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}); err != nil {
		t.Fatal(err)
	}
	if policy != "" {
		if _, err := c.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: &name, PolicyName: aws.String("p"), PolicyDocument: &policy}); err != nil {
			t.Fatal(err)
		}
	}
	key, err := c.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return aws.Credentials{AccessKeyID: *key.AccessKey.AccessKeyId, SecretAccessKey: *key.AccessKey.SecretAccessKey}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
	fields map[string]any
}

func (a answer) text(name string) string { s, _ := a.fields[name].(string); return s }

func do(t testing.TB, r *http.Request) answer {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return answer{}
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.body, err = io.ReadAll(res.Body); err != nil {
		t.Error(err)
	}
	if len(a.body) > 0 && json.Unmarshal(a.body, &a.fields) != nil {
		t.Errorf("%d with %s", a.status, a.body)
	}
	return a
}

// call is a signed request below /spapi/.
func (w *world) call(t testing.TB, by aws.Credentials, method, path, body string) answer {
	t.Helper()
	return w.callAs(t, by, "sellingpartnerapi", method, path, body)
}

func (w *world) callAs(t testing.TB, by aws.Credentials, service, method, path, body string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, w.url+"/spapi/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), by, r, hex.EncodeToString(hash[:]), service, "eu-west-1", w.now()); err != nil {
		t.Fatal(err)
	}
	return do(t, r)
}

// post sends a body to the token endpoint.
func (w *world) post(t testing.TB, contentType, body string, change ...func(*http.Request)) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/auth/o2/token", bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	for _, c := range change {
		c(r)
	}
	return do(t, r)
}

const formType = "application/x-www-form-urlencoded"

// token asks for tokens with a form: name, value, name, value…
func (w *world) token(t testing.TB, pairs ...string) answer {
	t.Helper()
	return w.post(t, formType, form(pairs...).Encode())
}

func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// app is a registered application.
type app struct{ id, secret, refresh, partner string }

func (w *world) app(t testing.TB) app {
	t.Helper()
	w.user(t, "seller", "")
	a := w.call(t, w.root, "POST", "applications", `{"name":"orders","iam_arn":"arn:aws:iam::`+w.id+`:user/seller"}`)
	if a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	return app{a.text("client_id"), a.text("client_secret"), a.text("refresh_token"), a.text("selling_partner_id")}
}

// with are the parameters of a token request by the application.
func (a app) with(pairs ...string) []string {
	return append([]string{"client_id", a.id, "client_secret", a.secret}, pairs...)
}
