// Package mock answers for an API that there is only a document of: OpenAPI 2,
// 3.0 or 3.1 documents become one http.Handler, in place of an upstream.
//
// The way of one request: the path and the method choose the operation
// (route.go), the concrete path before the template. An operation for sandboxes
// only is answered on sandbox hosts only; an Override answers in the document's
// place elsewhere (api.go). Then the static sandbox answers are tried, the one
// that names the most first (sandbox.go). What none of them matches is held
// against the document, path, query, headers and body (validate.go), and
// answered by the success response's example (answer.go) or else by a value
// made from its schema, always the same one, which itself is valid (make.go,
// text.go). Errors have the Selling Partner API's shape (fault.go).
//
// Documents are read once (source.go, document.go). References into other files
// are followed within the document's own directory; nothing is ever fetched.
// docs/openapi.md says what a document may hold.
//
// It never asks who calls: that is the gateway's part, as are request limits,
// which it only tells (plan.go). It keeps no state: what was posted is not there
// when it is asked for.
//
// It imports nothing of ours.
//
// Pages: https://spec.openapis.org/oas/v3.1.1.html ,
// https://github.com/OAI/OpenAPI-Specification/blob/main/versions/2.0.md and
// https://developer-docs.amazon.com/sp-api/docs/sp-api-sandbox
package mock
