package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/iam"
	"iamd/keyring"
	"iamd/saml/samltest"
	"iamd/server/servertest"
)

// roles assumes roles in every way.
func (r *clearRun) roles() {
	ctx := r.t.Context()
	idp := samltest.New(r.t, "https://idp.example.com/")
	corp, err := r.admin.CreateSAMLProvider(ctx, &sdk.CreateSAMLProviderInput{Name: aws.String("Corp"), SAMLMetadataDocument: aws.String(idp.Metadata("")), AddPrivateKey: aws.String(r.rsaKey("SAML private key"))})
	r.ok(err)
	web, err := r.admin.CreateOpenIDConnectProvider(ctx, &sdk.CreateOpenIDConnectProviderInput{Url: aws.String(servertest.IssuerURL), ClientIDList: []string{"app"}})
	r.ok(err)
	role := func(name, principal, action string) *string {
		out, err := r.admin.CreateRole(ctx, &sdk.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(fmt.Sprintf(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":%s,"Action":"sts:%s"}}`, principal, action))})
		r.ok(err)
		return out.Role.Arn
	}
	plain := role("plain", `{"AWS":"`+r.first.AccountID+`"}`, "AssumeRole")
	key, err := r.admin.CreateAccessKey(ctx, &sdk.CreateAccessKeyInput{UserName: aws.String("Ink")})
	r.ok(err)
	ink := sts.NewFromConfig(r.as(*key.AccessKey.AccessKeyId, r.add("access key", *key.AccessKey.SecretAccessKey), ""))
	assumed, err := ink.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: plain, RoleSessionName: aws.String("session")})
	r.ok(err)
	cfg := r.session("AssumeRole", assumed.Credentials)
	_, err = sdk.NewFromConfig(cfg).ListUsers(ctx, nil)
	r.fails("what the role may not", err)
	federated, err := ink.GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("fed")})
	r.ok(err)
	r.session("GetFederationToken", federated.Credentials)
	long, err := r.sts.GetSessionToken(ctx, &sts.GetSessionTokenInput{})
	r.ok(err)
	r.session("GetSessionToken", long.Credentials)

	nobody := r.as("", "", "")
	nobody.Credentials = aws.AnonymousCredentials{}
	reader := role("reader", `{"Federated":"`+*corp.SAMLProviderArn+`"}`, "AssumeRoleWithSAML")
	good := idp.Assertion(time.Now(), *reader, *corp.SAMLProviderArn)
	for _, signed := range []bool{true, false} {
		response := r.add("SAML response", samltest.Encode(idp.Response(good, samltest.How{Assertion: signed})))
		out, err := sts.NewFromConfig(nobody).AssumeRoleWithSAML(ctx, &sts.AssumeRoleWithSAMLInput{RoleArn: reader, PrincipalArn: corp.SAMLProviderArn, SAMLAssertion: &response})
		if signed {
			r.ok(err)
			r.session("AssumeRoleWithSAML", out.Credentials)
		} else {
			r.fails("a SAML response that nobody signed", err)
		}
	}
	caller := role("web", `{"Federated":"`+*web.OpenIDConnectProviderArn+`"}`, "AssumeRoleWithWebIdentity")
	token := r.add("OpenID Connect token", r.issuer.Token(r.t, "me", "app"))
	came, err := sts.NewFromConfig(nobody).AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{RoleArn: caller, RoleSessionName: aws.String("session"), WebIdentityToken: &token})
	r.ok(err)
	r.session("AssumeRoleWithWebIdentity", came.Credentials)
	other := r.add("OpenID Connect token", r.issuer.Token(r.t, "me", "other-app"))
	_, err = sts.NewFromConfig(nobody).AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{RoleArn: caller, RoleSessionName: aws.String("session"), WebIdentityToken: &other})
	r.fails("a token for others", err)
}

// rsaKey is a private key in PEM form. Of keys the numbers are secret too, however
// they are written.
func (r *clearRun) rsaKey(what string) string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	r.ok(err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	r.ok(err)
	r.add(what+" number", string(key.D.Bytes()[:64]))
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	r.add(what+" line", strings.Split(text, "\n")[5])
	return r.add(what, text)
}

