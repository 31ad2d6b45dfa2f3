package gateway_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"iamd/gateway"
)

const headerMessage = "X-Iamd-Encoded-Authorization-Message"

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
	for name, c := range map[string]struct {
		request                *http.Request
		account, statement, on string // account is empty where nothing is to be kept
	}{
		"no policy":           {w.signed(t, bob, "GET", "/orders", nil), owner, "", "shop"},
		"own policy":          {w.signed(t, dave, "GET", "/orders/secret", nil), owner, "", "shop"},
		"resource policy":     {shut, other, `"statementId":"Shut"`, "shut"},
		"an unknown key":      {w.signed(t, mallory, "GET", "/orders", nil), "", "", ""},
		"an inactive key":     {w.signed(t, carol, "GET", "/orders", nil), "", "", ""},
		"an unsigned call":    {w.request(t, "GET", "/orders", nil), "", "", ""},
		"an anonymous caller": {at("open.example.com", w.request(t, "GET", "/orders", nil)), "", "", ""},
		"an allowed call":     {w.signed(t, alice, "GET", "/orders", nil), "", "", ""},
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
		if err != nil || !json.Valid([]byte(text)) || !strings.Contains(text, `"action":"execute-api:Invoke"`) || !strings.Contains(text, c.statement) {
			t.Errorf("%s: %s, %v", name, text, err)
		}
		for _, foreign := range []string{owner, other} {
			if _, err := w.guard.DecodeMessage(foreign, message); (err == nil) != (foreign == c.account) {
				t.Errorf("%s: decoded in %s: %v", name, foreign, err)
			}
		}
	}
}
