//go:build !race

package gateway_test

const strangers = 1_000_000
