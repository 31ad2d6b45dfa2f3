// Package authzen is the door for programs that ask whether somebody may do
// something: the OpenID Foundation's AuthZEN Authorization API 1.0.
//
// One value's way: the body is read and hashed; the guard verifies who asks, by a
// signature for the service authzen (door.go); the JSON is read strictly (json.go)
// into questions (question.go). A question about a principal by its ARN or unique
// id needs iam:SimulatePrincipalPolicy on it, as AWS's simulator does, and the
// guard's simulation answers (principal.go). A question about a signed request
// that somebody else received needs authzen:EvaluateRequest on the API; the gateway
// verifies and decides it as one of its own, and the guard what else is asked about
// its caller (signature.go). Several questions come in one call (evaluations.go),
// and searches put the question to each that comes into account (search.go).
//
// It never decides by itself, never answers about another account's principals,
// never takes an asker's word for what iamd itself knows of a principal, and
// changes nothing. What makes no sense to policies (a subject that is none of IAM's,
// a resource without an ARN) is denied, with the reason, and is no error.
//
// It may import gateway, guard, iam, policy (for words and kinds, not to decide),
// catalog and sigv4.
//
// Pages: https://openid.net/specs/authorization-api-1_0.html and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
package authzen
