package policy

import "testing"

const (
	assume = `"Effect":"Allow","Action":"sts:AssumeRole"`
	owner  = `"Principal":{"AWS":"111122223333"}`
)

func trusting(principal string) string { return `{` + assume + `,"Principal":` + principal + `}` }
func trusted(action string) string {
	return `{"Effect":"Allow","Action":` + action + `,` + owner + `}`
}

// trustCases are statements of trust policies, and AWS's sentence; "" for a good document.
var trustCases = []struct{ statements, want string }{
	{trusting(`{"AWS":"111122223333"}`), ""},
	{trusting(`{"AWS":"*"}`), ""},
	{trusting(`{"AWS":"*","Service":"sts.amazonaws.com"}`), ""},
	{trusting(`{"Service":["ec2.amazonaws.com"]}`), ""},
	{trusting(`{"Federated":"accounts.google.com"}`), ""},
	{trusting(`{"Federated":"arn:aws:iam::111122223333:saml-provider/p"}`), ""},
	{trusting(`{"AWS":"arn:aws:sts::111122223333:assumed-role/app/s1"}`), ""},
	{trusted(`["sts:assumerole","sts:AssumeRoleWithSAML","sts:AssumeRole*","sts:TagSession","sts:SetSourceIdentity","sts:SetContext"]`), ""},
	{`{"Effect":"Deny","NotAction":"sts:AssumeRoleWithWebIdentity",` + owner + `}`, ""},

	{`{"Action":"sts:AssumeRole",` + owner + `}`, msgNoEffect},
	{`{"Effect":"Maybe"}`, "Invalid effect: Maybe"},
	{`{"Effect":"allow",` + owner + `}`, "Invalid effect: allow"},
	{`{` + assume + `,"NotPrincipal":{"AWS":"*"}}`, msgAllowNotPrincipal},
	{`{"Effect":"Deny","Action":"sts:AssumeRole","NotPrincipal":{"AWS":"*"},` + owner + `}`, msgNotPrincipal},
	{`{` + assume + `}`, msgNeedPrincipal},
	{trusting(`"*"`), msgEveryone},
	{trusting(`{}`), msgEmptyPrincipal},
	{trusting(`{"AWS":[]}`), msgEmptyPrincipal},
	{`{` + assume + `,"NotAction":[],` + owner + `}`, msgSyntax},
	{`{` + assume + `,` + owner + `,"Condition":{"StringEqual":{"a:b":"c"}}}`, msgSyntax},
	{`{` + assume + `,` + owner + `,"Condition":{"DateLessThan":{"aws:CurrentTime":"soon"}}}`, msgLegacy},
	{`{"Effect":"Allow",` + owner + `}`, msgNeedAction},
	{trusted(`[]`), msgNeedAction},
	{trusted(`"*"`), msgSTSOnly},
	{trusted(`"sts:*"`), msgSTSOnly},
	{trusted(`"sts:GetSessionToken"`), msgSTSOnly},
	{trusted(`["sts:AssumeRole","s3:x"]`), msgSTSOnly},
	{`{"Effect":"Deny","NotAction":"s3:x",` + owner + `}`, msgSTSOnly},
	{`{` + assume + `,` + owner + `,"Resource":"*"}`, msgHasResource},
	{`{` + assume + `,` + owner + `,"NotResource":"*"}`, msgHasNotResource},
	// A statement is read whole before the next, its principals after all of them.
	{`[{` + assume + `,` + owner + `,"Resource":"*"},{"Effect":"Maybe"}]`, msgHasResource},
	{`[` + trusting(`{"AWS":"x"}`) + `,{"Effect":"Maybe"}]`, "Invalid effect: Maybe"},
	{`[{"Sid":"a",` + assume + `,` + owner + `},{"Sid":"a",` + assume + `,` + owner + `}]`, msgTrustSIDs},
	{`{"Sid":"a b",` + assume + `,` + owner + `}`, msgSIDForm},

	{trusting(`{"AWS":"arn:aws:iam::111122223333:user/*"}`), `Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:user/*"`},
	{trusting(`{"AWS":"arn:aws:iam::1234567890:root"}`), `Invalid principal in policy: "AWS":"arn:aws:iam::1234567890:root"`},
	{trusting(`{"AWS":"arn:aws:iam::111122223333:group/g"}`), `Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:group/g"`},
	{trusting(`{"Service":"*"}`), `Invalid principal in policy: "SERVICE":"*"`},
	{trusting(`{"Service":"ec2"}`), `Invalid principal in policy: "SERVICE":"ec2"`},
	{trusting(`{"Service":"ec2.amazonaws.com/"}`), `Invalid principal in policy: "SERVICE":"ec2.amazonaws.com/"`},
	{trusting(`{"CanonicalUser":"79a5"}`), `Invalid principal in policy: "CanonicalUser"`},
	{trusting(`{"Federated":"arn:aws:iam::111122223333:user/p"}`), msgFederated},
	{trusting(`{"Federated":"https://accounts.google.com"}`), msgFederated},
	{trusting(`{"Federated":"google"}`), msgFederated},
	{trusting(`{"Federated":"a..b"}`), msgFederated},
	{trusting(`{"Federated":""}`), msgFederated},
	{trusting(`{"Federated":"*"}`), msgFederated},
	{trusting(`{"Federated":"cognito-identity.amazonaws.com"}`), msgCognito},
	{`{` + assume + `,"Principal":{"Federated":"cognito-identity.amazonaws.com"},"Condition":{"Bool":{"aws:SecureTransport":"true"}}}`, msgCognito},
	{`{` + assume + `,"Principal":{"Federated":"cognito-identity.amazonaws.com"},"Condition":{"StringEquals":{"cognito-identity.amazonaws.com:AUD":"us-east-1:x"}}}`, ""},
	{`{"Effect":"Deny","Action":"sts:AssumeRole","Principal":{"Federated":"cognito-identity.amazonaws.com"}}`, ""},
}

func TestCheckTrust(t *testing.T) {
	for _, c := range trustCases {
		checkIs(t, document(c.statements), Trust, CheckOptions{}, c.want)
	}
	good := trusting(`{"AWS":"111122223333"}`)
	for src, want := range map[string]string{
		`{"Statement":` + good + `}`:                                 "",
		`{"Version":"2008-10-17","Id":"x","Statement":` + good + `}`: "",
		`{"Version":"2020-01-01","Statement":` + good + `}`:          msgTrustVersion,
		"\n" + document(good):                                        msgLeadingSpace,
		document(good) + "\n":                                        "",
	} {
		checkIs(t, src, Trust, CheckOptions{}, want)
	}
	if m := Check(&Document{}, Trust, CheckOptions{}).(*Malformed); m.Message != msgNoStatement {
		t.Error(m)
	}
}
