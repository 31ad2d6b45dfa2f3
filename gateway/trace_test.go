package gateway_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"iamd/gateway"
)

const headerMessage = "X-Iamd-Encoded-Authorization-Message"

// TestAnonymousDenialsAreTraced: what policies decide of a caller who did not sign
// is part of the history of the API's account; there is nobody to decode a message.
func TestAnonymousDenialsAreTraced(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) {
		open := c.APIs[0]
		open.ID, open.Hosts, open.Authorization = "open", []string{"open.example.com"}, gateway.AuthorizationNone
		open.ResourcePolicy = `{"Version":"2012-10-17","Statement":[{"Sid":"Shut","Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}`
		c.APIs = append(c.APIs, open)
	})
	r := w.request(t, "GET", "/orders", nil)
	r.Host = "open.example.com"
	got := do(t, r)
	event := <-w.events
	if got.status != http.StatusForbidden || got.header.Get(headerMessage) != "" {
		t.Errorf("%d, message %q", got.status, got.header.Get(headerMessage))
	}
	if x := event.Trace; x == nil || x.Holder() != owner || x.Principal.Account != "" || x.Principal.ARN != "anonymous" || !x.Explicit {
		t.Errorf("%+v", event.Trace)
	}
}

// TestDenialsAreTraced: a known caller's denial carries an encoded message for
// the caller's account, and its event a trace; nobody else's does.
func TestDenialsAreTraced(t *testing.T) {
	const closed = `{"Version":"2012-10-17","Statement":[{"Sid":"Shut","Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}`
	w := newWorld(t, func(c *gateway.Config) {
		shut := c.APIs[0]
		shut.ID, shut.Hosts, shut.ResourcePolicy = "shut", []string{"shut.example.com"}, closed
		open := shut
		open.ID, open.Hosts, open.Authorization = "open", []string{"open.example.com"}, gateway.AuthorizationNone
		c.APIs = append(c.APIs, shut, open)
	})
	at := func(host string, r *http.Request) *http.Request { r.Host = host; return r }
	shut := at("shut.example.com", w.request(t, "GET", "/orders", nil))
	w.sign(t, shut, eve, nil)
	ours := at("shut.example.com", w.request(t, "GET", "/orders", nil))
	w.sign(t, ours, alice, nil)
	for name, c := range map[string]struct {
		request            *http.Request
		account, words, on string // account is empty where nothing is to be kept
	}{
		"no policy":        {w.signed(t, bob, "GET", "/orders", nil), owner, "", "shop"},
		"own policy":       {w.signed(t, dave, "GET", "/orders/secret", nil), owner, "", "shop"},
		"resource policy":  {ours, owner, `"statementId":"Shut"`, "shut"},
		"another's policy": {shut, other, `"matchedStatements":{"items":[]}`, "shut"},
		"an unknown key":   {w.signed(t, mallory, "GET", "/orders", nil), "", "", ""},
		"an inactive key":  {w.signed(t, carol, "GET", "/orders", nil), "", "", ""},
		"an unsigned call": {w.request(t, "GET", "/orders", nil), "", "", ""},
		"an allowed call":  {w.signed(t, alice, "GET", "/orders", nil), "", "", ""},
	} {
		got := do(t, c.request)
		event, message := <-w.events, got.header.Get(headerMessage)
		if c.account == "" {
			if event.Trace != nil || message != "" {
				t.Errorf("%s: trace %v, message %q", name, event.Trace, message)
			}
			continue
		}
		if got.status != http.StatusForbidden || event.Trace == nil || event.Trace.RequestID != got.header.Get("X-Amzn-Requestid") || event.Trace.Principal.Account != c.account {
			t.Errorf("%s: %d, trace %+v", name, got.status, event.Trace)
			continue
		}
		if !strings.HasPrefix(event.Trace.Resource, "arn:aws:execute-api:us-east-1:"+owner+":"+c.on+"/") {
			t.Errorf("%s: resource %s", name, event.Trace.Resource)
		}
		text, err := w.guard.DecodeMessage(c.account, message)
		if err != nil || !json.Valid([]byte(text)) || !strings.Contains(text, `"action":"execute-api:Invoke"`) || !strings.Contains(text, c.words) {
			t.Errorf("%s: %s, %v", name, text, err)
		}
		if c.account != owner && (strings.Contains(text, owner) || strings.Contains(text, "Shut") || !strings.Contains(text, ":********9012:")) {
			t.Errorf("%s: %s tells of the owner", name, text)
		}
		for _, foreign := range []string{owner, other} {
			if _, err := w.guard.DecodeMessage(foreign, message); (err == nil) != (foreign == c.account) {
				t.Errorf("%s: decoded in %s: %v", name, foreign, err)
			}
		}
	}
}
