package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/google/go-cmp/cmp"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
	"iamd/sigv4"
)

func ptr(s string) *string { return &s }

func TestRelyingParties(t *testing.T) {
	for public, want := range map[string][]string{
		"http://127.0.0.1:4566":           {"http://localhost:4566", "https://localhost:4566"},
		"https://127.8.0.1":               {"http://localhost", "https://localhost"},
		"http://[::1]:80":                 {"http://localhost", "https://localhost:80"},
		"http://localhost:4566":           {"http://localhost:4566", "https://localhost:4566"},
		"https://IAM.Example.com:443/x":   {"https://iam.example.com"},
		"https://iam.example.com:8443":    {"https://iam.example.com:8443"},
		"http://iam.example.com":          nil, // browsers have no passkeys there
		"https://192.0.2.7":               nil, // hosts only
		"https://[2001:db8::7]":           nil,
		"https://iam":                     nil,
		"":                                nil,
		"://":                             nil,
		"http://127.0.0.1.example:4566":   nil,
		"https://127.0.0.1.nip.io.":       nil,
		"http://localhost.example.com":    nil,
		"https://localhost.example.com:1": {"https://localhost.example.com:1"},
	} {
		var got []string
		for _, p := range relyingParties(public) {
			got = append(got, p.origin)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", public, diff)
		}
	}
}

