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
		signingCertificateActions(),
		sshPublicKeyActions(),
		serviceSpecificCredentialActions(),
		groupActions(),
		roleActions(),
		policyActions(),
		inlinePolicyActions(),
		attachedPolicyActions(),
		simulateActions(),
		contextKeyActions(),
		credentialReportActions(),
		accountActions(),
		instanceProfileActions(),
		lastAccessedActions(),
		stsActions(),
		authorizationMessageActions(),
		analyzerActions(),
	)
}
