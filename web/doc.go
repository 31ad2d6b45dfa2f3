// Package web holds the console, a web app, and serves its files: what `make
// build` left in dist, inside the program.
//
// It knows nothing of accounts and sessions, sets no cookie and looks at no
// query: whoever asks gets the same bytes. It reads no file when the program
// runs, and lists no directory. Without the app in it, as after a plain `go
// build`, it answers with a page that says how to build it.
//
// One file's way: scripts/console.sh compresses it → go:embed → a table by
// exact paths, made at the first request → a request for that path, answered
// with the compressed bytes or, for who takes none, with what they were. Names
// under assets/ carry a hash of what is in them and may be kept for ever;
// everything else is asked for anew, by its ETag.
//
// Every answer, refusals too, has the headers that Protect sets. It may import
// the standard library only. The app's own source is in src; see
// docs/architecture.md.
//
// Pages: https://www.w3.org/TR/CSP3/, https://www.w3.org/TR/permissions-policy/,
// https://www.rfc-editor.org/rfc/rfc9110#name-content-negotiation.
package web
