package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"iamd/iam"
)

// refusedPasskey checks the words of a refusal at sign-in.
func refusedPasskey(t *testing.T, what string, err error, text string) {
	t.Helper()
	var e *iam.Error
	if !errors.As(err, &e) || e.Code != iam.CodeAccessDenied || e.Message != text {
		t.Errorf("%s: %v", what, err)
	}
}

const usedPasskey = "This request to your security key was used already. Please try again."

func TestSignInByPasskey(t *testing.T) {
	w := newPasskeyWorld(t)
	k := newAuthenticator(here, "localhost")
	if q := w.c.passkeyOptions(w.at(here), w.view(keyAccount), w.user(keyAccount, "Bob")); q != nil {
		t.Error("somebody without passkeys is asked for one")
	}
	serial := w.register(w.root[keyAccount], ptr("Bob"), k)
	q := w.ask(here)
	if q.Options.RelyingPartyID != "localhost" || len(q.Options.AllowedCredentials) != 1 || !bytes.Equal(q.Options.AllowedCredentials[0].CredentialID, k.cred.ID) ||
		q.Options.UserVerification != "preferred" || q.Options.Timeout != 300000 {
		t.Errorf("asked %s", asJSON(q.Options))
	}
	got, err := w.use(&passkeyAnswer{q.Challenge, k.sign(q.Options)})
	if err != nil || got != serial {
		t.Fatalf("%s, %v", got, err)
	}
	m, err := w.view(keyAccount).MFADeviceOf(w.user(keyAccount, "Bob"), serial)
	w.must(err)
	if m.Passkey.SignCount != 8 {
		t.Errorf("counted to %d", m.Passkey.SignCount)
	}
	// The root user has their own.
	root := newAuthenticator(here, "localhost")
	rootSerial := w.register(w.root[keyAccount], nil, root)
	a := w.view(keyAccount)
	q = w.c.passkeyOptions(w.at(here), a, nil)
	if got, err := w.enter(w.at(here), a, nil, &passkeyAnswer{q.Challenge, root.sign(q.Options)}); err != nil || got != rootSerial {
		t.Errorf("root: %s, %v", got, err)
	}
	// Another scheme is another origin, and the same host: the key answers there.
	q = w.ask("https://localhost:4566")
	k.at.Origin = "https://localhost:4566"
	if _, err := w.enter(w.at(k.at.Origin), w.view(keyAccount), w.user(keyAccount, "Bob"), &passkeyAnswer{q.Challenge, k.sign(q.Options)}); err != nil {
		t.Errorf("by https: %v", err)
	}
}

// TestPasskeyOfAnotherPage: what a person does on another site's page is worth
// nothing here.
func TestPasskeyOfAnotherPage(t *testing.T) {
	w := newPasskeyWorld(t)
	k := newAuthenticator(here, "localhost")
	w.register(w.root[keyAccount], ptr("Bob"), k)
	for _, origin := range []string{"https://evil.example", "http://localhost:9999", "https://localhost:4566", "http://localhost:4566.evil.example", "http://x.localhost:4566", "null", ""} {
		other := *k
		other.at.Origin = origin
		_, err := w.use(w.answer(&other))
		refusedPasskey(t, origin, err, notVerified)
	}
	other := *k
	other.at.ID = "evil.example"
	_, err := w.use(w.answer(&other))
	refusedPasskey(t, "another host", err, notVerified)

	// Asked on one page and answered on another of ours.
	q := w.ask(here)
	k.at.Origin = "https://localhost:4566"
	_, err = w.enter(w.at(k.at.Origin), w.view(keyAccount), w.user(keyAccount, "Bob"), &passkeyAnswer{q.Challenge, k.sign(q.Options)})
	refusedPasskey(t, "another scheme", err, notVerified)

	// The console moved: the key answers where it was made only, and is not asked.
	w.public = "https://iam.example.com"
	if q := w.c.passkeyOptions(w.at(w.public), w.view(keyAccount), w.user(keyAccount, "Bob")); q != nil {
		t.Error("a passkey of another host is asked")
	}
	_, err = w.enter(w.at(w.public), w.view(keyAccount), w.user(keyAccount, "Bob"), &passkeyAnswer{q.Challenge, k.sign(q.Options)})
	refusedPasskey(t, "a passkey of another host", err, notVerified)
	if q := w.c.passkeyOptions(w.at(here), w.view(keyAccount), w.user(keyAccount, "Bob")); q != nil {
		t.Error("a passkey is asked at an address where none work")
	}
	var r *refusal
	if _, err := w.use(&passkeyAnswer{q.Challenge, k.sign(q.Options)}); !errors.As(err, &r) || r.code != "PasskeysUnavailable" {
		t.Errorf("at an address where none work: %v", err)
	}
}

