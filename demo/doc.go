// Command demo shows iamd's main job on this machine, in one terminal:
//
//	make demo            runs the steps and stays up until Ctrl-C
//	make demo ONCE=1     ends after the steps, with 1 if any came out wrong
//	make demo STAND_IN=1 goes on to the Selling Partner API, under its own host names
//	make demo DATA_DIR=d keeps what was made in d, where it goes on next time
//
// It starts bin/iamd on the embedded store, before an upstream of its own, and
// does what every Selling Partner API developer was told to do: `iamd setup
// sp-api`, once and again; the role's temporary keys; a signed GET
// /orders/v0/orders through the gateway; the same call in all the ways that must
// be refused; and the verification that the user may do. Each step tells what was
// asked and what came back, and counts as wrong when that is not what AWS would
// have answered.
//
// With the stand-in it goes on as an application: it registers, logs in with Amazon at
// api.amazon.com, takes the role at STS's own name, and calls sellingpartnerapi-na.amazon.com
// as it must be called and otherwise, by a resolver of its own and a client that
// trusts the local authority alone.
//
// It is a client like any other: it speaks to iamd over HTTP by the AWS SDK for
// Go, imports nothing of iamd, and writes nothing outside its data directory.
//
// Pages: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
// and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
package main
