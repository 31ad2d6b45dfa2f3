package console

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/go-webauthn/webauthn/protocol"

	"iamd/iam"
)

// passkeyQuestion is what a browser asks a person's passkeys: the options are
// PublicKeyCredentialRequestOptionsJSON.
type passkeyQuestion struct {
	Challenge string                                     `json:"challenge"` // sealed; comes back with the answer
	Options   protocol.PublicKeyCredentialRequestOptions `json:"options"`
}

// passkeyAnswer is what a passkey answered: AuthenticationResponseJSON.
type passkeyAnswer struct {
	Challenge  string          `json:"challenge"`
	Credential json.RawMessage `json:"credential"`
}

// passkeyOptions asks the passkeys of a person, the root user for nil, that answer
// at the origin of the request; nil when there are none.
func (c *Console) passkeyOptions(k *call, a *iam.Account, u *iam.User) *passkeyQuestion {
	at, err := c.relyingParty(k.Request)
	if err != nil {
		return nil
	}
	p := person{a, u, a.Passkeys(u, at.host)}
	if len(p.asked) == 0 {
		return nil
	}
	q, sealed := c.newChallenge(signingIn, p, at)
	return &passkeyQuestion{sealed, protocol.PublicKeyCredentialRequestOptions{
		Challenge: q.random[:], Timeout: int(challengeLife.Milliseconds()), RelyingPartyID: at.host,
		AllowedCredentials: p.descriptors(), UserVerification: protocol.VerificationPreferred,
	}}
}

// passkeyUse verifies the answer of a passkey of a person, the root user for nil. It
// fails with *iam.Error when the answer is not right. What it gives is to be used up
// by the commit that lets the person in (iam.Draft.UsePasskey): the same answer is
// good once, however many bring it at once.
func (c *Console) passkeyUse(k *call, a *iam.Account, u *iam.User, answer *passkeyAnswer) (use iam.PasskeyUse, err error) {
	at, err := c.relyingParty(k.Request)
	if err != nil {
		return use, err
	}
	p := person{a, u, a.Passkeys(u, at.host)}
	if len(p.asked) == 0 {
		return use, iam.NoPasskey()
	}
	q, err := c.openChallenge(answer.Challenge, signingIn, p, at)
	if errors.Is(err, errExpired) {
		return use, iam.Errorf(iam.CodeAccessDenied, tooLate)
	}
	if err != nil {
		return use, iam.NoPasskey()
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer.Credential)
	if err != nil {
		return use, iam.NoPasskey()
	}
	w, err := verifier(at)
	if err != nil {
		return use, err
	}
	if _, err := w.ValidateLogin(p, q.session(p, at), parsed); err != nil {
		return use, iam.NoPasskey()
	}
	for _, m := range p.asked {
		if bytes.Equal(m.Passkey.ID, parsed.RawID) {
			data := parsed.Response.AuthenticatorData
			return iam.PasskeyUse{
				Serial: a.Serial(m), Issued: q.issued, SignCount: data.Counter, BackedUp: data.Flags.HasBackupState(),
			}, nil
		}
	}
	return use, iam.NoPasskey()
}
