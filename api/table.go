package api

import "slices"

// Actions is the table of every action that is served, by noun.
func Actions() []Action {
	return slices.Concat(
		userActions(),
		accessKeyActions(),
		groupActions(),
		roleActions(),
		policyActions(),
		inlinePolicyActions(),
		attachedPolicyActions(),
		simulateActions(),
		contextKeyActions(),
		credentialReportActions(),
		lastAccessedActions(),
		stsActions(),
		authorizationMessageActions(),
		analyzerActions(),
	)
}
