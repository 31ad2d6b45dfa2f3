package e2e_test

// invokePolicy is the one that every Selling Partner API developer was told to
// write.
const invokePolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*"}]}`

// verifyPolicy lets a user look at what there is, and change nothing.
const verifyPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[
	"iam:GenerateCredentialReport","iam:GenerateServiceLastAccessedDetails","iam:Get*","iam:List*",
	"iam:SimulateCustomPolicy","iam:SimulatePrincipalPolicy"],"Resource":"*"}]}`

// denySecret closes one path of the orders API.
const denySecret = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*/prod/GET/orders/v0/secret"}]}`

// trusting is a trust policy.
func trusting(principal string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"}]}`
}

// mayAssume is an identity policy.
func mayAssume(roleARN string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"` + roleARN + `"}]}`
}
