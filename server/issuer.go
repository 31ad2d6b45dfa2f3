package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"iamd/iam"
)

// The issuers of web identity tokens stand at PUBLIC-URL/tokens/ID, each with the
// two documents by which OpenID Connect clients verify its tokens. They are for
// everybody, and no signature is asked for.
// https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
const (
	issuers       = "/tokens/"
	discoveryPath = "/.well-known/openid-configuration"
	keysPath      = "/.well-known/jwks.json"

	// keysKept is how long others may keep a document.
	keysKept = "public, max-age=300"
)

// discovery is the document of an issuer, with AWS's members and values.
type discovery struct {
	Issuer        string   `json:"issuer"`
	KeysURI       string   `json:"jwks_uri"`
	ResponseTypes []string `json:"response_types_supported"`
	SubjectTypes  []string `json:"subject_types_supported"`
	Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	Claims        []string `json:"claims_supported"`
}

// keySet is a JSON Web Key Set.
type keySet struct {
	Keys []json.RawMessage `json:"keys"`
}

// issuerURL is the URL of an issuer.
func (s *Server) issuerURL(id string) string { return *s.publicURL.Load() + issuers + id }

// mountIssuers adds the issuers' documents to the pages.
func (s *Server) mountIssuers(mux *http.ServeMux) {
	mux.HandleFunc("GET "+issuers+"{id}"+discoveryPath, func(w http.ResponseWriter, r *http.Request) {
		s.published(w, r, func(id string, _ []iam.SigningKey) any {
			at := s.issuerURL(id)
			return discovery{
				Issuer: at, KeysURI: at + keysPath, ResponseTypes: []string{"id_token"}, SubjectTypes: []string{"public"},
				Algorithms: []string{iam.RS256, iam.ES384},
				Claims:     []string{"sub", "iss", "aud", "exp", "iat", "jti", "https://sts.amazonaws.com/"},
			}
		})
	})
	mux.HandleFunc("GET "+issuers+"{id}"+keysPath, func(w http.ResponseWriter, r *http.Request) {
		s.published(w, r, func(_ string, keys []iam.SigningKey) any {
			set := keySet{Keys: make([]json.RawMessage, 0, len(keys))}
			for _, k := range keys {
				set.Keys = append(set.Keys, k.Public)
			}
			return set
		})
	})
}

// published answers with a document of the issuer that the path names. Ids that
// somebody guesses cost a look into an index, and load no account.
func (s *Server) published(w http.ResponseWriter, r *http.Request, show func(id string, keys []iam.SigningKey) any) {
	id := r.PathValue("id")
	keys, err := s.issuer(r, id)
	if err == nil {
		var body []byte
		if body, err = json.Marshal(show(id, keys)); err == nil {
			h := w.Header()
			h.Set("Content-Type", "application/json")
			h.Set("Cache-Control", keysKept)
			h.Set("X-Content-Type-Options", "nosniff")
			// A client that has gone hears no answer.
			_, _ = w.Write(body)
			return
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case errors.Is(err, iam.ErrNotFound):
		text(w, http.StatusNotFound, "no such issuer")
	case r.Context().Err() != nil, iam.Unavailable(err):
		text(w, http.StatusServiceUnavailable, "the store does not answer")
	default:
		s.cfg.Log.Error("issuer not shown", "issuer", id, "error", err)
		text(w, http.StatusInternalServerError, "See the server's log.")
	}
}

// issuer finds the published keys of an issuer, or iam.ErrNotFound.
func (s *Server) issuer(r *http.Request, id string) ([]iam.SigningKey, error) {
	if parsed, err := uuid.Parse(id); err != nil || parsed.String() != id {
		return nil, iam.ErrNotFound
	}
	account, err := iam.OwnerOfTokenIssuer(r.Context(), s.accounts, id)
	if err != nil {
		return nil, err
	}
	a, err := s.accounts.View(r.Context(), account)
	if err != nil {
		return nil, err
	}
	keys, ok := a.PublishedKeys(id)
	if !ok {
		return nil, iam.ErrNotFound
	}
	return keys, nil
}

// name settles the URL that the server is known by.
func (s *Server) name() error {
	at := s.url(s.cfg.Listen)
	if s.cfg.PublicURL != "" {
		var err error
		if at, err = publicURL(s.cfg.PublicURL); err != nil {
			return err
		}
	}
	s.publicURL.Store(&at)
	return nil
}

// publicURL checks a configured URL, and gives it without a slash at its end.
func publicURL(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Opaque != "" ||
		strings.ContainsAny(raw, "?#") || len(raw) > maxPublicURL {
		return "", fmt.Errorf("public_url %q: want the URL at which others reach the AWS APIs, such as https://iam.example.com", raw)
	}
	return strings.TrimRight(raw, "/"), nil
}

const maxPublicURL = 200 // characters; every token carries it

// listenURL is the URL of a server that listens at an address and has no other
// name; one that listens everywhere is found at localhost.
func listenURL(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "http://" + address
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// listening tells where the APIs listen, once that is known: a server without a
// configured URL is known by it.
func (s *Server) listening(at net.Addr) {
	if s.cfg.PublicURL == "" {
		found := s.url(at.String())
		s.publicURL.Store(&found)
	}
}
