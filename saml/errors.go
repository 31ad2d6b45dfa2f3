package saml

import "iamd/iam"

// AWS's texts, where it publishes them or they were seen; the spelling is its own.
const (
	textBase64       = "Invalid base64 SAMLResponse"
	textIssuer       = "Issuer not present in specified provider"
	textSignature    = "Response signature invalid"
	textRedeem       = "Token must be redeemed within 5 minutes of issuance"
	textExpired      = "Response has expired"
	textConfirmation = "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter"
	textAudience     = "Response does not contain the required audience."
	textRole         = "SAML Assertion doesn't contain the requested Role and Metadata in the attributes"
	textNoName       = "RoleSessionName is required in AuthnResponse"
	textName         = "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"
	textSource       = `Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"`
)

// Of these AWS tells no words; they are ours.
const (
	textMalformed = "Invalid SAML response"
	textOne       = "Response must contain exactly one assertion"
	textRejected  = "The identity provider reported that the authentication failed"
	textEarly     = "Response is not valid yet"
	textMetadata  = "The metadata of the specified provider has expired"
	textPlain     = "SAML Assertion must be encrypted"
	textSubject   = "SAML Assertion must contain a Subject with a NameID"
	textAuthn     = "SAML Assertion must contain an AuthnStatement"
	textDuration  = "SessionDuration in AuthnResponse must be a number of seconds from 900 to 43200"
	textTag       = "PrincipalTag in AuthnResponse must have a key of 1 to 128 characters and one value of up to 256, of letters, numbers, spaces and _.:/=+-@"
)

// invalid is AWS's refusal of an assertion; the cause goes to the log.
func invalid(text string, cause error) error {
	return &iam.Error{Code: iam.CodeInvalidIdentityToken, Message: text, Err: cause}
}

// expired is its refusal of one that is too old.
func expired(text string) error { return iam.Errorf(iam.CodeExpiredIdentityToken, "%s", text) }
