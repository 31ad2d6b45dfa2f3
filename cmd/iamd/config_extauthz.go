package main

import (
	"fmt"
	"io"

	"iamd/server"
)

// envoyConfig is the door for Envoy's external authorization.
type envoyConfig struct {
	Listen string `yaml:"listen"`
	Bodies string `yaml:"bodies"` // whole, partial
}

// forwardAuthConfig is the door for nginx, Traefik and Caddy.
type forwardAuthConfig struct {
	Listen       string `yaml:"listen"`
	Bodies       string `yaml:"bodies"` // forwarded
	DenialStatus int    `yaml:"denial_status"`
	Presigned    bool   `yaml:"presigned"`
}

func (c *config) proxySettings() []setting {
	return []setting{
		{"envoy.listen", &c.Envoy.Listen},
		{"envoy.bodies", &c.Envoy.Bodies},
		{"forward_auth.listen", &c.ForwardAuth.Listen},
		{"forward_auth.bodies", &c.ForwardAuth.Bodies},
		{"forward_auth.denial_status", &c.ForwardAuth.DenialStatus},
		{"forward_auth.presigned", &c.ForwardAuth.Presigned},
	}
}

// proxies sets the doors for proxies that ask.
func (c *config) proxies(out *server.Config) {
	out.Envoy = server.Envoy{Listen: c.Envoy.Listen, Bodies: c.Envoy.Bodies}
	out.ForwardAuth = server.ForwardAuth{
		Listen: c.ForwardAuth.Listen, Bodies: c.ForwardAuth.Bodies,
		DenialStatus: c.ForwardAuth.DenialStatus, Presigned: c.ForwardAuth.Presigned,
	}
}

// greetProxies tells where proxies may ask.
func greetProxies(w io.Writer, at server.Addresses) {
	if at.Envoy != nil {
		fmt.Fprintf(w, "Envoy     %s (gRPC)\n", at.Envoy)
	}
	if at.ForwardAuth != nil {
		fmt.Fprintf(w, "Proxies   %s (forward-auth)\n", address(at.ForwardAuth))
	}
}
