// Package sqlite is the embedded backend of package store: one SQLite file, in
// one process.
//
// It answers what store.Backend asks. It never reads what the rows hold, and
// never lets a second process at the file: that is locked while it is open.
//
// The way of one commit: Commit queues it for the one writer, which takes all
// that wait into one transaction, each within a savepoint of its own, so that a
// conflict or a taken name undoes that commit alone. Where several have been writing
// at the same time it waits a moment for those who are on their way (sharing.go).
// SQLite writes the
// transaction to its write-ahead log and has the disk confirm it (journal_mode
// WAL, synchronous FULL); then all are answered. Many committers so share one
// wait for the disk. Readers have connections of their own, which can only read
// and see the state as of the last transaction.
//
// The file, its log and its lock are readable by their owner alone. The form of
// the file is numbered (user_version); a file of an older form is brought up to
// date when it is opened, one of a newer form is refused.
//
// While the disk is full, or fails, commits fail and reads go on. After a failure the
// log is moved into the database, and confirmed, before anything is written upon it.
// A backup is a copy of the file that SQLite makes as a reader, of one moment.
//
// It imports package store and modernc.org/sqlite, which needs no C compiler.
package sqlite
