package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/audit"
	"iamd/store"
)

var clock = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// sink keeps what is written, or fails.
type sink struct {
	mu     sync.Mutex
	events map[string][]store.Event
	traces map[string]store.Trace
	soft   map[[3]string][]byte
	keep   store.TraceBounds // as SaveTraces was told
	fail   error
	hold   chan struct{} // nil, or writing waits for it
	noSoft error         // of SaveSoft alone
	asked  []int         // Events for so many, each time
}

func newSink() *sink {
	return &sink{events: map[string][]store.Event{}, traces: map[string]store.Trace{}, soft: map[[3]string][]byte{}}
}

func (s *sink) AppendEvents(_ context.Context, events map[string][]store.Event) error {
	if s.hold != nil {
		<-s.hold
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	for k, v := range events {
		for _, e := range v {
			e.Data = bytes.Clone(e.Data)
			s.events[k] = append(s.events[k], e)
		}
	}
	return nil
}

func (s *sink) Events(_ context.Context, aggregate string, q store.EventQuery) (list []store.Event, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, q.Limit)
	for _, e := range s.events[aggregate] {
		after := q.After.ID == "" || e.Time.Before(q.After.Time) || e.Time.Equal(q.After.Time) && e.ID < q.After.ID
		if after && !e.Time.Before(q.From) && (q.To.IsZero() || e.Time.Before(q.To)) {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b store.Event) int {
		if c := b.Time.Compare(a.Time); c != 0 {
			return c
		}
		return strings.Compare(b.ID, a.ID)
	})
	return list[:min(len(list), q.Limit)], s.fail
}

func (s *sink) SaveSoft(_ context.Context, values []store.Soft) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		s.soft[[3]string{v.Aggregate, v.Kind, v.Key}] = v.Data
	}
	return errors.Join(s.fail, s.noSoft)
}

func (s *sink) LoadSoft(_ context.Context, aggregate string) (list []store.Soft, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, data := range s.soft {
		if k[0] == aggregate {
			list = append(list, store.Soft{Aggregate: k[0], Kind: k[1], Key: k[2], Data: data})
		}
	}
	return list, s.fail
}

func (s *sink) SaveTraces(_ context.Context, traces []store.Trace, keep store.TraceBounds) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	for _, t := range traces {
		s.traces[t.ID] = t
	}
	s.keep = keep
	return nil
}

func (s *sink) Trace(_ context.Context, id string) (store.Trace, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.traces[id]; ok {
		return t, nil
	}
	return store.Trace{}, store.ErrNotFound
}

func newRecorder(t *testing.T, s *sink) *audit.Recorder {
	t.Helper()
	return audit.New(audit.Config{Sink: s, Prefix: "account/", Log: slog.New(slog.DiscardHandler)})
}

// TestAppendJSON: what is written by hand is what the struct's tags say.
func TestAppendJSON(t *testing.T) {
	for _, e := range []audit.Event{
		{EventTime: clock},
		{
			EventVersion: "1.11", EventTime: clock.In(time.FixedZone("x", 3600)), EventSource: "iam.amazonaws.com", EventName: "CreateUser",
			AWSRegion: "us-east-1", SourceIPAddress: "127.0.0.1", UserAgent: "a\"b\\c\n<ü>", ErrorCode: "AccessDenied", ErrorMessage: "no",
			RequestParameters: json.RawMessage(`{"userName":"Bob"}`), ResponseElements: json.RawMessage(`null`),
			RequestID: "r", EventID: "e", ReadOnly: true, EventType: "AwsApiCall", ManagementEvent: true,
			RecipientAccountID: "111111111111", EventCategory: "Management", AdditionalEventData: json.RawMessage(`{"MFAUsed":"No"}`), FromConsole: "true",
			UserIdentity: audit.Identity{
				Type: "AssumedRole", PrincipalID: "AROA:s", ARN: "arn", AccountID: "111111111111", AccessKeyID: "ASIA", UserName: "u", IdentityProvider: "issuer.example",
				SessionContext: &audit.SessionContext{
					SessionIssuer:   &audit.SessionIssuer{Type: "Role", PrincipalID: "AROA", ARN: "arn", AccountID: "1", UserName: "R"},
					WebIDFederation: &audit.WebIDFederation{FederatedProvider: "arn"},
					Attributes:      audit.SessionAttributes{CreationDate: clock, MFAAuthenticated: "false"},
					SourceIdentity:  "Ann",
				},
				InvokedByDelegate: &audit.Delegate{AccountID: "222222222222"},
				InvokedBy:         "ec2.amazonaws.com",
			},
		},
	} {
		want, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var a, b any
		if err := errors.Join(json.Unmarshal(want, &a), json.Unmarshal(e.AppendJSON(nil), &b)); err != nil {
			t.Fatal(err)
		}
		delete(a.(map[string]any), "eventTime") // Z here, an offset there
		if at := b.(map[string]any)["eventTime"]; at != "2026-11-01T12:00:00Z" {
			t.Errorf("eventTime %v", at)
		}
		delete(b.(map[string]any), "eventTime")
		if diff := cmp.Diff(a, b); diff != "" {
			t.Error(diff)
		}
	}
}

