// Package saml reads what an identity provider says of a person in a SAML 2.0
// response, and believes it only as far as a provider of the account vouches
// for it. It answers who the person is, which roles they may ask for, and under
// which session name, tags and source identity. It decides no request, issues no
// credentials, keeps nothing, and does no I/O: whether an assertion was used
// before is the account's to know, whether the role trusts the provider is the
// guard's.
//
// One value's way: Read (base64, bounded XML without document types, one
// assertion, one place for each signature) → Response.Verify (decrypt, verify,
// and take the very element that was signed; then issuer, times, recipient,
// audience) → Assertion → Assertion.Session (AWS's attributes) → api.
//
// Signatures are goxmldsig's to verify, by the certificates of the provider's
// stored metadata and no others. What a signature does not cover is not read:
// the assertion is built anew from the bytes that were hashed. A response in
// which the signed element could be taken for another one (ids twice, a second
// assertion, signatures in other places, references or transforms other than
// the standard's) is refused before any signature is looked at.
//
// It may import iam, for the provider and AWS's error codes.
//
// Pages: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html and OASIS's
// SAML core, section 5 (signatures) and profiles, section 4.1.4 (responses).
package saml
