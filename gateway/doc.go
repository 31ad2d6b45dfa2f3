// Package gateway is the door in front of other people's HTTP services: it
// verifies who calls, decides by policy whether they may, and passes the call
// on, as Amazon API Gateway does for methods with AWS_IAM authorization. An API
// may ask for a Login with Amazon access token too, or instead (contract.go).
//
// The way of one request: its target is read once (path.go) and serves for the
// signature, the resource and the upstream alike; the Host header (host.go) and
// the path's beginning choose the API (route.go); the body is spooled and hashed
// (spool.go), on disk only for a key that the guard knows; the guard says who signed it and whether
// execute-api:Invoke on arn:aws:execute-api:REGION:ACCOUNT:ID/STAGE/METHOD/path
// is allowed (gateway.go); a token's application is found, and a backend's usage
// plan kept (usage.go); the request goes to the upstream without the caller's
// credentials and with who they are (forward.go, outgoing.go, headers.go), or to the API's backend (backend.go), and
// the answer comes back (answer.go). Everything that
// goes wrong is answered in API Gateway's words (refusal.go), or the Selling
// Partner API's (words.go), and every request is told to Deps.Record (event.go).
// Browsers' preflights are answered before anybody is asked for (cors.go).
//
// A path that servers read in more ways than one is refused with 400: dot and
// empty segments, a semicolon anywhere (path parameters are not supported, plain
// or escaped), escapes of unreserved characters, slashes and backslashes, and a
// spelling of an API's prefix that differs in case. So is a Host that is neither
// a DNS name nor an IP address.
//
// What an upstream may read as a guarded API's path never reaches it by way of
// an open one, for the spellings known here; servers know others (a suffix that
// means a format), so an open API and a guarded one should not share an upstream.
//
// It never passes on a request that was not verified and allowed, never reads
// another path than the one it decided by, never sends a
// request twice but where a kept connection turns out to be closed and no harm can
// come of it, and never shows a caller's signature or session token to an upstream. A WebSocket is judged
// when it is opened, not again.
//
// It may import guard, iam, lwa, policy (to read resource policies, not to
// decide), sigv4 and upstream.
//
// Pages: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html ,
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies.html ,
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html and
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
package gateway
