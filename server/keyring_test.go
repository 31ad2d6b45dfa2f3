package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/iam"
	"iamd/keyring"
	"iamd/server/servertest"
)

// counted waits for a pass that begins now.
func counted(t *testing.T, s *Server) *KeyringStatus {
	t.Helper()
	asked, err := s.CountKeyring(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for tick := time.NewTicker(time.Millisecond); ; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the pass does not end")
		}
		if status, err := s.Keyring(ctx); err != nil {
			t.Fatal(err)
		} else if status.Pass.Number >= asked.Pass.Number && !status.Pass.Finished.IsZero() {
			return status
		}
	}
}

// held are the values that each key seals.
func (s *KeyringStatus) held() string {
	var out []string
	for _, k := range s.Keys {
		out = append(out, fmt.Sprintf("%d:%d", k.ID, k.Values))
	}
	return strings.Join(out, " ")
}

// changed changes a keyring's file, and has the server take it over.
func changed(t *testing.T, s *Server, force bool, change func(string) (string, error)) error {
	t.Helper()
	if err := keyring.Change(s.keyring.path, change); err != nil {
		t.Fatal(err)
	}
	_, err := s.ReloadKeyring(t.Context(), force)
	return err
}

func added(content string) (string, error) {
	next, _, err := keyring.Add(content, rand.Reader, time.Now())
	return next, err
}

func active(id uint32) func(string) (string, error) {
	return func(content string) (string, error) { return keyring.Activate(content, id, time.Now()) }
}

func without(id uint32) func(string) (string, error) {
	return func(content string) (string, error) { return keyring.Remove(content, id) }
}

// keyed makes users with a key each.
func keyed(t *testing.T, admin *sdk.Client, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		name := aws.String(fmt.Sprintf("user%04d", i))
		if _, err := admin.CreateUser(t.Context(), &sdk.CreateUserInput{UserName: name}); err != nil {
			t.Error(err)
			return
		}
		if _, err := admin.CreateAccessKey(t.Context(), &sdk.CreateAccessKeyInput{UserName: name}); err != nil {
			t.Error(err)
			return
		}
	}
}

// TestRotation: while requests go on, every secret is sealed anew, and keys and
// sessions stay good; the old key goes when nothing is sealed by it, and its
// sessions with it.
func TestRotation(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, s)
	front := httptest.NewServer(s.Handler())
	defer front.Close()
	admin := sdk.NewFromConfig(root(s.FirstStart(), front.URL))
	keyed(t, admin, 0, 20)
	if _, err := admin.CreateVirtualMFADevice(t.Context(), &sdk.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("phone")}); err != nil {
		t.Fatal(err)
	}
	session, err := sts.NewFromConfig(root(s.FirstStart(), front.URL)).GetSessionToken(t.Context(), &sts.GetSessionTokenInput{})
	if err != nil {
		t.Fatal(err)
	}
	c := session.Credentials
	before := sts.NewFromConfig(servertest.Config(front.URL, "eu-west-1", *c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken))
	if status := counted(t, s); status.held() != "1:22" || !status.Counted {
		t.Errorf("before: %s", status.held())
	}
	var writers sync.WaitGroup
	writers.Go(func() { keyed(t, admin, 20, 60) })
	if err := errors.Join(changed(t, s, false, added), changed(t, s, false, active(2))); err != nil {
		t.Fatal(err)
	}
	writers.Wait()
	status := counted(t, s)
	if status.held() != "2:62 1:0" || status.Pass.Broken+status.Pass.Failed != 0 || status.Refused != "" {
		t.Errorf("after: %s, %+v", status.held(), status.Pass)
	}
	if _, err := admin.ListUsers(t.Context(), &sdk.ListUsersInput{}); err != nil {
		t.Errorf("the root key: %v", err)
	}
	if _, err := before.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}); err != nil {
		t.Errorf("a session of the old key: %v", err)
	}
	if err := changed(t, s, false, without(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := before.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}); err == nil {
		t.Error("a session outlives the key that sealed it")
	}
	if _, err := admin.ListUsers(t.Context(), &sdk.ListUsersInput{}); err != nil {
		t.Errorf("the root key: %v", err)
	}
}

