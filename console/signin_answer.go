package console

import (
	"time"

	"iamd/sts"
)

// signedInAnswer is what a person gets who has signed in.
type signedInAnswer struct {
	Credentials credentials `json:"credentials"`
	Account     accountInfo `json:"account"`
	Principal   principal   `json:"principal"`
	Ends        string      `json:"ends"` // when the keys can be renewed no more
	// PasswordExpires is in how many days the password expires; absent for never.
	PasswordExpires *int `json:"passwordExpiresInDays,omitempty"`
}

// credentials are temporary credentials, in the words of AWS's own answers.
type credentials struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string `json:"SecretAccessKey"`
	SessionToken    string `json:"SessionToken"`
	Expiration      string `json:"Expiration"`
}

type accountInfo struct {
	ID    string `json:"id"`
	Alias string `json:"alias"`
	Name  string `json:"name"`
}

type principal struct {
	Type     string `json:"type"`
	ARN      string `json:"arn"`
	UserName string `json:"userName"` // empty for the root user
	Email    string `json:"email"`    // of the root user; empty for others
}

func show(c sts.Credentials) credentials {
	return credentials{c.AccessKeyID, c.SecretAccessKey, c.SessionToken, stamp(c.Expiration)}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (c *Console) signedInAs(k *call, at *attempt, s *sts.Session, given sts.Credentials) *signedInAnswer {
	a := at.account
	out := &signedInAnswer{
		Credentials: show(given), Ends: stamp(s.Ends()), Account: accountInfo{a.ID, a.Alias, a.Name},
		Principal: principal{Type: typeRoot, ARN: a.RootARN(), Email: a.Root.Email},
	}
	if u := at.user; u != nil {
		out.Principal = principal{Type: typeUser, ARN: a.UserARN(u), UserName: u.Name}
		if ends, ok := a.PasswordExpires(u); ok {
			const day = 24 * time.Hour
			days := int((ends.Sub(k.Time) + day - 1) / day)
			out.PasswordExpires = &days
		}
	}
	return out
}

// mfaNext asks for the second factor.
type mfaNext struct {
	Next    string           `json:"next"` // "mfa"
	Devices []device         `json:"devices"`
	Passkey *passkeyQuestion `json:"passkey,omitempty"`
	Error   string           `json:"error,omitempty"` // what was wrong with the last one
}

type device struct {
	Serial string `json:"serial"`
	Kind   string `json:"kind"` // "totp" or "passkey"
	Name   string `json:"name"`
}

// passwordNext asks for a new password.
type passwordNext struct {
	Next   string `json:"next"`   // "password"
	Reason string `json:"reason"` // "reset" or "expired"
	Error  string `json:"error,omitempty"`
}
