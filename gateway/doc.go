// Package gateway is the door in front of other people's HTTP services: it
// verifies who calls, decides by policy whether they may, and passes the call
// on, as Amazon API Gateway does for methods with AWS_IAM authorization.
//
// The way of one request: its target is read once (path.go) and serves for the
// signature, the resource and the upstream alike; the Host header (host.go) and
// the path's beginning choose the API (route.go); the body is spooled and hashed
// (spool.go), on disk only for a key that the guard knows; the guard says who signed it and whether
// execute-api:Invoke on arn:aws:execute-api:REGION:ACCOUNT:ID/STAGE/METHOD/path
// is allowed (gateway.go); it goes to the upstream without the caller's
// credentials and with who they are (forward.go, headers.go). Everything that
// goes wrong is answered in API Gateway's words (refusal.go), and every request
// is told to Deps.Record (event.go).
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
// another path than the one it decided by, never retries, and never shows a
// caller's signature or session token to an upstream. A WebSocket is judged
// when it is opened, not again.
//
// It may import guard, iam, policy (to read resource policies, not to decide)
// and sigv4.
//
// Pages: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html ,
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies.html and
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
package gateway
