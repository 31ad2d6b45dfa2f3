package console

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// anyOrder compares events whatever their order is.
var anyOrder = cmpopts.SortSlices(func(a, b map[string]any) bool { return fmt.Sprint(a) < fmt.Sprint(b) })

// told are an account's events, without what every one has of its own.
func (f *front) told(account string) (list []map[string]any) {
	f.Helper()
	for _, e := range f.events(account) {
		for _, id := range []string{"requestID", "eventID"} {
			if s, ok := e[id].(string); !ok || len(s) != 36 {
				f.Errorf("%s is %v", id, e[id])
			}
			delete(e, id)
		}
		for name, want := range map[string]any{
			"eventVersion": "1.11", "eventTime": f.now.Format(time.RFC3339), "sourceIPAddress": "192.0.2.1", "userAgent": "test",
			"recipientAccountId": account, "eventCategory": "Management", "managementEvent": true, "requestParameters": nil,
		} {
			if e[name] != want {
				f.Errorf("%s is %v", name, e[name])
			}
			delete(e, name)
		}
		list = append(list, e)
		f.c.failures.Back(account)
	}
	return list
}

// signInEvent is one of signing in.
func signInEvent(name, result string, who map[string]any, more map[string]any, fault string) map[string]any {
	e := map[string]any{
		"userIdentity": who, "eventSource": "signin.amazonaws.com", "eventName": name, "awsRegion": "us-east-1", "readOnly": false,
		"eventType": "AwsConsoleSignIn", "responseElements": map[string]any{name: result},
	}
	if more != nil {
		e["additionalEventData"] = more
	}
	if fault != "" {
		e["errorMessage"] = fault
	}
	return e
}

