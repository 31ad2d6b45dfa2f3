// Package sts makes credentials that end: the keys of assumed roles, of
// federated users, of delegated access, of GetSessionToken and of sign-ins to the console, and the session tokens that go with them.
//
// A session token is a sealed value and not a row: everything the session is
// (whose, until when, under which session policies and tags, and the secret of
// its key) travels inside it, bound to its access key id. Issuing one waits for
// no disk, and every node with the keyring can open it. What a token says is
// never all that counts: whoever uses it must look up that the role or user
// with that unique id still exists, takes its policies as they are now, and
// honours its "no sessions before" time. The guard does.
//
// A web identity token is for others: a signed text that says who the caller is,
// by a key of the caller's account. What it claims, and who is refused one, stands
// here (identity_token.go); the keys are the account's, and the server publishes them.
//
// One value's way: the rules of AssumeRole or GetFederationToken → Session → Issue (serialise, compress,
// seal) → the client → Open → guard.
//
// The package decides no request and knows no HTTP. It may import iam, the
// keyring and the policy language.
//
// Pages: https://docs.aws.amazon.com/STS/latest/APIReference/ and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp.html
package sts
