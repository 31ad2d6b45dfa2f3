package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CORS lets web pages of other origins call an API. With it the gateway answers
// preflights, and whatever CORS headers an upstream sends are replaced.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
type CORS struct {
	// AllowOrigins are origins such as https://www.example.com, "*" for all, or
	// "https://*" and "http://*" for all of one scheme.
	AllowOrigins []string
	// AllowMethods, AllowHeaders and ExposeHeaders may be "*"; to a browser that
	// does not mean the header Authorization.
	AllowMethods, AllowHeaders, ExposeHeaders []string
	// MaxAge is how long a browser may remember the answer to a preflight, in whole
	// seconds; zero: as long as it does by itself.
	MaxAge time.Duration
	// AllowCredentials lets pages send cookies and the like. Every origin, method
	// and header must be named then.
	AllowCredentials bool
}

// sharing is a CORS made ready; nil: there is none.
type sharing struct {
	origins     []string
	every       bool // "*" is among them
	credentials bool
	expose      string
	preflight   http.Header
}

func (c *CORS) settle() (*sharing, error) {
	if c == nil {
		return nil, nil
	}
	if len(c.AllowOrigins) == 0 {
		return nil, errors.New(`allow_origins is empty: name the origins, such as https://www.example.com, or "*"`)
	}
	for _, o := range c.AllowOrigins {
		if err := checkOrigin(o); err != nil {
			return nil, err
		}
	}
	lists := map[string][]string{
		"allow_methods": c.AllowMethods, "allow_headers": c.AllowHeaders, "expose_headers": c.ExposeHeaders,
	}
	for key, list := range lists {
		for _, name := range list {
			if name != "*" && (name == "" || strings.Trim(name, tokenCharacters) != "") {
				return nil, fmt.Errorf("%s: %q is no name", key, name)
			}
		}
		if c.AllowCredentials && slices.Contains(list, "*") {
			return nil, fmt.Errorf(`%s has "*", which browsers do not take together with allow_credentials: name them`, key)
		}
	}
	if c.AllowCredentials && slices.ContainsFunc(c.AllowOrigins, func(o string) bool { return strings.HasSuffix(o, "*") }) {
		return nil, errors.New(`allow_origins has "*" together with allow_credentials, which would let every page act as its visitor: name the origins`)
	}
	if c.MaxAge < 0 || c.MaxAge%time.Second != 0 {
		return nil, errors.New("max_age must be whole seconds, such as 300s")
	}
	s := &sharing{
		origins: c.AllowOrigins, every: slices.Contains(c.AllowOrigins, "*"),
		credentials: c.AllowCredentials, expose: strings.Join(c.ExposeHeaders, ","), preflight: http.Header{},
	}
	for header, value := range map[string]string{
		"Access-Control-Allow-Methods": strings.Join(c.AllowMethods, ","), "Access-Control-Allow-Headers": strings.Join(c.AllowHeaders, ","),
	} {
		if value != "" {
			s.preflight.Set(header, value)
		}
	}
	if c.MaxAge > 0 {
		s.preflight.Set("Access-Control-Max-Age", strconv.FormatInt(int64(c.MaxAge/time.Second), 10))
	}
	return s, nil
}

const tokenCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'+-.^_`|~"

// checkOrigin wants origins as browsers write them, so that they can be compared
// byte by byte.
func checkOrigin(o string) error {
	if o == "*" || o == "https://*" || o == "http://*" {
		return nil
	}
	u, err := url.Parse(o)
	if err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != o || strings.ToLower(o) != o || strings.Contains(o, "*") ||
		u.Scheme == "https" && u.Port() == "443" || u.Scheme == "http" && u.Port() == "80" {
		return fmt.Errorf("allow_origins: %q is no origin as browsers write it, such as https://www.example.com or http://localhost:3000", o)
	}
	return nil
}

// only gives the value of a header that stands once.
func only(h http.Header, name string) (string, bool) {
	values := h[name]
	if len(values) != 1 || values[0] == "" {
		return "", false
	}
	return values[0], true
}

// asked tells whether a request is a preflight.
func (s *sharing) asked(r *http.Request) bool {
	if s == nil || r.Method != http.MethodOptions {
		return false
	}
	_, from := only(r.Header, "Origin")
	_, method := only(r.Header, "Access-Control-Request-Method")
	return from && method
}

// allows tells whether pages of an origin may call.
func (s *sharing) allows(origin string) bool {
	scheme, _, found := strings.Cut(origin, "://")
	return s.every || slices.Contains(s.origins, origin) || found && slices.Contains(s.origins, scheme+"://*")
}

const corsPrefix = "Access-Control-"

// apply puts what the configuration says in the place of the answer's CORS
// headers. An origin that is not allowed gets none.
func (s *sharing) apply(h http.Header, origin string, preflight bool) {
	for name := range h {
		if len(name) > len(corsPrefix) && strings.EqualFold(name[:len(corsPrefix)], corsPrefix) {
			delete(h, name)
		}
	}
	allowed := "*"
	if !s.every {
		h.Add("Vary", "Origin") // whoever keeps the answer must not give it to another
		allowed = origin
	}
	if origin == "" || !s.allows(origin) {
		return
	}
	h.Set("Access-Control-Allow-Origin", allowed)
	if s.credentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if preflight {
		for name, values := range s.preflight {
			h[name] = values
		}
	} else if s.expose != "" {
		h.Set("Access-Control-Expose-Headers", s.expose)
	}
}

// preflight answers a browser that asks whether it may ask. No more is told than
// the configuration, so nobody need be known for it.
func (g *Gateway) preflight(c *call, w *recorder, r *http.Request) {
	g.leave(c, w, r)
	w.WriteHeader(http.StatusNoContent)
}
