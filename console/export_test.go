package console

import "github.com/descope/virtualwebauthn"

// wholeKey is the size of a public key whose two coordinates have all their bytes.
const wholeKey = 77

// NewCredential makes a key for a virtual authenticator. The library writes numbers
// without leading zeros, which no real authenticator does and none may: one key in
// a hundred would be refused.
func NewCredential() virtualwebauthn.Credential {
	for {
		if c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(c.Key.AttestationData()) == wholeKey {
			return c
		}
	}
}
