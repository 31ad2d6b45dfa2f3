package server

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"iamd/sigv4"
	"iamd/store"
)

// TestAuthZENRecorded: questions about principals are events, as the simulator's
// are, and count as what was last used; strangers' are neither.
func TestAuthZENRecorded(t *testing.T) {
	ctx := context.Background()
	s := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, s)
	front := httptest.NewServer(s.Handler())
	defer front.Close()
	first := s.FirstStart()
	ask := func(secret, id string) *http.Response {
		body := `{"subject":{"type":"root","id":"` + id + `"},"action":{"name":"s3:GetObject"},"resource":{"type":"x","id":"*"}}`
		r, err := http.NewRequest(http.MethodPost, front.URL+"/access/v1/evaluation", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		opt := sigv4.Options{Service: "authzen", Region: "eu-west-1", DoubleEncode: true, NormalizePath: true}
		if err := sigv4.Sign(r, sha256.Sum256([]byte(body)), sigv4.Credentials{KeyID: first.AccessKeyID, Secret: secret}, time.Now(), opt); err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	resp := ask(first.SecretAccessKey, first.AccountID)
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || !strings.HasPrefix(string(text), `{"decision":true`) {
		t.Fatalf("%d %s, %v", resp.StatusCode, text, err)
	}
	id := resp.Header.Get("X-Amzn-Requestid")
	if r := ask("wrong", first.AccountID); r.StatusCode != 401 {
		t.Errorf("a stranger: %d", r.StatusCode)
	}
	if r := ask(first.SecretAccessKey, "444455556666"); r.StatusCode != 403 {
		t.Errorf("another account: %d", r.StatusCode)
	}
	if err := s.audit.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	list, err := s.backend.Events(ctx, accountPrefix+first.AccountID, store.EventQuery{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, e := range list {
		var got struct {
			EventSource, EventName, RequestID, ErrorCode string
			RequestParameters                            struct{ Principals []string }
		}
		if err := json.Unmarshal(e.Data, &got); err != nil {
			t.Fatal(err)
		}
		if got.EventSource != "authzen.iamd" {
			continue
		}
		codes = append(codes, got.EventName+got.ErrorCode)
		if got.RequestID == id && (len(got.RequestParameters.Principals) != 1 || got.RequestParameters.Principals[0] != "arn:aws:iam::"+first.AccountID+":root") {
			t.Errorf("the event: %s", e.Data)
		}
	}
	if got := strings.Join(codes, " "); got != "Evaluation Evaluation403" && got != "Evaluation403 Evaluation" {
		t.Errorf("events: %s", got)
	}
	metrics := httptest.NewRecorder()
	s.Handler().ServeHTTP(metrics, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if want := `iamd_calls_total{action="authzen:Evaluation",code="401"} 1`; !strings.Contains(metrics.Body.String(), want) {
		t.Errorf("no %s", want)
	}
}
