package console

import (
	"net/http"
	"time"

	"iamd/iam"
	"iamd/limits"
)

// signingUp bounds new accounts from one address.
var signingUp = limits.Bound{Tries: 5, Span: time.Hour}

// signUpRequest asks for an account of one's own.
type signUpRequest struct {
	Email       string `json:"email"`
	Password    string `json:"password"`
	AccountName string `json:"accountName"`
}

// signUp makes an account and signs its root user in. That an e-mail address is
// taken can't be hidden here; few can be tried.
func (c *Console) signUp(k *call, in *signUpRequest) (any, error) {
	if c.cfg.SignUp == nil {
		return nil, &refusal{http.StatusForbidden, "SignUpDisabled", "Signing up is not open here. Ask the operator of this server for an account."}
	}
	if in.Email == "" {
		return nil, badInput("An account needs an e-mail address: its root user signs in by it.")
	}
	if err := iam.CheckRootPassword(in.AccountName, in.Email, in.Password); err != nil {
		return nil, err
	}
	hash := ""
	err := c.stranger(k, func() error {
		if !c.signUps.Begin(source(k), k.Time) {
			return tooManyTries()
		}
		hash = c.cfg.PasswordCost.Hash(c.cfg.Rand, in.Password)
		return nil
	})
	if err != nil {
		return nil, err
	}
	id, err := c.cfg.SignUp(k, in.AccountName, in.Email, hash)
	if err != nil {
		return nil, err
	}
	at := &attempt{in: &signInRequest{Type: typeRoot}}
	if at.account, err = c.cfg.Accounts.View(k, id); err != nil {
		return nil, err
	}
	return c.admit(k, at, "")
}
