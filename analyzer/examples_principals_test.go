package analyzer

// trusts is a trust policy's statement.
func trusts(principal, action string) string {
	return in(`"Effect":"Allow","Principal":` + principal + `,"Action":` + action)
}

// control is a resource control policy's statement.
func control(rest string) string {
	return in(`"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"` + rest)
}

var principalExamples = []example{
	{code: "UNSUPPORTED_PRINCIPAL", kind: IdentityPolicy, document: in(reading + `,"Principal":"*"`), from: `,"Principal":"*"`,
		path: "Statement[0]<Principal>", text: `"Principal"`, details: "The policy type IDENTITY_POLICY does"},
	{code: "SCP_SYNTAX_ERROR_PRINCIPAL", kind: SCP, document: in(reading + `,"NotPrincipal":{"AWS":"123456789012"}`), from: `,"NotPrincipal":{"AWS":"123456789012"}`,
		path: "Statement[0]<NotPrincipal>", text: `"NotPrincipal"`},
	{code: "INVALID_PRINCIPAL_FORMAT", kind: ResourcePolicy, document: in(reading + `,"Principal":"123456789012"`), from: `"123456789012"`, to: `{"AWS":"123456789012"}`,
		path: "Statement[0].Principal", text: `"123456789012"`},
	{code: "INVALID_PRINCIPAL_FORMAT", kind: ResourcePolicy, document: in(reading + `,"Principal":["*"]`), from: `["*"]`, to: `"*"`,
		path: "Statement[0].Principal", text: `["*"]`},
	{code: "INVALID_PRINCIPAL_KEY", kind: ResourcePolicy, document: in(reading + `,"Principal":{"aws":"123456789012"}`), from: `"aws"`, to: `"AWS"`,
		path: "Statement[0].Principal<aws>", text: `"aws"`, details: "key aws is"},
	{code: "UNSUPPORTED_WILDCARD_IN_PRINCIPAL", kind: ResourcePolicy, document: in(reading + `,"Principal":{"AWS":["*","arn:aws:iam::123456789012:role/*"]}`), from: "role/*", to: "role/a",
		path: "Statement[0].Principal.AWS[1]", text: `"arn:aws:iam::123456789012:role/*"`, details: "principal key AWS."},
	{code: "UNSUPPORTED_WILDCARD_IN_PRINCIPAL", kind: ResourcePolicy, document: in(reading + `,"Principal":{"Service":"*"}`), from: `"Principal":{"Service":"*"}`, to: `"Principal":"*"`,
		path: "Statement[0].Principal.Service", text: `"*"`},
	{code: "INVALID_SERVICE_PRINCIPAL_FORMAT", kind: ResourcePolicy, document: in(reading + `,"Principal":{"Service":"lambda"}`), from: "lambda", to: "lambda.amazonaws.com",
		path: "Statement[0].Principal.Service", text: `"lambda"`, details: "Use the format service-name.amazonaws.com."},
	{code: "FEDERATED_PRINCIPAL_NOT_SUPPORTED", kind: ResourcePolicy, document: in(reading + `,"Principal":{"Federated":"accounts.google.com"}`), from: "s3:GetObject", to: "sts:AssumeRoleWithWebIdentity",
		path: "Statement[0].Principal.Federated", text: `"accounts.google.com"`},
	{code: "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", kind: ResourcePolicy,
		document: in(reading + `,"Principal":{"Service":"cloudfront.amazonaws.com"},"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`),
		from:     "StringEquals", to: "StringEqualsIfExists",
		path: "Statement[0].Condition.StringEquals<aws:PrincipalOrgID>", text: `"aws:PrincipalOrgID"`, details: "service principal: aws:PrincipalOrgID."},

	{code: "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", kind: ResourcePolicy, resource: RoleTrust, document: in(`"Effect":"Deny","NotPrincipal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"`),
		from: "NotPrincipal", to: "Principal", path: "Statement[0]<NotPrincipal>", text: `"NotPrincipal"`},
	{code: "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", kind: ResourcePolicy, resource: RoleTrust, document: trusts(`"*"`, `"sts:AssumeRole"`),
		from: `"*"`, to: `{"AWS":"*"}`, path: "Statement[0].Principal", text: `"*"`},
	{code: "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", kind: ResourcePolicy, resource: RoleTrust, document: trusts(`{"AWS":"123456789012"}`, `"sts:AssumeRole","Resource":"*"`),
		from: `,"Resource":"*"`, path: "Statement[0]<Resource>", text: `"Resource"`},
	{code: "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", kind: ResourcePolicy, resource: RoleTrust, document: trusts(`{"Federated":"arn:aws:iam::123456789012:saml/Corp"}`, `"sts:AssumeRoleWithSAML"`),
		from: "saml/", to: "saml-provider/", path: "Statement[0].Principal.Federated", text: `"arn:aws:iam::123456789012:saml/Corp"`},
	{code: "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", kind: ResourcePolicy, resource: RoleTrust, document: trusts(`{"Federated":"google"}`, `"sts:AssumeRoleWithWebIdentity"`),
		from: "google", to: "accounts.google.com", path: "Statement[0].Principal.Federated", text: `"google"`},
	// AWS's own example, which does not tell the type of resource.
	{code: "MISMATCHED_ACTION_FOR_PRINCIPAL", kind: ResourcePolicy, document: trusts(`{"Federated":"cognito-identity.amazonaws.com"}`, `["sts:AssumeRole","sts:TagSession"]`),
		from: "AssumeRole", to: "AssumeRoleWithWebIdentity", path: "Statement[0].Action[0]", text: `"sts:AssumeRole"`,
		details: "The sts:AssumeRole action is invalid with the following principal(s): cognito-identity.amazonaws.com."},
	{code: "MISMATCHED_ACTION_FOR_PRINCIPAL", kind: ResourcePolicy, resource: RoleTrust, document: trusts(`{"Federated":"arn:aws:iam::123456789012:saml-provider/Corp"}`, `"sts:AssumeRoleWithWebIdentity"`),
		from: "saml-provider", to: "oidc-provider", path: "Statement[0].Action", text: `"sts:AssumeRoleWithWebIdentity"`},
	{code: "MISMATCHED_ACTION_FOR_PRINCIPAL", kind: ResourcePolicy, resource: RoleTrust, document: trusts(`{"AWS":"123456789012"}`, `["sts:AssumeRole","sts:AssumeRoleWithSAML"]`),
		from: `{"AWS"`, to: `{"Federated":"arn:aws:iam::123456789012:saml-provider/Corp","AWS"`, path: "Statement[0].Action[1]", text: `"sts:AssumeRoleWithSAML"`},
	{code: "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", kind: ResourcePolicy, resource: RoleTrust, document: trusts(`{"Service":"rolesanywhere.amazonaws.com"}`, `["sts:AssumeRole","sts:SetSourceIdentity"]`),
		from: `"sts:SetSourceIdentity"`, to: `"sts:SetSourceIdentity","sts:Tag*"`, path: "Statement[0].Principal.Service", text: `"rolesanywhere.amazonaws.com"`},

	{code: "RCP_SYNTAX_ERROR_PRINCIPAL", kind: RCP, document: in(`"Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"*"`), from: `{"AWS":"*"}`, to: `"*"`,
		path: "Statement[0].Principal", text: `{"AWS":"*"}`},
	{code: "RCP_SYNTAX_ERROR_PRINCIPAL", kind: RCP, document: in(`"Effect":"Deny","NotPrincipal":{"AWS":"1"},"Action":"s3:*","Resource":"*"`), from: `"NotPrincipal":{"AWS":"1"}`, to: `"Principal":"*"`,
		path: "Statement[0]<NotPrincipal>", text: `"NotPrincipal"`},
	{code: "RCP_SYNTAX_ERROR_ALLOW", kind: RCP, document: in(`"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3:::b"`), from: "arn:aws:s3:::b", to: "*",
		path: "Statement[0].Effect", text: `"Allow"`},
	{code: "RCP_SYNTAX_ERROR_ALLOW", kind: RCP, document: in(`"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"`), from: "s3:*", to: "*",
		path: "Statement[0].Effect", text: `"Allow"`},
	{code: "RCP_SYNTAX_ERROR_ACTION", kind: RCP, document: in(`"Effect":"Allow","Principal":"*","Action":["s3:*","iam:CreateUser"],"Resource":"*"`), from: `["s3:*","iam:CreateUser"]`, to: `"s3:*"`,
		path: "Statement[0].Action[1]", text: `"iam:CreateUser"`},
	{code: "RCP_SYNTAX_ERROR_NOTACTION", kind: RCP, document: in(`"Effect":"Deny","Principal":"*","NotAction":"s3:*","Resource":"*"`), from: "NotAction", to: "Action",
		path: "Statement[0]<NotAction>", text: `"NotAction"`},
	{code: "RCP_SYNTAX_ERROR_ACTION", kind: RCP, document: in(`"Effect":"Deny","Principal":"*","Action":["s3:*","iam:CreateUser"],"Resource":"*"`), from: "iam:CreateUser", to: "sts:AssumeRole",
		path: "Statement[0].Action[1]", text: `"iam:CreateUser"`},
	{code: "RCP_SYNTAX_ERROR_ACTION", kind: RCP, document: in(`"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"`), from: "Deny", to: "Allow",
		path: "Statement[0].Action", text: `"*"`},
	{code: "RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY", kind: RCP, document: control(`,"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`),
		from: `}}`, to: `},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}`,
		path: "Statement[0].Condition.StringNotEqualsIfExists<aws:PrincipalOrgID>", text: `"aws:PrincipalOrgID"`, details: "principal key aws:PrincipalOrgID is used"},
	{code: "RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY", kind: RCP, document: control(`,"Condition":{"StringNotEqualsIfExists":{"aws:SourceOrgID":"o-a1b2c3d4e5"}}`),
		from: `}}`, to: `},"Bool":{"aws:PrincipalIsAWSService":"true"}}`,
		path: "Statement[0].Condition.StringNotEqualsIfExists<aws:SourceOrgID>", text: `"aws:SourceOrgID"`, details: "key aws:SourceOrgID is used"},
	{code: "RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK", kind: RCP, document: control(`,"Condition":{"StringNotEqualsIfExists":{"aws:SourceOrgID":"o-a1b2c3d4e5"},"Bool":{"aws:PrincipalIsAWSService":"true"}}`),
		from: `}}`, to: `},"Null":{"aws:SourceAccount":"false"}}`,
		path: "Statement[0].Condition.StringNotEqualsIfExists<aws:SourceOrgID>", text: `"aws:SourceOrgID"`, details: "the aws:SourceOrgID condition key"},
}
