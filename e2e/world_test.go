package e2e_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"iamd/gateway"
	"iamd/server"
	"iamd/server/servertest"
)

const (
	account = "111122223333"
	region  = "us-east-1"
	apiHost = "orders.example.com"
)

// world is an iamd in this process, its clock in the test's hands, with a
// gateway before an upstream.
type world struct {
	server *server.Server
	url    string // of the AWS APIs
	gate   gate
	ahead  atomic.Int64 // of the real time, in nanoseconds
	root   clients
}

func newWorld(t *testing.T, change ...func(*server.Config)) *world {
	t.Helper()
	ctx := context.Background()
	w := &world{}
	up := newUpstream(t)
	cfg := server.Config{
		DataDir: t.TempDir(), Now: w.now, Root: server.Root{AccountID: account},
		Gateway: gateway.Config{APIs: []gateway.API{{
			ID: "orders", Account: account, Region: region, Hosts: []string{apiHost}, Upstream: up.URL,
		}}},
	}
	for _, f := range change {
		f(&cfg)
	}
	s, err := server.New(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	front, door := httptest.NewServer(s.Handler()), httptest.NewServer(s.Gateway())
	t.Cleanup(func() {
		front.Close()
		door.Close()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	first := s.FirstStart()
	w.server, w.url, w.gate = s, front.URL, gate{url: door.URL, upstream: up}
	w.root = connect(w.url, aws.Credentials{AccessKeyID: first.AccessKeyID, SecretAccessKey: first.SecretAccessKey})
	return w
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// account makes another account and gives its root user.
func (w *world) account(t *testing.T, name string) (id string, root clients) {
	t.Helper()
	c, err := w.server.CreateAccount(context.Background(), name, "")
	if err != nil {
		t.Fatal(err)
	}
	return c.AccountID, w.as(aws.Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey})
}

func (w *world) as(cred aws.Credentials) clients { return connect(w.url, cred) }

// clients are the SDK's, signing with one key.
type clients struct {
	IAM *iam.Client
	STS *sts.Client
	key aws.Credentials
}

func connect(url string, cred aws.Credentials) clients {
	cfg := servertest.Config(url, region, cred.AccessKeyID, cred.SecretAccessKey, cred.SessionToken)
	return clients{iam.NewFromConfig(cfg), sts.NewFromConfig(cfg), cred}
}

// must gives what a call answered, and ends the test when it was refused.
func must[O any](t *testing.T) func(out O, err error) O {
	return func(out O, err error) O {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// wantRefused checks a refusal's code and words.
func wantRefused(t *testing.T, what string, err error, code, words string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) {
		t.Errorf("%s: %v; want %s", what, err, code)
		return
	}
	if e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), words) {
		t.Errorf("%s: %s: %s; want %s with %q", what, e.ErrorCode(), e.ErrorMessage(), code, words)
	}
}

// user makes a user with one key and gives the clients that sign with it.
func user(t *testing.T, url string, by clients, name string) (clients, *iam.CreateUserOutput) {
	t.Helper()
	ctx := context.Background()
	made := must[*iam.CreateUserOutput](t)(by.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: &name}))
	return connect(url, newKey(t, by, name)), made
}

func newKey(t *testing.T, by clients, name string) aws.Credentials {
	t.Helper()
	k := must[*iam.CreateAccessKeyOutput](t)(by.IAM.CreateAccessKey(context.Background(), &iam.CreateAccessKeyInput{UserName: &name}))
	return aws.Credentials{AccessKeyID: *k.AccessKey.AccessKeyId, SecretAccessKey: *k.AccessKey.SecretAccessKey}
}

func putUserPolicy(t *testing.T, by clients, name, document string) {
	t.Helper()
	must[*iam.PutUserPolicyOutput](t)(by.IAM.PutUserPolicy(context.Background(), &iam.PutUserPolicyInput{
		UserName: &name, PolicyName: aws.String("grants"), PolicyDocument: &document,
	}))
}

func role(t *testing.T, by clients, name, trust string) *iam.CreateRoleOutput {
	t.Helper()
	return must[*iam.CreateRoleOutput](t)(by.IAM.CreateRole(context.Background(), &iam.CreateRoleInput{
		RoleName: &name, AssumeRolePolicyDocument: &trust,
	}))
}

func assume(t *testing.T, by clients, arn, session string, change ...func(*sts.AssumeRoleInput)) aws.Credentials {
	t.Helper()
	in := &sts.AssumeRoleInput{RoleArn: &arn, RoleSessionName: &session}
	for _, f := range change {
		f(in)
	}
	c := must[*sts.AssumeRoleOutput](t)(by.STS.AssumeRole(context.Background(), in)).Credentials
	return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}
}
