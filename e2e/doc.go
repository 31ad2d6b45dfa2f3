// Package e2e tests iamd from outside, as its users meet it: the program as it
// is shipped, driven by the unmodified AWS CLI and the SDKs for Go and JavaScript,
// and calls through the gateway to an upstream that really answers.
//
// It answers whether the whole Selling Partner workflow holds: an account, a
// user with keys, policies, a role that the user assumes, the commands that
// verify it all, and a signed request that the gateway lets through beside all
// those that it must refuse. What a single action does is for api's tests, what
// a single signature does for sigv4's.
//
// One test's way: the program is built once and started on an empty folder with
// a gateway before an upstream of the test's own; the AWS CLI runs with an empty
// home and always with --endpoint-url, so that no run can reach AWS; every secret
// that a run sees is remembered, and looked for in what the program wrote. Where
// a clock must move, or the race detector must watch, the same server runs inside
// the test.
//
// Calls that were recorded against AWS are made again (replay_test.go), and the
// answers held against AWS's; every difference stands in one table with its reason.
//
// The stand-in for the Selling Partner API (standin_test.go) is called by a client that signs
// by its own code (byhand_test.go), under Amazon's own host names, and by the AWS CLI.
//
// A noun's life (life/NOUN.yaml: made, tagged, listed by pages, changed, deleted)
// is led by each of the clients (life_test.go), in an account of its own, and none
// of them may warn. The SDK for JavaScript runs in Node (js/life.mjs).
//
// Three nodes on etcd, and on PostgreSQL with a standby, are killed, stopped and cut
// off under load (fleet_test.go), with what they stand on: fleet_load_test.go keeps
// what they acknowledged, and fleet_room_test.go has networks that can be cut, which
// takes root.
//
// The package has no code but tests. They import server and nothing below it, but
// for what starts PostgreSQL and etcd.
//
// Pages: https://docs.aws.amazon.com/cli/latest/reference/iam/ and
// https://docs.aws.amazon.com/cli/latest/reference/sts/
package e2e
