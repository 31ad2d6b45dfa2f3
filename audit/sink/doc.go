// Package sink brings the events that were stored to where somebody collects
// them: files of JSON lines, the standard output, an HTTP endpoint.
//
// A sink gets what is stored, and after it is stored: Watch stands around the
// backend, and hands the events of each commit, and of each batch of appended ones,
// to the sinks once the backend has them. That costs a request no more than a place
// in a list in memory. What finds no room there, because a sink is slow or away, is
// not lost: the sink notes from when to when it missed events, and reads those from
// the store once it has sent the rest. What a commit left open is read likewise.
//
// Each sink of each node keeps a cursor in the store, a soft value: everything
// before it was delivered. After a stop that delivered all, a start reads on from
// there; after a crash, from a little before. So each event that is in the store
// reaches each sink at least once, if it does before the history forgets it; some
// come twice, under the same eventID, and not always in the order of time. A new sink
// begins with the present.
//
// The way of one event: Commit → the backend → Watch → a sink's list → its
// goroutine → Destination.Write, again and again until that succeeds → the cursor.
//
// It never waits in a request's way, changes no event, follows no redirect, and
// drops only a single event that an endpoint calls too large (Dropped counts those).
//
// It may import the store's types.
//
// Pages: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
package sink
