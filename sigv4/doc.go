// Package sigv4 answers one question about an HTTP request: was it signed, by
// AWS Signature Version 4, by the holder of a given secret? It also signs.
//
// It never looks a key up, never decides what a caller may do, never reads a
// request's body and never believes a header about it: the caller hashes the
// bytes that arrived and passes the hash.
//
// The way of one request: Parse reads the claim, from the Authorization header
// or from the query of a presigned URL, into a Signature that nobody trusts
// yet. The caller finds the secret of Signature.KeyID and hands both to
// Keys.Verify, which checks the claim's time, scope and coverage, rebuilds the
// canonical request from what is on the wire, and compares in constant time;
// only then is the derived key remembered. A key id that nobody holds goes to
// Keys.VerifyUnknown, which does the same work and refuses. Sign and Presign
// go the other way over the same canonical form.
//
// What the canonical form folds together by AWS's rules is folded for the
// caller, too: the order of query parameters, "+" and "%20", "a" and "a=", runs
// of white space in header values, repeated headers and their comma-joined
// form, with NormalizePath dot and empty segments and, with WireToo, escapes of
// what a path may hold plainly. Whoever decides by the path must not tell apart
// what this list does not.
//
// It imports the standard library only. It implements
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html and
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html.
package sigv4
