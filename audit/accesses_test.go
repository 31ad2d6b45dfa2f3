package audit_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"iamd/audit"
)

// TestAccesses: the last attempts of the entities asked for, and of no others,
// from memory and from what was saved.
func TestAccesses(t *testing.T) {
	ctx, s := context.Background(), newSink()
	cfg := audit.Config{Sink: s, Prefix: "account/", Log: slog.New(slog.DiscardHandler)}
	r := audit.New(cfg)
	for i, a := range []audit.Attempt{
		{EntityID: "AIDA1", Service: "iam", Action: "ListUsers", Region: "us-east-1"},
		{EntityID: "AIDA1", Service: "iam", Action: "GetUser", Region: "eu-west-1"},
		{EntityID: "AIDA2", Service: "sts", Action: "AssumeRole"},
		{KeyID: "AKIA1", Service: "iam", Action: "ListUsers"},
	} {
		a.Account, a.Time = "111122223333", clock.Add(time.Duration(i)*time.Second)
		r.Attempted(ctx, a)
	}
	want := "AIDA1 iam  12:00:01 eu-west-1; AIDA1 iam GetUser 12:00:01 eu-west-1; AIDA1 iam ListUsers 12:00:00 us-east-1"
	look := func(r *audit.Recorder) {
		t.Helper()
		list, err := r.Accesses(ctx, "111122223333", func(id string) bool { return id == "AIDA1" })
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range list {
			got = append(got, fmt.Sprintf("%s %s %s %s %s", a.EntityID, a.Service, a.Action, a.Time.Format(time.TimeOnly), a.Region))
		}
		slices.Sort(got)
		if strings.Join(got, "; ") != want {
			t.Errorf("got %s", strings.Join(got, "; "))
		}
	}
	look(r)
	if err := r.Close(ctx); err != nil {
		t.Fatal(err)
	}
	again := audit.New(cfg)
	look(again)
	if err := again.Close(ctx); err != nil {
		t.Fatal(err)
	}
}
