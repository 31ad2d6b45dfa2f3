// Package postgres is the backend of package store for several nodes: a
// PostgreSQL database, or by design, not run, one that speaks its protocol
// (CockroachDB, YugabyteDB, Citus).
//
// It answers what store.Shared and store.Whole ask. It never reads what the rows
// hold, keeps nothing in memory that another process's commit could make wrong,
// and never says that a commit is done before the database has said so.
//
// The way of one commit: its parts are put in order of name, then one batch
// begins a transaction, sets each part's version where it is the expected one
// (the row's lock is the guard against other nodes), takes and frees names, and
// writes rows, changes and events; if each version moved and each name was free,
// a second round trip commits, else it rolls back. What collides (a deadlock, a
// serialization failure) is done again a few times.
//
// Tables begin with the aggregate, so that they shard by it; unique names are a
// table of their own, which begins with their space and does not. Nothing is counted for all aggregates together. Followers
// ask for the versions of what they hold (follow.go); notifications only make them
// ask sooner.
//
// What waits has a bound in seconds: what cannot be done by then is
// store.ErrUnavailable. A connection to a server that only reads is refused, so that
// after a failover nobody is left with a standby. How many copies a commit waits
// for is synchronous_commit's and the server's to say; off is not taken. A primary
// that was cut off and not stopped must be kept from answering by those who
// promote another: this package cannot tell.
//
// It imports packages store and store/form, and github.com/jackc/pgx/v5.
package postgres
