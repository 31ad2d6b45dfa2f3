package server

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"

	"iamd/extauthz"
	"iamd/gateway"
)

// Envoy is the door for Envoy's external authorization.
type Envoy struct {
	Listen string // empty: closed
	Bodies string // how Envoy's with_request_body is set: extauthz.EnvoyConfig
}

// ForwardAuth is the door for nginx's auth_request, Traefik's ForwardAuth and
// Caddy's forward_auth. Only TrustedProxies may ask there.
type ForwardAuth struct {
	Listen       string // empty: closed
	Bodies       string // how it learns of bodies; this and the rest: extauthz.ForwardConfig
	DenialStatus int
	Presigned    bool
}

// askedBy makes the doors for proxies that ask; decides is nil when no API is
// guarded.
func (s *Server) askedBy(decides *gateway.Gateway, from *origin) (err error) {
	e, f := s.cfg.Envoy, s.cfg.ForwardAuth
	for key, set := range map[string]bool{"envoy.listen": e.Listen != "", "forward_auth.listen": f.Listen != ""} {
		if set && decides == nil {
			return fmt.Errorf("%s: there are no gateway.apis to decide about: name the API, with neither upstream nor openapi", key)
		}
	}
	if e.Listen == "" && e != (Envoy{}) {
		return errors.New("envoy: without envoy.listen nobody can ask")
	}
	if f.Listen == "" && f != (ForwardAuth{}) {
		return errors.New("forward_auth: without forward_auth.listen nobody can ask")
	}
	var ask extauthz.Asker = decides
	if s.follower != nil {
		ask = asking{decides, newVersions(s.keyring.ring, accountStore{s.accounts}, s.joined)}
	}
	if e.Listen != "" {
		if s.envoy, err = extauthz.NewEnvoy(extauthz.EnvoyConfig{
			Ask: ask, Origin: from.of, Bodies: e.Bodies, MaxBody: s.cfg.Gateway.MaxBody, Log: s.cfg.Log,
		}); err != nil {
			return err
		}
	}
	if f.Listen != "" {
		if len(s.cfg.TrustedProxies) == 0 {
			return errors.New("forward_auth: trusted_proxies is empty: name the proxies that ask, such as 127.0.0.1")
		}
		if s.forward, err = extauthz.NewForward(extauthz.ForwardConfig{
			Ask: ask, Origin: from.of, Trusted: from.believed, Bodies: f.Bodies, MaxBody: s.cfg.Gateway.MaxBody,
			DenialStatus: f.DenialStatus, Presigned: f.Presigned, Log: s.cfg.Log,
		}); err != nil {
			return err
		}
	}
	return nil
}

// believed tells whether a trusted proxy sent a request.
func (o *origin) believed(r *http.Request) bool {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && o.trusts(at.Addr().Unmap().WithZone(""))
}

// listenToProxies opens the doors for proxies that ask.
func (s *Server) listenToProxies(at *Addresses) (doors []*door, err error) {
	if s.envoy != nil {
		l, err := listen("tcp", s.cfg.Envoy.Listen)
		if err != nil {
			return nil, fmt.Errorf("listen for Envoy (envoy.listen): %w", err)
		}
		doors, at.Envoy = append(doors, &door{l, s.envoy}), l.Addr()
	}
	if s.forward != nil {
		d, err := s.open("tcp", s.cfg.ForwardAuth.Listen, s.attended(s.forward), readTimeout)
		if err != nil {
			return doors, fmt.Errorf("listen for forward-auth (forward_auth.listen): %w", err)
		}
		doors, at.ForwardAuth = append(doors, d), d.listener.Addr()
	}
	return doors, nil
}
