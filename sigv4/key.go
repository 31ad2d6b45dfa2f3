package sigv4

import (
	"crypto/sha256"
	"crypto/subtle"
)

// Key is a secret narrowed to one date, region and service. It is a secret.
type Key [32]byte

// DeriveKey narrows secret to date (YYYYMMDD), region and service.
func DeriveKey(secret, date, region, service string) Key {
	var stack [256]byte
	k := hmacSum(append(append(stack[:0], "AWS4"...), secret...), date)
	k = hmacSum(k[:], region)
	k = hmacSum(k[:], service)
	return hmacSum(k[:], terminator)
}

// hmacSum is HMAC-SHA256 (RFC 2104) on a value that lives on the stack:
// crypto/hmac allocates four objects for each key.
func hmacSum(key []byte, message string) Key {
	var stack [sha256.BlockSize + 256]byte
	return seal(key, append(stack[:sha256.BlockSize], message...))
}

// innerPad and outerPad are what HMAC blends a key with.
var innerPad, outerPad = pad(0x36), pad(0x5c)

func pad(c byte) (block [sha256.BlockSize]byte) {
	for i := range block {
		block[i] = c
	}
	return block
}

// seal is hmacSum over message[64:]. It spoils the 64 bytes before.
func seal(key, message []byte) Key {
	var block [sha256.BlockSize]byte
	if len(key) > len(block) {
		sum := sha256.Sum256(key)
		copy(block[:], sum[:])
	} else {
		copy(block[:], key)
	}
	var outer [sha256.BlockSize + sha256.Size]byte
	subtle.XORBytes(message, block[:], innerPad[:])
	subtle.XORBytes(outer[:], block[:], outerPad[:])
	inner := sha256.Sum256(message)
	copy(outer[sha256.BlockSize:], inner[:])
	return sha256.Sum256(outer[:])
}
