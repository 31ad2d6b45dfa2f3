package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/gateway"
	"iamd/iam"
	"iamd/keyring"
	"iamd/server/servertest"
	"iamd/store"
)

func start(t *testing.T, cfg Config) *Server {
	t.Helper()
	s, err := New(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closed(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func root(c *Credentials, url string) aws.Config {
	return servertest.Config(url, "eu-west-1", c.AccessKeyID, c.SecretAccessKey, "")
}

// TestFirstStart: one account, its key in a file for the owner alone, and
// nothing new at the second start.
func TestFirstStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := start(t, Config{DataDir: dir})
	first := s.FirstStart()
	if first == nil {
		t.Fatal("no first start")
	}
	b, err := os.ReadFile(first.File)
	if err != nil || string(b) != "Access key ID,Secret access key\n"+first.AccessKeyID+","+first.SecretAccessKey+"\n" {
		t.Errorf("%s: %q, %v", first.File, b, err)
	}
	if b, err = os.ReadFile(first.ConsoleFile); err != nil || string(b) != "User name,Password,Console sign-in URL\nroot@example.com,"+first.Password+",http://localhost:4566/console/\n" {
		t.Errorf("%s: %q, %v", first.ConsoleFile, b, err)
	}
	if a, err := s.accounts.View(t.Context(), first.AccountID); err != nil || a.Root.Email != "root@example.com" || !iam.PasswordMatches(a.Root.Password, first.Password) || len(first.Password) < 20 {
		t.Errorf("the root user: %+v, %v", first, err)
	}
	for _, name := range []string{"root-credentials.csv", "console-credentials.csv", "keyring", "iamd.db"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if _, err := New(context.Background(), Config{DataDir: dir}); err == nil {
		t.Error("two servers on one directory")
	}
	closed(t, s)
	s = start(t, Config{DataDir: dir})
	defer closed(t, s)
	if s.FirstStart() != nil {
		t.Error("a second first start")
	}
	front := httptest.NewServer(s.Handler())
	defer front.Close()
	id, err := sts.NewFromConfig(root(first, front.URL)).GetCallerIdentity(context.Background(), nil)
	if err != nil || *id.Account != first.AccountID {
		t.Errorf("root after a restart: %v, %v", id, err)
	}
}

// TestRootKeyIsNeverLost: whatever a first start ended by, the key of the
// account that stands is in the file.
func TestRootKeyIsNeverLost(t *testing.T) {
	dir := t.TempDir()
	bad := Config{DataDir: dir, Gateway: gateway.Config{Listen: "x", APIs: []gateway.API{{ID: "a", Hosts: []string{"a:80"}}}}}
	if _, err := New(context.Background(), bad); err == nil {
		t.Fatal("a bad gateway")
	}
	both := []string{RootFile(dir), ConsoleFile(dir)}
	for _, file := range both {
		if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a start that failed left %v", err)
		}
		if err := os.WriteFile(file, []byte("of a store that is gone"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := start(t, Config{DataDir: dir})
	first := s.FirstStart()
	closed(t, s)
	// As if the start had ended before the files had their names.
	for _, file := range both {
		if err := os.Rename(file, file+pending); err != nil {
			t.Fatal(err)
		}
	}
	closed(t, start(t, Config{DataDir: dir}))
	for i, want := range []string{first.AccessKeyID + "," + first.SecretAccessKey, first.Email + "," + first.Password} {
		b, err := os.ReadFile(both[i])
		if err != nil || !strings.Contains(string(b), want) {
			t.Errorf("%q, %v", b, err)
		}
		if old, err := os.ReadFile(both[i] + ".old"); err != nil || string(old) != "of a store that is gone" {
			t.Errorf("the file that was there: %q, %v", old, err)
		}
	}
}

// TestExisting: whoever wants what is there already makes neither a directory,
// nor a keyring, nor an account.
func TestExisting(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	looking := Config{DataDir: dir, Existing: true}
	if _, err := New(t.Context(), looking); !errors.Is(err, ErrNoAccounts) {
		t.Errorf("no directory: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is there: %v", err)
	}
	// As a first start leaves it that ended before the account was made.
	empty, err := open(t.Context(), Config{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := empty.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context(), looking); !errors.Is(err, ErrNoAccounts) {
		t.Errorf("no accounts: %v", err)
	}
	for _, name := range []string{"keyring", "root-credentials.csv", "root-credentials.csv" + pending, "console-credentials.csv", "console-credentials.csv" + pending} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	closed(t, start(t, Config{DataDir: dir}))
	s := start(t, looking)
	defer closed(t, s)
	if list, err := s.ListAccounts(t.Context()); err != nil || len(list) != 1 || s.FirstStart() != nil {
		t.Errorf("%v, %v", list, err)
	}
}

// TestKeyring: a store is not opened without the keyring that sealed it.
func TestKeyring(t *testing.T) {
	dir := t.TempDir()
	// An account without root keys, as AWS advises: a user's will do.
	s := start(t, Config{DataDir: dir})
	front := httptest.NewServer(s.Handler())
	admin, ctx := sdk.NewFromConfig(root(s.FirstStart(), front.URL)), context.Background()
	if _, err := admin.CreateUser(ctx, &sdk.CreateUserInput{UserName: aws.String("Bob")}); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.CreateAccessKey(ctx, &sdk.CreateAccessKeyInput{UserName: aws.String("Bob")}); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.DeleteAccessKey(ctx, &sdk.DeleteAccessKeyInput{AccessKeyId: aws.String(s.FirstStart().AccessKeyID)}); err != nil {
		t.Fatal(err)
	}
	front.Close()
	closed(t, s)
	if err := os.Rename(filepath.Join(dir, "keyring"), filepath.Join(dir, "away")); err != nil {
		t.Fatal(err)
	}
	if _, err := New(context.Background(), Config{DataDir: dir}); err == nil || !strings.Contains(err.Error(), "put your copy of it back") {
		t.Errorf("without a keyring: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "keyring")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("another keyring was made: %v", err)
	}
	if _, err := New(context.Background(), Config{DataDir: dir, Keyring: keyring.Generate(rand.Reader)}); err == nil || !strings.Contains(err.Error(), "not the one") {
		t.Errorf("with another keyring: %v", err)
	}
	keys, err := keyring.Load(filepath.Join(dir, "away"))
	if err != nil {
		t.Fatal(err)
	}
	closed(t, start(t, Config{DataDir: dir, Keyring: keys}))
}

func TestChosenRoot(t *testing.T) {
	want := Root{
		AccountID: "111122223333", AccountName: "shop", Email: "root@example.com",
		AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		Password: "correct horse",
	}
	s := start(t, Config{DataDir: t.TempDir(), Root: want})
	defer closed(t, s)
	if c := s.FirstStart(); c.AccountID != want.AccountID || c.AccessKeyID != want.AccessKeyID || c.SecretAccessKey != want.SecretAccessKey || c.Email != want.Email || c.Password != want.Password {
		t.Errorf("got %+v", c)
	}
	a, err := s.accounts.View(context.Background(), want.AccountID)
	if err != nil || !iam.PasswordMatches(a.Root.Password, want.Password) {
		t.Errorf("the password: %v, %v", a.Root, err)
	}
	for what, bad := range map[string]Root{
		"number":        {AccountName: "x", AccountID: "12"},
		"letters":       {AccountName: "x", AccountID: "11112222333x"},
		"short key":     {AccountName: "x", AccessKeyID: "AKIA"},
		"odd key":       {AccountName: "x", AccessKeyID: "AKIA/OSFODNN7EXAMPLE"},
		"temporary key": {AccountName: "x", AccessKeyID: "ASIAIOSFODNN7EXAMPLE"},
		"short secret":  {AccountName: "x", SecretAccessKey: "hunter2"},
		"e-mail":        {AccountName: "x", Email: "nobody"},
		"password":      {AccountName: "x", Password: "short"},
		"no name":       {},
	} {
		var e *iam.Error
		if _, err := s.createAccount(context.Background(), bad); !errors.As(err, &e) {
			t.Errorf("%s: %v", what, err)
		}
	}
	var e *iam.Error
	if _, err := s.CreateAccount(context.Background(), "again", "ROOT@example.com"); !errors.As(err, &e) || e.Code != iam.CodeEntityAlreadyExists {
		t.Errorf("an e-mail address twice: %v", err)
	}
}

func TestAdmin(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, s)
	ask := func(method, body string) (int, string) {
		w := httptest.NewRecorder()
		s.Admin().ServeHTTP(w, httptest.NewRequest(method, "/accounts", strings.NewReader(body)))
		return w.Code, w.Body.String()
	}
	status, body := ask("POST", `{"name":"second","email":"second@example.com"}`)
	var made Credentials
	if err := json.Unmarshal([]byte(body), &made); err != nil || status != http.StatusCreated || made.SecretAccessKey == "" || len(made.Password) < 20 {
		t.Errorf("%d %s %v", status, body, err)
	}
	var bare Credentials
	if _, body = ask("POST", `{"name":"third"}`); json.Unmarshal([]byte(body), &bare) != nil || bare.SecretAccessKey == "" || bare.Password != "" {
		t.Errorf("without an e-mail address: %s", body)
	}
	if status, body = ask("GET", ""); status != http.StatusOK || !strings.Contains(body, made.AccountID) || strings.Contains(body, made.SecretAccessKey) {
		t.Errorf("%d %s", status, body)
	}
	for _, bad := range []string{"", "{", `{"name":""}`, `{"name":"x","nonsense":1}`} {
		if status, body = ask("POST", bad); status != http.StatusBadRequest || !strings.Contains(body, "InvalidInput") {
			t.Errorf("%q: %d %s", bad, status, body)
		}
	}
}

func TestPages(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir()})
	front := httptest.NewServer(s.Handler())
	defer front.Close()
	get := func(path string) (int, string) {
		t.Helper()
		res, err := http.Get(front.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b)
	}
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n", "/metrics": "iamd_audit_dropped_total 0"} {
		if status, body := get(path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	for _, path := range []string{"/nonsense", "/healthz/x", "/accounts"} {
		if status, _ := get(path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, body := get("/"); status != http.StatusForbidden || !strings.Contains(body, "MissingAuthenticationToken") {
		t.Errorf("/: %d %s", status, body)
	}
	if status, body := get("/policy/validation"); status != http.StatusForbidden || !strings.Contains(body, "Missing Authentication Token") {
		t.Errorf("/policy/validation: %d %s", status, body)
	}
	if _, body := get("/metrics"); !strings.Contains(body, `iamd_calls_total{action="",code="MissingAuthenticationToken"} 1`) {
		t.Error("the refused call is not counted")
	}
	if status, body := get("/console/api/reference/services/none"); status != http.StatusNotFound {
		t.Errorf("%d %s", status, body)
	}
	if _, body := get("/metrics"); !strings.Contains(body, `iamd_calls_total{action="console:reference/services/{prefix}",code="NotFound"} 1`) {
		t.Error("the console's call is not counted")
	}
	closed(t, s)
	if status, _ := get("/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("ready without a store: %d", status)
	}
}

func TestOrigin(t *testing.T) {
	if _, err := newOrigin([]string{"nonsense"}, time.Now); err == nil {
		t.Error("a network that is none")
	}
	o, err := newOrigin([]string{"10.0.0.0/8", "192.0.2.1"}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ remote, forwarded, proto, ip, secure string }{
		{"198.51.100.9:1", "203.0.113.5", "https", "198.51.100.9", "false"}, // a stranger's word counts nothing
		{"10.1.2.3:1", "", "", "", "false"},                                 // a proxy that does not say for whom
		{"10.1.2.3:1", "203.0.113.9:51234", "", "203.0.113.9", "false"},
		{"10.1.2.3:1", "[2001:db8::1]:443", "", "2001:db8::1", "false"},
		{"10.1.2.3:1", "[2001:db8::1]", "", "2001:db8::1", "false"},
		{"10.1.2.3:1", "unknown", "", "", "false"},
		{"10.1.2.3:1", "10.7.7.7", "", "10.7.7.7", "false"},
		{"10.1.2.3:1", "203.0.113.5", "https", "203.0.113.5", "true"},
		{"10.1.2.3:1", "1.1.1.1, 203.0.113.5, 10.9.9.9", "http", "203.0.113.5", "false"},
		{"192.0.2.1:1", "203.0.113.5,nonsense", "https", "", "true"},
		{"[::ffff:10.1.2.3]:1", "2001:db8::1", "HTTPS", "2001:db8::1", "true"},
		{"@", "203.0.113.5", "https", "", "false"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if c.proto != "" {
			r.Header.Set("X-Forwarded-Proto", c.proto)
		}
		if got := o.of(r); got.SourceIP != c.ip || got.Secure != (c.secure == "true") {
			t.Errorf("%+v: got %s, %v", c, got.SourceIP, got.Secure)
		}
	}
}

// TestEvents: a write's event stands with the write, a denial's with its
// reason, and no secret in any.
func TestEvents(t *testing.T) {
	ctx := context.Background()
	s := start(t, Config{DataDir: t.TempDir()})
	front := httptest.NewServer(s.Handler())
	defer front.Close()
	first := s.FirstStart()
	admin := sdk.NewFromConfig(root(first, front.URL))
	name := aws.String("Bob")
	if _, err := admin.CreateUser(ctx, &sdk.CreateUserInput{UserName: name}); err != nil {
		t.Fatal(err)
	}
	key, err := admin.CreateAccessKey(ctx, &sdk.CreateAccessKeyInput{UserName: name})
	if err != nil {
		t.Fatal(err)
	}
	bob := root(&Credentials{AccessKeyID: *key.AccessKey.AccessKeyId, SecretAccessKey: *key.AccessKey.SecretAccessKey}, front.URL)
	if _, err := sdk.NewFromConfig(bob).DeleteUser(ctx, &sdk.DeleteUserInput{UserName: name}); err == nil {
		t.Fatal("Bob may delete himself")
	}
	session, err := sts.NewFromConfig(bob).GetSessionToken(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	federated, err := sts.NewFromConfig(root(first, front.URL)).GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("Fred")})
	if err != nil {
		t.Fatal(err)
	}
	keys := federated.Credentials
	fred := servertest.Config(front.URL, "eu-west-1", *keys.AccessKeyId, *keys.SecretAccessKey, *keys.SessionToken)
	if _, err := sts.NewFromConfig(fred).GetCallerIdentity(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.audit.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	list, err := s.backend.Events(ctx, accountPrefix+first.AccountID, store.EventQuery{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]any{}
	for _, e := range list {
		for _, secret := range []string{*key.AccessKey.SecretAccessKey, first.SecretAccessKey, *session.Credentials.SecretAccessKey, *session.Credentials.SessionToken, *keys.SecretAccessKey, *keys.SessionToken} {
			if strings.Contains(string(e.Data), secret) {
				t.Errorf("a secret stands in %s", e.Data)
			}
		}
		event := map[string]any{}
		if err := json.Unmarshal(e.Data, &event); err != nil {
			t.Fatal(err)
		}
		all[event["eventName"].(string)] = event
	}
	if len(all) != 6 {
		t.Fatalf("%d events: %v", len(all), all)
	}
	at := func(event string, path ...string) any {
		var v any = all[event]
		for _, p := range path {
			m, ok := v.(map[string]any)
			if !ok {
				return nil
			}
			v = m[p]
		}
		return v
	}
	for _, c := range []struct {
		got, want any
	}{
		{at("CreateUser", "userIdentity", "type"), "Root"},
		{at("CreateUser", "requestParameters", "userName"), "Bob"},
		{at("CreateUser", "responseElements", "user", "arn"), "arn:aws:iam::" + first.AccountID + ":user/Bob"},
		{at("CreateUser", "readOnly"), false},
		{at("CreateUser", "awsRegion"), "us-east-1"},
		{at("CreateUser", "sourceIPAddress"), "127.0.0.1"},
		{at("CreateUser", "eventSource"), "iam.amazonaws.com"},
		{at("CreateAccessKey", "responseElements", "accessKey", "accessKeyId"), *key.AccessKey.AccessKeyId},
		{at("DeleteUser", "userIdentity", "userName"), "Bob"},
		{at("DeleteUser", "userIdentity", "type"), "IAMUser"},
		{at("DeleteUser", "errorCode"), "AccessDenied"},
		{at("DeleteUser", "responseElements"), nil},
		{at("GetSessionToken", "awsRegion"), "eu-west-1"},
		{at("GetSessionToken", "recipientAccountId"), first.AccountID},
		{at("GetFederationToken", "requestParameters", "name"), "Fred"},
		{at("GetFederationToken", "responseElements", "federatedUser", "federatedUserId"), first.AccountID + ":Fred"},
		{at("GetFederationToken", "responseElements", "credentials", "accessKeyId"), *keys.AccessKeyId},
		{at("GetCallerIdentity", "userIdentity", "type"), "FederatedUser"},
		{at("GetCallerIdentity", "userIdentity", "sessionContext", "sessionIssuer", "type"), "Root"},
	} {
		if c.got != c.want {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
	if m, _ := at("DeleteUser", "errorMessage").(string); !strings.Contains(m, "because no identity-based policy allows the iam:DeleteUser action") {
		t.Errorf("the denial says %q", m)
	}
	closed(t, s)
}

// TestRoleOwnersHear: whose role is taken finds it in the own account's events;
// what was refused stands in the caller's alone.
func TestRoleOwnersHear(t *testing.T) {
	ctx := context.Background()
	s := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, s)
	front := httptest.NewServer(s.Handler())
	defer front.Close()
	owner := s.FirstStart()
	other, err := s.CreateAccount(ctx, "other", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sdk.NewFromConfig(root(owner, front.URL)).CreateRole(ctx, &sdk.CreateRoleInput{
		RoleName: aws.String("R"), AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + other.AccountID + `"},"Action":"sts:AssumeRole"}}`),
	}); err != nil {
		t.Fatal(err)
	}
	admin := sdk.NewFromConfig(root(other, front.URL))
	if _, err := admin.CreateUser(ctx, &sdk.CreateUserInput{UserName: aws.String("Bob")}); err != nil {
		t.Fatal(err)
	}
	key, err := admin.CreateAccessKey(ctx, &sdk.CreateAccessKeyInput{UserName: aws.String("Bob")})
	if err != nil {
		t.Fatal(err)
	}
	bob := sts.NewFromConfig(root(&Credentials{AccessKeyID: *key.AccessKey.AccessKeyId, SecretAccessKey: *key.AccessKey.SecretAccessKey}, front.URL))
	take := func() error {
		_, err := bob.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::" + owner.AccountID + ":role/R"), RoleSessionName: aws.String("session")})
		return err
	}
	heard := func(account string) (n int) {
		t.Helper()
		if err := s.audit.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		list, err := s.backend.Events(ctx, accountPrefix+account, store.EventQuery{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if strings.Contains(string(e.Data), `"eventName":"AssumeRole"`) && strings.Contains(string(e.Data), `"recipientAccountId":"`+account+`"`) {
				n++
			}
		}
		return n
	}
	if take() == nil {
		t.Fatal("Bob needs no policy")
	}
	if mine, theirs := heard(other.AccountID), heard(owner.AccountID); mine != 1 || theirs != 0 {
		t.Errorf("refused: %d events of the caller's, %d of the owner's", mine, theirs)
	}
	if _, err := admin.PutUserPolicy(ctx, &sdk.PutUserPolicyInput{
		UserName: aws.String("Bob"), PolicyName: aws.String("p"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}`),
	}); err != nil {
		t.Fatal(err)
	}
	if err := take(); err != nil {
		t.Fatal(err)
	}
	if mine, theirs := heard(other.AccountID), heard(owner.AccountID); mine != 2 || theirs != 1 {
		t.Errorf("allowed: %d events of the caller's, %d of the owner's", mine, theirs)
	}
}
