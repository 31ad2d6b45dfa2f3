// Package source reads the JSON that policies are written in into a tree whose every value knows where it stands, so that
// whoever finds fault with a policy can point at the place.
//
// It is strict about JSON (RFC 8259), about the characters that IAM takes, and about depth and length, and knows nothing
// of policies: any element may stand anywhere, twice, or be missing. It never panics and takes time linear in the text.
//
// The way of a text: Read returns the Node of the whole, or the Fault where it stops being JSON; a Tracker turns byte
// offsets into lines and columns.
//
// It imports the standard library only. The characters are those of the Pattern that the IAM API Reference gives for
// policy documents.
package source
