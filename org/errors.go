package org

import "iamd/iam"

// AWS's error codes, as they stand on the wire.
const (
	CodeAccessDenied        = "AccessDeniedException"
	CodeNotInUse            = "AWSOrganizationsNotInUseException"
	CodeAlreadyInOrg        = "AlreadyInOrganizationException"
	CodeAccountNotFound     = "AccountNotFoundException"
	CodeTargetNotFound      = "TargetNotFoundException"
	CodeParentNotFound      = "ParentNotFoundException"
	CodeChildNotFound       = "ChildNotFoundException"
	CodeRootNotFound        = "RootNotFoundException"
	CodeUnitNotFound        = "OrganizationalUnitNotFoundException"
	CodePolicyNotFound      = "PolicyNotFoundException"
	CodeInvalidInput        = "InvalidInputException"
	CodeConstraint          = "ConstraintViolationException"
	CodeConcurrent          = "ConcurrentModificationException"
	CodeMalformedPolicy     = "MalformedPolicyDocumentException"
	CodePolicyTypeDisabled  = "PolicyTypeNotEnabledException"
	CodeHandshakeNotFound   = "HandshakeNotFoundException"
	CodeHandshakeConstraint = "HandshakeConstraintViolationException"
)

// NotInUse is what a caller hears whose account is in no organization.
func NotInUse() error {
	return iam.Errorf(CodeNotInUse, "Your account is not a member of an organization.")
}

// Concurrent is what a caller hears whose account changed hands meanwhile.
func Concurrent() error {
	return iam.Errorf(CodeConcurrent, "AWS Organizations can't complete your request because it conflicts with another attempt to modify the same entity. Try again later.")
}

// NotPermitted is what a member hears that calls what is the management
// account's.
func NotPermitted() error {
	return iam.Errorf(CodeAccessDenied, "You don't have permissions to access this resource.")
}

// refuse is an exception that has a reason.
func refuse(code, reason, format string, args ...any) error {
	e := iam.Errorf(code, format, args...)
	e.Reason = reason
	return e
}
