package guard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"iamd/iam"
	"iamd/sigv4"
)

// Door says how a door wants requests signed.
type Door struct {
	Options sigv4.Options
	// Claimed is what sigv4.Parse read from the very request, where the door has
	// asked already; nil otherwise.
	Claimed *sigv4.Signature
}

// Refused is a caller who could not be verified. Kind tells doors that have
// words of their own (the gateway) what was wrong.
type Refused struct {
	Code    string // AWS's, of the query API
	Message string
	Kind    RefusedKind
	Err     error // for the log
}

func (e *Refused) Error() string { return e.Code + ": " + e.Message }

func (e *Refused) Unwrap() error { return e.Err }

// RefusedKind is why a caller was not verified.
type RefusedKind uint8

// Kinds of refusals.
const (
	BadSignature RefusedKind = iota // malformed, expired or wrong: Err is a *sigv4.Error
	BadToken                        // unknown key, or a session token that is not this key's
	ExpiredToken
)

func badToken(err error) *Refused {
	return &Refused{
		Code: "InvalidClientTokenId", Message: "The security token included in the request is invalid.",
		Kind: BadToken, Err: err,
	}
}

func expiredToken() *Refused {
	return &Refused{
		Code: "ExpiredToken", Message: "The security token included in the request is expired", Kind: ExpiredToken,
	}
}