func TestEventsAreWritten(t *testing.T) {
	ctx, s := context.Background(), newSink()
	r := newRecorder(t, s)
	const n = 3000 // more than one batch
	for i := range n {
		r.Record(&audit.Event{RecipientAccountID: "111111111111", EventID: fmt.Sprint(i), EventTime: clock, EventName: "ListUsers", ReadOnly: true})
	}
	if err := r.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	got := s.events["account/111111111111"]
	if len(got) != n || r.Dropped() != 0 {
		t.Fatalf("%d events, %d dropped", len(got), r.Dropped())
	}
	var e map[string]any
	if err := json.Unmarshal(got[0].Data, &e); err != nil || e["eventName"] != "ListUsers" || e["eventTime"] != "2026-11-01T12:00:00Z" || e["readOnly"] != true {
		t.Errorf("event %s: %v", got[0].Data, err)
	}
	if err := r.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if err := r.Flush(ctx); err == nil {
		t.Error("a closed recorder flushes")
	}
}

// TestUsage: the newest use counts, is told at once, and survives a restart.
func TestUsage(t *testing.T) {
	ctx, s := context.Background(), newSink()
	r := newRecorder(t, s)
	attempt := audit.Attempt{
		Account: "111111111111", KeyID: "AKIAEXAMPLE", EntityID: "AIDAEXAMPLE", ARN: "arn:aws:iam::111111111111:user/Bob",
		Service: "iam", Action: "GetUser", Region: "us-east-1", Time: clock,
	}
	r.Attempted(ctx, attempt)
	late := attempt
	late.Time, late.Service, late.Action, late.Region = clock.Add(time.Minute), "execute-api", "Invoke", "eu-west-1"
	r.Attempted(ctx, late)
	early := attempt
	early.Time = clock.Add(-time.Hour)
	r.Attempted(ctx, early)
	r.SignedIn(ctx, attempt.Account, attempt.EntityID, clock.Add(1500*time.Millisecond))
	r.SignedIn(ctx, attempt.Account, attempt.EntityID, clock)
	check := func(r *audit.Recorder) {
		t.Helper()
		if login, ok, err := r.Login(ctx, attempt.Account, attempt.EntityID); err != nil || !ok || !login.Time.Equal(clock.Add(time.Second)) {
			t.Errorf("password: %+v %v %v", login, ok, err)
		}
		if _, ok, err := r.Login(ctx, attempt.Account, attempt.Account); err != nil || ok {
			t.Errorf("root's password: %v %v", ok, err)
		}
		key, ok, err := r.Key(ctx, attempt.Account, attempt.KeyID)
		if err != nil || !ok || !key.Time.Equal(late.Time) || key.Service != "execute-api" || key.Region != "eu-west-1" {
			t.Errorf("key: %+v %v %v", key, ok, err)
		}
		service, ok, err := r.Service(ctx, attempt.Account, attempt.EntityID, "iam")
		if err != nil || !ok || !service.Time.Equal(clock) || service.By != attempt.ARN {
			t.Errorf("service: %+v %v %v", service, ok, err)
		}
		if _, ok, err := r.Action(ctx, attempt.Account, attempt.EntityID, "iam", "GetUser"); err != nil || !ok {
			t.Errorf("action: %v %v", ok, err)
		}
		if _, ok, err := r.Service(ctx, attempt.Account, attempt.EntityID, "s3"); err != nil || ok {
			t.Errorf("a service that was not used: %v %v", ok, err)
		}
		if _, ok, err := r.Key(ctx, "222222222222", attempt.KeyID); err != nil || ok {
			t.Errorf("another account: %v %v", ok, err)
		}
	}
	check(r)
	if err := r.Close(ctx); err != nil {
		t.Fatal(err)
	}
	again := newRecorder(t, s)
	check(again)
	if err := again.Close(ctx); err != nil {
		t.Fatal(err)
	}
}

