package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"iamd/audit"
)

// history records so many events, one a minute back from the clock, and reads all
// pages of a query. It gives the ids, in order, and the greatest number of events
// that one call looked at.
type history struct {
	*audit.Recorder
	s *sink
}

func newHistory(t *testing.T, n, long int) history {
	t.Helper()
	s := newSink()
	h := history{newRecorder(t, s), s}
	t.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	parameters := `{"p":"` + strings.Repeat("x", long) + `"}`
	for i := range n {
		h.Record(&audit.Event{
			RecipientAccountID: "111111111111", EventID: fmt.Sprintf("e%05d", i), EventName: fmt.Sprintf("N%d", i%10),
			EventTime: clock.Add(-time.Duration(i) * time.Minute), RequestParameters: []byte(parameters),
		})
		if i%100 == 99 {
			if err := h.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	return h
}

func (h history) all(t *testing.T, q audit.Query) (ids []string, pages int, most int) {
	t.Helper()
	for {
		h.s.asked = nil
		page, err := h.Lookup(t.Context(), "111111111111", clock, q)
		if err != nil {
			t.Fatal(err)
		}
		looked := 0
		for _, n := range h.s.asked {
			looked += n
		}
		most, pages = max(most, looked), pages+1
		if len(page.Events) > q.Limit {
			t.Fatalf("%d events, want at most %d", len(page.Events), q.Limit)
		}
		for _, data := range page.Events {
			_, rest, _ := strings.Cut(string(data), `"eventID":"`)
			id, _, _ := strings.Cut(rest, `"`)
			ids = append(ids, id)
		}
		if page.Next == nil {
			return ids, pages, most
		}
		q.After = *page.Next
	}
}

// TestLookup: events come newest first, each once, over pages of any size, those
// that wait included, and no further page is promised where there is none.
func TestLookup(t *testing.T) {
	h := newHistory(t, 100, 1)
	for limit, want := range map[int]int{1: 100, 7: 15, 50: 2, 99: 2, 100: 1, 101: 1} {
		ids, pages, _ := h.all(t, audit.Query{Limit: limit})
		if len(ids) != 100 || pages != want {
			t.Errorf("limit %d: %d events on %d pages, want %d", limit, len(ids), pages, want)
		}
		for i, id := range ids {
			if id != fmt.Sprintf("e%05d", i) {
				t.Fatalf("limit %d: %s is number %d", limit, id, i)
			}
		}
	}
	ids, _, _ := h.all(t, audit.Query{Limit: 10, From: clock.Add(-5 * time.Minute), To: clock.Add(-2 * time.Minute)})
	if got := strings.Join(ids, " "); got != "e00003 e00004 e00005" {
		t.Errorf("of a time: %s", got)
	}
	page, err := h.Lookup(t.Context(), "222222222222", clock, audit.Query{Limit: 10})
	if err != nil || len(page.Events) != 0 || page.Next != nil {
		t.Errorf("another account: %v %v", page, err)
	}
}

// TestLookupIsBounded: a call that finds little looks at a bounded number of events,
// and of bytes, and says where to go on.
func TestLookupIsBounded(t *testing.T) {
	rare := func(data []byte) bool { return strings.Contains(string(data), `"eventID":"e08999"`) }
	ids, pages, most := newHistory(t, 9000, 1).all(t, audit.Query{Limit: 50, Match: rare})
	if strings.Join(ids, " ") != "e08999" || pages != 3 || most > 4096+256+51 {
		t.Errorf("%v on %d pages, %d looked at", ids, pages, most)
	}
	none := func([]byte) bool { return false }
	ids, pages, most = newHistory(t, 300, 90<<10).all(t, audit.Query{Limit: 50, Match: none})
	if len(ids) != 0 || pages < 3 || most > 150 {
		t.Errorf("%v on %d pages, %d looked at", ids, pages, most)
	}
}

// TestHistoryEnds: what is older than the history is not told of, though it is
// still there.
func TestHistoryEnds(t *testing.T) {
	s := newSink()
	r := audit.New(audit.Config{Sink: s, Prefix: "account/", Log: slog.New(slog.DiscardHandler), History: time.Hour})
	for _, age := range []time.Duration{time.Minute, time.Hour, time.Hour + time.Minute} {
		r.Record(&audit.Event{RecipientAccountID: "111111111111", EventID: age.String(), EventTime: clock.Add(-age)})
	}
	page, err := r.Lookup(t.Context(), "111111111111", clock, audit.Query{Limit: 10})
	if err != nil || len(page.Events) != 2 {
		t.Errorf("%d events, %v", len(page.Events), err)
	}
	s.set(errors.New("disk full"))
	if _, err := r.Lookup(t.Context(), "111111111111", clock, audit.Query{Limit: 10}); err == nil {
		t.Error("read from nowhere")
	}
	s.set(nil)
	if err := r.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestWritesOnly: what changed something, was denied, or gave credentials is kept;
// what only looked is not.
func TestWritesOnly(t *testing.T) {
	s := newSink()
	r := audit.New(audit.Config{Sink: s, Prefix: "account/", Log: slog.New(slog.DiscardHandler), WritesOnly: true})
	for _, e := range []audit.Event{
		{EventID: "write"},
		{EventID: "failed-write", ErrorCode: "NoSuchEntity"},
		{EventID: "read", ReadOnly: true},
		{EventID: "failed-read", ReadOnly: true, ErrorCode: "NoSuchEntity"},
		{EventID: "denied-read", ReadOnly: true, ErrorCode: "AccessDenied"},
		{EventID: "denied-lookup", ReadOnly: true, ErrorCode: "AccessDeniedException"},
		{EventID: "credentials", ReadOnly: true, ResponseElements: []byte(`{"credentials":{}}`)},
	} {
		e.RecipientAccountID, e.EventTime = "1", clock
		r.Record(&e)
	}
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range s.events["account/1"] {
		got = append(got, e.ID)
	}
	if strings.Join(got, " ") != "write failed-write denied-read denied-lookup credentials" {
		t.Errorf("kept %v", got)
	}
}
