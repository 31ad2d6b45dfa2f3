// Package etcd is the backend of package store that keeps rows in etcd, 3.4 and
// later, for several nodes at once.
//
// It answers what store.Shared and store.Whole ask. It never reads what the rows
// hold, never tries a commit again whose answer was lost, and touches no key
// outside its prefix, which must not lie within another's.
//
// The way of one commit: Commit becomes one etcd transaction (commit.go). It
// compares each aggregate's version and who owns each name, and puts rows, the
// change, events, and the versions. When it fails, what it read instead tells
// why: another version, another owner, or something to be tidied first. What
// doesn't fit into one request (stage.go) is laid down beside the rows in chunks,
// with a note at each name that it moves if the commit is done; then one
// transaction sets the versions, whose values point at the chunks: that is the
// commit. Readers lay the chunks over the rows; whoever wrote them, or the next
// writer, folds them in. A crash before the commit leaves chunks that Prune
// removes, and notes that stand for nothing.
//
// The way of news: Follow watches the version keys, and learns from one small key
// that every commit puts (follow.go) up to where it must have heard.
//
// History is the operator's to compact (--auto-compaction-retention): the
// cluster may serve others, so this package never compacts. No more of it is
// needed than a load takes.
//
// A user of etcd's own needs to read and write the prefix, nothing else. When a
// cluster was restored from a backup, all nodes must be started anew: what they
// hold may never have been.
//
// It imports packages store and store/form, and etcd's client.
package etcd