// TestPasskeysWork: where a page is, or where its request goes when the browser does
// not say.
func TestPasskeysWork(t *testing.T) {
	w := newPasskeyWorld(t)
	for _, c := range []struct {
		public, origin, host string
		want                 bool
	}{
		{herePublic, here, "localhost:4566", true},
		{herePublic, "", "localhost:4566", true},
		{herePublic, "HTTP://LOCALHOST:4566", "localhost:4566", true},
		{herePublic, herePublic, "127.0.0.1:4566", false},
		{herePublic, "", "127.0.0.1:4566", false},
		{herePublic, "null", "localhost:4566", false},
		{"https://iam.example.com", "https://iam.example.com", "iam.example.com", true},
		{"https://iam.example.com", "https://iam.example.com:443", "iam.example.com", true},
		{"https://iam.example.com", "http://iam.example.com", "iam.example.com", false},
		{"https://iam.example.com", "", "iam.example.com", true}, // behind a proxy
		{"https://iam.example.com", "", "iam.example.com:80", false},
		{"https://iam.example.com", here, "localhost:4566", false},
		{"https://iam.example.com", "https://example.com", "example.com", false},
	} {
		w.public = c.public
		r := httptest.NewRequest(http.MethodGet, prefix+"about", nil)
		r.Host = c.host
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if got := w.c.passkeysWork(r); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestRegisterPasskey(t *testing.T) {
	w := newPasskeyWorld(t)
	k := newAuthenticator(here, "localhost")
	k.auth.Options.BackupEligible, k.auth.Options.BackupState = true, true
	_, options := w.begin(w.root[keyAccount], ptr("Bob"))
	bob := w.user(keyAccount, "Bob")
	var shown struct {
		RP   struct{ ID, Name string }
		User struct{ ID, Name, DisplayName string }
		Pub  []struct{ Alg int } `json:"pubKeyCredParams"`
		Att  string              `json:"attestation"`
		Time int                 `json:"timeout"`
		Sel  map[string]string   `json:"authenticatorSelection"`
	}
	w.must(json.Unmarshal([]byte(asJSON(options)), &shown))
	if shown.RP.ID != "localhost" || shown.User.ID != coded([]byte(keyAccount+"/"+bob.ID)) || shown.User.Name != "Bob @ "+keyAccount ||
		len(shown.Pub) != 3 || shown.Att != "none" || shown.Time != 300000 ||
		!cmp.Equal(shown.Sel, map[string]string{"residentKey": "preferred", "userVerification": "preferred"}) {
		t.Errorf("options %s", asJSON(options))
	}
	serial := w.register(w.root[keyAccount], ptr("Bob"), k)
	if !strings.HasPrefix(serial, "arn:aws:iam::"+keyAccount+":u2f/user/Bob/my-key-") {
		t.Errorf("registered as %s", serial)
	}
	m, err := w.view(keyAccount).MFADeviceOf(bob, serial)
	w.must(err)
	if p := m.Passkey; !bytes.Equal(p.ID, k.cred.ID) || p.RelyingParty != "localhost" || p.SignCount != 7 || !p.BackupEligible || !p.BackedUp || !bytes.Equal(p.Model, k.auth.Aaguid[:]) {
		t.Errorf("kept %+v", p)
	}
	challenge, options := w.begin(w.root[keyAccount], ptr("Bob"))
	if !strings.Contains(asJSON(options), `"excludeCredentials":[{"id":"`+coded(k.cred.ID)+`","type":"public-key"}]`) {
		t.Errorf("options %s", asJSON(options))
	}
	status, out := w.post(w.root[keyAccount], here, "passkeys/finish", finishPasskey{beginPasskey{ptr("Bob"), "x"}, challenge, k.make(options)})
	if status != http.StatusConflict || out["code"] != iam.CodeEntityAlreadyExists {
		t.Errorf("twice: %d %v", status, out)
	}
	if got := w.history("EnableMFADevice", ""); !strings.Contains(got, `"requestParameters":{"serialNumber":"`+serial+`","userName":"Bob"}`) {
		t.Errorf("the history tells %s", got)
	}
	if got := w.history("EnableMFADevice", iam.CodeEntityAlreadyExists); !strings.Contains(got, `"requestParameters":{"userName":"Bob"}`) {
		t.Errorf("the history tells of the refusal %s", got)
	}
	if got := w.register(w.root[keyAccount], nil, k); !strings.HasPrefix(got, "arn:aws:iam::"+keyAccount+":u2f/root/my-key-") {
		t.Errorf("root's is %s", got)
	}
	if got := transports([]protocol.AuthenticatorTransport{"usb", "usb", "carrier-pigeon", "internal"}); !slices.Equal(got, []string{"usb", "internal"}) {
		t.Errorf("transports %v", got)
	}
}

// TestPasskeyAuthorization: a registration is EnableMFADevice on the user, with the
// key that says which step it is.
func TestPasskeyAuthorization(t *testing.T) {
	w := newPasskeyWorld(t)
	bob := w.bob[keyAccount]
	grant := func(state, resource string) {
		w.change(func(d *iam.Draft) error {
			return d.PutInlinePolicy(iam.Entity{Kind: iam.KindUser, Name: "Bob"}, "p", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:EnableMFADevice",`+
				`"Resource":"`+resource+`","Condition":{"StringEquals":{"iam:RegisterSecurityKey":`+state+`,"aws:ResourceTag/team":"red"}}}}`)
		})
	}
	refused := func(what string, by sigv4.Credentials, path string, in any, status int, code string) {
		t.Helper()
		if got, out := w.post(by, here, path, in); got != status || out["code"] != code {
			t.Errorf("%s: %d %v", what, got, out)
		}
	}
	own := beginPasskey{nil, "k"}
	refused("nothing allowed", bob, "passkeys/begin", own, 403, "AccessDenied")
	grant(`"Create"`, "arn:aws:iam::"+keyAccount+":user/${aws:username}")
	challenge, options := w.begin(bob, nil)
	credential := newAuthenticator(here, "localhost").make(options)
	refused("to begin only", bob, "passkeys/finish", finishPasskey{own, challenge, credential}, 403, "AccessDenied")
	refused("another user", bob, "passkeys/begin", beginPasskey{ptr("Al"), "k"}, 403, "AccessDenied")
	refused("no user", bob, "passkeys/begin", beginPasskey{ptr("Nobody"), "k"}, 403, "AccessDenied")
	refused("root", bob, "passkeys/begin", beginPasskey{ptr(keyAccount), "k"}, 403, "AccessDenied")
	grant(`"Activate"`, "*")
	refused("to end only", bob, "passkeys/begin", own, 403, "AccessDenied")
	if status, out := w.post(bob, here, "passkeys/finish", finishPasskey{own, challenge, credential}); status != http.StatusOK {
		t.Errorf("allowed: %d %v", status, out)
	}
	root := w.root[keyAccount]
	refused("no user", root, "passkeys/begin", beginPasskey{ptr("Nobody"), "k"}, 404, iam.CodeNoSuchEntity)
	refused("a bad name", root, "passkeys/begin", beginPasskey{nil, "a/b"}, 400, iam.CodeInvalidInput)
	refused("a member too many", root, "passkeys/begin", map[string]any{"name": "k", "user": "Bob"}, 400, "ValidationError")
	if status, out := w.post(root, here, "passkeys/begin", beginPasskey{ptr(keyAccount), "k"}); status != http.StatusOK {
		t.Errorf("root by the account number: %d %v", status, out)
	}
	status, out := w.post(root, herePublic, "passkeys/begin", own)
	if status != 400 || out["code"] != "PasskeysUnavailable" || out["message"] != "Passkeys do not work at this address. Open the console at "+here+"/console/" {
		t.Errorf("at an address: %d %v", status, out)
	}
	w.public = "http://192.0.2.7:4566"
	status, out = w.post(root, w.public, "passkeys/begin", own)
	if status != 400 || out["message"] != "Passkeys need a host name and HTTPS: set public_url to the address at which browsers reach this server." {
		t.Errorf("without any host: %d %v", status, out)
	}
}

// TestForgedRegistrations: what was not made for this challenge, on our page, by a
// touch, is no passkey.
func TestForgedRegistrations(t *testing.T) {
	w := newPasskeyWorld(t)
	root, bob := w.root[keyAccount], ptr("Bob")
	k := newAuthenticator(here, "localhost")
	challenge, options := w.begin(root, bob)
	good := k.make(options)
	finish := func(what string, challenge string, user *string, credential json.RawMessage, message string) {
		t.Helper()
		status, out := w.post(root, here, "passkeys/finish", finishPasskey{beginPasskey{user, "k"}, challenge, credential})
		if status != http.StatusBadRequest || out["code"] != "PasskeyNotVerified" || out["message"] != message {
			t.Errorf("%s: %d %v", what, status, out)
		}
	}
	for what, change := range map[string]func(*authenticator){
		"another origin": func(k *authenticator) { k.at.Origin = "https://evil.example" },
		"another scheme": func(k *authenticator) { k.at.Origin = "https://localhost:4566" },
		"another host":   func(k *authenticator) { k.at.ID = "evil.example" },
		"without touch":  func(k *authenticator) { k.auth.Options.UserNotPresent = true },
		"backed up only": func(k *authenticator) { k.auth.Options.BackupState = true },
		"no id":          func(k *authenticator) { k.cred.ID = nil },
		"a long id":      func(k *authenticator) { k.cred.ID = make([]byte, 1024) },
	} {
		other := *k
		change(&other)
		finish(what, challenge, bob, other.make(options), notVerified)
	}
	object := member(good, "attestationObject")
	bad := map[string]json.RawMessage{
		"null": json.RawMessage("null"), "no members": json.RawMessage("{}"), "a list": json.RawMessage("[]"),
		"an assertion":     newAuthenticator(here, "localhost").sign(options),
		"no object":        changed(good, "response.attestationObject", nil),
		"an empty object":  changed(good, "response.attestationObject", ""),
		"no CBOR":          changed(good, "response.attestationObject", coded(bytes.Repeat([]byte{0xff}, 300))),
		"deep CBOR":        changed(good, "response.attestationObject", coded(bytes.Repeat([]byte{0x81}, 30<<10))),
		"a long CBOR list": changed(good, "response.attestationObject", coded([]byte{0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})),
		"a long CBOR map":  changed(good, "response.attestationObject", coded([]byte{0xbb, 0x00, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff})),
		"another kind":     changed(good, "response.attestationObject", coded(bytes.Replace(object, []byte("fpacked"), []byte("fxacked"), 1))),
		"none, but a text": changed(good, "response.attestationObject", coded(bytes.Replace(object, []byte("fpacked"), []byte("dnone"), 1))),
		"SafetyNet":        changed(good, "response.attestationObject", coded(bytes.Replace(object, []byte("fpacked"), []byte("qandroid-safetynet"), 1))),
		"other client":     changed(good, "response.clientDataJSON", coded(bytes.Replace(member(good, "clientDataJSON"), []byte("create"), []byte("get"), 1))),
		"another id":       changed(good, "id", coded([]byte("another"))),
	}
	for i := 0; i < len(object); i += 3 {
		flipped := bytes.Clone(object)
		flipped[i] ^= 1 << (i % 8)
		bad["object, byte "+asJSON(i)] = changed(good, "response.attestationObject", coded(flipped))
		bad["object up to byte "+asJSON(i)] = changed(good, "response.attestationObject", coded(object[:i]))
	}
	for what, credential := range bad {
		finish(what, challenge, bob, credential, notVerified)
	}
	w.register(root, bob, newAuthenticator(here, "localhost"))
	asked := w.ask(here)
	finish("a challenge of a sign-in", asked.Challenge, bob, k.make(asked.Options), notVerified)
	finish("another user's challenge", challenge, ptr("Al"), good, notVerified)
	finish("root's", challenge, nil, good, notVerified)
	elsewhere, theirs := w.begin(w.root["210987654321"], bob)
	finish("another account's challenge", elsewhere, bob, k.make(theirs), notVerified)
	finish("none", "", bob, good, notVerified)
	status, out := w.post(root, here, "passkeys/finish", finishPasskey{beginPasskey{bob, "k"}, challenge, json.RawMessage(`"` + strings.Repeat("A", maxBody) + `"`)})
	if status != http.StatusRequestEntityTooLarge {
		t.Errorf("a long one: %d %v", status, out)
	}
	w.now = w.now.Add(challengeLife)
	finish("too late", challenge, bob, good, tooLate)
	if n := len(w.view(keyAccount).Passkeys(w.user(keyAccount, "Bob"), "localhost")); n != 1 {
		t.Errorf("%d passkeys", n)
	}
	w.now = w.now.Add(time.Second)
}

// TestNoStatement: browsers that were asked for no statement send none.
func TestNoStatement(t *testing.T) {
	w := newPasskeyWorld(t)
	k := newAuthenticator(here, "localhost")
	challenge, options := w.begin(w.root[keyAccount], nil)
	made := k.make(options)
	object := member(made, "attestationObject")
	at := bytes.Index(object, []byte("hauthData"))
	none := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0"), append([]byte{0x68}, object[at+1:]...)...)
	if end := bytes.Index(none, []byte("gattStmt\xa2")); end > 0 {
		none = none[:end]
	}
	status, out := w.post(w.root[keyAccount], here, "passkeys/finish", finishPasskey{beginPasskey{nil, "k"}, challenge, changed(made, "response.attestationObject", coded(none))})
	if status != http.StatusOK {
		t.Errorf("%d %v", status, out)
	}
}

// TestPasskeyOfTheNextAl: a user made while the passkey was verified, under the
// same name, does not get it.
func TestPasskeyOfTheNextAl(t *testing.T) {
	w := newPasskeyWorld(t)
	challenge, options := w.begin(w.root[keyAccount], ptr("Al"))
	in := &finishPasskey{beginPasskey{ptr("Al"), "k"}, challenge, newAuthenticator(here, "localhost").make(options)}
	k := w.at(here)
	k.Account, k.Caller = w.view(keyAccount), &guard.Caller{Principal: policy.Principal{Kind: policy.Root, Account: keyAccount}}
	w.must(w.c.verifyPasskey(k, in))
	w.change(func(d *iam.Draft) error {
		if err := d.DeleteUser("Al"); err != nil {
			return err
		}
		_, err := d.CreateUser(iam.NewUser{Name: "Al", Path: "/"})
		return err
	})
	var r *refusal
	err := w.c.cfg.Accounts.Update(k, keyAccount, func(d *iam.Draft) error {
		k.Draft, k.Account = d, d.Account
		_, err := w.c.finishPasskey(k, in)
		return err
	})
	if !errors.As(err, &r) || r.code != "PasskeyNotVerified" {
		t.Errorf("the next Al: %v", err)
	}
}
