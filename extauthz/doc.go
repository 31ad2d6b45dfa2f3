// Package extauthz holds the doors for proxies that pass requests on
// themselves and ask first: Envoy's external authorization over gRPC, and the
// forward-auth of nginx, Traefik and Caddy.
//
// The way of one request: the proxy tells of it (envoy_request.go,
// forward_request.go); what it tells becomes the *http.Request that the client
// sent, or is refused where it leaves room for a second reading (told.go); the
// gateway verifies, decides and records (gateway.Ask); the answer goes back in
// the proxy's words (envoy.go, forward.go): who calls, which of the client's
// headers go no further, or the refusal.
//
// A signature covers the body, so a door must know whether there is one. What
// the proxy says counts, and where it says nothing there is no answer but no
// (envoy_request.go and forward_body.go tell what each proxy knows).
//
// It never decides, never believes a header that a client could have written
// over the proxy's own, and never answers with a gRPC error for something that
// a client sent: a proxy may be told to let requests through on errors.
//
// It may import gateway and guard (for the origin of requests).
//
// Pages: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter ,
// https://nginx.org/en/docs/http/ngx_http_auth_request_module.html ,
// https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/forwardauth/ and
// https://caddyserver.com/docs/caddyfile/directives/forward_auth
package extauthz
