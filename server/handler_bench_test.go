package server_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"crypto/sha256"

	"iamd/server"
	"iamd/sigv4"
)

// BenchmarkHandler measures what iamd does for a request without net/http's part in
// it: the way of a call from the door to the answer's bytes.
func BenchmarkHandler(b *testing.B) {
	ctx := context.Background()
	s, err := server.New(ctx, server.Config{DataDir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(ctx); err != nil {
			b.Error(err)
		}
	})
	root := s.FirstStart()
	rootKey := sigv4.Credentials{KeyID: root.AccessKeyID, Secret: root.SecretAccessKey}
	ask := func(key sigv4.Credentials, service string, form ...string) *asked {
		return newAsked(b, key, service, form...)
	}
	must := func(a *asked) string {
		a.do(s.Handler())
		if a.status != http.StatusOK {
			b.Fatalf("%d %s", a.status, a.body.String())
		}
		return a.body.String()
	}
	must(ask(rootKey, "iam", "Action", "CreateUser", "UserName", "Bob"))
	must(ask(rootKey, "iam", "Action", "PutUserPolicy", "UserName", "Bob", "PolicyName", "p",
		"PolicyDocument", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole","iam:GetUser"],"Resource":"*"}]}`))
	must(ask(rootKey, "iam", "Action", "CreateRole", "RoleName", "R", "AssumeRolePolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+root.AccountID+`"},"Action":"sts:AssumeRole"}]}`))
	answer := must(ask(rootKey, "iam", "Action", "CreateAccessKey", "UserName", "Bob"))
	bob := sigv4.Credentials{KeyID: between(answer, "<AccessKeyId>"), Secret: between(answer, "<SecretAccessKey>")}
	for _, op := range []struct {
		name  string
		asked *asked
	}{
		{"GetCallerIdentity", ask(bob, "sts", "Action", "GetCallerIdentity")},
		{"GetUser", ask(bob, "iam", "Action", "GetUser")},
		{"AssumeRole", ask(bob, "sts", "Action", "AssumeRole", "RoleArn", "arn:aws:iam::"+root.AccountID+":role/R", "RoleSessionName", "session")},
	} {
		must(op.asked)
		b.Run(op.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				op.asked.do(s.Handler())
			}
		})
	}
}

// asked is a request that can be made again and again, and its answer.
type asked struct {
	request *http.Request
	content []byte
	in      bytes.Reader
	header  http.Header
	status  int
	body    bytes.Buffer
}

func newAsked(b *testing.B, key sigv4.Credentials, service string, form ...string) *asked {
	b.Helper()
	values := url.Values{"Version": {map[string]string{"iam": "2010-05-08", "sts": "2011-06-15"}[service]}}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	a := &asked{content: []byte(values.Encode()), header: http.Header{}}
	r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1/", strings.NewReader(string(a.content)))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("User-Agent", "bench")
	opt := sigv4.Options{Service: service, Region: "us-east-1", DoubleEncode: true}
	if err := sigv4.Sign(r, sha256.Sum256(a.content), key, time.Now(), opt); err != nil {
		b.Fatal(err)
	}
	r.RemoteAddr, r.RequestURI = "127.0.0.1:1", "/"
	a.request = r
	return a
}

func (a *asked) do(h http.Handler) {
	a.in.Reset(a.content)
	a.request.Body = io.NopCloser(&a.in)
	clear(a.header)
	a.body.Reset()
	h.ServeHTTP(a, a.request)
}

func (a *asked) Header() http.Header         { return a.header }
func (a *asked) WriteHeader(status int)      { a.status = status }
func (a *asked) Write(p []byte) (int, error) { return a.body.Write(p) }
