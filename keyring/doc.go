// Package keyring seals what must not be read: the secrets of access keys at
// rest, and the session tokens that travel with clients.
//
// A Ring holds key-encryption keys, one active and any number that only open;
// from each it derives a key of its own for every Purpose, and seals with
// XChaCha20-Poly1305, whose random nonces do not run out. What is sealed is
// bound to bytes that are not in it (the account and the access key id), so a
// value copied to another place does not open there. A sealed value names the
// key that sealed it. The keys of a ring can be replaced while it is in use.
//
// The keys come from a file that only its owner may read, or we from root, or from
// the environment. They are never written to the store, the log or an error, and
// printing a Ring shows none. The file is changed whole or not at all; what it
// says in comments, when a key was made and when it stopped sealing, is for
// people and for those who judge whether a key may go.
//
// One value's way: plain text → Seal(purpose, bound) → bytes to keep →
// Open with the same purpose and bound → plain text, or ErrSealed. One key's way:
// Add → Activate → (another one's Activate) → Remove.
//
// It imports nothing of ours.
package keyring