// TestRotationBrokenOff: a pass that was broken off is made whole by the next start.
func TestRotationBrokenOff(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Config{DataDir: dir})
	front := httptest.NewServer(s.Handler())
	const users = resealStep + 50
	account := s.FirstStart().AccountID
	if err := s.accounts.Update(t.Context(), account, func(d *iam.Draft) error {
		for i := range users {
			u, err := d.CreateUser(iam.NewUser{Name: fmt.Sprintf("user%04d", i)})
			if err != nil {
				return err
			}
			if _, _, err := d.CreateAccessKey(u); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	stepped, ctx := make(chan struct{}), t.Context()
	s.sealing.rest = func(pass context.Context, _ time.Duration) {
		select {
		case stepped <- struct{}{}:
			<-pass.Done() // the server ends here
		case <-pass.Done():
		case <-ctx.Done():
		}
	}
	if err := errors.Join(changed(t, s, false, added), changed(t, s, false, active(2))); err != nil {
		t.Fatal(err)
	}
	<-stepped
	front.Close()
	closed(t, s)

	s = start(t, Config{DataDir: dir})
	defer closed(t, s)
	if status := counted(t, s); status.held() != fmt.Sprintf("2:%d 1:0", users+1) {
		t.Errorf("after: %s, %+v", status.held(), status.Pass)
	}
}

// TestKeyringFile: what is wrong with a file is told, and the keys in use stay.
func TestKeyringFile(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, s)
	path := s.keyring.path
	good, err := keyring.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	other := "1:" + strings.SplitN(keyring.Generate(rand.Reader), ":", 2)[1]
	both, err := added(good)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what, why string) {
		t.Helper()
		s.lookAtKeyring()
		status, err := s.Keyring(t.Context())
		if err != nil || !strings.Contains(status.Refused, why) || len(status.Keys) != 1 || s.keyring.ring.Len() != 1 {
			t.Errorf("%s: %+v, %v", what, status, err)
		}
		for _, key := range strings.Fields(good + both + other) {
			if len(key) > 40 && strings.Contains(status.Refused, key[2:]) {
				t.Errorf("%s: the key shows: %s", what, status.Refused)
			}
		}
		if _, err := s.ReloadKeyring(t.Context(), true); err == nil {
			t.Errorf("%s: taken over by force", what)
		}
	}
	put := func(content string, mode os.FileMode) {
		t.Helper()
		next := path + ".next"
		if err := errors.Join(os.WriteFile(next, []byte(content), mode), os.Chmod(next, mode), os.Rename(next, path)); err != nil {
			t.Fatal(err)
		}
	}
	put("", 0o600)
	refused("an empty file", "no keys")
	put(both[:len(both)-9], 0o600)
	refused("a file cut off", "not the base64")
	put(other, 0o600)
	refused("another key of the number", "another than before")
	put("2"+other[1:], 0o600)
	refused("without the key that seals", "not there any more")
	put(both, 0o644)
	refused("a file for all", "chmod 600")
	put(strings.Repeat("# huge\n", 1<<18), 0o600)
	refused("a huge file", "no keyring")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	refused("no file", "no such file")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	refused("a directory", "no regular file")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}

	put(both, 0o600)
	s.lookAtKeyring()
	if status, err := s.Keyring(t.Context()); err != nil || status.Refused != "" || len(status.Keys) != 2 || s.keyring.ring.Active() != 1 {
		t.Errorf("the right file: %+v, %v", status, err)
	}
}