// TestPasskeyOnce: a challenge is good once, however many bring the answer at once,
// for five minutes, for one person and one purpose.
func TestPasskeyOnce(t *testing.T) {
	w := newPasskeyWorld(t)
	k := newAuthenticator(here, "localhost")
	w.register(w.root[keyAccount], ptr("Bob"), k)
	first := w.answer(k)
	w.now = w.now.Add(time.Second)
	second := w.answer(k)
	if _, err := w.use(second); err != nil {
		t.Fatal(err)
	}
	_, err := w.use(second)
	refusedPasskey(t, "again", err, usedPasskey)
	_, err = w.use(first)
	refusedPasskey(t, "an older one", err, usedPasskey)

	w.now = w.now.Add(time.Second)
	answer, a, u := w.answer(k), w.view(keyAccount), w.user(keyAccount, "Bob")
	var good atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			_, err := w.enter(w.at(here), a, u, answer)
			if err == nil {
				good.Add(1)
				return
			}
			refusedPasskey(t, "at once", err, usedPasskey)
		})
	}
	all.Wait()
	if good.Load() != 1 {
		t.Errorf("%d of 16 were let in", good.Load())
	}

	w.now = w.now.Add(time.Second)
	late := w.answer(k)
	w.now = w.now.Add(challengeLife)
	_, err = w.use(late)
	refusedPasskey(t, "too late", err, tooLate)
}

// TestPasskeyOfAnotherPerson: answers and challenges are one person's.
func TestPasskeyOfAnotherPerson(t *testing.T) {
	w := newPasskeyWorld(t)
	k := newAuthenticator(here, "localhost")
	const other = "210987654321"
	w.register(w.root[keyAccount], ptr("Bob"), k)
	w.register(w.root[keyAccount], ptr("Al"), k) // the same key, for two people and
	w.register(w.root[other], ptr("Bob"), k)     // in two accounts
	w.register(w.root[keyAccount], nil, k)
	for what, who := range map[string]struct {
		a *iam.Account
		u *iam.User
	}{
		"Al": {w.view(keyAccount), w.user(keyAccount, "Al")}, "root": {w.view(keyAccount), nil},
		"the other Bob": {w.view(other), w.user(other, "Bob")}, "the other root": {w.view(other), nil},
	} {
		_, err := w.enter(w.at(here), who.a, who.u, w.answer(k))
		refusedPasskey(t, what, err, notVerified)
	}
	// A handle of another person in the answer.
	answer := w.answer(k)
	answer.Credential = changed(answer.Credential, "response.userHandle", coded([]byte(keyAccount)))
	_, err := w.use(answer)
	refusedPasskey(t, "another's handle", err, notVerified)

	registration, options := w.begin(w.root[keyAccount], ptr("Bob"))
	_, err = w.use(&passkeyAnswer{registration, k.sign(options)})
	refusedPasskey(t, "a challenge of a registration", err, notVerified)

	// Bob's key, taken away, and Bob made again: another person.
	answer = w.answer(k)
	before, bob := w.view(keyAccount), w.user(keyAccount, "Bob")
	w.change(func(d *iam.Draft) error {
		u, err := d.User("Bob")
		if err != nil {
			return err
		}
		for _, m := range d.Passkeys(u, "localhost") {
			if err := d.DeactivateMFADevice(u, d.Serial(m)); err != nil {
				return err
			}
		}
		return nil
	})
	_, err = w.enter(w.at(here), before, bob, answer) // as it was read before
	refusedPasskey(t, "a key taken away", err, notVerified)
	w.change(func(d *iam.Draft) error {
		u, err := d.User("Bob")
		if err != nil {
			return err
		}
		if err := d.DeleteAccessKey(u, u.Keys[0].ID); err != nil {
			return err
		}
		if err := d.DeleteUser("Bob"); err != nil {
			return err
		}
		_, err = d.CreateUser(iam.NewUser{Name: "Bob", Path: "/"})
		return err
	})
	_, err = w.use(answer)
	refusedPasskey(t, "the next Bob", err, notVerified)
	_, err = w.enter(w.at(here), before, bob, answer)
	refusedPasskey(t, "a Bob who is gone", err, notVerified)
}

