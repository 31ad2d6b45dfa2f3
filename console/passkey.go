package console

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"iamd/iam"
	"iamd/keyring"
)

// Passkeys are a second factor by WebAuthn. An authenticator signs a challenge for
// the origin that the browser shows, so that no other site can pass its answers on.
// https://www.w3.org/TR/webauthn-3/

// challengeLife is how long a person has to touch a key.
const challengeLife = 5 * time.Minute

// relyingParty is the origin a person is at, and its host, which passkeys are
// bound to.
type relyingParty struct{ origin, host string }

// relyingParties are the origins that passkeys work at: the public URL's, unless its
// host is an address or its scheme is not one that browsers call secure, and
// localhost in place of a loopback address.
func relyingParties(public string) []relyingParty {
	u, err := url.Parse(public)
	if err != nil {
		return nil
	}
	host := strings.ToLower(u.Hostname())
	address, notAddress := netip.ParseAddr(host)
	if host == "localhost" || notAddress == nil && address.IsLoopback() {
		var at []relyingParty
		for _, scheme := range []string{"http", "https"} {
			at = append(at, relyingParty{originOf(scheme, "localhost", u.Port()), "localhost"})
		}
		return at
	}
	if u.Scheme != "https" || protocol.ValidateRPID(host) != nil {
		return nil
	}
	return []relyingParty{{originOf(u.Scheme, host, u.Port()), host}}
}

