// Package samltest is an identity provider for tests: it makes SAML responses,
// good ones and, by editing their text or the way they are signed, any other.
// Signatures are goxmldsig's; encryption is the standard library's. It never
// verifies anything, and nothing but tests imports it.
//
// One value's way: New → IdP.Assertion (a good one, by its parts) → IdP.Response
// (XML, signed and encrypted) → Encode → the client's SAMLAssertion.
//
// It imports nothing of ours: what it writes is by the standard, not by our reading of it.
package samltest
