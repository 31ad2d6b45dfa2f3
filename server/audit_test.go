package server

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/audit/sink"
	"iamd/store"
)

// changes watches commits that change rows, and the names of the events in each.
type changes struct {
	store.Backend
	mu   sync.Mutex
	list []string // "KIND,KIND: EVENT"
}

func (c *changes) Commit(ctx context.Context, parts []store.Part) error {
	err := c.Backend.Commit(ctx, parts)
	var kinds, events []string
	for _, p := range parts {
		for _, r := range p.Rows {
			if p.Aggregate != catalogAggregate && !slices.Contains(kinds, r.Kind) { // that is the server's own
				kinds = append(kinds, r.Kind)
			}
		}
		for _, e := range p.Events {
			var told struct{ EventName string }
			if json.Unmarshal(e.Data, &told) == nil {
				events = append(events, told.EventName)
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && len(kinds) > 0 {
		c.list = append(c.list, strings.Join(kinds, ",")+": "+strings.Join(events, ","))
	}
	return err
}

// TestChangesHaveEvents: what doors beside the AWS APIs change is in one commit with
// its event.
func TestChangesHaveEvents(t *testing.T) {
	all := &changes{}
	s := start(t, Config{DataDir: t.TempDir(), Through: func(b store.Backend) store.Backend {
		all.Backend = b
		return all
	}})
	defer closed(t, s)
	front := httptest.NewServer(s.Handler())
	defer front.Close()
	first := s.FirstStart()
	if _, err := sdk.NewFromConfig(root(first, front.URL)).CreateUser(t.Context(), &sdk.CreateUserInput{UserName: aws.String("seller")}); err != nil {
		t.Fatal(err)
	}
	all.list = nil
	call := func(method, path, body string) map[string]string {
		_, told := applicationCall(t, first, front.URL, method, path, body)
		return told
	}
	app := call("POST", "", `{"name":"orders","iam_arn":"arn:aws:iam::`+first.AccountID+`:user/seller","selling_partner_id":"A2EXAMPLE12345"}`)
	path := "/" + app["client_id"]
	call("POST", path+"/secret", "")
	call("POST", path+"/authorizations", `{"selling_partner_id":"A3EXAMPLE12345","code":true}`)
	call("DELETE", path+"/authorizations/A3EXAMPLE12345", "")
	call("DELETE", path, "")
	if _, err := s.ResetRootPassword(t.Context(), first.AccountID); err != nil {
		t.Fatal(err)
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	var events []string
	for _, one := range all.list {
		_, event, _ := strings.Cut(one, ": ")
		events = append(events, event)
	}
	want := "RegisterApplication RotateApplicationClientSecret AuthorizeApplication RevokeAuthorization DeleteApplication PasswordRecoveryCompleted"
	if got := strings.Join(events, " "); got != want {
		t.Errorf("commits have %s, want %s: %v", got, want, all.list)
	}
}

// TestSinks: what was stored is in a file and at an endpoint once the server was
// closed; metrics tell how they do.
func TestSinks(t *testing.T) {
	var mu sync.Mutex
	var posted strings.Builder
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		posted.Write(body)
	}))
	defer collector.Close()
	path := filepath.Join(t.TempDir(), "audit.log")
	s := start(t, Config{DataDir: t.TempDir(), Audit: Audit{Node: "n1", Sinks: []sink.Spec{{File: &sink.File{Path: path}}, {Name: "collector", HTTP: &sink.HTTP{URL: collector.URL}}}}})
	front := httptest.NewServer(s.Handler())
	client := sdk.NewFromConfig(root(s.FirstStart(), front.URL))
	if _, err := client.CreateUser(t.Context(), &sdk.CreateUserInput{UserName: aws.String("Bob")}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ListUsers(t.Context(), &sdk.ListUsersInput{}); err != nil {
		t.Fatal(err)
	}
	metrics := httptest.NewRecorder()
	s.Handler().ServeHTTP(metrics, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	page := metrics.Body.String()
	for _, want := range []string{`iamd_audit_sink_dropped_total{sink="collector"} 0`, `iamd_audit_sink_behind_seconds{sink="file ` + path + `"}`} {
		if !strings.Contains(page, want) {
			t.Errorf("the metrics have no %s", want)
		}
	}
	front.Close()
	closed(t, s)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	for what, told := range map[string]string{"file": string(text), "collector": posted.String()} {
		for _, event := range []string{"CreateUser", "ListUsers"} {
			if n := strings.Count(told, `"eventName":"`+event+`"`); n != 1 {
				t.Errorf("%s: %s came %d times", what, event, n)
			}
		}
	}
}

// TestAuditRefused: a history that is too short or too long is refused at the
// start, and a sink that cannot be opened.
func TestAuditRefused(t *testing.T) {
	for want, a := range map[string]Audit{
		"audit.history: 1m0s":  {History: time.Minute},
		"audit.history: 87661": {History: 876610 * time.Hour},
		"no such file":         {Sinks: []sink.Spec{{File: &sink.File{Path: filepath.Join(t.TempDir(), "none", "audit.log")}}}},
	} {
		s, err := New(t.Context(), Config{DataDir: t.TempDir(), Audit: a})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
		if s != nil {
			closed(t, s)
		}
	}
}
