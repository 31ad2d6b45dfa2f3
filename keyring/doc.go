// Package keyring seals what must not be read: the secrets of access keys at
// rest, and the session tokens that travel with clients.
//
// A Ring holds key-encryption keys, one active and any number retired; from
// each it derives a key of its own for every Purpose, and seals with
// XChaCha20-Poly1305, whose random nonces do not run out. What is sealed is
// bound to bytes that are not in it (the account and the access key id), so a
// value copied to another place does not open there.
//
// The keys come from a file that only its owner may read, or from the
// environment. They are never written to the store, the log or an error, and
// printing a Ring shows none.
//
// One value's way: plain text → Seal(purpose, bound) → bytes to keep →
// Open with the same purpose and bound → plain text, or ErrSealed.
//
// It imports nothing of ours.
package keyring
