package spapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/go-oauth2/oauth2/v4"
	oautherrors "github.com/go-oauth2/oauth2/v4/errors"
	"github.com/go-oauth2/oauth2/v4/models"

	"iamd/lwa"
)

// exchange is one request for tokens: the library's stores of clients and of
// tokens, and its maker of tokens, none of which keeps anything.
type exchange struct {
	door   *Door
	call   *call
	values url.Values
	early  error // why the parameters could not be read
	basic  bool  // the client authenticates by the Authorization header
	client *lwa.Client
	// granted is whose authorization a code or refresh token is of; nil before one was
	// read, and for the application's own tokens.
	granted *lwa.Authorization
	refused string // OAuth's word, "" for tokens
}

// client is an application as the library knows it. Who it is was made sure
// before.
type client struct{ *lwa.Client }

func (c client) GetID() string     { return c.ClientID }
func (c client) GetSecret() string { return "" }
func (c client) GetDomain() string { return "" }
func (c client) GetUserID() string { return "" }
func (c client) IsPublic() bool    { return false }
func (x *exchange) proved(clientID string) bool {
	return x.client != nil && x.client.ClientID == clientID
}

// GetByID gives the client of this request, and no other.
func (x *exchange) GetByID(_ context.Context, id string) (oauth2.ClientInfo, error) {
	if !x.proved(id) {
		return nil, oautherrors.ErrInvalidClient
	}
	return client{x.client}, nil
}

// Create keeps nothing: tokens are sealed values.
func (x *exchange) Create(context.Context, oauth2.TokenInfo) error { return nil }

// errNoRow answers what the three grants never ask.
var errNoRow = errors.New("spapi: tokens are no rows")

// RemoveByAccess has nothing to remove.
func (x *exchange) RemoveByAccess(context.Context, string) error { return errNoRow }

// RemoveByRefresh has nothing to remove.
func (x *exchange) RemoveByRefresh(context.Context, string) error { return errNoRow }

// GetByAccess has nothing to find.
func (x *exchange) GetByAccess(context.Context, string) (oauth2.TokenInfo, error) {
	return nil, errNoRow
}

// endless is longer than any program runs: what ends is judged by lwa, on its own
// clock.
const endless = 1 << 62

// GetByCode reads a code.
func (x *exchange) GetByCode(_ context.Context, code string) (oauth2.TokenInfo, error) {
	z, err := x.door.cfg.Tokens.OpenCode(x.client, code)
	if err != nil {
		return nil, grantRefused("code", err)
	}
	x.granted = z
	return &models.Token{ClientID: x.client.ClientID, UserID: z.SellingPartner, Code: code, CodeCreateAt: time.Now(), CodeExpiresIn: endless}, nil
}

// RemoveByCode uses a code up.
func (x *exchange) RemoveByCode(ctx context.Context, code string) error {
	return grantRefused("code", x.door.cfg.Tokens.UseCode(ctx, x.client, code))
}

// GetByRefresh reads a refresh token.
func (x *exchange) GetByRefresh(_ context.Context, refresh string) (oauth2.TokenInfo, error) {
	z, err := x.door.cfg.Tokens.OpenRefresh(x.client, refresh)
	if err != nil {
		return nil, grantRefused("refresh_token", err)
	}
	x.granted = z
	return &models.Token{ClientID: x.client.ClientID, UserID: z.SellingPartner, Refresh: refresh}, nil
}

// grantRefused words why a code or refresh token gives nothing.
func grantRefused(name string, err error) error {
	switch {
	case errors.Is(err, lwa.ErrGrant):
		return invalidGrant(name)
	case errors.Is(err, lwa.ErrRevoked):
		return invalidGrant(name + ". User may have revoked or didn't grant the permission.")
	case errors.Is(err, lwa.ErrOtherClient):
		return &tokenRefusal{http.StatusBadRequest, "unauthorized_client", "Not authorized for requested operation"}
	}
	return err
}

// Token makes an access token, and a refresh token where one is due: the one that
// was brought, as Login with Amazon does.
func (x *exchange) Token(_ context.Context, data *oauth2.GenerateBasic, withRefresh bool) (access, refresh string, err error) {
	if !x.proved(data.Client.GetID()) {
		return "", "", oautherrors.ErrInvalidClient
	}
	tokens := x.door.cfg.Tokens
	if x.granted == nil {
		scope := normal(data.TokenInfo.GetScope())
		if access, err = tokens.ClientToken(x.client, scope); errors.Is(err, lwa.ErrScope) {
			return "", "", oautherrors.ErrInvalidScope
		}
		data.TokenInfo.SetScope(scope)
		return access, "", err
	}
	data.TokenInfo.SetScope("") // the application's own tokens have one
	if refresh = data.TokenInfo.GetRefresh(); refresh == "" && withRefresh {
		refresh = tokens.RefreshToken(x.client, x.granted)
	}
	return tokens.AccessToken(x.client, x.granted), refresh, nil
}