// TestPasskeyAnswers: an answer that was changed, in whatever place, is none.
func TestPasskeyAnswers(t *testing.T) {
	w := newPasskeyWorld(t)
	k := newAuthenticator(here, "localhost")
	w.register(w.root[keyAccount], ptr("Bob"), k)
	good := w.answer(k)
	bad := map[string]json.RawMessage{
		"nothing": nil, "null": json.RawMessage("null"), "a list": json.RawMessage("[]"), "a text": json.RawMessage(`"x"`), "no members": json.RawMessage("{}"),
		"another id":       changed(good.Credential, "id", coded([]byte("another"))),
		"another's ids":    changed(changed(good.Credential, "id", coded([]byte("another"))), "rawId", coded([]byte("another"))),
		"another type":     changed(good.Credential, "type", "password"),
		"no response":      changed(good.Credential, "response", nil),
		"a long signature": changed(good.Credential, "response.signature", strings.Repeat("A", 40<<10)),
		"no signature":     changed(good.Credential, "response.signature", nil),
		"no data":          changed(good.Credential, "response.authenticatorData", nil),
		"short data":       changed(good.Credential, "response.authenticatorData", coded(make([]byte, 36))),
		"deep":             json.RawMessage(strings.Repeat(`{"response":`, 5000) + "1" + strings.Repeat("}", 5000)),
	}
	client := member(good.Credential, "clientDataJSON")
	bad["another challenge"] = changed(good.Credential, "response.clientDataJSON", coded(bytes.Replace(client, []byte(`"challenge":"`), []byte(`"challenge":"A`), 1)))
	bad["one space more"] = changed(good.Credential, "response.clientDataJSON", coded(append(bytes.Clone(client), ' ')))
	bad["a creation"] = changed(good.Credential, "response.clientDataJSON", coded(bytes.Replace(client, []byte("webauthn.get"), []byte("webauthn.create"), 1)))
	bad["no JSON"] = changed(good.Credential, "response.clientDataJSON", coded([]byte("{")))
	data := member(good.Credential, "authenticatorData")
	for i := range data {
		flipped := bytes.Clone(data)
		flipped[i] ^= 1 << (i % 8)
		bad["data, byte "+string(rune('a'+i%26))+asJSON(i)] = changed(good.Credential, "response.authenticatorData", coded(flipped))
	}
	signature := member(good.Credential, "signature")
	for i := range signature {
		flipped := bytes.Clone(signature)
		flipped[i] ^= 1 << (i % 8)
		bad["signature, byte "+asJSON(i)] = changed(good.Credential, "response.signature", coded(flipped))
	}
	for what, credential := range bad {
		_, err := w.use(&passkeyAnswer{good.Challenge, credential})
		refusedPasskey(t, what, err, notVerified)
	}
	for what, challenge := range map[string]string{
		"none": "", "another's": w.ask(here).Challenge, "long": strings.Repeat("A", 60<<10), "no base64": strings.Repeat("*", len(good.Challenge)),
		"zeros": strings.Repeat("A", len(good.Challenge)), "a line more": good.Challenge + "\n", "a line in it": good.Challenge[:8] + "\n" + good.Challenge[9:],
		"one bit": flip(good.Challenge),
	} {
		_, err := w.use(&passkeyAnswer{challenge, good.Credential})
		refusedPasskey(t, "challenge: "+what, err, notVerified)
	}
	away := *k
	away.auth.Options.UserNotPresent = true
	_, err := w.use(w.answer(&away))
	refusedPasskey(t, "without a touch", err, notVerified)
	eligible := *k
	eligible.auth.Options.BackupEligible = true
	_, err = w.use(w.answer(&eligible))
	refusedPasskey(t, "another kind of key", err, notVerified)
	stranger := newAuthenticator(here, "localhost")
	stranger.cred.ID = k.cred.ID
	_, err = w.use(w.answer(stranger))
	refusedPasskey(t, "another's key", err, notVerified)
	if _, err := w.use(good); err != nil {
		t.Errorf("the answer as it was: %v", err)
	}
	for _, device := range w.view(keyAccount).Passkeys(w.user(keyAccount, "Bob"), "localhost") {
		if device.Passkey.SignCount != 8 {
			t.Errorf("counted to %d by what was refused", device.Passkey.SignCount)
		}
	}
}

// flip changes one bit of what is written in base64.
func flip(challenge string) string {
	if challenge[20] == 'A' {
		return challenge[:20] + "B" + challenge[21:]
	}
	return challenge[:20] + "A" + challenge[21:]
}

// TestClonedPasskey: a counter that does not grow tells of a copy.
func TestClonedPasskey(t *testing.T) {
	w := newPasskeyWorld(t)
	k := newAuthenticator(here, "localhost")
	w.register(w.root[keyAccount], ptr("Bob"), k)
	if _, err := w.use(w.answer(k)); err != nil {
		t.Fatal(err)
	}
	for _, count := range []uint32{6, 7, 1<<32 - 1} { // which it goes on from: 7, 8 and 0
		w.now = w.now.Add(time.Second)
		k.cred.Counter = count
		_, err := w.use(w.answer(k))
		refusedPasskey(t, "a copy", err, "Your security key's counter went backwards: somebody may have a copy of it. Remove it, and register another.")
	}
	w.now = w.now.Add(time.Second)
	k.cred.Counter, k.auth.Options.UserNotVerified = 100, true
	if _, err := w.use(w.answer(k)); err != nil { // a touch is enough: the password came before
		t.Error(err)
	}
}
