package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/go-jose/go-jose/v4"
)

// TestKnownIssuersTellNoRoles: everybody may have a token of an issuer that AWS
// knows by name, or say to have one. Neither tells which roles are there, want its
// tokens, or are of an account that is kept here.
func TestKnownIssuersTellNoRoles(t *testing.T) {
	const known = "accounts.google.com"
	w, issuer, root, _ := newWebWorld(t)
	issuer.serves(t, known)
	meant := letIn
	meant.Condition = map[string]map[string]string{"StringEquals": {known + ":sub": "somebody else"}}
	wanting := trustsWeb(t, root, "wanting", known, meant)
	forged := signedBy(t, signingKeys(t)["ES256"], jose.ES256, map[jose.HeaderKey]any{"kid": "ES256"}, []byte(`{"iss":"`+known+`","sub":"me","aud":"app","iat":1,"exp":4102444800}`))
	for name, role := range map[string]string{
		"a role that wants it": wanting, "one that does not": trustsWeb(t, root, "plain", "arn:aws:iam::"+root.Account+":oidc-provider/"+issuerName, letIn),
		"no role": wanting + "-none", "no account": strings.Replace(wanting, root.Account, "999999999999", 1),
	} {
		_, err := w.webIdentity(t, webCall(role, forged))
		wantError(t, name+", a forged token", err, "InvalidIdentityToken", "The web identity token provided could not be validated.")
		_, err = w.webIdentity(t, webCall(role, issuer.token(t, known, nil)))
		refusedAs(t, name+", a stranger's token", err, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	}
}

// TestDelegationKeepsTheProvider: what policies say of the person whom an identity
// provider vouches for, they say of the access too which that person delegated.
func TestDelegationKeepsTheProvider(t *testing.T) {
	w := newCaseWorld(t)
	d := newDelegation(t, w, nil)
	provider := provides(t, d.owner, issuerName)
	boss := trustsWeb(t, d.owner, "Boss", provider, letIn)
	put := func(condition string) {
		t.Helper()
		_, err := d.owner.IAM.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("Boss"), PolicyName: aws.String("reads"), PolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:ListUserTags","Resource":"*","Condition":` + condition + `}]}`)})
		mustDo(t, err)
	}
	put(`{"StringEquals":{"aws:FederatedProvider":"` + provider + `"}}`)
	out, err := w.webIdentity(t, webCall(boss, w.issuer.token(t, issuerURL, map[string]any{"amr": []string{"pwd", "sms"}})))
	mustDo(t, err)
	approver := w.as(d.owner.Account, *out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	wantError(t, "the approver", tagsOf(approver, "Ink"), "AccessDenied", "with an explicit deny")
	mustDo(t, d.associate(d.owner), d.accept(approver), d.send(d.owner))
	guest := d.trade(t)
	for _, condition := range []string{
		`{"StringEquals":{"aws:FederatedProvider":"` + provider + `"}}`, `{"StringEquals":{"` + issuerName + `:sub":"me"}}`, `{"ForAnyValue:StringEquals":{"` + issuerName + `:amr":"sms"}}`,
	} {
		put(condition)
		wantError(t, condition, tagsOf(guest, "Ink"), "AccessDenied", "with an explicit deny")
	}
	put(`{"StringEquals":{"` + issuerName + `:sub":"you"}}`)
	mustDo(t, tagsOf(guest, "Ink"))
}

// TestProviderDeletedMeanwhile: a provider that is gone, or has other audiences,
// by the time the issuer's keys are there vouches for nobody.
func TestProviderDeletedMeanwhile(t *testing.T) {
	for name, change := range map[string]func(*clients, string) error{
		"deleted": func(root *clients, arn string) error {
			_, err := root.IAM.DeleteOpenIDConnectProvider(context.Background(), &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
			return err
		},
		"not for the app any more": func(root *clients, arn string) error {
			_, err := root.IAM.RemoveClientIDFromOpenIDConnectProvider(context.Background(), &iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, ClientID: aws.String("app")})
			return err
		},
	} {
		w, issuer, root, role := newWebWorld(t)
		changed := make(chan error, 1)
		issuer.when(issuerName+"/keys", func(rw http.ResponseWriter, _ *http.Request) {
			changed <- change(root, "arn:aws:iam::"+root.Account+":oidc-provider/"+issuerName)
			issuer.answer(rw, issuer.keySet())
		})
		_, err := w.webIdentity(t, webCall(role, issuer.token(t, issuerURL, nil)))
		wantError(t, name, err, "InvalidIdentityToken", "")
		mustDo(t, <-changed)
	}
}
