package api_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"iamd/api"
	"iamd/catalog"
	"iamd/policy"
)

// noRequestHere are the condition keys that AWS lists for actions that are
// served, and that no request to them can have: those of identity providers that
// the cases do not have (TestProviderKeys has them), of role templates, which
// nobody can make, and of security keys, which are registered in the console.
var noRequestHere = []string{
	"accounts.google.com:", "cognito-identity.amazonaws.com:", "graph.facebook.com:", "www.amazon.com:",
	"agent.", "github.com/", "gitlab.com:", "idcs-", "oidc.circleci.com/", "token.actions.", "iam:RoleTemplateARN",
	"iam:FIDO-", "iam:RegisterSecurityKey",
}

// TestConditionKeysAreSet: every condition key that AWS lists for an action, or
// for what it acts on, is in the context of a request to it that brings what the
// key tells of. The context is read from the trace of a denial.
func TestConditionKeysAreSet(t *testing.T) {
	w := newCaseWorld(t)
	seen := map[string]map[string]bool{} // by action, of all its cases
	for _, c := range cases() {
		if c.open {
			continue
		}
		root, made := w.account(t), map[string]string{}
		if c.setup != nil {
			c.setup(t, root, made)
		}
		err := c.call(context.Background(), w.callerOf(t, c, root, made), made)
		if err == nil {
			t.Errorf("%s: a user without policies is let in", c.action)
			continue
		}
		trace := w.traceOf(t, err)
		if trace.Action != c.full() && c.action != "AcquireRole" { // which AWS asks about under other names
			t.Errorf("%s was refused for %s", c.action, trace.Action)
		}
		if seen[c.full()] == nil {
			seen[c.full()] = map[string]bool{}
		}
		for _, k := range trace.Context {
			stem, _, _ := strings.Cut(k.Key, "/")
			seen[c.full()][policy.FoldKey(stem)] = true
		}
	}
	for _, row := range api.Actions() {
		service, ok := catalog.Service(row.Service)
		if !ok {
			t.Fatalf("no service %s", row.Service)
		}
		action, ok := service.Action(row.Name)
		if !ok || row.Open {
			continue
		}
		keys := slices.Clone(action.ConditionKeys)
		for _, on := range action.ResourceTypes {
			keys = append(keys, on.ConditionKeys...)
			if kind, ok := service.ResourceType(on.Name); ok && action.AccessLevel != "List" && !strings.HasPrefix(row.Name, "Create") && row.Name != "UploadServerCertificate" {
				keys = append(keys, kind.ConditionKeys...)
			}
		}
		for _, key := range keys {
			stem, _, _ := strings.Cut(key, "/")
			if strings.HasPrefix(key, "saml:") {
				continue // what an assertion happens to say
			}
			foreign := slices.ContainsFunc(noRequestHere, func(p string) bool { return strings.HasPrefix(key, p) })
			if !foreign && !seen[row.IAMAction()][policy.FoldKey(stem)] {
				t.Errorf("%s: no request has %s", row.IAMAction(), key)
			}
			if foreign && seen[row.IAMAction()][policy.FoldKey(stem)] {
				t.Errorf("%s: a request has %s", row.IAMAction(), key)
			}
		}
	}
}
