//go:build race

package gateway_test

// strangers is a tenth of what TestMillionKeys sends otherwise: looking for races
// makes each cost ten times as much.
const strangers = 100_000
