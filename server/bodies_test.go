package server

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/server/servertest"
)

// TestLongBodiesShareRoom: bodies that are read before their sender is known have a
// bound together, and one address has a part of it; what finds no room is not read.
// Short ones, and keys that exist, go on.
func TestLongBodiesShareRoom(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, s)
	sent := func(from string, length int64, body io.Reader) *httptest.ResponseRecorder {
		return ask(s.Handler(), from, func(r *http.Request) {
			r.ContentLength = length
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}, "POST", "/", body)
	}
	refused := func(what, from string, length int64) {
		t.Helper()
		if w := sent(from, length, unread{t}); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
	}
	taken := func(what, from string, length int) {
		t.Helper()
		if w := sent(from, int64(length), strings.NewReader(strings.Repeat("x", length))); w.Code != http.StatusForbidden {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
	}
	fill := func(from string) {
		t.Helper()
		if !s.bodies.Enter(netip.MustParseAddr(from), roomOfBodies/16, false) {
			t.Fatalf("%s finds no room", from)
		}
	}
	fill("192.0.2.1")
	refused("a long one", "192.0.2.1", countedBody)
	refused("one of unknown length", "192.0.2.1", -1)
	taken("a short one", "192.0.2.1", countedBody-1)
	taken("another's", "192.0.2.10", countedBody)
	for n := range 7 { // what was taken is given back
		fill(fmt.Sprintf("192.0.2.%d", 10+n))
	}
	refused("a third one's", "192.0.2.3", countedBody)

	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = "192.0.2.3:1"
		s.Handler().ServeHTTP(w, r)
	}))
	defer up.Close()
	first := s.FirstStart()
	for id, want := range map[string]string{first.AccessKeyID: "NoSuchEntity", "AKIAIOSFODNN7EXAMPLE": "UnknownError"} {
		client := sdk.NewFromConfig(servertest.Config(up.URL, "us-east-1", id, first.SecretAccessKey, ""), func(o *sdk.Options) { o.Retryer = aws.NopRetryer{} })
		_, err := client.PutUserPolicy(t.Context(), &sdk.PutUserPolicyInput{UserName: aws.String("nobody"), PolicyName: aws.String("p"), PolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}` + strings.Repeat(" ", countedBody))})
		if got := code(err); got != want {
			t.Errorf("%s: %s %v, want %s", id, got, err, want)
		}
	}
	if text := ask(s.Handler(), "192.0.2.4", nil, "GET", "/metrics", nil).Body.String(); !strings.Contains(text, `iamd_throttled_total{by="body"} 4`) {
		t.Error("it is not counted")
	}
}
