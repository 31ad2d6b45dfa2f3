package api

import "slices"

// Actions is the table of every action that is served, by noun.
func Actions() []Action {
	return slices.Concat(
		userActions(),
		accessKeyActions(),
		passwordPolicyActions(),
		loginProfileActions(),
		mfaDeviceActions(),
		serverCertificateActions(),
		samlProviderActions(),
		signingCertificateActions(),
		sshPublicKeyActions(),
		serviceSpecificCredentialActions(),
		openIDProviderActions(),
		groupActions(),
		roleActions(),
		serviceLinkedRoleActions(),
		policyActions(),
		inlinePolicyActions(),
		attachedPolicyActions(),
		simulateActions(),
		contextKeyActions(),
		credentialReportActions(),
		accountActions(),
		instanceProfileActions(),
		lastAccessedActions(),
		grantingPolicyActions(),
		stsActions(),
		authorizationMessageActions(),
		analyzerActions(),
	)
}
