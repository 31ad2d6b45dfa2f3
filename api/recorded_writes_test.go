package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"

	"iamd/api"
	"iamd/server"
	"iamd/store"
)

// commits watches what a server stores.
type commits struct {
	store.Backend
	mu       sync.Mutex
	parts    [][]store.Part
	appended []store.Event
}

func (c *commits) Commit(ctx context.Context, parts []store.Part) error {
	err := c.Backend.Commit(ctx, parts)
	if err == nil {
		c.mu.Lock()
		c.parts = append(c.parts, slices.Clone(parts))
		c.mu.Unlock()
	}
	return err
}

func (c *commits) AppendEvents(ctx context.Context, events map[string][]store.Event) error {
	c.mu.Lock()
	for _, list := range events {
		for _, e := range list {
			e.Data = bytes.Clone(e.Data)
			c.appended = append(c.appended, e)
		}
	}
	c.mu.Unlock()
	return c.Backend.AppendEvents(ctx, events)
}

// forget begins anew.
func (c *commits) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.parts, c.appended = nil, nil
}

// told is what the tests look at in an event.
type told struct {
	EventSource, EventName, ErrorCode string
	UserIdentity                      struct{ Type, UserName string }
}

// byCaller tells whether the user of the case did it, or who it let in without keys.
func (e *told) byCaller(unsigned bool) bool {
	return e.ErrorCode == "" && (unsigned || e.UserIdentity.Type == "IAMUser" && e.UserIdentity.UserName == "caller")
}

// changed tells whether a part changes anything but the history.
func changed(p store.Part) bool { return len(p.Rows)+len(p.Take)+len(p.Free) > 0 }

// TestWritesCommitWithTheirEvents: what each action that writes changes is in one
// commit with its event, in the part of the caller's account, and that event comes
// by no other way.
func TestWritesCommitWithTheirEvents(t *testing.T) {
	issuer := newOpenIDIssuer(t)
	all := &commits{}
	w := worldOf(t, server.Config{DataDir: t.TempDir(), Outside: issuer.outside(), Through: func(b store.Backend) store.Backend {
		all.Backend = b
		return all
	}})
	w.issuer = issuer
	writes := map[string]api.Action{}
	for _, row := range api.Actions() {
		if row.Write {
			writes[row.IAMAction()] = row
		}
	}
	seen := map[string]bool{}
	for i, c := range cases() {
		row, write := writes[c.full()]
		if !write {
			continue
		}
		t.Run(fmt.Sprintf("%s-%d", c.action, i), func(t *testing.T) {
			root, made := w.account(t), map[string]string{}
			if c.setup != nil {
				c.setup(t, root, made)
			}
			caller := w.callerOf(t, c, root, made, c.statements(root.Account, made)...)
			all.forget()
			if err := c.call(t.Context(), caller, made); err != nil {
				t.Fatal(err)
			}
			all.mu.Lock()
			defer all.mu.Unlock()
			own := 0
			for _, parts := range all.parts {
				own += all.ownOf(t, row, parts, root.Account)
			}
			if own == 0 && c.action != "CreateGovCloudAccount" { // which is refused to all who have no account there
				t.Errorf("no commit has its event")
			}
			for _, e := range all.appended {
				if is(t, row, e) && !bytes.Contains(e.Data, []byte(`"errorCode"`)) {
					t.Errorf("its event was recorded beside the commit: %s", e.Data)
				}
			}
		})
		seen[c.full()] = true
	}
	for name := range writes {
		if !seen[name] {
			t.Errorf("%s was not tried", name)
		}
	}
}

// ownOf counts the events of the row in a commit, and holds where they are.
func (c *commits) ownOf(t *testing.T, row api.Action, parts []store.Part, account string) (n int) {
	t.Helper()
	events, change := 0, false
	for _, p := range parts {
		change = change || changed(p)
		events += len(p.Events)
		for _, e := range p.Events {
			if !is(t, row, e) {
				continue
			}
			if n++; p.Aggregate != "account/"+account {
				t.Errorf("the event is in the part of %s", p.Aggregate)
			}
		}
	}
	if change && events == 0 && row.Name != "SendDelegationToken" { // which notes afterwards that its message was delivered
		t.Errorf("a commit without an event: %+v", parts)
	}
	return n
}

func is(t *testing.T, row api.Action, e store.Event) bool {
	t.Helper()
	var of told
	if err := json.Unmarshal(e.Data, &of); err != nil {
		t.Fatal(err)
	}
	return of.EventSource == row.Service+".amazonaws.com" && of.EventName == row.Name && of.byCaller(row.Unsigned)
}
