package server

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/gateway"
	"iamd/iam"
	"iamd/server/servertest"
	"iamd/sigv4"
)

// invoke calls a guarded API and gives the request id of its refusal.
func invoke(t *testing.T, url string, as aws.Config) string {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := as.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	opt := sigv4.Options{Service: "execute-api", Region: as.Region, DoubleEncode: true}
	if err := sigv4.Sign(r, sha256.Sum256(nil), sigv4.Credentials{KeyID: key.AccessKeyID, Secret: key.SecretAccessKey}, time.Now(), opt); err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Fatalf("status %d", resp.StatusCode)
	}
	return resp.Header.Get("X-Amzn-Requestid")
}

// TestTraces: the request id of a denial leads to its trace, at the API and at
// the gateway, by the socket and by the server itself, after a restart too.
func TestTraces(t *testing.T) {
	ctx, cfg := t.Context(), Config{DataDir: t.TempDir(), Root: Root{AccountID: "123456789012"}, Gateway: gateway.Config{APIs: []gateway.API{{
		ID: "shop", Account: "123456789012", Region: "us-east-1", Stage: "prod", Upstream: "http://127.0.0.1:1",
	}}}}
	s := start(t, cfg)
	front, gate := httptest.NewServer(s.Handler()), httptest.NewServer(s.Gateway())
	admin := sdk.NewFromConfig(root(s.FirstStart(), front.URL))
	if _, err := admin.CreateUser(ctx, &sdk.CreateUserInput{UserName: aws.String("Bob")}); err != nil {
		t.Fatal(err)
	}
	key, err := admin.CreateAccessKey(ctx, &sdk.CreateAccessKeyInput{UserName: aws.String("Bob")})
	if err != nil {
		t.Fatal(err)
	}
	bob := servertest.Config(front.URL, "us-east-1", *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
	_, err = sdk.NewFromConfig(bob).ListUsers(ctx, nil)
	var denied *awshttp.ResponseError
	if !errors.As(err, &denied) {
		t.Fatal(err)
	}
	invoked := invoke(t, gate.URL+"/orders", bob)
	gate.Close() // its events are recorded after the answers
	want := map[string]string{denied.RequestID: "iam:ListUsers", invoked: "execute-api:Invoke"}
	look := func(s *Server) {
		t.Helper()
		for id, action := range want {
			trace, err := s.Trace(ctx, id)
			if err != nil || trace.Action != action || trace.RequestID != id || trace.Principal.ARN != "arn:aws:iam::123456789012:user/Bob" ||
				trace.Reason != "There is no identity-based policy, and so nothing allows it." {
				t.Errorf("%s: %+v, %v", action, trace, err)
			}
		}
		var no *iam.Error
		if _, err := s.Trace(ctx, "none"); !errors.As(err, &no) || no.Code != iam.CodeNoSuchEntity {
			t.Errorf("no such request: %v", err)
		}
	}
	look(s)
	socket := httptest.NewServer(s.Admin())
	for path, status := range map[string]int{"/traces/" + denied.RequestID: http.StatusOK, "/traces/none": http.StatusBadRequest, "/traces/": http.StatusNotFound} {
		resp, err := http.Get(socket.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		var trace Trace
		if err != nil || resp.StatusCode != status || status == http.StatusOK && (json.Unmarshal(text, &trace) != nil || trace.Action != "iam:ListUsers") {
			t.Errorf("%s: %d %s, %v", path, resp.StatusCode, text, err)
		}
	}
	socket.Close()
	front.Close()
	closed(t, s)
	s = start(t, cfg)
	defer closed(t, s)
	look(s)
}

// TestAllowedIsNotTraced: neither what is allowed nor what fails for another
// reason writes a trace.
func TestAllowedIsNotTraced(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, s)
	front := httptest.NewServer(s.Handler())
	defer front.Close()
	admin := sdk.NewFromConfig(root(s.FirstStart(), front.URL))
	out, err := admin.ListUsers(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	id, ok := middleware.GetRequestIDMetadata(out.ResultMetadata)
	_, err = admin.GetUser(t.Context(), &sdk.GetUserInput{UserName: aws.String("none")})
	var missing *awshttp.ResponseError
	if !errors.As(err, &missing) || !ok {
		t.Fatal(err)
	}
	for _, id := range []string{id, missing.RequestID} {
		if trace, err := s.Trace(context.Background(), id); err == nil || id == "" {
			t.Errorf("%s: %+v", id, trace)
		}
	}
}
