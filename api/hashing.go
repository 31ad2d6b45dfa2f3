package api

import "runtime"

// accountHashing is an account's share in the hashing of passwords.
const accountHashing = 8

// newHashing are the turns of those who hash and compare passwords: they leave
// processors and memory to all other calls.
func newHashing() *turns { return newTurns(max(1, runtime.GOMAXPROCS(0)/2), accountHashing) }
