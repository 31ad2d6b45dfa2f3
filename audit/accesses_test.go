package audit_test

import (
	"context"
	"errors"
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

// TestServices: the last use of each service by anybody of the account, root among
// them, from memory, and from what was saved without keeping it.
func TestServices(t *testing.T) {
	ctx, s := context.Background(), newSink()
	cfg := audit.Config{Sink: s, Prefix: "account/", Log: slog.New(slog.DiscardHandler)}
	r := audit.New(cfg)
	for i, a := range []audit.Attempt{
		{EntityID: "AIDA1", Service: "iam", Action: "ListUsers", Region: "us-east-1"},
		{EntityID: "AIDA2", Service: "iam", Action: "GetUser", Region: "eu-west-1"},
		{EntityID: "AROA3", Service: "sts", Action: "AssumeRole"},
		{KeyID: "AKIA1", Service: "organizations", Action: "ListRoots", Region: "us-west-2"},
	} {
		a.Account, a.Time = "111122223333", clock.Add(time.Duration(i)*time.Second)
		r.Attempted(ctx, a)
	}
	look := func(r *audit.Recorder) {
		t.Helper()
		got, err := r.Services(ctx, "111122223333")
		if err != nil || len(got) != 3 || got["iam"].Region != "eu-west-1" || got["sts"].Time != clock.Add(2*time.Second) || got["organizations"].Region != "us-west-2" {
			t.Errorf("%v, %v", got, err)
		}
		if got, err := r.Services(ctx, "444455556666"); err != nil || len(got) != 0 {
			t.Errorf("another account: %v, %v", got, err)
		}
	}
	look(r)
	if err := r.Close(ctx); err != nil {
		t.Fatal(err)
	}
	again := audit.New(cfg)
	look(again)
	// Nothing was kept: what is saved behind its back is seen.
	clear(s.soft)
	if got, err := again.Services(ctx, "111122223333"); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	full := errors.New("disk full")
	s.set(full)
	if _, err := again.Services(ctx, "111122223333"); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	s.set(nil)
	if err := again.Close(ctx); err != nil {
		t.Fatal(err)
	}
}
