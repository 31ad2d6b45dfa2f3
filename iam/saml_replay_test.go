package iam

import (
	"fmt"
	"testing"
	"time"

	"iamd/store"
)

// TestUseSAMLAssertion: once, for as long as it could be used, and after a restart.
func TestUseSAMLAssertion(t *testing.T) {
	d := policyDraft()
	clock := turn(d)
	start := *clock
	until := start.Add(5 * time.Minute)
	const used = "SAML Assertion was already used"
	must(t, d.UseSAMLAssertion("https://a.example.com", "_1", until))
	must(t, d.UseSAMLAssertion("https://b.example.com", "_1", until))
	must(t, d.UseSAMLAssertion("https://a.example.com", "_2", until.Add(time.Hour)))
	refused(t, d.UseSAMLAssertion("https://a.example.com", "_1", until), CodeInvalidIdentityToken, used)

	_, changes := d.Seal()
	loaded, err := Load(d.env, d.ID, changes.Rows)
	must(t, err)
	next := loaded.Draft()
	refused(t, next.UseSAMLAssertion("https://a.example.com", "_1", until), CodeInvalidIdentityToken, used)
	*clock = until.Add(-time.Nanosecond)
	refused(t, next.UseSAMLAssertion("https://a.example.com", "_1", until), CodeInvalidIdentityToken, used)
	*clock = until
	refused(t, next.UseSAMLAssertion("https://a.example.com", "_1", until), CodeExpiredIdentityToken, "Response has expired")

	// What ended is forgotten later, and its row with it.
	*clock = until.Add(samlKept + 2*time.Second)
	must(t, next.UseSAMLAssertion("https://a.example.com", "_3", clock.Add(time.Minute)))
	_, changes = next.Seal()
	kept, gone := countRows(changes)
	if kept != 1 || gone != 2 || next.samlUses.Len() != 2 || next.samlUsesByEnd.Len() != 2 {
		t.Errorf("%d rows kept, %d gone; %d and %d remembered", kept, gone, next.samlUses.Len(), next.samlUsesByEnd.Len())
	}
}

func countRows(c store.Changes) (kept, gone int) {
	for _, r := range c.Rows {
		if r.Data == nil {
			gone++
		} else {
			kept++
		}
	}
	return kept, gone
}

// TestSAMLUsesAreBounded: what is remembered, and how much one use forgets.
func TestSAMLUsesAreBounded(t *testing.T) {
	d := policyDraft()
	clock := turn(d)
	until := clock.Add(time.Minute)
	for i := range samlUses {
		must(t, d.UseSAMLAssertion("https://a.example.com", fmt.Sprint(i), until))
	}
	refused(t, d.UseSAMLAssertion("https://a.example.com", "one more", until), CodeThrottling, "Rate exceeded")
	refused(t, d.UseSAMLAssertion("https://a.example.com", "1", until), CodeInvalidIdentityToken, "SAML Assertion was already used")
	*clock = until.Add(samlKept + 2*time.Second)
	must(t, d.UseSAMLAssertion("https://a.example.com", "one more", clock.Add(time.Minute)))
	if n := d.samlUses.Len(); n != samlUses-samlForgotten+1 {
		t.Errorf("%d remembered", n)
	}
}
