package lwa

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"time"
)

// Why a grant gives nothing.
var (
	// ErrGrant says that a code or refresh token is malformed, ended or was used.
	ErrGrant = errors.New("lwa: the grant is none, or of no use any more")
	// ErrRevoked says that the selling partner took the authorization back.
	ErrRevoked = errors.New("lwa: the authorization was revoked")
	// ErrOtherClient says that the grant was issued to another application.
	ErrOtherClient = errors.New("lwa: the grant is another client's")
	// ErrScope says that no application may have that scope.
	ErrScope = errors.New("lwa: no such scope")
)

// ends is when something ends that lives so long from now.
func (s *Service) ends(life time.Duration) int64 { return s.cfg.Now().Add(life).Unix() }

// AccessToken issues a token for calls in a selling partner's name, good for
// AccessLife.
func (s *Service) AccessToken(c *Client, z *Authorization) string {
	return s.seal(accessToken, token{Account: c.Account, Client: c.ClientID, Authorization: z.ID, Expires: s.ends(AccessLife)})
}

// RefreshToken issues a token that gives access tokens until z is revoked.
func (s *Service) RefreshToken(c *Client, z *Authorization) string {
	return s.seal(refreshToken, token{Account: c.Account, Client: c.ClientID, Authorization: z.ID})
}

// ClientToken issues a token for grantless calls, good for AccessLife. The scope
// may be several, with spaces between. ErrScope.
func (s *Service) ClientToken(c *Client, scope string) (string, error) {
	scopes := strings.Fields(scope)
	if len(scopes) == 0 || len(scopes) > len(s.operations.scopes) {
		return "", ErrScope
	}
	for _, one := range scopes {
		if !s.operations.scopes[one] {
			return "", ErrScope
		}
	}
	return s.seal(clientToken, token{Account: c.Account, Client: c.ClientID, Scope: strings.Join(scopes, " "), Expires: s.ends(AccessLife)}), nil
}

// Code issues an authorization code, good once and for CodeLife.
func (s *Service) Code(c *Client, z *Authorization) string {
	var id [12]byte
	if _, err := io.ReadFull(s.cfg.Rand, id[:]); err != nil {
		panic("lwa: no randomness: " + err.Error())
	}
	return s.seal(codeToken, token{Account: c.Account, Client: c.ClientID, Authorization: z.ID, ID: hex.EncodeToString(id[:]), Expires: s.ends(CodeLife)})
}

// OpenRefresh reads a refresh token that c brings. ErrGrant, ErrOtherClient,
// ErrRevoked.
func (s *Service) OpenRefresh(c *Client, text string) (*Authorization, error) {
	t, err := s.open(refreshToken, text)
	if err != nil {
		return nil, ErrGrant
	}
	return t.granted(c)
}

// OpenCode reads a code that c brings, without using it up. ErrGrant,
// ErrOtherClient, ErrRevoked.
func (s *Service) OpenCode(c *Client, text string) (*Authorization, error) {
	t, err := s.open(codeToken, text)
	if err != nil || t.expired(s.cfg.Now()) {
		return nil, ErrGrant
	}
	return t.granted(c)
}

// UseCode uses a code up, durably; who comes second gets ErrGrant.
func (s *Service) UseCode(ctx context.Context, c *Client, text string) error {
	t, err := s.open(codeToken, text)
	if err != nil {
		return ErrGrant
	}
	if _, err := t.granted(c); err != nil {
		return err
	}
	err = s.cfg.Store.Update(ctx, t.Account, func(d *Draft) error { return d.useCode(t) })
	if errors.Is(err, ErrNotFound) {
		return ErrGrant
	}
	return err
}

func (t *token) granted(c *Client) (*Authorization, error) {
	if t.Account != c.Account || t.Client != c.ClientID {
		return nil, ErrOtherClient
	}
	z := c.authorizationByID(t.Authorization)
	if z == nil {
		return nil, ErrRevoked
	}
	return z, nil
}

func (a *Application) authorizationByID(id string) *Authorization {
	return a.authorization(func(z *Authorization) bool { return z.ID == id })
}
