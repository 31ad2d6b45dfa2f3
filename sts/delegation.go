package sts

import (
	"encoding/base64"
	"encoding/json"

	"iamd/iam"
	"iamd/keyring"
)

// maxTradeIn bounds a trade-in token as a client sends it, in characters.
const maxTradeIn = 1024

// tradeIn is what a trade-in token says: which request it is of, and who keeps
// that. It is worth nothing by itself: the request says what it gives, to whom and
// until when.
type tradeIn struct {
	Account string `json:"a"`
	Request string `json:"r"`
}

// TradeIn makes the token that is exchanged for the access of a delegation
// request, which an account keeps.
func (s *Service) TradeIn(account, request string) (string, error) {
	plain, err := json.Marshal(tradeIn{account, request})
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(s.cfg.Ring.Seal(keyring.TradeInToken, plain, nil)), nil
}

// OpenTradeIn reads a trade-in token. ErrToken for one that was not made here.
func (s *Service) OpenTradeIn(token string) (account, request string, err error) {
	if token == "" || len(token) > maxTradeIn {
		return "", "", ErrToken
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return "", "", ErrToken
	}
	plain, err := s.cfg.Ring.Open(keyring.TradeInToken, sealed, nil)
	if err != nil {
		return "", "", ErrToken
	}
	var t tradeIn
	if err := json.Unmarshal(plain, &t); err != nil {
		return "", "", ErrToken
	}
	return t.Account, t.Request, nil
}

// DelegatedAccess says what the credentials of a delegation request will be, that
// an account keeps: its approver's, for no more than its policy says. They count
// as issued when it was approved, whenever the token was traded in, so that what
// ends the approver's older sessions ends these too. No second factor of the
// approver passes on.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetDelegatedAccessToken.html
func DelegatedAccess(account string, r *iam.DelegationRequest) Session {
	by := r.Approver
	return Session{
		Kind: Delegated, Account: account, UniqueID: by.UniqueID, Name: by.Session,
		Issued: r.ApproveDate, Expires: r.SessionEnds(), Policies: []string{r.Policy},
		Tags: by.Tags, Transitive: by.Transitive, SourceIdentity: by.SourceIdentity, Provider: by.Provider, Keys: by.Keys,
		Request: r.ID, Delegate: r.Requestor,
	}
}
