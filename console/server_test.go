package console_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	rules "iamd/iam"
	"iamd/server"
	"iamd/sigv4"
	"iamd/store"
	"iamd/store/sqlite"
)

// cheaply is what passwords cost here.
var cheaply = rules.PasswordCost{Memory: 64, Passes: 1}

const (
	anns  = "Anns-Passw0rd"
	annew = "Anns-next-Passw0rd"
)

// keysIn are the credentials of an answer.
func keysIn(t *testing.T, out map[string]any) sigv4.Credentials {
	t.Helper()
	got, ok := out["credentials"].(map[string]any)
	if !ok {
		t.Fatalf("no keys: %v", out)
	}
	return sigv4.Credentials{KeyID: got["AccessKeyId"].(string), Secret: got["SecretAccessKey"].(string), Token: got["SessionToken"].(string)}
}

func refusedBy(t *testing.T, what string, err error, code, text string) {
	t.Helper()
	var refused smithy.APIError
	if !errors.As(err, &refused) || refused.ErrorCode() != code || !strings.Contains(refused.ErrorMessage(), text) {
		t.Errorf("%s: %v", what, err)
	}
}

// TestConsoleKeysAtTheAPIs: a whole server, whose first account's root user makes
// Ann, who does by console keys what she may, and reads of it afterwards.
func TestConsoleKeysAtTheAPIs(t *testing.T) {
	ctx, dir := context.WithoutCancel(t.Context()), t.TempDir()
	s, err := server.New(ctx, server.Config{DataDir: dir, PasswordCost: cheaply})
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(s.Handler())
	first := s.FirstStart()
	p := &page{T: t, url: front.URL, account: first.AccountID}
	p.rp.Origin = "http://localhost:4566"

	by := keysIn(t, p.post(nil, "signin", map[string]any{"type": "root", "email": first.Email, "password": first.Password}))
	root, rootSTS := p.clients(by.KeyID, by.Secret, by.Token)
	name := aws.String("Ann")
	_, err = root.CreateUser(ctx, &iam.CreateUserInput{UserName: name})
	p.must(err)
	_, err = root.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: name, Password: aws.String(anns)})
	p.must(err)
	_, err = root.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: name, PolicyName: aws.String("p"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GetUser","iam:ListUsers","iam:ChangePassword","iam:GetLoginProfile"],"Resource":"*"}]}`)})
	p.must(err)
	if user, err := root.GetUser(ctx, &iam.GetUserInput{UserName: name}); err != nil || user.User.PasswordLastUsed != nil {
		t.Errorf("before the first sign-in: %v, %v", user, err)
	}
	if user, err := root.GetUser(ctx, nil); err != nil || user.User.PasswordLastUsed == nil {
		t.Errorf("root: %v, %v", user, err)
	}

	signIn := map[string]any{"type": "user", "account": first.AccountID, "user": "Ann", "password": anns}
	by = keysIn(t, p.post(nil, "signin", signIn))
	ann, annSTS := p.clients(by.KeyID, by.Secret, by.Token)
	who, err := annSTS.GetCallerIdentity(ctx, nil)
	if err != nil || *who.Arn != "arn:aws:iam::"+first.AccountID+":user/Ann" {
		t.Errorf("%v, %v", who, err)
	}
	since := time.Now().Add(-time.Minute)
	user, err := ann.GetUser(ctx, nil)
	if err != nil || user.User.PasswordLastUsed == nil || user.User.PasswordLastUsed.Before(since) {
		t.Errorf("%v, %v", user, err)
	}
	list, err := ann.ListUsers(ctx, nil)
	if err != nil || len(list.Users) != 1 || list.Users[0].PasswordLastUsed == nil {
		t.Errorf("%v, %v", list, err)
	}
	for who, client := range map[string]*sts.Client{"Ann": annSTS, "root": rootSTS} {
		_, err = client.GetSessionToken(ctx, nil)
		refusedBy(t, who, err, "AccessDenied", "Cannot call GetSessionToken with session credentials")
		_, err = client.GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("Fred")})
		refusedBy(t, who, err, "AccessDenied", "Cannot call GetFederationToken with session credentials")
	}
	_, err = root.GenerateCredentialReport(ctx, nil)
	p.must(err)
	report, err := root.GetCredentialReport(ctx, nil)
	p.must(err)
	for _, line := range strings.Split(string(report.Content), "\n")[1:] {
		if column := strings.Split(line, ",")[4]; !strings.HasPrefix(column, "20") {
			t.Errorf("password_last_used is %q", column)
		}
	}

	// Her own change keeps her signed in; guesses at it count at the sign-in.
	_, err = ann.ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: aws.String(anns), NewPassword: aws.String(annew)})
	p.must(err)
	if _, err := ann.GetUser(ctx, nil); err != nil {
		t.Errorf("after her own change: %v", err)
	}
	for range 5 {
		_, err = ann.ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: aws.String("Wrong-Passw0rd"), NewPassword: aws.String(anns)})
		refusedBy(t, "a wrong one", err, "AccessDenied", "The old password was incorrect.")
	}
	signIn["password"] = annew
	if got := p.post(nil, "signin", signIn); got["code"] != "TooManyTries" {
		t.Errorf("after five guesses at the API: %v", got)
	}
	_, err = root.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: name, Password: aws.String(anns)})
	p.must(err)
	_, err = ann.GetUser(ctx, nil)
	refusedBy(t, "after root's change", err, "InvalidClientTokenId", "The security token included in the request is invalid")
	if got := p.post(nil, "signup", map[string]any{"email": "new@example.com", "password": anns, "accountName": "New"}); got["code"] != "SignUpDisabled" {
		t.Errorf("signing up: %v", got)
	}

	front.Close()
	p.must(s.Close(ctx))
	told := map[string]string{}
	backend, err := sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(dir, "iamd.db"), Now: time.Now})
	p.must(err)
	defer func() { p.must(backend.Close()) }()
	events, err := backend.Events(ctx, "account/"+first.AccountID, store.EventQuery{Limit: 1000})
	p.must(err)
	for _, e := range events {
		var event struct {
			EventName   string `json:"eventName"`
			FromConsole string `json:"sessionCredentialFromConsole"`
		}
		p.must(json.Unmarshal(e.Data, &event))
		told[event.EventName] = event.FromConsole
	}
	for name, want := range map[string]string{"CreateUser": "true", "ListUsers": "true", "GetSessionToken": "true", "ChangePassword": "true", "ConsoleLogin": ""} {
		if got, ok := told[name]; !ok || got != want {
			t.Errorf("%s: from the console is %q, %v", name, got, ok)
		}
	}
}

