// Package lwa is Login with Amazon's part of the Selling Partner API: which
// applications there are, who authorized them, and what their tokens say.
//
// An application belongs to an AWS account, has a client id and secrets of which
// only hashes are kept, and names the user or role whose signature its calls
// carry. That name is bound to the unique id it stood for: whoever is made again
// under it gains nothing. Selling partners authorize applications, and take that back.
// All of an account's applications are one aggregate.
//
// Tokens are sealed values, not rows: an access token (Atza|), a token of the
// application itself (Atc|), a refresh token (Atzr|), an authorization code and a
// restricted data token (Atz.sprdt|). Each kind has a key of its own, so that none
// opens as another, and what is no token of ours loads nothing. What a token says
// is never all that counts: each use looks up that the account is open, the
// application there and its authorization not revoked. Only that a code was used is
// a row, so that a code is good once; the commit decides which of two uses was first.
//
// One value's way: Draft.Register → Client and Authorization → RefreshToken →
// OpenRefresh → AccessToken → Admit → Admission.
//
// It knows no HTTP, and decides nothing by policies. It may import iam, the keyring
// and the store's types. Which operations are grantless or restricted stands in
// grantless.tsv and restricted.tsv, what of their answers is personal in personal.tsv.
//
// Pages: https://developer-docs.amazon.com/sp-api/docs/connecting-to-the-selling-partner-api ,
// https://developer-docs.amazon.com/sp-api/docs/tokens-api-use-case-guide and
// https://developer.amazon.com/docs/login-with-amazon/authorization-code-grant.html
package lwa
