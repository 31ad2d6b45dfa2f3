package api_test

// ungivenByOrganizations are the declared errors of Organizations' actions that no
// call gets on its own.
var ungivenByOrganizations = []notGiven{
	{"*", "ServiceException", "AWS's own failures; iamd's are InternalFailure or ServiceUnavailable"},
	{"*", "TooManyRequestsException", "no calls are throttled"},
	{"*", "UnsupportedAPIEndpointException", "every region's endpoint serves all actions"},
	{"*", "ConcurrentModificationException", "writers of one organization are run one after another, and again when another node was first; only who changes hands in between hears of it"},
	{"*", "PolicyChangesInProgressException", "a change of policies is done when it is answered"},
	{"*", "FinalizingOrganizationException", "an organization is whole when CreateOrganization is answered"},
	{"CloseAccount", "ConflictException", "an account is closed when that is answered; a second call is AccountAlreadyClosedException"},
	{"InviteAccountToOrganization", "AccountOwnerNotVerifiedException", "addresses are not verified: no mail is sent"},
	{"AcceptHandshake", "MasterCannotLeaveOrganizationException", "a management account that is invited away hears that it is in an organization already"},
	{"LeaveOrganization", "AccountNotFoundException", "the account that leaves is the caller's"},
	{"DeleteOrganization,EnableAllFeatures,LeaveOrganization", "InvalidInputException", "it takes no parameters"},
	{"CreateOrganization", "ConstraintViolationException", "a new organization is below every quota"},
	{"EnableAllFeatures", "ConstraintViolationException", "what keeps it from happening is a HandshakeConstraintViolationException"},
	{"DisablePolicyType", "ConstraintViolationException", "what takes away exceeds no quota"},
	{"UntagResource", "ConstraintViolationException", "what takes away exceeds no quota"},
	{"TerminateResponsibilityTransfer", "ConstraintViolationException", "what takes away exceeds no quota"},
	{"DescribeResourcePolicy,DeleteResourcePolicy", "ConstraintViolationException", "where not all features are enabled there is none: ResourcePolicyNotFoundException"},
	{"DescribeEffectivePolicy,ListAccountsWithInvalidEffectivePolicy,ListEffectivePolicyValidationErrors", "ConstraintViolationException",
		"where not all features are enabled no type is: EffectivePolicyNotFoundException"},
	{"ListAWSServiceAccessForOrganization,ListDelegatedAdministrators,ListInboundResponsibilityTransfers,ListOutboundResponsibilityTransfers", "ConstraintViolationException",
		"where not all features are enabled the list is empty"},
	{"ListDelegatedServicesForAccount", "ConstraintViolationException", "where not all features are enabled no account is registered: AccountNotRegisteredException"},
}
