// Package servertest helps to test a server with the AWS SDK for Go's clients.
//
// Config gives an SDK configuration that signs with one key, tries once, so
// that a test sees what the server answered, and sends every request by Whole.
// It starts no server under test: server.New and httptest do that. NewIssuer
// starts an OpenID Connect provider, for a server whose network leads to it. It
// serves tests only, and imports nothing of ours.
//
// One value's way: a key → Config → the clients of the SDK's services.
//
// Pages: https://docs.aws.amazon.com/sdk-for-go/v2/developer-guide/configure-gosdk.html
package servertest
