package server

import (
	"bytes"
	"crypto/rand"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"iamd/iam"
	"iamd/server/servertest"
	"iamd/store"
)

// TestResetRootPassword: the operator's way back in, written in the account's
// history without the password.
func TestResetRootPassword(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, s)
	first := s.FirstStart()
	bare, err := s.CreateAccount(t.Context(), "bare", "")
	if err != nil {
		t.Fatal(err)
	}
	reset := func(account string) (int, string) {
		w := httptest.NewRecorder()
		s.Admin().ServeHTTP(w, httptest.NewRequest("POST", "/accounts/"+account+"/root-password", http.NoBody))
		return w.Code, w.Body.String()
	}
	var got Credentials
	if status, body := reset(first.AccountID); status != http.StatusOK || json.Unmarshal([]byte(body), &got) != nil ||
		got.AccountID != first.AccountID || got.Email != "root@example.com" || got.SecretAccessKey != "" || len(got.Password) < 20 || got.Password == first.Password {
		t.Fatalf("%d %s", status, body)
	}
	a, err := s.accounts.View(t.Context(), first.AccountID)
	if err != nil || !iam.PasswordMatches(a.Root.Password, got.Password) || iam.PasswordMatches(a.Root.Password, first.Password) {
		t.Errorf("%v %v", a.Root, err)
	}
	events, err := s.backend.Events(t.Context(), accountPrefix+first.AccountID, store.EventQuery{Limit: 10})
	if err != nil || len(events) != 1 {
		t.Fatal(events, err)
	}
	text := string(events[0].Data)
	for _, want := range []string{`"eventName":"PasswordRecoveryCompleted"`, `"eventSource":"signin.amazonaws.com"`, `"type":"Root"`, `"PasswordRecoveryCompleted":"Success"`, `"eventType":"AwsConsoleSignIn"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	if strings.Contains(text, got.Password) {
		t.Error("the password stands in the event")
	}
	shut, err := s.CreateAccount(t.Context(), "shut", "shut@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.accounts.Update(t.Context(), shut.AccountID, func(d *iam.Draft) error { d.Close(s.cfg.Now()); return nil }); err != nil {
		t.Fatal(err)
	}
	for account, want := range map[string]string{
		shut.AccountID: "is closed", bare.AccountID: "no e-mail address", "000000000001": "There is no account 000000000001.", "12": "12 digits", "00000000000x": "12 digits",
	} {
		if status, body := reset(account); status != http.StatusBadRequest || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", account, status, body)
		}
	}
}

// TestResetEndsSessions: who signed in by the old password is out, and the new one
// opens.
func TestResetEndsSessions(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, s)
	first := s.FirstStart()
	signIn := func(password string) (int, aws.Config) {
		t.Helper()
		body, err := json.Marshal(map[string]string{"type": "root", "email": first.Email, "password": password})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:4566/console/api/signin", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		var out struct {
			Credentials struct{ AccessKeyId, SecretAccessKey, SessionToken string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			t.Fatal(w.Body, err)
		}
		c := out.Credentials
		return w.Code, servertest.Config("", "us-east-1", c.AccessKeyId, c.SecretAccessKey, c.SessionToken)
	}
	status, session := signIn(first.Password)
	if status != http.StatusOK {
		t.Fatalf("the first password: %d", status)
	}
	if status, body := asked(t, s, session, "renew", "{}"); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
	c, err := s.ResetRootPassword(t.Context(), first.AccountID)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := asked(t, s, session, "renew", "{}"); status != http.StatusForbidden {
		t.Errorf("after the reset: %d %s", status, body)
	}
	if status, _ := signIn(first.Password); status != http.StatusUnauthorized {
		t.Errorf("the old password: %d", status)
	}
	if status, _ := signIn(c.Password); status != http.StatusOK {
		t.Errorf("the new password: %d", status)
	}
}

// TestNewPassword: long, of all kinds of characters, and never the same.
func TestNewPassword(t *testing.T) {
	seen, letters := map[string]bool{}, map[rune]bool{}
	for range 2000 {
		p := newPassword(rand.Reader)
		if err := iam.CheckRootPassword("root", "root@example.com", p); err != nil || len(p) != 27 || strings.Count(p, "-") != 3 || seen[p] {
			t.Fatalf("%q: %v", p, err)
		}
		seen[p] = true
		for _, c := range p {
			letters[c] = true
		}
	}
	if len(letters) != len(passwordLetters)+1 {
		t.Errorf("%d letters are used", len(letters))
	}
	// The bytes that would make some letters likelier are drawn again.
	if got := passwordLetter(bytes.NewReader([]byte{255, 228, 0})); got != 'A' {
		t.Errorf("%c", got)
	}
}

// TestSignInFile: whatever password is chosen, the file reads as it was.
func TestSignInFile(t *testing.T) {
	const odd = "a,b \"c\"\nd"
	rows, err := csv.NewReader(bytes.NewReader(signInFile("root@example.com", odd, "http://localhost/console/"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][1] != odd || rows[1][2] != "http://localhost/console/" {
		t.Errorf("%q %v", rows, err)
	}
}
