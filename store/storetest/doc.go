// Package storetest is the suite that every backend of package store passes.
//
// It answers one question: does this backend keep the contract of
// store.Backend? Run asks it, in subtests that name the promise they check. It
// knows nothing of how a backend stores, so whoever writes a backend calls Run
// and nothing else:
//
//	func TestBackend(t *testing.T) {
//		dir := t.TempDir()
//		storetest.Run(t, func(t *testing.T) store.Backend { return open(t, dir, t.Name()) })
//	}
//
// RunWhole asks the same of a store.Whole, and RunShared of a store.Shared, which
// it opens twice as two processes would.
//
// Linear looks for an order in what clients of several processes saw, and Applying
// compares what follows an aggregate's rows with what loads them; both are for tests
// of what stands upon a backend as well.
// Feed, and Version with CheckVersions, are what backends' own tests have in common.
//
// It never tests speed, nor what a crash leaves: those differ by backend. It
// imports package store, the standard library, and porcupine, which looks for orders.
package storetest
