package lwa

import (
	"context"
	"errors"
)

// Call is a call of an API as its gate sees it, for which an application and a
// selling partner are sought.
type Call struct {
	// Token is the x-amz-access-token, "" if there is none: an access token or a
	// restricted data token.
	Token string
	// Signer is who signed the call; nil where the API asks for no signature.
	Signer *Signer
	Method string
	Path   string // decoded, below the API's prefix
	// Operation is the operationId that the API's document has; "" if unknown.
	Operation string
}

// Signer is a user or role (for a role's session, the role).
type Signer struct {
	Account  string // twelve digits
	UniqueID string // AIDA…, AROA…
}

// Admission is for whom a call is made.
type Admission struct {
	ClientID string
	Name     string // of the application
	Account  string // that registered it
	// SellingPartner is who authorized the application; "" for a grantless call.
	SellingPartner string
	Scope          string // of a grantless token
}

// Kind is why a call was refused.
type Kind uint8

// Kinds of refusals.
const (
	MissingToken Kind = iota // no token
	BadToken                 // malformed, revoked, of an application that is gone
	ExpiredToken
	OtherSigner // signed by somebody else than the application registered
	OtherScope  // a grantless operation with a seller's token, or the reverse
	Restricted  // asks for a restricted data token, or one for something else
)

// Refused is a call that no application may make so.
type Refused struct {
	Kind Kind
	Err  error // for the log
}

func (e *Refused) Error() string { return "lwa: refused" }

// Unwrap gives the reason that the log gets.
func (e *Refused) Unwrap() error { return e.Err }

// Service issues and reads tokens.
type Service struct{}

// Admit says for whom a call is made. It fails with *Refused, or with another
// error when the application could not be read.
func (s *Service) Admit(ctx context.Context, call Call) (*Admission, error) {
	return nil, &Refused{Kind: BadToken, Err: errors.New("lwa: no application is registered")}
}
