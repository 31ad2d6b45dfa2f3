package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

// enableMFADevice is the action that registering a passkey is, as with AWS's console.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_RegisterSecurityKey
const enableMFADevice = "iam:EnableMFADevice"

// beginPasskey and finishPasskey are the two steps of a registration.
type beginPasskey struct {
	UserName *string `json:"userName"` // the caller's own when it is left out
	Name     string  `json:"name"`     // of the device
}

type finishPasskey struct {
	beginPasskey
	Challenge  string          `json:"challenge"`
	Credential json.RawMessage `json:"credential"` // RegistrationResponseJSON
}

// passkeyCreation is what a browser makes a passkey by: the options are
// PublicKeyCredentialCreationOptionsJSON.
type passkeyCreation struct {
	Challenge string                                      `json:"challenge"` // sealed; comes back with the passkey
	Options   protocol.PublicKeyCredentialCreationOptions `json:"options"`
}

type registeredPasskey struct {
	SerialNumber string `json:"serialNumber"`
}

// passkeyRows are the rows of registration. AWS's console has these steps by private
// ways, and CloudTrail sees EnableMFADevice; the name of the first is ours.
func passkeyRows() []row {
	return []row{
		signed[beginPasskey]{
			path: "passkeys/begin", source: "iam.amazonaws.com", event: "BeginPasskeyRegistration", action: enableMFADevice,
			checks: func(k *call, in *beginPasskey) ([]guard.Check, error) { return checkPasskey(k, in, "Create") },
			run:    (*Console).beginPasskey,
			record: func(in *beginPasskey, _ any) (request, response any) { return passkeyRequest(in), nil },
		}.row(),
		signed[finishPasskey]{
			path: "passkeys/finish", source: "iam.amazonaws.com", event: "EnableMFADevice", action: enableMFADevice, write: true,
			checks: func(k *call, in *finishPasskey) ([]guard.Check, error) {
				return checkPasskey(k, &in.beginPasskey, "Activate")
			},
			prepare: (*Console).verifyPasskey,
			run:     (*Console).finishPasskey,
			record: func(in *finishPasskey, out any) (request, response any) {
				told := passkeyRequest(&in.beginPasskey)
				if made, ok := out.(*registeredPasskey); ok {
					told["serialNumber"] = made.SerialNumber
				}
				return told, nil
			},
		}.row(),
	}
}

// passkeyRequest is what the history tells of a registration.
func passkeyRequest(in *beginPasskey) map[string]any {
	told := map[string]any{}
	if in.UserName != nil && len(*in.UserName) <= maxName { // whoever has a longer name is nobody
		told["userName"] = *in.UserName
	}
	return told
}

// passkeyOwner finds for whom a passkey is; nil is the root user. The root user
// may say its account number for itself, as with virtual devices.
func passkeyOwner(k *call, name *string) (*iam.User, error) {
	root := k.Caller.Kind == policy.Root
	switch {
	case name != nil:
		u, err := k.Account.User(*name)
		if err != nil && root && *name == k.Account.ID {
			return nil, nil
		}
		return u, err
	case root:
		return nil, nil
	case k.Caller.Kind == policy.User:
		if u, ok := k.Account.UserByID(k.Caller.UniqueID); ok {
			return u, nil
		}
	}
	return nil, iam.Errorf(iam.CodeValidation, "Must specify userName when calling with non-User credentials")
}

// checkPasskey asks for the device on its owner, be there such a user or not.
func checkPasskey(k *call, in *beginPasskey, state string) ([]guard.Check, error) {
	if in.UserName != nil && (*in.UserName == "" || len(*in.UserName) > maxName) {
		return nil, badInput("A user name has 1 to 128 characters.") // and the history, and the trace, take no more
	}
	check := guard.Check{Action: enableMFADevice, Keys: []guard.Key{guard.Value("iam:RegisterSecurityKey", state)}}
	u, err := passkeyOwner(k, in.UserName)
	switch {
	case err != nil && in.UserName == nil:
		return nil, err
	case err != nil:
		u = &iam.User{Path: "/", Name: *in.UserName} // the one that it would be
	case u == nil:
		check.Resource = k.Account.RootARN()
		return []guard.Check{check}, nil
	}
	check.Resource, check.Named, check.Tags = k.Account.UserARN(u), "user "+u.Name, u.Tags
	return []guard.Check{check}, nil
}

