// Package etcdtest runs etcd for tests: whole clusters of the real program, on
// loopback, whose members can be killed and started again.
//
// It answers: where is an etcd that is this test's own (Start), or one with a
// prefix of its own in a server that all tests of the binary share (Shared)? It
// fails the test when etcd is not installed; it never skips one.
//
// The way of one server: a shell starts it and waits for its own input to end,
// which happens when the test's process does, however it ends; then it kills the
// server. So no server outlives its test.
//
// It imports etcd's client and nothing of ours.
package etcdtest