// privateKeys keeps a server certificate, and has the account issue tokens.
func (r *clearRun) privateKeys() {
	ctx := r.t.Context()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	r.ok(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "web"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	r.ok(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	r.ok(err)
	body := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	for _, name := range []string{"web", "web"} { // the second is refused
		secret := r.add("server certificate", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
		r.add("server certificate line", strings.Split(secret, "\n")[1])
		_, err := r.admin.UploadServerCertificate(ctx, &sdk.UploadServerCertificateInput{ServerCertificateName: &name, CertificateBody: &body, PrivateKey: &secret})
		if _, known := r.all["server certificate 1"]; known {
			r.fails("a second certificate of the name", err)
		} else {
			r.ok(err)
		}
	}
	_, err = r.admin.EnableOutboundWebIdentityFederation(ctx, &sdk.EnableOutboundWebIdentityFederationInput{})
	r.ok(err)
	for _, algorithm := range []string{"RS256", "ES384"} {
		out, err := r.sts.GetWebIdentityToken(ctx, &sts.GetWebIdentityTokenInput{Audience: []string{"https://api.example.com"}, SigningAlgorithm: &algorithm})
		r.ok(err)
		r.add("web identity token", *out.WebIdentityToken)
		a, err := r.s.accounts.View(ctx, r.first.AccountID)
		r.ok(err)
		_, signer, err := a.SigningKey(algorithm)
		r.ok(err)
		plain, err := x509.MarshalPKCS8PrivateKey(signer)
		r.ok(err)
		switch private := signer.(type) {
		case *rsa.PrivateKey:
			r.add("issuer's number", string(private.D.Bytes()[:64]))
			r.add("issuer's key", string(plain))
		case *ecdsa.PrivateKey: // the rest of its form is the public key
			scalar, err := private.Bytes()
			r.ok(err)
			r.add("issuer's number", string(scalar))
		}
	}
}

// applications registers one, and has it get every kind of token.
func (r *clearRun) applications() {
	arn := "arn:aws:iam::" + r.first.AccountID + ":user/Ink"
	call := func(method, path, body string) map[string]string {
		status, told := applicationCall(r.t, r.first, r.url, method, path, body)
		if status/100 != 2 {
			r.t.Fatalf("%s %s: %d %v", method, path, status, told)
		}
		for _, name := range []string{"client_secret", "refresh_token", "spapi_oauth_code"} {
			if told[name] != "" {
				r.add(name, told[name])
			}
		}
		return told
	}
	app := call("POST", "", `{"name":"orders","iam_arn":"`+arn+`","selling_partner_id":"A2EXAMPLE12345"}`)
	path := "/" + app["client_id"]
	code := call("POST", path+"/authorizations", `{"selling_partner_id":"A3EXAMPLE12345","code":true}`)["spapi_oauth_code"]
	ask := func(pairs ...string) map[string]string {
		told := tokens(r.t, r.url, app, pairs...)
		for _, name := range []string{"access_token", "refresh_token"} {
			if told[name] != "" {
				r.add(name, told[name])
			}
		}
		return told
	}
	refresh := ask("grant_type", "authorization_code", "code", code)["refresh_token"]
	if ask("grant_type", "refresh_token", "refresh_token", refresh)["access_token"] == "" {
		r.t.Error("no access token")
	}
	ask("grant_type", "client_credentials", "scope", "sellingpartnerapi::notifications")
	ask("grant_type", "authorization_code", "code", code) // used already
	wrong := map[string]string{"client_id": app["client_id"], "client_secret": r.add("client secret", "amzn1.oa2-cs.v1.0123456789abcdef")}
	tokens(r.t, r.url, wrong, "grant_type", "refresh_token", "refresh_token", refresh)
	ask("grant_type", "refresh_token", "refresh_token", r.add("refresh token", "Atzr|"+strings.Repeat("x", 100)))
	call("POST", path+"/secret", "")
}

// delegation gives access away, by a token that is sent, and by a topic that breaks.
func (r *clearRun) delegation(template string) {
	ctx := r.t.Context()
	out, err := r.admin.CreateDelegationRequest(ctx, &sdk.CreateDelegationRequestInput{
		Description: aws.String("Reads tags"), NotificationChannel: aws.String("arn:aws:sns:us-east-1:" + r.first.AccountID + ":delegations"), RequestorWorkflowId: aws.String("workflow"),
		SessionDuration: aws.Int32(3600), RequestMessage: aws.String("Please"), RedirectUrl: aws.String("https://example.com/back"),
		Permissions: &types.DelegationPermission{PolicyTemplateArn: &template, Parameters: []types.PolicyParameter{
			{Name: aws.String("userName"), Type: types.PolicyParameterTypeEnumString, Values: []string{"Ink"}},
		}},
	})
	r.ok(err)
	id := out.DelegationRequestId
	_, err = r.admin.AssociateDelegationRequest(ctx, &sdk.AssociateDelegationRequestInput{DelegationRequestId: id})
	r.ok(err)
	_, err = r.admin.AcceptDelegationRequest(ctx, &sdk.AcceptDelegationRequestInput{DelegationRequestId: id})
	r.ok(err)
	told := func() string {
		var news struct{ ExchangeToken string }
		r.ok(json.Unmarshal(r.topic.message(), &news))
		return r.add("trade-in token", news.ExchangeToken)
	}
	r.topic.breaks(true)
	_, err = r.admin.SendDelegationToken(ctx, &sdk.SendDelegationTokenInput{DelegationRequestId: id})
	r.fails("a topic that breaks", err)
	told()
	r.topic.breaks(false)
	_, err = r.admin.SendDelegationToken(ctx, &sdk.SendDelegationTokenInput{DelegationRequestId: id})
	r.ok(err)
	token := told()
	access, err := r.sts.GetDelegatedAccessToken(ctx, &sts.GetDelegatedAccessTokenInput{TradeInToken: &token})
	r.ok(err)
	r.add("delegated secret", *access.Credentials.SecretAccessKey)
	r.add("delegated token", *access.Credentials.SessionToken)
	_, err = r.sts.GetDelegatedAccessToken(ctx, &sts.GetDelegatedAccessTokenInput{TradeInToken: aws.String(r.add("trade-in token", token[:20]+"AAAA"+token[24:]))})
	r.fails("a wrong trade-in token", err)
}

// faults makes the server stumble: over a secret that does not open, over
// signatures in every wrong form, over bodies that are none.
func (r *clearRun) faults(user *Credentials) {
	ctx := r.t.Context()
	r.ok(r.s.accounts.Update(ctx, r.first.AccountID, func(d *iam.Draft) error {
		u, err := d.CreateUser(iam.NewUser{Name: "broken"})
		if err != nil {
			return err
		}
		k, _, err := d.CreateAccessKey(u)
		if err != nil {
			return err
		}
		if u, err = d.User("broken"); err != nil {
			return err
		}
		u.Keys[0].Sealed = []byte{1, 0, 0, 0, 1, 2, 3}
		user = &Credentials{AccessKeyID: k.ID, SecretAccessKey: user.SecretAccessKey}
		return nil
	}))
	_, err := sdk.NewFromConfig(root(user, r.url)).GetUser(ctx, nil)
	r.fails("a key whose secret does not open", err)
	secret := r.add("secret in an address", "SecretInTheAddress/0123456789+abcdef")
	for _, in := range []struct{ method, path, contentType, body string }{
		{"GET", "/?Action=GetCallerIdentity&X-Amz-Security-Token=" + strings.ReplaceAll(secret, "/", "%2F"), "", ""},
		{"POST", "/", "application/x-www-form-urlencoded", "Action=ChangePassword&NewPassword=" + secret + "&%zz"},
		{"POST", "/", "application/x-amz-json-1.1", `{"Password":"` + secret + `"`},
		{"POST", "/auth/o2/token", "application/x-www-form-urlencoded", "grant_type=" + secret + "&client_secret=" + secret},
		{"POST", "/console/api/signin", "application/json", `{"password":"` + secret + `",`},
	} {
		req, err := http.NewRequestWithContext(ctx, in.method, r.url+in.path, strings.NewReader(in.body))
		r.ok(err)
		req.Header.Set("Content-Type", in.contentType)
		req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+secret)
		req.Header.Set("X-Amz-Security-Token", secret)
		req.Header.Set("Cookie", "session="+secret)
		res, err := http.DefaultClient.Do(req)
		r.ok(err)
		r.ok(res.Body.Close())
		if res.StatusCode/100 == 2 {
			r.t.Errorf("%s %s is let through", in.method, in.path)
		}
	}
}

// operator makes an account over the socket, and gives its root user a password.
func (r *clearRun) operator() {
	c, err := r.s.CreateAccount(r.t.Context(), "other", "other@example.com")
	r.ok(err)
	r.add("root key", c.SecretAccessKey)
	r.add("root password", c.Password)
	c, err = r.s.ResetRootPassword(r.t.Context(), c.AccountID)
	r.ok(err)
	r.add("root password", c.Password)
}

// rotation changes the key of the keyring, whose keys are secret more than all.
func (r *clearRun) rotation() {
	r.ok(changed(r.t, r.s, false, added))
	r.ok(changed(r.t, r.s, false, active(2)))
	status := counted(r.t, r.s)
	for _, k := range status.Keys {
		if k.ID == 2 && k.Values < 9 || k.ID == 1 && k.Values != status.Pass.Broken { // one was broken before
			r.t.Errorf("key %d seals %d values: %+v", k.ID, k.Values, status.Pass)
		}
	}
	content, err := keyring.Load(r.s.keyring.path)
	r.ok(err)
	for line := range strings.Lines(content) {
		if _, key, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && line[0] != '#' {
			r.add("key of the keyring", key)
		}
	}
}
