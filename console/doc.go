// Package console is the door of the web console: it signs people in, and answers
// the few questions that AWS's own console has private ways for. It holds no rights
// of its own: what it does for a person who has signed in is asked of the guard, by
// the keys that the person's browser signs with, and recorded.
//
// Everything else that the console does, the browser asks of the AWS APIs themselves,
// with the same keys. There are no cookies: what another site makes a browser send
// here is worth nothing, and is refused besides, as is what comes for a name that
// may be a stranger's (origin.go).
//
// One value's way: a request → the table of rows (console.go) → known host, same site?
// → unsigned: strict JSON → run → JSON; signed: guard.Authenticate → strict JSON →
// guard.Authorize → run, a write on the draft that was checked → audit → JSON. A
// sign-in (signin.go) is one request that is sent again with more each time: the
// password first, then the second factor, then a new password where one is due.
//
// What strangers may ask is bounded: guesses at each password and device (counted
// together with the API's, package limits), guesses from each address, and hashing.
// Whoever guesses learns nothing of which accounts and users there are.
//
// It may import guard, iam, sts, audit, limits, keyring, sigv4 and wire, and web for the
// pages.
//
// Pages: https://docs.aws.amazon.com/signin/latest/userguide/ and
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
package console