// Authenticate verifies who signed r, whose body had this SHA-256. It fails
// with *Refused, with iam's Throttling for who calls too often, or with another
// error when the account could not be read.
func (g *Guard) Authenticate(ctx context.Context, r *http.Request, body [32]byte, door Door, from Origin) (*Caller, error) {
	c, err := g.verify(ctx, r, &body, &door)
	switch {
	case err != nil && g.cfg.Guessed != nil && guess(err):
		g.cfg.Guessed(from)
	case err == nil:
		if c.Origin = from; g.cfg.Admit != nil {
			err = g.cfg.Admit(c)
		}
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// guess tells whether who was refused may have guessed. Who signs with a clock that
// is wrong, or for another service, holds a secret as far as anybody knows.
func guess(err error) bool {
	var refused *Refused
	if !errors.As(err, &refused) {
		return false
	}
	var bad *sigv4.Error
	if errors.As(err, &bad) {
		return bad.Kind == sigv4.Mismatch || bad.Kind == sigv4.UnknownKey
	}
	return refused.Kind == BadToken
}

// verify finds who signed, but not from where.
func (g *Guard) verify(ctx context.Context, r *http.Request, body *[32]byte, door *Door) (c *Caller, err error) {
	sig := door.Claimed
	if sig == nil {
		parsed, err := sigv4.Parse(r)
		if err != nil {
			return nil, refused(err)
		}
		sig = &parsed
	}
	if strings.HasPrefix(sig.KeyID, iam.PrefixTempKey) {
		c, err = g.temporary(ctx, r, sig, body, door)
	} else {
		c, err = g.longTerm(ctx, r, sig, body, door)
	}
	if err == nil {
		c.Region, c.Service = sig.Region, sig.Service
	}
	return c, err
}

// Known refuses, before a door takes a long body in, a request that Authenticate
// would refuse whatever its body: one without a well-formed signature, or of a
// key or session that is none. It admits nobody. It fails as Authenticate does, and
// what is refused counts as a guess likewise.
func (g *Guard) Known(ctx context.Context, r *http.Request, from Origin) error {
	err := g.known(ctx, r)
	if err != nil && g.cfg.Guessed != nil && guess(err) {
		g.cfg.Guessed(from)
	}
	return err
}

func (g *Guard) known(ctx context.Context, r *http.Request) error {
	sig, err := sigv4.Parse(r)
	if err != nil {
		return refused(err)
	}
	if strings.HasPrefix(sig.KeyID, iam.PrefixTempKey) {
		s, err := g.cfg.STS.Open(sig.KeyID, sig.Token)
		if err != nil {
			return badToken(err)
		}
		if !g.cfg.Now().Before(s.Expires) {
			return expiredToken()
		}
		return nil
	}
	a, key, _, err := g.find(ctx, sig.KeyID)
	if err != nil {
		return err
	}
	if a == nil || sig.Token != "" || key.Status != iam.Active || !a.Closed.IsZero() {
		return badToken(errors.New("no such key, one that is inactive, or of a closed account"))
	}
	return nil
}

// longTerm verifies a user's or the root user's own key.
func (g *Guard) longTerm(ctx context.Context, r *http.Request, sig *sigv4.Signature, body *[32]byte, door *Door) (*Caller, error) {
	a, key, user, err := g.find(ctx, sig.KeyID)
	if err != nil {
		return nil, err
	}
	if a == nil || sig.Token != "" {
		return nil, g.unknown(r, sig, body, door)
	}
	secret := sigv4.Secret{ID: a.ID, Open: func() (string, error) { return a.Secret(key) }}
	if user != nil {
		secret.ID = user.ID
	}
	if err := g.keys.Verify(sig, r, *body, secret, g.cfg.Now(), door.Options); err != nil {
		return nil, refused(err)
	}
	if key.Status != iam.Active {
		return nil, badToken(errors.New("the key is inactive"))
	}
	if !a.Closed.IsZero() {
		return nil, badToken(errors.New("the account is closed"))
	}
	if user == nil {
		return rootCaller(a, key.ID), nil
	}
	return userCaller(a, user, key.ID), nil
}

// temporary verifies the key of a session.
func (g *Guard) temporary(ctx context.Context, r *http.Request, sig *sigv4.Signature, body *[32]byte, door *Door) (*Caller, error) {
	s, err := g.cfg.STS.Open(sig.KeyID, sig.Token)
	if err != nil {
		return nil, g.unknown(r, sig, body, door)
	}
	secret := sigv4.Secret{ID: s.Secret, Open: func() (string, error) { return s.Secret, nil }}
	now := g.cfg.Now()
	if err := g.keys.Verify(sig, r, *body, secret, now, door.Options); err != nil {
		return nil, refused(err)
	}
	g.cfg.STS.Remember(sig.Token, s)
	if !now.Before(s.Expires) {
		return nil, expiredToken()
	}
	a, err := g.cfg.Accounts.View(ctx, s.Account)
	if errors.Is(err, iam.ErrNotFound) {
		return nil, badToken(err)
	}
	if err != nil {
		return nil, fmt.Errorf("guard: account %s: %w", s.Account, err)
	}
	return g.bearer(a, s)
}

// find looks a long-term key up: in the account that its id hints at when that
// is in memory, else by the index row, so that guessed ids load nothing. A nil
// account says that there is no such key.
func (g *Guard) find(ctx context.Context, keyID string) (*iam.Account, iam.AccessKey, *iam.User, error) {
	if id, ok := iam.KeyAccount(keyID); ok {
		if a, ok := g.cfg.Accounts.Loaded(id); ok {
			if key, user, ok := a.AccessKey(keyID); ok {
				return a, key, user, nil
			}
		}
	}
	// Whoever has the account loaded at this moment may have begun before the key was
	// made; the second look-up brings it up to date. After that it was deleted since.
	for range 2 {
		id, err := iam.OwnerOfKey(ctx, g.cfg.Accounts, keyID)
		if errors.Is(err, iam.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, iam.AccessKey{}, nil, fmt.Errorf("guard: key %s: %w", keyID, err)
		}
		a, err := g.cfg.Accounts.View(ctx, id)
		if err != nil {
			return nil, iam.AccessKey{}, nil, fmt.Errorf("guard: account %s: %w", id, err)
		}
		if key, user, ok := a.AccessKey(keyID); ok {
			return a, key, user, nil
		}
	}
	return nil, iam.AccessKey{}, nil, nil
}

// unknown does the work of a verification for a key that does not exist, so
// that it takes as long as a wrong signature does.
func (g *Guard) unknown(r *http.Request, sig *sigv4.Signature, body *[32]byte, door *Door) error {
	return refused(g.keys.VerifyUnknown(sig, r, *body, g.cfg.Now(), door.Options))
}

func refused(err error) error {
	var e *sigv4.Error
	if !errors.As(err, &e) {
		return err
	}
	if e.Kind == sigv4.UnknownKey {
		return badToken(e)
	}
	return &Refused{Code: e.Code, Message: e.Message, Kind: BadSignature, Err: e}
}

// Skews that AWS allows a client's clock.
const (
	SkewQuery      = 15 * time.Minute // IAM, STS, Organizations
	SkewExecuteAPI = 5 * time.Minute
)