// TestKeyStays: a key that seals values goes by force only.
func TestKeyStays(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, s)
	hold := make(chan struct{})
	s.sealing.rest = func(ctx context.Context, _ time.Duration) {
		select {
		case <-hold:
		case <-ctx.Done():
		}
	}
	// A value of key 1 that only key 1 opens stays by it: nothing seals it anew.
	account := s.FirstStart().AccountID
	if err := s.accounts.Update(t.Context(), account, func(d *iam.Draft) error {
		sealed := s.keyring.ring.Seal(keyring.Secret, []byte("x"), []byte("elsewhere"))
		d.Root.Keys = append(d.Root.Keys, iam.AccessKey{ID: "AKIAELSEWHERE0000000", Sealed: sealed})
		d.Reseal(func([]byte) bool { return true }, 1000) // keeps the row
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(changed(t, s, false, added), changed(t, s, false, active(2))); err != nil {
		t.Fatal(err)
	}
	if err := changed(t, s, false, without(1)); err == nil || !strings.Contains(err.Error(), "not known yet") {
		t.Errorf("nothing was counted yet: %v", err)
	}
	close(hold)
	status := counted(t, s)
	if status.held() != "2:1 1:1" || status.Pass.Broken != 1 || !s.keyring.ring.Holds(1) || !strings.Contains(status.Refused, "is to go") {
		t.Errorf("%s, %+v", status.held(), status)
	}
	if _, err := s.ReloadKeyring(t.Context(), false); err == nil || !strings.Contains(err.Error(), "1 values are sealed by it") {
		t.Errorf("a value is sealed by it: %v", err)
	}
	if status, err := s.ReloadKeyring(t.Context(), true); err != nil || len(status.Keys) != 1 || s.keyring.ring.Holds(1) {
		t.Errorf("by force: %+v, %v", status, err)
	}
}

// TestKeyringOfNodes: nodes take the steps of a rotation one after the other, and
// none meets a key that it does not know.
func TestKeyringOfNodes(t *testing.T) {
	content, dir := keyring.Generate(rand.Reader), t.TempDir()
	var mu sync.Mutex
	n := 0
	list := nodes(t, 2, func(c *Config) {
		mu.Lock()
		defer mu.Unlock()
		n++
		c.Keyring, c.KeyringFile = "", filepath.Join(dir, fmt.Sprint(n))
		if err := keyring.Create(c.KeyringFile, content); err != nil {
			t.Error(err)
		}
	})
	c := first(t, list)
	check := func(what string) {
		t.Helper()
		for i, s := range list {
			if _, err := s.client(c.AccessKeyID, c.SecretAccessKey, nil).ListUsers(t.Context(), &sdk.ListUsersInput{}); err != nil {
				t.Errorf("%s: node %d: %v", what, i, err)
			}
		}
	}
	user := 0
	fill := func(s *node) {
		keyed(t, s.client(c.AccessKeyID, c.SecretAccessKey, nil), user, user+5)
		user += 5
	}
	take := func(change func(string) (string, error), between func()) {
		t.Helper()
		next, err := change(content)
		if err != nil {
			t.Fatal(err)
		}
		content = next
		for i, s := range list {
			if i > 0 {
				between()
			}
			if err := changed(t, s.Server, false, func(string) (string, error) { return next, nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	fill(list[0])
	take(added, func() { check("one has the key") })
	fill(list[1])
	take(active(2), func() {
		counted(t, list[0].Server)
		fill(list[1]) // by the old key still
		fill(list[0])
		check("one seals by it")
	})
	var passes sync.WaitGroup // both at once
	held := [2]string{}
	for i, s := range list {
		passes.Go(func() { held[i] = counted(t, s.Server).held() })
	}
	passes.Wait()
	want := fmt.Sprintf("2:%d 1:0", user+1)
	for i, s := range list {
		if status := counted(t, s.Server); status.held() != want {
			t.Errorf("node %d: %s, want %s", i, status.held(), want)
		}
	}
	check("both seal by it")
	take(without(1), func() { check("one is without the old key") })
	check("the old key is gone")
}

// TestKeyringSource: where a keyring may come from, and when none is made.
func TestKeyringSource(t *testing.T) {
	dir := t.TempDir()
	cfg := Config{DataDir: dir, Store: "postgres://db/iamd"}.withDefaults()
	if _, err := openKeyring(cfg, true); err == nil || !strings.Contains(err.Error(), "iamd keyring init") {
		t.Errorf("a shared store: %v", err)
	}
	if _, err := os.Stat(KeyringFile(dir)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a keyring was made: %v", err)
	}
	cfg.KeyringFile = filepath.Join(dir, "none")
	if _, err := openKeyring(cfg, true); err == nil || !strings.Contains(err.Error(), "iamd keyring init") {
		t.Errorf("a shared store and a file that is not there: %v", err)
	}
	cfg.Store = ""
	if _, err := openKeyring(cfg, true); err == nil || !strings.Contains(err.Error(), "keyring_file: ") {
		t.Errorf("a file that is not there: %v", err)
	}
	cfg.Keyring = keyring.Generate(rand.Reader)
	s := start(t, cfg)
	defer closed(t, s)
	if _, err := s.ReloadKeyring(t.Context(), false); err == nil || !strings.Contains(err.Error(), "IAMD_KEYRING") {
		t.Errorf("the environment's keyring was read again: %v", err)
	}
	if status, err := s.Keyring(t.Context()); err != nil || status.File != "" || len(status.Keys) != 1 {
		t.Errorf("%+v, %v", status, err)
	}
	for store, shared := range map[string]bool{"": false, "sqlite:///a": false, "/data": false, "postgres://a": true, "etcd://a,b/c": true} {
		if Shared(store) != shared {
			t.Errorf("%q is shared: %v", store, !shared)
		}
	}
}

// TestKeyMissing: a store with values of a key that the keyring lacks is not opened.
func TestKeyMissing(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Config{DataDir: dir})
	good, err := keyring.Load(s.keyring.path)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(s.Handler())
	if err := errors.Join(changed(t, s, false, added), changed(t, s, false, active(2))); err != nil {
		t.Fatal(err)
	}
	counted(t, s)
	front.Close()
	closed(t, s)
	if _, err := New(t.Context(), Config{DataDir: dir, Keyring: good}); err == nil || !strings.Contains(err.Error(), "not the one") {
		t.Errorf("without the new key: %v", err)
	}
}

// TestKeyringDoor: the socket's calls.
func TestKeyringDoor(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, s)
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/keyring", "", 200},
		{"POST", "/keyring/count", "", 200},
		{"POST", "/keyring/reload", `{"force":false}`, 200},
		{"POST", "/keyring/reload", `{"forse":true}`, 400},
		{"POST", "/keyring/reload", strings.Repeat(" ", 1<<11), 400},
		{"DELETE", "/keyring", "", 405},
	} {
		w := httptest.NewRecorder()
		s.Admin().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), c.method, c.path, strings.NewReader(c.body)))
		if w.Code != c.status {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
		if w.Code == http.StatusOK && !strings.Contains(w.Body.String(), `"fingerprint":"`) {
			t.Errorf("%s %s: %s", c.method, c.path, w.Body)
		}
	}
}

