package server

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/store"
)

// lines is a log that tests read.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) about(t *testing.T) string {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, "managed polic") {
			_, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			found = append(found, rest)
		}
	}
	return strings.Join(found, "\n")
}

// TestRenewedPolicies: when the embedded managed policies are others than at the
// last start, the log tells which attached ones are, once.
func TestRenewedPolicies(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	played := func(change func(*seen), use func(s *Server, c *sdk.Client)) string {
		t.Helper()
		if change != nil {
			s := start(t, Config{DataDir: dir})
			renewedBefore(t, s)
			rewrite(t, s, change)
			closed(t, s)
		}
		log := new(lines)
		s := start(t, Config{DataDir: dir, Log: slog.New(slog.NewTextHandler(log, nil))})
		defer closed(t, s)
		if use != nil {
			web := httptest.NewServer(s.Handler())
			defer web.Close()
			use(s, sdk.NewFromConfig(root(s.FirstStart(), web.URL)))
		}
		if err := s.tellRenewal(ctx); err != nil {
			t.Fatal(err)
		}
		return log.about(t)
	}
	const (
		readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess"
		audit    = "arn:aws:iam::aws:policy/SecurityAudit"
		gone     = "arn:aws:iam::aws:policy/GoneSince"
	)
	if said := played(nil, func(s *Server, c *sdk.Client) {
		name := aws.String("Ink")
		if _, err := c.CreateUser(ctx, &sdk.CreateUserInput{UserName: name, PermissionsBoundary: aws.String(audit)}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.AttachUserPolicy(ctx, &sdk.AttachUserPolicyInput{UserName: name, PolicyArn: aws.String(readOnly)}); err != nil {
			t.Fatal(err)
		}
	}); said != "" {
		t.Errorf("the first start says %s", said)
	}
	if said := played(nil, nil); said != "" {
		t.Errorf("a start with the same policies says %s", said)
	}
	said := played(func(last *seen) {
		last.Fingerprint, last.Source = "another", "another release"
		last.Policies[readOnly] = "v1 0000000000000000"
		last.Policies["arn:aws:iam::aws:policy/PowerUserAccess"] = "v1 0000000000000000" // which nobody has
		last.Policies[gone] = "v3 0000000000000000"
	}, nil)
	for _, part := range []string{
		`msg="an attached AWS managed policy has changed" policy=` + readOnly + " was=v1 accounts=1 some=[", " is=v",
		`was="another release"`, "changed=3 attached=1",
	} {
		if !strings.Contains(said, part) {
			t.Errorf("not told: %s\n%s", part, said)
		}
	}
	if strings.Contains(said, "PowerUserAccess") || strings.Contains(said, audit) || strings.Contains(said, "GoneSince") {
		t.Errorf("what is not attached, or did not change, is told:\n%s", said)
	}
	if again := played(nil, nil); again != "" {
		t.Errorf("told twice: %s", again)
	}
	if said := played(func(last *seen) {
		last.Fingerprint = "another"
		last.Policies[audit] = "v0 0000000000000000"
	}, nil); !strings.Contains(said, audit+" was=v0") {
		t.Errorf("a boundary's change is not told:\n%s", said)
	}
}

// renewedBefore waits for what the start does beside the serving.
func renewedBefore(t *testing.T, s *Server) {
	t.Helper()
	s.stop()
	<-s.done
	if err := s.tellRenewal(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// rewrite changes what the store has of the last start.
func rewrite(t *testing.T, s *Server, change func(*seen)) {
	t.Helper()
	ctx := context.Background()
	version, last, err := s.lastSeen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	change(&last)
	data, err := json.Marshal(last)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.backend.Commit(ctx, []store.Part{{Aggregate: catalogAggregate, Expect: version, Changes: store.Changes{
		Rows: []store.Row{{Kind: catalogRow, Schema: catalogSchema, Data: data}},
	}}}); err != nil {
		t.Fatal(err)
	}
}
