package spapi

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-oauth2/oauth2/v4"
	oautherrors "github.com/go-oauth2/oauth2/v4/errors"
	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/server"

	"iamd/iam"
	"iamd/lwa"
)

// tokenRefusal is an answer of the token endpoint: OAuth 2's word, and Login with
// Amazon's text.
type tokenRefusal struct {
	status            int
	word, description string
}

func (e *tokenRefusal) Error() string { return e.word }

func malformed(status int) error {
	return &tokenRefusal{status, "invalid_request", "Malformed request"}
}

func missing(name string) error {
	return &tokenRefusal{http.StatusBadRequest, "invalid_request", "The request is missing a required parameter : " + name}
}

func invalidGrant(name string) error {
	return &tokenRefusal{http.StatusBadRequest, "invalid_grant", "The request has an invalid grant parameter : " + name}
}

// required is what each grant asks for; others there are not.
var required = map[string]string{
	string(oauth2.Refreshing):        "refresh_token",
	string(oauth2.AuthorizationCode): "code",
	string(oauth2.ClientCredentials): "scope",
}

// token answers a request for tokens.
func (d *Door) token(w http.ResponseWriter, r *http.Request) {
	x := &exchange{door: d, call: d.begin(r)}
	headers(w, x.call.ID)
	if x.values, x.early = d.asked(w, r); r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		x.early = malformed(http.StatusMethodNotAllowed)
	}
	// What the library reads is the body alone, as it was read here.
	r = r.Clone(r.Context())
	r.Method, r.Form, r.PostForm = http.MethodPost, x.values, x.values
	// The answer is x.answer's to write, and fails for clients alone that have gone.
	_ = x.server().HandleTokenRequest(w, r)
	d.observe(x.call, "lwa:token", x.refused)
}

// asked reads the parameters. Beside a refusal it gives a form by which the library
// gets as far as authenticate, which tells.
func (d *Door) asked(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	none := url.Values{"grant_type": {oauth2.ClientCredentials.String()}}
	if r.URL.RawQuery != "" { // secrets do not belong there, and nothing stands twice
		return none, malformed(http.StatusBadRequest)
	}
	body, err := receive(w, r, maxBody)
	if errors.Is(err, errLong) {
		return none, malformed(http.StatusRequestEntityTooLarge)
	}
	if err != nil {
		return none, malformed(http.StatusBadRequest)
	}
	values, err := form(r.Header.Get("Content-Type"), body)
	if err != nil {
		return none, malformed(http.StatusBadRequest)
	}
	if required[values.Get("grant_type")] == "" {
		return none, &tokenRefusal{http.StatusBadRequest, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server"}
	}
	return values, nil
}

// server is the library's, for one request.
func (x *exchange) server() *server.Server {
	m := manage.NewManager()
	m.MapClientStorage(x)
	m.MapTokenStorage(x)
	m.MapAccessGenerate(x)
	m.SetValidateURIHandler(func(string, string) error { return nil })
	m.SetAuthorizeCodeTokenCfg(&manage.Config{AccessTokenExp: lwa.AccessLife, IsGenerateRefresh: true})
	m.SetClientTokenCfg(&manage.Config{AccessTokenExp: lwa.AccessLife})
	m.SetRefreshTokenCfg(&manage.RefreshingConfig{AccessTokenExp: lwa.AccessLife, IsGenerateRefresh: true})
	s := server.NewServer(&server.Config{
		TokenType:         "bearer",
		AllowedGrantTypes: []oauth2.GrantType{oauth2.Refreshing, oauth2.AuthorizationCode, oauth2.ClientCredentials},
	}, m)
	s.ClientInfoHandler = x.authenticate
	s.RefreshingScopeHandler = func(*oauth2.TokenGenerateRequest, string) (bool, error) { return false, nil }
	s.InternalErrorHandler = x.words
	s.ResponseTokenHandler = x.answer
	return s
}

// authenticate finds the client, and what else must be there: the library asks
// for it before anything else, and for every grant.
func (x *exchange) authenticate(r *http.Request) (id, secret string, err error) {
	if x.early != nil {
		return "", "", x.early
	}
	id, secret = x.values.Get("client_id"), x.values.Get("client_secret")
	user, password, basic := r.BasicAuth()
	switch {
	case basic && (secret != "" || id != "" && id != user):
		return "", "", malformed(http.StatusBadRequest) // two ways to say who one is
	case basic:
		x.basic, id, secret = true, user, password
	case id == "":
		return "", "", missing("client_id")
	case secret == "":
		return "", "", missing("client_secret")
	}
	if x.client, err = x.door.cfg.Tokens.Authenticate(r.Context(), id, secret); err != nil {
		if errors.Is(err, lwa.ErrClient) {
			err = oautherrors.ErrInvalidClient
		}
		return "", "", err
	}
	name := required[x.values.Get("grant_type")]
	if x.values.Get(name) == "" {
		return "", "", missing(name)
	}
	if x.values.Get("code_verifier") != "" { // no code that is issued here has a challenge
		return "", "", invalidGrant("code_verifier")
	}
	if name == "code" && x.values.Get("redirect_uri") == "" {
		// Codes are bound to no address, and the library asks for one.
		x.values.Set("redirect_uri", "none")
	}
	return id, secret, nil
}

// words gives what the library does not know of an answer.
func (x *exchange) words(err error) *oautherrors.Response {
	var own *tokenRefusal
	var rule *iam.Error
	switch {
	case errors.As(err, &own):
		return &oautherrors.Response{Error: own, Description: own.description, StatusCode: own.status}
	case errors.As(err, &rule), iam.Unavailable(err), x.call.Err() != nil:
		return oautherrors.NewResponse(oautherrors.ErrTemporarilyUnavailable, http.StatusServiceUnavailable)
	}
	x.door.cfg.Log.Error("token request failed", "request", x.call.ID, "action", "lwa:token", "error", err)
	return nil // server_error
}

// answer writes what was decided, its members in Login with Amazon's order.
func (x *exchange) answer(w http.ResponseWriter, data map[string]any, _ http.Header, status ...int) error {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	text := func(name string) string { s, _ := data[name].(string); return s }
	if x.refused = text("error"); x.refused != "" {
		code := status[0]
		switch {
		case x.refused == "invalid_client" && x.basic:
			w.Header().Set("WWW-Authenticate", `Basic realm="Login with Amazon"`)
		case x.refused == "invalid_scope":
			code, data["error_description"] = http.StatusBadRequest, "The request has an invalid parameter : scope"
		}
		w.WriteHeader(code)
		_, err := w.Write(encode(struct {
			Description string `json:"error_description"`
			Error       string `json:"error"`
		}{text("error_description"), x.refused}, ""))
		return err
	}
	_, err := w.Write(encode(struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token,omitempty"`
		Scope   string `json:"scope,omitempty"`
		Type    string `json:"token_type"`
		Expires int64  `json:"expires_in"`
	}{text("access_token"), text("refresh_token"), text("scope"), text("token_type"), int64(lwa.AccessLife / time.Second)}, ""))
	return err
}

// normal gives scopes with one space between.
func normal(scope string) string { return strings.Join(strings.Fields(scope), " ") }