// registrant is for whom a passkey is registered, and where.
func (c *Console) registrant(k *call, in *beginPasskey) (p person, at relyingParty, err error) {
	if err := iam.PasskeyName(in.Name); err != nil {
		return p, at, err
	}
	p.account = k.Account
	if p.user, err = passkeyOwner(k, in.UserName); err != nil {
		return p, at, err
	}
	at, err = c.relyingParty(k.Request)
	return p, at, err
}

// beginPasskey gives what a browser makes a passkey by. Authenticators that hold
// one of the person's already are not to make another.
func (c *Console) beginPasskey(k *call, in *beginPasskey) (any, error) {
	p, at, err := c.registrant(k, in)
	if err != nil {
		return nil, err
	}
	p.asked = p.account.Passkeys(p.user, at.host)
	q, sealed := c.newChallenge(registering, p, at)
	return &passkeyCreation{sealed, protocol.PublicKeyCredentialCreationOptions{
		RelyingParty: protocol.RelyingPartyEntity{ID: at.host, CredentialEntity: protocol.CredentialEntity{Name: productName}},
		User: protocol.UserEntity{
			ID: protocol.URLEncodedBase64(p.WebAuthnID()), DisplayName: p.WebAuthnDisplayName(),
			CredentialEntity: protocol.CredentialEntity{Name: p.WebAuthnName()},
		},
		Challenge: q.random[:], Parameters: keyKinds(), Timeout: int(challengeLife.Milliseconds()), CredentialExcludeList: p.descriptors(),
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred,
		},
		Attestation: protocol.PreferNoAttestation,
	}}, nil
}

// verifyPasskey verifies what the browser made, before any draft is begun.
func (c *Console) verifyPasskey(k *call, in *finishPasskey) error {
	p, at, err := c.registrant(k, &in.beginPasskey)
	if err != nil {
		return err
	}
	q, err := c.openChallenge(in.Challenge, registering, p, at)
	if errors.Is(err, errExpired) {
		return badPasskey(tooLate)
	}
	if err != nil {
		return badPasskey(notVerified)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(in.Credential)
	if err != nil {
		return badPasskey(notVerified)
	}
	// No statement about the maker was asked for, and none is believed: what comes
	// all the same is of the two kinds that any browser may send.
	if stated := parsed.Response.AttestationObject; stated.Format != "none" && (stated.Format != "packed" || stated.AttStatement["x5c"] != nil) {
		return badPasskey(notVerified)
	}
	w, err := verifier(at)
	if err != nil {
		return err
	}
	made, err := w.CreateCredential(p, q.session(p, at), parsed)
	if err != nil {
		return badPasskey(notVerified)
	}
	k.Prepared = verifiedPasskey{string(p.WebAuthnID()), iam.Passkey{
		ID: made.ID, PublicKey: made.PublicKey, RelyingParty: at.host, Model: made.Authenticator.AAGUID,
		Transports: transports(made.Transport), SignCount: made.Authenticator.SignCount,
		BackupEligible: made.Flags.BackupEligible, BackedUp: made.Flags.BackupState, Answered: q.issued,
	}}
	return nil
}

// badPasskey refuses what is no new passkey of the person who began.
func badPasskey(text string) error {
	return &refusal{http.StatusBadRequest, "PasskeyNotVerified", text}
}

// transports keeps those that WebAuthn knows, each once.
func transports(given []protocol.AuthenticatorTransport) []string {
	var list []string
	for _, known := range []protocol.AuthenticatorTransport{
		protocol.USB, protocol.NFC, protocol.BLE, protocol.SmartCard, protocol.Hybrid, protocol.Internal,
	} {
		if slices.Contains(given, known) {
			list = append(list, string(known))
		}
	}
	return list
}

// verifiedPasskey is a passkey, and the handle of the person who made it.
type verifiedPasskey struct {
	of      string
	passkey iam.Passkey
}

// finishPasskey keeps the passkey that was verified, for the same person: a user
// made since under the name is another.
func (c *Console) finishPasskey(k *call, in *finishPasskey) (any, error) {
	u, err := passkeyOwner(k, in.UserName)
	if err != nil {
		return nil, err
	}
	made := k.Prepared.(verifiedPasskey)
	if made.of != string(person{account: k.Account, user: u}.WebAuthnID()) {
		return nil, badPasskey(notVerified)
	}
	m, err := k.Draft.EnablePasskey(u, in.Name, made.passkey)
	if err != nil {
		return nil, err
	}
	return &registeredPasskey{k.Account.Serial(m)}, nil
}
