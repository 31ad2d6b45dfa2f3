package e2e_test

import "testing"

// validate: the user, once allowed to, has documents checked by Access Analyzer.
func (j *job) validate(t *testing.T) {
	const (
		faulty   = `{"Version":"2012-10-17","Statement":[{"Effect":"Permit","Action":"s3:GetObject","Resource":"arn:aws:s3:::orders/*"}]}`
		mayCheck = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"access-analyzer:ValidatePolicy","Resource":"*"}]}`
	)
	check := func(document, kind string) []string {
		return []string{"accessanalyzer", "validate-policy", "--policy-document", document, "--policy-type", kind}
	}
	j.user.refused(t, "AccessDeniedException", "User: "+j.userARN+" is not authorized to perform: access-analyzer:ValidatePolicy on resource: arn:aws:access-analyzer:"+
		region+":"+account+":* because no identity-based policy allows the access-analyzer:ValidatePolicy action", check(faulty, "IDENTITY_POLICY")...)
	j.root.run(t, "iam", "put-user-policy", "--user-name", userName, "--policy-name", "MayCheck", "--policy-document", mayCheck)
	j.user.run(t, check(faulty, "IDENTITY_POLICY")...).
		want(t, "findings.0.issueCode", "INVALID_EFFECT", "findings.0.findingType", "ERROR",
			"findings.0.locations.0.path", []any{map[string]string{"value": "Statement"}, map[string]int{"index": 0}, map[string]string{"value": "Effect"}},
			"findings.0.locations.0.span.start", map[string]int{"line": 1, "column": 47, "offset": 47})
	j.user.run(t, check(invokePolicy, "IDENTITY_POLICY")...).want(t, "findings", []any{})
	j.user.refused(t, "UnknownOperationException", "", "accessanalyzer", "list-analyzers")
	j.root.run(t, "iam", "delete-user-policy", "--user-name", userName, "--policy-name", "MayCheck")
}
