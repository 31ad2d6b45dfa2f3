package lwa

import (
	"context"
	"errors"
	"slices"
	"strings"
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
	// Operation is the operationId that the API's document has; "" if unknown. It
	// is for the log: names are not unique among Amazon's APIs, so that method and
	// path say what is asked for.
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
	// PII says that the call came with a restricted data token for what it asks:
	// without one, operations that answer all the same leave personal data out.
	PII bool
	// DataElements are what that token grants, each once: what it chose where the
	// operation leaves a choice, which may be nothing; else AllElements.
	DataElements []string
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

func (e *Refused) Error() string {
	if e.Err == nil {
		return "lwa: refused"
	}
	return "lwa: refused: " + e.Err.Error()
}

// Unwrap gives the reason that the log gets.
func (e *Refused) Unwrap() error { return e.Err }

func refused(kind Kind, err error) error { return &Refused{Kind: kind, Err: err} }

// Admit says for whom a call is made. It fails with *Refused, or with another
// error when the application could not be read.
func (s *Service) Admit(ctx context.Context, call Call) (*Admission, error) {
	k, t, err := s.read(call.Token)
	if err != nil {
		return nil, err
	}
	issued, err := s.application(ctx, t.Account, t.Client)
	if err != nil {
		return nil, err
	}
	if issued == nil {
		return nil, refused(BadToken, errors.New("lwa: the application is gone, or its account closed"))
	}
	caller := &Client{t.Account, issued}
	in := &Admission{Scope: t.Scope}
	if k != clientToken {
		z := issued.authorizationByID(t.Authorization)
		if z == nil {
			return nil, refused(BadToken, ErrRevoked)
		}
		in.SellingPartner = z.SellingPartner
	}
	if d := t.Delegatee; d != nil {
		other, err := s.application(ctx, d.Account, d.Client)
		if err != nil {
			return nil, err
		}
		if other == nil {
			return nil, refused(BadToken, errors.New("lwa: the application that access was delegated to is gone"))
		}
		caller = &Client{d.Account, other}
	}
	if call.Signer != nil && *call.Signer != (Signer{caller.Account, caller.UniqueID}) {
		return nil, refused(OtherSigner, errors.New("lwa: signed by somebody else than the application registered"))
	}
	in.ClientID, in.Name, in.Account = caller.ClientID, caller.Name, caller.Account
	if err := s.allowed(k, t, &call, in); err != nil {
		return nil, err
	}
	return in, nil
}

// read opens the token of a call.
func (s *Service) read(text string) (kind, *token, error) {
	if text == "" {
		return kind{}, nil, refused(MissingToken, errors.New("lwa: no access token"))
	}
	for _, k := range []kind{accessToken, clientToken, restricted} {
		if !strings.HasPrefix(text, k.prefix) {
			continue
		}
		t, err := s.open(k, text)
		if err != nil {
			return k, nil, refused(BadToken, err)
		}
		if t.expired(s.cfg.Now()) {
			return k, nil, refused(ExpiredToken, errors.New("lwa: the token has ended"))
		}
		return k, t, nil
	}
	return kind{}, nil, refused(BadToken, errToken)
}

// allowed holds a token against what its kind is for.
func (s *Service) allowed(k kind, t *token, call *Call, in *Admission) error {
	open, grantless := find(s.operations.grantless, call.Method, call.Path)
	switch {
	case grantless && (k != clientToken || !slices.Contains(strings.Fields(t.Scope), open.scope)):
		return refused(OtherScope, errors.New("lwa: a grantless operation, which asks for the scope "+open.scope))
	case !grantless && k == clientToken:
		return refused(OtherScope, errors.New("lwa: an operation that a selling partner must have authorized"))
	}
	if k != restricted {
		if op, ok := find(s.operations.restricted, call.Method, call.Path); ok && op.need == needToken {
			return refused(Restricted, errors.New("lwa: the operation asks for a restricted data token"))
		}
		return nil
	}
	for _, r := range t.Resources {
		if r.covers(call) {
			in.PII = true
			in.grant(r.DataElements)
		}
	}
	if !in.PII {
		return refused(Restricted, errors.New("lwa: the restricted data token is for something else"))
	}
	if op, ok := find(s.operations.restricted, call.Method, call.Path); ok && len(op.elements) == 0 {
		in.DataElements = []string{AllElements}
	}
	return nil
}
