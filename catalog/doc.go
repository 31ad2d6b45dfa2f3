// Package catalog answers questions about AWS that have one answer for
// everyone: which managed policies AWS publishes and what they say, which
// services there are, which actions each has and on what those act, and what
// type a condition key has.
//
// It never decides anything, holds nothing of any account, reads no file and
// no network: the facts are embedded at build time, and every value it returns
// is shared and must not be modified.
//
// The way of one value: a lookup finds the service (or the block of about
// thirty policies) in a small index, inflates that one gzip member on its
// first use, keeps the result, and returns a pointer into it. Nothing is
// inflated at start-up or for a neighbour's sake. A part that cannot be read
// counts as empty, so that damage can only make a thing unknown, never
// allowed; the tests read every part.
//
// What the data cannot tell: descriptions of managed policies, versions older
// than the default one, and which of the policies AWS has since withdrawn from
// new attachments. Dependent actions are not recorded either.
//
// The managed policies of two releases are compared by Compare, over dumps;
// Fingerprints lets a server notice that it was started with others than before.
//
// It may import the standard library and its own internal packages only. The
// data comes from the packages named in data/SOURCES, brought into shape by
// internal/gen; their notices are in NOTICE at the repository's root.
//
// AWS pages: Service Authorization Reference; AWS Managed Policy Reference;
// IAM User Guide, "AWS global condition context keys".
package catalog

//go:generate go run ./internal/gen -policies $IAM_MANAGED_POLICIES -reference $IAM_DATA -out data
