// Package middleware puts iamd in front of the handlers of any Go program that
// serves HTTP: callers sign with Signature Version 4, and come in only if policies
// allow them execute-api:Invoke.
//
// One value's way: the body is read whole, into memory and beyond that into a file
// without a name (spool.go), and hashed; the request is described to iamd, signed by
// the program's own keys, and iamd verifies and decides (ask.go); who was let in
// goes on with its caller in the context, and without credentials (gate.go). What a
// handler must know beyond that it asks by Authorize (authorize.go).
//
// It lets nobody in when iamd can't be asked, keeps no answer for later, and never
// looks at keys or policies itself. iamd must know the API by the host and path that
// callers use (gateway.apis; an upstream is not needed), and the program's own keys
// need authzen:EvaluateRequest on arn:aws:execute-api:REGION:ACCOUNT:ID/STAGE.
//
// It imports sigv4 and the standard library only.
//
// Pages: https://openid.net/specs/authorization-api-1_0.html and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
package middleware
