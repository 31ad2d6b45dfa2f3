// Package form is how the backends of package store write what they all keep, in
// bytes: a change of an aggregate for those who follow it, and a batch of events.
//
// It answers: what bytes stand for this value, and which value for these bytes.
// It never reads or writes a store, and never judges what a row holds. What it
// wrote once it reads for ever: a form that changes gets a number of its own.
//
// The way of one change: Change → bytes in the backend's log → ReadChange → a
// store.Change without its version and time, which the backend keeps beside it.
//
// The way of one batch: events that nobody waits for, 32 or more of one
// aggregate, → Pack → one value instead of a row for each → Unpack, when somebody
// asks for events of its time.
//
// It imports package store.
package form
