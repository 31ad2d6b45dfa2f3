// Package store keeps aggregates: values that are loaded whole, changed one
// after the other, and written as rows.
//
// It answers: what is the state of this aggregate now (View), change it so
// that the change outlives a crash (Update, Create, Together), and which
// aggregate owns this name (Owner). It never judges what a change means: it
// knows rows, versions and unique names, and nothing of users or policies.
//
// The way of one write: Update queues a function on its aggregate. The
// aggregate's one writer gives the function a draft of the newest value, seals
// the draft into a new value and the rows that changed, gives the next function
// a draft of that, and so on; then the Backend commits the batch against the
// version that it started from. Only after that commit the new value is
// published and the callers are answered. So a thousand writers to one
// aggregate share one wait for the disk, and nobody reads what a crash could
// take back. A function runs again when another node's commit came first, so
// it must do nothing outside its draft but assign what its caller reads after.
//
// A Backend stores the rows: store/sqlite is the embedded one, and
// store/storetest is the suite that every one of them passes.
//
// The package imports the standard library only.
package store
