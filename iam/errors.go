package iam

import "fmt"

// Error is a refusal in AWS's words. Code is AWS's error code, Message goes to
// the caller, Reason too where AWS's exception has one, Err (may be nil) to the
// log only.
type Error struct {
	Code    string
	Message string
	Reason  string
	Err     error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Code + ": " + e.Message + ": " + e.Err.Error()
	}
	return e.Code + ": " + e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// AWS's error codes, as they stand on the wire.
const (
	CodeNoSuchEntity           = "NoSuchEntity"
	CodeEntityAlreadyExists    = "EntityAlreadyExists"
	CodeLimitExceeded          = "LimitExceeded"
	CodeDeleteConflict         = "DeleteConflict"
	CodeValidation             = "ValidationError"
	CodeInvalidInput           = "InvalidInput"
	CodeMalformedPolicy        = "MalformedPolicyDocument"
	CodePolicyNotAttachable    = "PolicyNotAttachable"
	CodeUnmodifiableEntity     = "UnmodifiableEntity"
	CodeReportNotPresent       = "ReportNotPresent"
	CodeAccessDenied           = "AccessDenied"
	CodePackedPolicyTooLarge   = "PackedPolicyTooLarge"
	CodeInvalidParameterValue  = "InvalidParameterValue"
	CodeConcurrentModification = "ConcurrentModification"
	CodeServiceFailure         = "ServiceFailure"
	CodeThrottling             = "Throttling"

	CodeReportGenerationLimit = "ReportGenerationLimitExceeded"

	CodePasswordPolicyViolation       = "PasswordPolicyViolation"
	CodeInvalidUserType               = "InvalidUserType"
	CodeInvalidAuthenticationCode     = "InvalidAuthenticationCode"
	CodeEntityTemporarilyUnmodifiable = "EntityTemporarilyUnmodifiable"

	CodeNameConflict         = "NameConflict"
	CodeRoleModified         = "RoleModified"
	CodeRoleTemplateDisabled = "RoleTemplateDisabled"
	CodeExpiredTradeInToken  = "ExpiredTradeInTokenException"

	CodeOpenIDIdpCommunication = "OpenIdIdpCommunicationError"

	CodeInvalidAuthorizationMessage = "InvalidAuthorizationMessageException"

	CodeInvalidIdentityToken = "InvalidIdentityToken"
	CodeExpiredIdentityToken = "ExpiredTokenException"
	CodeIDPCommunication     = "IDPCommunicationError"
	CodeIDPRejectedClaim     = "IDPRejectedClaim"

	CodeFeatureEnabled             = "FeatureEnabled"
	CodeFeatureDisabled            = "FeatureDisabled"
	CodeOutboundFederationDisabled = "OutboundWebIdentityFederationDisabledException"
	CodeSessionDurationEscalation  = "SessionDurationEscalationException"
	CodeJWTPayloadSizeExceeded     = "JWTPayloadSizeExceededException"
)

// Errorf makes a refusal with AWS's code and a text for the caller.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func noUser(name string) *Error {
	return Errorf(CodeNoSuchEntity, "The user with name %s cannot be found.", name)
}

func noGroup(name string) *Error {
	return Errorf(CodeNoSuchEntity, "The group with name %s cannot be found.", name)
}

func noRole(name string) *Error {
	return Errorf(CodeNoSuchEntity, "The role with name %s cannot be found.", name)
}

func noPolicy(arn string) *Error {
	return Errorf(CodeNoSuchEntity, "Policy %s was not found.", arn)
}

func exists(what, name string) *Error {
	return Errorf(CodeEntityAlreadyExists, "%s with name %s already exists.", what, name)
}

// quota is the refusal of one thing too many; name is AWS's name of the quota.
func quota(name string, limit int) *Error {
	return Errorf(CodeLimitExceeded, "Cannot exceed quota for %s: %d", name, limit)
}