// originOf spells an origin as browsers do.
func originOf(scheme, host, port string) string {
	if port == "" || scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		return scheme + "://" + host
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// relyingParty is the one that a request was sent from. It fails, with where to go
// instead, at an origin that passkeys do not work at.
func (c *Console) relyingParty(r *http.Request) (relyingParty, error) {
	good := relyingParties(c.cfg.PublicURL())
	for _, p := range good {
		from := r.Header.Get("Origin")
		if from == "" {
			// Browsers leave it out of GET requests to their own site, and a proxy may
			// have taken TLS away: the host must tell.
			scheme, _, _ := strings.Cut(p.origin, "://")
			from = scheme + "://" + r.Host
		}
		u, err := url.Parse(from)
		if err == nil && originOf(strings.ToLower(u.Scheme), strings.ToLower(u.Hostname()), u.Port()) == p.origin {
			return p, nil
		}
	}
	text := "Passkeys need a host name and HTTPS: set public_url to the address at which browsers reach this server."
	if len(good) > 0 {
		text = "Passkeys do not work at this address. Open the console at " + good[0].origin + "/console/"
	}
	return relyingParty{}, &refusal{http.StatusBadRequest, "PasskeysUnavailable", text}
}

// passkeysWork tells whether passkeys work at the origin a request was sent from.
func (c *Console) passkeysWork(r *http.Request) bool {
	_, err := c.relyingParty(r)
	return err == nil
}

// ceremony is what a challenge is for. One for the one is none for the other.
type ceremony string

const (
	registering ceremony = "register"
	signingIn   ceremony = "signin"
)

// person is a user of an account, nil for the root user, as passkeys know them.
type person struct {
	account *iam.Account
	user    *iam.User
	// asked are the passkeys that may answer.
	asked []*iam.MFADevice
}

// WebAuthnID is the handle of a person: a number that outlives names.
func (p person) WebAuthnID() []byte {
	if p.user == nil {
		return []byte(p.account.ID)
	}
	return []byte(p.account.ID + "/" + p.user.ID)
}

// WebAuthnName is what authenticators show to tell passkeys apart.
func (p person) WebAuthnName() string {
	if p.user == nil {
		return p.account.Root.Email
	}
	return p.user.Name + " @ " + p.account.ID
}

// WebAuthnDisplayName is WebAuthnName: people have no other here.
func (p person) WebAuthnDisplayName() string { return p.WebAuthnName() }

// WebAuthnCredentials are the passkeys that may answer.
func (p person) WebAuthnCredentials() []webauthn.Credential {
	list := make([]webauthn.Credential, 0, len(p.asked))
	for _, m := range p.asked {
		list = append(list, webauthn.Credential{
			ID: m.Passkey.ID, PublicKey: m.Passkey.PublicKey,
			Flags:         webauthn.CredentialFlags{BackupEligible: m.Passkey.BackupEligible, BackupState: m.Passkey.BackedUp},
			Authenticator: webauthn.Authenticator{AAGUID: m.Passkey.Model, SignCount: m.Passkey.SignCount},
		})
	}
	return list
}

// descriptors name passkeys to a browser.
func (p person) descriptors() []protocol.CredentialDescriptor {
	var list []protocol.CredentialDescriptor
	for _, m := range p.asked {
		d := protocol.CredentialDescriptor{Type: protocol.PublicKeyCredentialType, CredentialID: m.Passkey.ID}
		for _, t := range m.Passkey.Transports {
			d.Transport = append(d.Transport, protocol.AuthenticatorTransport(t))
		}
		list = append(list, d)
	}
	return list
}

// challenge is what an authenticator is to sign, and when it was issued.
type challenge struct {
	issued time.Time
	random [32]byte
}

// newChallenge seals a challenge for one ceremony of one person at one origin: it is
// kept by the browser, and opens for nothing else.
func (c *Console) newChallenge(what ceremony, p person, at relyingParty) (challenge, string) {
	q := challenge{issued: c.cfg.Now()}
	if _, err := io.ReadFull(c.cfg.Rand, q.random[:]); err != nil {
		panic("console: no randomness: " + err.Error())
	}
	plain := binary.BigEndian.AppendUint64(nil, uint64(q.issued.UnixNano()))
	sealed := c.cfg.Ring.Seal(keyring.PasskeyChallenge, append(plain, q.random[:]...), bound(what, p, at))
	return q, base64.RawURLEncoding.EncodeToString(sealed)
}

// Why a challenge is none.
var (
	errChallenge = errors.New("console: the challenge was not sealed for this")
	errExpired   = errors.New("console: the challenge has expired")
)

// openChallenge gives a challenge back to whom it was sealed for, while it lives:
// else errChallenge or errExpired.
func (c *Console) openChallenge(sealed string, what ceremony, p person, at relyingParty) (challenge, error) {
	var q challenge
	const size = 8 + len(q.random)
	text := make([]byte, 0, keyring.Overhead+size)
	if base64.RawURLEncoding.DecodedLen(len(sealed)) != cap(text) {
		return q, errChallenge
	}
	text, err := base64.RawURLEncoding.Strict().AppendDecode(text, []byte(sealed))
	if err != nil {
		return q, errChallenge
	}
	plain, err := c.cfg.Ring.Open(keyring.PasskeyChallenge, text, bound(what, p, at))
	if err != nil || len(plain) != size {
		return q, errChallenge
	}
	q.issued = time.Unix(0, int64(binary.BigEndian.Uint64(plain))).UTC()
	copy(q.random[:], plain[8:])
	if !c.cfg.Now().Before(q.issued.Add(challengeLife)) {
		return q, errExpired
	}
	return q, nil
}

// bound is what a challenge is sealed to. None of its parts holds a zero byte.
func bound(what ceremony, p person, at relyingParty) []byte {
	return []byte(string(what) + "\x00" + p.account.ID + "\x00" + string(p.WebAuthnID()) + "\x00" + at.origin + "\x00" + at.host)
}

// session is what the library compares an answer with.
func (q challenge) session(p person, at relyingParty) webauthn.SessionData {
	s := webauthn.SessionData{
		Challenge: protocol.URLEncodedBase64(q.random[:]).String(), RelyingPartyID: at.host, Origin: at.origin,
		UserID: p.WebAuthnID(), UserVerification: protocol.VerificationPreferred, CredParams: keyKinds(),
	}
	for _, m := range p.asked {
		s.AllowedCredentialIDs = append(s.AllowedCredentialIDs, m.Passkey.ID)
	}
	return s
}

// keyKinds are the kinds of keys that are asked for: those that WebAuthn recommends.
func keyKinds() []protocol.CredentialParameter { return webauthn.CredentialParametersRecommendedL3() }

// verifier verifies answers from an origin. What browsers tell besides that nobody
// asked for (extensions) is passed over.
func verifier(at relyingParty) (*webauthn.WebAuthn, error) {
	w, err := webauthn.New(&webauthn.Config{
		RPID: at.host, RPDisplayName: productName, RPOrigins: []string{at.origin},
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("console: passkeys at %s: %w", at.origin, err)
	}
	return w, nil
}

// Words for the person whose passkey does not pass.
const (
	notVerified = "Your security key could not be verified. Please try again."
	tooLate     = "The request to your security key has expired. Please try again."
)

// productName is what browsers show as the site's name when a passkey is made.
const productName = "iamd"