// TestKeyOfRefreshTokens: applications that were authorized while a key sealed are
// told, as their refresh tokens need it for good.
func TestKeyOfRefreshTokens(t *testing.T) {
	var late time.Duration
	var mu sync.Mutex
	s := start(t, Config{DataDir: t.TempDir(), Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return time.Now().Add(late)
	}})
	defer closed(t, s)
	front := httptest.NewServer(s.Handler())
	defer front.Close()
	admin := sdk.NewFromConfig(root(s.FirstStart(), front.URL))
	keyed(t, admin, 0, 1)
	register := func() {
		t.Helper()
		status, _ := applicationCall(t, s.FirstStart(), front.URL, "POST", "", `{"name":"orders","iam_arn":"arn:aws:iam::`+s.FirstStart().AccountID+`:user/user0000"}`)
		if status != http.StatusCreated && status != http.StatusOK {
			t.Fatal(status)
		}
	}
	register()
	register()
	mu.Lock()
	late = time.Minute
	mu.Unlock()
	if err := errors.Join(changed(t, s, false, added), changed(t, s, false, func(content string) (string, error) {
		return keyring.Activate(content, 2, time.Now().Add(30*time.Second))
	})); err != nil {
		t.Fatal(err)
	}
	register()
	status := counted(t, s)
	if len(status.Keys) != 2 || status.Keys[0].Authorizations != 0 || status.Keys[1].Authorizations != 2 {
		t.Errorf("%+v", status.Keys)
	}
}