// TestEvents: the history tells of sign-ins what CloudTrail does.
func TestEvents(t *testing.T) {
	f := newFront(t)
	bob := map[string]any{"type": "IAMUser", "principalId": f.bob().ID, "accountId": corp, "userName": "Bob"}
	proved := map[string]any{"type": "IAMUser", "principalId": f.bob().ID, "accountId": corp, "userName": "Bob", "arn": "arn:aws:iam::" + corp + ":user/people/Bob"}
	root := map[string]any{"type": "Root", "principalId": corp, "accountId": corp, "arn": "arn:aws:iam::" + corp + ":root"}
	nobody := map[string]any{"type": "IAMUser", "accountId": corp, "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"}
	login := func(used string) map[string]any {
		return map[string]any{"LoginTo": "http://127.0.0.1:4566/console/", "MobileVersion": "No", "MFAUsed": used}
	}
	check := func(what string, account string, want ...map[string]any) {
		t.Helper()
		if diff := cmp.Diff(want, f.told(account), anyOrder); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	f.enter(asBob())
	f.enter(asRoot())
	wrongWord, unknown, wrongRoot := asBob(), asBob(), asRoot()
	wrongWord.Password, wrongRoot.Password, unknown.User = otherWord, otherWord, "my-secret-typed-here"
	for _, in := range []*signInRequest{wrongWord, unknown, wrongRoot, {Type: typeUser, Account: "nowhere", User: "Bob", Password: bobWord}} {
		f.post("signin", in)
	}
	check("passwords", corp,
		signInEvent(consoleLogin, "Success", proved, login("No"), ""),
		signInEvent(consoleLogin, "Success", root, login("No"), ""),
		signInEvent(consoleLogin, "Failure", bob, login("No"), "Failed authentication"),
		signInEvent(consoleLogin, "Failure", nobody, login("No"), "No username found in supplied account"),
		signInEvent(consoleLogin, "Failure", root, login("No"), "Failed authentication"),
	)
	check("a closed account", shut)

	f = newFront(t)
	bob["principalId"], proved["principalId"] = f.bob().ID, f.bob().ID
	serial, code := f.phone("Phone", new("Bob"))
	f.mustReset()
	f.allow(mayChange)
	f.post("signin", asBob())
	f.post("signin", asBob(with("000000", serial)))
	f.post("signin", asBob(with(code(0), serial)))
	f.enter(asBob(with(code(0), serial), newWord(nextWord)))
	identified := login("Yes")
	identified["MFAIdentifier"] = serial
	check("a second factor and a new password", corp,
		signInEvent(checkMFA, "Success", bob, map[string]any{"MfaType": "Virtual MFA"}, ""),
		signInEvent(consoleLogin, "Failure", bob, login("Yes"), "Failed authentication"),
		signInEvent(passwordUpdated, "Success", proved, nil, ""),
		signInEvent(consoleLogin, "Success", proved, identified, ""),
	)
}

// TestSignedEvents: what a person does with console keys says so.
func TestSignedEvents(t *testing.T) {
	f := newFront(t)
	by := f.enter(asRoot())
	f.signed(by, "renew", nothing{})
	f.signed(by, "root-password", rootPasswordRequest{rootWord, nextWord})
	f.signed(by, "root-password", rootPasswordRequest{otherWord, nextWord})
	who := map[string]any{
		"type": "Root", "principalId": corp, "accountId": corp, "arn": "arn:aws:iam::" + corp + ":root", "accessKeyId": by.KeyID,
		"sessionContext": map[string]any{"attributes": map[string]any{"creationDate": "2026-11-01T12:00:00Z", "mfaAuthenticated": "false"}},
	}
	event := func(name string, response any, readOnly bool) map[string]any {
		return map[string]any{
			"userIdentity": who, "eventSource": "signin.amazonaws.com", "eventName": name, "awsRegion": "eu-west-1", "readOnly": readOnly,
			"eventType": "AwsConsoleSignIn", "responseElements": response, "sessionCredentialFromConsole": "true",
		}
	}
	failed := event(passwordUpdated, nil, false)
	failed["errorCode"], failed["errorMessage"] = "AccessDenied", "The old password was incorrect."
	want := []map[string]any{
		event("RenewConsoleSession", nil, true), event(passwordUpdated, map[string]any{passwordUpdated: "Success"}, false), failed,
	}
	var got []map[string]any
	for _, e := range f.told(corp) {
		if e["eventName"] != consoleLogin {
			got = append(got, e)
		}
	}
	if diff := cmp.Diff(want, got, anyOrder); diff != "" {
		t.Error(diff)
	}
}

// TestFailuresAreBounded: a flood of wrong guesses leaves the history readable.
func TestFailuresAreBounded(t *testing.T) {
	f := newFront(t)
	at, err := f.c.find(f.call(), asBob())
	f.must(err)
	flood := func(want int) {
		t.Helper()
		for range 3 * recordedFailures.Tries {
			f.c.failed(f.call(), at, false)
		}
		if n := len(f.events(corp)); n != want {
			t.Errorf("%d events", n)
		}
	}
	flood(recordedFailures.Tries)
	f.wait(recordedFailures.Span)
	flood(2 * recordedFailures.Tries)
}

// TestPasswordLastUsed: the last sign-in is remembered, of users and of root.
func TestPasswordLastUsed(t *testing.T) {
	f := newFront(t)
	last := func(id string) (time.Time, bool) {
		use, ok, err := f.c.cfg.Audit.Login(t.Context(), corp, id)
		f.must(err)
		return use.Time, ok
	}
	wrongWord := asBob()
	wrongWord.Password = otherWord
	if got := f.post("signin", wrongWord); got.status != http.StatusUnauthorized {
		t.Fatal(got.text)
	}
	if at, ok := last(f.bob().ID); ok {
		t.Errorf("a wrong password was used at %v", at)
	}
	f.enter(asBob())
	f.wait(time.Minute)
	f.enter(asRoot())
	if at, ok := last(f.bob().ID); !ok || !at.Equal(f.now.Add(-time.Minute)) {
		t.Errorf("Bob: %v, %v", at, ok)
	}
	if at, ok := last(corp); !ok || !at.Equal(f.now) {
		t.Errorf("root: %v, %v", at, ok)
	}
}