// TestSignUpAtAServer: an account of one's own, where the operator opens it; without
// a key of the root user, and findable by its e-mail address.
func TestSignUpAtAServer(t *testing.T) {
	ctx := context.WithoutCancel(t.Context())
	s, err := server.New(ctx, server.Config{DataDir: t.TempDir(), PasswordCost: cheaply, Console: server.Console{SignUp: true, Version: "1"}})
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(s.Handler())
	defer func() {
		front.Close()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	p := &page{T: t, url: front.URL}
	p.rp.Origin = "http://localhost:4566"
	in := map[string]any{"email": "ann@example.com", "password": anns, "accountName": "Ann's"}
	out := p.post(nil, "signup", in)
	by := keysIn(t, out)
	root, _ := p.clients(by.KeyID, by.Secret, by.Token)
	if keys, err := root.ListAccessKeys(ctx, nil); err != nil || len(keys.AccessKeyMetadata) != 0 {
		t.Errorf("%v, %v", keys, err)
	}
	again := keysIn(t, p.post(nil, "signin", map[string]any{"type": "root", "email": "ann@example.com", "password": anns}))
	if renewed := p.post(&again, "renew", map[string]any{}); keysIn(t, renewed).KeyID == again.KeyID {
		t.Error("the same key again")
	}
	for what, c := range map[string]map[string]any{
		"a taken e-mail": in, "no e-mail address": {"email": "ann", "password": anns, "accountName": "x"},
		"no name": {"email": "bob@example.com", "password": anns, "accountName": ""},
	} {
		if got := p.post(nil, "signup", c); got["code"] != map[string]string{"a taken e-mail": "EntityAlreadyExists"}[what] && got["code"] != "InvalidInput" {
			t.Errorf("%s: %v", what, got)
		}
	}
	if list, err := s.ListAccounts(ctx); err != nil || len(list) != 2 {
		t.Errorf("%v, %v", list, err)
	}
}