// TestFlood: one account's flood leaves room for the others' events, and what
// is too long to keep is left out.
func TestFlood(t *testing.T) {
	ctx, s := context.Background(), newSink()
	s.hold = make(chan struct{})
	r := newRecorder(t, s)
	for i := range 20000 {
		r.Record(&audit.Event{RecipientAccountID: "111111111111", EventID: fmt.Sprint(i), EventTime: clock})
	}
	r.Record(&audit.Event{
		RecipientAccountID: "222222222222", EventID: "quiet", EventTime: clock, UserAgent: strings.Repeat("u", 9000),
		RequestParameters: json.RawMessage(`"` + strings.Repeat("x", 200<<10) + `"`),
	})
	close(s.hold)
	if err := r.Close(ctx); err != nil {
		t.Fatal(err)
	}
	flood, quiet := s.events["account/111111111111"], s.events["account/222222222222"]
	if len(quiet) != 1 || len(quiet[0].Data) > 2000 {
		t.Errorf("the other account has %d events", len(quiet))
	}
	if r.Dropped() == 0 || uint64(len(flood))+r.Dropped() != 20000 {
		t.Errorf("%d kept, %d dropped", len(flood), r.Dropped())
	}
}

// TestFailingSink: whoever asks is told, whoever calls is not held up, and what
// could not be written is written once the disk is well again.
func TestFailingSink(t *testing.T) {
	ctx, s := context.Background(), newSink()
	r := newRecorder(t, s)
	r.Attempted(ctx, audit.Attempt{Account: "111111111111", KeyID: "AKIAEXAMPLE", Service: "iam", Time: clock})
	full := errors.New("disk full")
	s.set(full)
	r.Record(&audit.Event{RecipientAccountID: "111111111111", EventID: "1", EventTime: clock})
	if err := r.Flush(ctx); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	if _, _, err := r.Key(ctx, "222222222222", "AKIAEXAMPLE"); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	s.set(nil)
	if err := r.Close(ctx); err != nil {
		t.Error(err)
	}
	if len(s.events["account/111111111111"]) != 1 || len(s.soft) != 2 { // the key, and root's service
		t.Errorf("written: %v, %v", s.events, s.soft)
	}
}

// TestEventsOnce: events that were stored are not stored again because the
// last-used data were not.
func TestEventsOnce(t *testing.T) {
	ctx, s := context.Background(), newSink()
	s.noSoft = errors.New("disk full")
	r := newRecorder(t, s)
	r.Attempted(ctx, audit.Attempt{Account: "111111111111", KeyID: "AKIAEXAMPLE", Service: "iam", Time: clock})
	r.Record(&audit.Event{RecipientAccountID: "111111111111", EventID: "1", EventTime: clock})
	for range 3 {
		if err := r.Flush(ctx); !errors.Is(err, s.noSoft) {
			t.Errorf("got %v", err)
		}
	}
	if n := len(s.events["account/111111111111"]); n != 1 || r.Dropped() != 0 {
		t.Errorf("stored %d times, %d dropped", n, r.Dropped())
	}
	if err := r.Close(ctx); !errors.Is(err, s.noSoft) {
		t.Errorf("got %v", err)
	}
}

// TestBytesWait: while nothing can be written, what waits stays within bounds.
func TestBytesWait(t *testing.T) {
	ctx, s := context.Background(), newSink()
	full := errors.New("disk full")
	s.set(full)
	r := newRecorder(t, s)
	const n, size = 1000, 90 << 10
	for i := range n {
		r.Record(&audit.Event{
			RecipientAccountID: "111111111111", EventID: fmt.Sprint(i), EventTime: clock,
			RequestParameters: json.RawMessage(`"` + strings.Repeat("x", size) + `"`),
		})
		if i%100 == 0 {
			if err := r.Flush(ctx); !errors.Is(err, full) {
				t.Fatalf("got %v", err)
			}
		}
	}
	s.set(nil)
	if err := r.Close(ctx); err != nil {
		t.Fatal(err)
	}
	kept := len(s.events["account/111111111111"])
	if uint64(kept)+r.Dropped() != n || kept*size > 17<<20 || kept < 150 {
		t.Errorf("%d kept, %d dropped", kept, r.Dropped())
	}
}

func (s *sink) set(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}
