// Package postgrestest runs PostgreSQL servers for tests.
//
// It answers: give me a server of my own (Start), or the one that all tests of this
// binary share (Shared); an empty database in it (Database); kill it, start it
// again, give it a synchronous standby, make that the primary. Servers are real
// ones, of the programs that Debian's package postgresql installs, and wait for the
// disk as in production. A test fails where they are missing; none is skipped.
//
// The way of one server: a directory under the system's temporary one, owned by the
// user postgres when the tests run as root, as the server refuses root; initdb;
// the server as a child process that listens on the loopback address and on a
// socket in that directory, and is told to end when the test process dies in
// whatever way. Anyone on the machine may connect to it while it runs.
//
// It imports github.com/jackc/pgx/v5 and the standard library. Tests alone import
// it.
package postgrestest
