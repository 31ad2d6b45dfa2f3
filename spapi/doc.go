// Package spapi is the door of what an application needs before it calls the
// Selling Partner API: Login with Amazon's token endpoint, the registration of
// applications, and restricted data tokens.
//
// The token endpoint (token.go) speaks OAuth 2 by go-oauth2's server and manager, with
// stores of our own over lwa (exchange.go): no token is a row. It takes forms and
// JSON, and knows three grants: refresh_token, authorization_code and
// client_credentials. Whether a client is unknown or its secret wrong, nobody hears.
//
// Registration (rows.go) is for the owners of AWS accounts: every row goes the way of an
// AWS action. It has no rights of its own, and tells a secret once.
//
// RestrictedDataTokens answers createRestrictedDataToken behind the gateway, which
// has admitted the application and says which it is: it is mounted nowhere else.
//
// One value's way: a request → the table of rows → guard.Authenticate → strict JSON →
// guard.Authorize on the draft → lwa.Draft → the account's event, all in one commit → JSON.
//
// It may import guard, iam, lwa, audit and sigv4.
//
// Pages: https://developer-docs.amazon.com/sp-api/docs/connecting-to-the-selling-partner-api ,
// https://developer-docs.amazon.com/sp-api/docs/tokens-api-v2021-03-01-reference and
// https://www.rfc-editor.org/rfc/rfc6749
package spapi
