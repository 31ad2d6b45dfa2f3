// Package upstream sends short requests to one HTTP/1.1 server in plain text, and
// reads what it answers, all in the caller's own goroutine.
//
// net/http's Transport has two goroutines for each connection, so that a request
// wakes four times; a proxy spends most of its time on that. A request whose body
// is short and at hand needs none of it: it is written whole, then its answer is
// read. Pool does that, and nothing else: no TLS, no HTTP/2, no upgrades, no long
// bodies (an upstream that answers before it has read one must be heard while
// the body is sent); those are http.Transport's.
//
// One request's way: Do takes the connection that was used last, or dials; one
// that the server has closed or written to meanwhile is thrown away (alive_unix.go);
// the request is written at once (request.go); net/http reads the answer; once its
// body was read to the end, the connection waits for the next (conn.go).
//
// What Transport guards against is guarded here: header names and values that would
// make another request, heads of answers without end, answers that nobody asked
// for, connections with something left on them, requests sent twice that may not be.
// It keeps no credentials, follows no redirects, and knows no cookies or proxies.
//
// It imports the standard library only.
//
// Pages: https://www.rfc-editor.org/rfc/rfc9112
package upstream
