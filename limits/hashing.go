package limits

import "runtime"

// HashingShare is an account's share in the hashing of passwords.
const HashingShare = 8

// NewHashing are the turns of those who hash and compare passwords: they leave
// processors and memory to all other calls.
func NewHashing() *Turns { return NewTurns(max(1, runtime.GOMAXPROCS(0)/2), HashingShare) }
