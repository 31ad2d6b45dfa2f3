package iam

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"

	"golang.org/x/crypto/argon2"
)

// Of a password's hash: argon2id with 19 MiB, two passes, one lane, as OWASP's
// Password Storage Cheat Sheet has it. Stored hashes name their own cost.
const (
	argonMemory = 19 << 10 // KiB
	argonPasses = 2
	argonLanes  = 1
	argonSalt   = 16 // bytes
	argonKey    = 32
)

// PasswordCost is what it costs to hash a password, and to compare one with the
// hash. The zero value is what passwords of people need; another is for tests,
// where nobody guesses.
type PasswordCost struct {
	Memory uint32 // KiB
	Passes uint32
}

// Hash gives what is stored of a password, in PHC's string form.
func (c PasswordCost) Hash(rand io.Reader, password string) string {
	if c == (PasswordCost{}) {
		c = PasswordCost{Memory: argonMemory, Passes: argonPasses}
	}
	salt := make([]byte, argonSalt)
	read(rand, salt)
	key := argon2.IDKey([]byte(password), salt, c.Passes, c.Memory, argonLanes, argonKey)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Passes, argonLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// PasswordMatches tells whether a password is the one that was hashed. A hash
// that cannot be read matches nothing.
func PasswordMatches(hash, password string) bool {
	var version, memory, passes, lanes int
	var salt, key string
	n, err := fmt.Sscanf(hash, "$argon2id$v=%d$m=%d,t=%d,p=%d$%22s$%43s", &version, &memory, &passes, &lanes, &salt, &key)
	if err != nil || n != 6 || version != argon2.Version || memory <= 0 || memory > 1<<20 || passes <= 0 || passes > 100 || lanes <= 0 || lanes > 64 {
		return false
	}
	rawSalt, err := base64.RawStdEncoding.DecodeString(salt)
	if err != nil {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(key)
	if err != nil || len(want) != argonKey {
		return false
	}
	got := argon2.IDKey([]byte(password), rawSalt, uint32(passes), uint32(memory), uint8(lanes), argonKey)
	return subtle.ConstantTimeCompare(got, want) == 1
}
