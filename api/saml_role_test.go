package api_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"iamd/saml/samltest"
	"iamd/server"
)

const samlEntity = "https://idp.example.com/saml"

// samlSigner signs for all tests: making a key takes long.
var samlSigner = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// samlProvider makes Corp of an identity provider, and gives its ARN.
func samlProvider(t *testing.T, root *clients, p *samltest.IdP) string {
	t.Helper()
	out, err := root.IAM.CreateSAMLProvider(t.Context(), &iam.CreateSAMLProviderInput{Name: aws.String("Corp"), SAMLMetadataDocument: aws.String(p.Metadata(""))})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(out.SAMLProviderArn)
}

var letSAMLIn = statement{Effect: "Allow", Action: "sts:AssumeRoleWithSAML"}

func samlCall(role, provider, response string) *sts.AssumeRoleWithSAMLInput {
	return &sts.AssumeRoleWithSAMLInput{RoleArn: aws.String(role), PrincipalArn: aws.String(provider), SAMLAssertion: aws.String(response)}
}

// samlWorld is a world with an account that has a provider, and a role that
// trusts it.
type samlWorld struct {
	*world
	idp            *samltest.IdP
	root           *clients
	provider, role string
}

func newSAMLWorld(t *testing.T) *samlWorld {
	t.Helper()
	w := &samlWorld{world: newWorld(t), idp: samltest.With(t, samlEntity, samlSigner())}
	w.root = w.account(t)
	w.provider = samlProvider(t, w.root, w.idp)
	w.role = trustsWeb(t, w.root, "reader", w.provider, letSAMLIn)
	return w
}

// good is a response of Ada's, changed before it is signed.
func (w *samlWorld) good(change ...func(*samltest.Assertion)) string {
	a := w.idp.Assertion(time.Now(), w.role, w.provider)
	for _, f := range change {
		f(&a)
	}
	return samltest.Encode(w.idp.Response(a, samltest.How{Assertion: true}))
}

func (w *samlWorld) assume(t *testing.T, in *sts.AssumeRoleWithSAMLInput) (*sts.AssumeRoleWithSAMLOutput, error) {
	t.Helper()
	return w.unsigned("").STS.AssumeRoleWithSAML(t.Context(), in)
}

func (w *samlWorld) session(c *ststypes.Credentials) *clients {
	return w.as(w.root.Account, *c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
}

func said(name string, values ...string) func(*samltest.Assertion) {
	return func(a *samltest.Assertion) { a.Attributes = append(a.Attributes, append([]string{name}, values...)) }
}

func samlRoleCases() []actionCase {
	full := []func(*samltest.Assertion){
		said(samltest.Attributes+"PrincipalTag:team", "blue"), said(samltest.Attributes+"TransitiveTagKeys", "team"), said(samltest.Attributes+"SourceIdentity", "Ann"),
		said("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "staff", "member"), said("http://schemas.xmlsoap.org/claims/CommonName", "Ada"),
	}
	one := func(with []func(*samltest.Assertion), key, anyKey, holds, other, tagKeys string, grants ...string) actionCase {
		c := actionCase{
			action: "AssumeRoleWithSAML", key: key, anyKey: anyKey, holds: holds, other: other, tagKeys: tagKeys,
			setup: func(t *testing.T, root *clients, made map[string]string) {
				p := samltest.With(t, samlEntity, samlSigner())
				made["provider"] = samlProvider(t, root, p)
				made["role"] = trustsWeb(t, root, "reader", made["provider"])
				a := p.Assertion(time.Now(), made["role"], made["provider"])
				for _, f := range with {
					f(&a)
				}
				made["response"] = samltest.Encode(p.Response(a, samltest.How{Response: true}))
			},
			unsigned: func(t *testing.T, root *clients, made map[string]string, statements []statement) {
				if _, err := root.IAM.UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{
					RoleName: aws.String("reader"), PolicyDocument: aws.String(trustOf(root.Account, made["provider"], statements)),
				}); err != nil {
					t.Fatal(err)
				}
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.STS.AssumeRoleWithSAML(ctx, samlCall(made["role"], made["provider"], made["response"]))
				if err == nil {
					made["id"], made["secret"], made["session"] = *out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				got, err := root.STS.GetCallerIdentity(t.Context(), nil, func(o *sts.Options) {
					o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
						return aws.Credentials{AccessKeyID: made["id"], SecretAccessKey: made["secret"], SessionToken: made["session"]}, nil
					})
				})
				if err != nil {
					t.Fatal(err)
				}
				same(t, "ARN", *got.Arn, "arn:aws:sts::"+root.Account+":assumed-role/reader/ada")
			},
		}
		for _, g := range grants {
			c.grants = append(c.grants, grant{g, "*"})
		}
		return c
	}
	all := []string{"sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"}
	return []actionCase{
		one(nil, "saml:sub", "", "ada@example.com", "eve@example.com", "", all[0]),
		one(nil, "saml:sub_type", "", "persistent", "transient", "", all[0]),
		one(nil, "SAML:aud", "", samltest.Endpoint, "https://signin.aws.amazon.com/", "", all[0]),
		one(nil, "saml:iss", "", samlEntity, "https://idp.example.org/", "", all[0]),
		one(nil, "sts:RoleSessionName", "", "ada", "eve", "", all[0]),
		one(full, "saml:commonName", "", "Ada", "Eve", "", all...),
		one(full, "", "saml:edupersonaffiliation", "member", "student", "team", all...),
		one(full, "aws:RequestTag/team", "", "blue", "red", "", all...),
		one(full, "sts:SourceIdentity", "", "Ann", "Bob", "", all...),
		one(full, "", "sts:TransitiveTagKeys", "team", "another", "", all...),
		one(full, "iam:ResourceTag/kind", "", "web", "another", "", all...),
	}
}

// TestSAML: what is answered, what the keys may do, how long they last, and what
// later calls know of the person.
func TestSAML(t *testing.T) {
	w := newSAMLWorld(t)
	w.role = trustsWeb(t, w.root, "tagged", w.provider, letSAMLIn, statement{Effect: "Allow", Action: "sts:TagSession"}, statement{Effect: "Allow", Action: "sts:SetSourceIdentity"})
	qualifier := nameQualifier(samlEntity + w.root.Account + "/Corp")
	in := samlCall(w.role, w.provider, w.good(said(samltest.Attributes+"PrincipalTag:team", "blue"), said(samltest.Attributes+"TransitiveTagKeys", "team"),
		said(samltest.Attributes+"SourceIdentity", "Ann"), func(a *samltest.Assertion) { a.Subject = "Ada &amp; &lt;Co&gt;" }))
	in.DurationSeconds, in.Policy = aws.Int32(7200), aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{
		"StringEquals":{"saml:sub":"Ada & <Co>","saml:sub_type":"persistent","saml:namequalifier":"`+qualifier+`","aws:PrincipalTag/team":"blue","aws:SourceIdentity":"Ann"},
		"Null":{"saml:aud":"true","aws:FederatedProvider":"true","aws:MultiFactorAuthPresent":"true"}}}}`)
	out, err := w.assume(t, in)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "issuer", aws.ToString(out.Issuer), samlEntity)
	same(t, "subject", aws.ToString(out.Subject), "Ada & <Co>")
	same(t, "subject type", aws.ToString(out.SubjectType), "persistent")
	same(t, "audience", aws.ToString(out.Audience), samltest.Endpoint)
	same(t, "name qualifier", aws.ToString(out.NameQualifier), qualifier)
	same(t, "source", aws.ToString(out.SourceIdentity), "Ann")
	same(t, "user", aws.ToString(out.AssumedRoleUser.Arn), "arn:aws:sts::"+w.root.Account+":assumed-role/tagged/ada")
	same(t, "id", strings.HasSuffix(aws.ToString(out.AssumedRoleUser.AssumedRoleId), ":ada"), true)
	same(t, "packed", aws.ToInt32(out.PackedPolicySize) > 0, true) //lint:ignore SA1019 it is answered
	same(t, "lasts", time.Until(*out.Credentials.Expiration).Round(time.Minute), 2*time.Hour)
	session := w.session(out.Credentials)
	if _, err := session.IAM.ListUsers(t.Context(), nil); err != nil {
		t.Errorf("the session may not do what its policies allow: %v", err)
	}
	if _, err := session.IAM.ListRoles(t.Context(), nil); err == nil {
		t.Error("the session may do what the role may not")
	}
	// The session is a role's: who assumes another is chained, and keeps the source
	// identity and the transitive tags.
	next := makeRole(t, w.root, "next", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"`+w.role+`"},
		"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Condition":{"StringEquals":{"aws:RequestTag/team":"blue","sts:SourceIdentity":"Ann"}}}}`)
	chain := &sts.AssumeRoleInput{RoleArn: aws.String(next), RoleSessionName: aws.String("next"), DurationSeconds: aws.Int32(3601)}
	_, err = session.STS.AssumeRole(t.Context(), chain)
	refusedAs(t, "chained for long", err, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	chain.DurationSeconds = nil
	if _, err := session.STS.AssumeRole(t.Context(), chain); err != nil {
		t.Error(err)
	}
	// The provider's end is not the session's; the role's is.
	if _, err := w.root.IAM.DeleteSAMLProvider(t.Context(), &iam.DeleteSAMLProviderInput{SAMLProviderArn: aws.String(w.provider)}); err != nil {
		t.Fatal(err)
	}
	if _, err := session.IAM.ListUsers(t.Context(), nil); err != nil {
		t.Errorf("the provider's end ended a session: %v", err)
	}
	_, err = w.assume(t, samlCall(w.role, w.provider, w.good()))
	refusedAs(t, "the deleted provider", err, "InvalidIdentityToken", "Specified provider doesn't exist")
	for _, name := range []string{"tagged", "next"} {
		if _, err := w.root.IAM.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: aws.String(name), PolicyName: aws.String("reads")}); err != nil && name == "tagged" {
			t.Fatal(err)
		}
		if _, err := w.root.IAM.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: aws.String(name)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := session.IAM.ListUsers(t.Context(), nil); err == nil {
		t.Error("the role's end did not end a session")
	}
}

// TestSAMLDuration: the least of what was asked for, what the assertion allows,
// and its session.
func TestSAMLDuration(t *testing.T) {
	w := newSAMLWorld(t)
	end := func(d time.Duration) func(*samltest.Assertion) {
		return func(a *samltest.Assertion) { a.SessionEnd = time.Now().Add(d) }
	}
	longest := func(s string) func(*samltest.Assertion) { return said(samltest.Attributes+"SessionDuration", s) }
	for i, c := range []struct {
		seconds *int32
		change  []func(*samltest.Assertion)
		want    time.Duration
	}{
		{nil, nil, time.Hour}, {aws.Int32(7200), nil, 2 * time.Hour}, {aws.Int32(7200), []func(*samltest.Assertion){longest("1800")}, 30 * time.Minute},
		{aws.Int32(900), []func(*samltest.Assertion){longest("1800")}, 15 * time.Minute}, {nil, []func(*samltest.Assertion){end(10 * time.Minute)}, 10 * time.Minute},
		{nil, []func(*samltest.Assertion){end(10 * time.Minute), longest("900")}, 10 * time.Minute}, {nil, []func(*samltest.Assertion){longest("43200"), end(12 * time.Hour)}, time.Hour},
	} {
		in := samlCall(w.role, w.provider, w.good(c.change...))
		in.DurationSeconds = c.seconds
		out, err := w.assume(t, in)
		if err != nil {
			t.Errorf("%d: %v", i, err)
			continue
		}
		same(t, fmt.Sprint(i), time.Until(*out.Credentials.Expiration).Round(time.Minute), c.want)
	}
	in := samlCall(w.role, w.provider, w.good())
	in.DurationSeconds = aws.Int32(7201)
	_, err := w.assume(t, in)
	refusedAs(t, "too long for the role", err, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
}

// TestSAMLEncrypted: assertions for the provider's private keys only.
func TestSAMLEncrypted(t *testing.T) {
	w := newSAMLWorld(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	sealed := func(to *rsa.PublicKey) string {
		return samltest.Encode(w.idp.Response(w.idp.Assertion(time.Now(), w.role, w.provider), samltest.How{Assertion: true, For: to}))
	}
	_, err = w.assume(t, samlCall(w.role, w.provider, sealed(&key.PublicKey)))
	refusedAs(t, "no key yet", err, "InvalidIdentityToken", "Response signature invalid")
	for i, text := range []string{samlKey(t), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))} {
		if _, err := w.root.IAM.UpdateSAMLProvider(t.Context(), &iam.UpdateSAMLProviderInput{
			SAMLProviderArn: aws.String(w.provider), AddPrivateKey: aws.String(text), AssertionEncryptionMode: types.AssertionEncryptionModeTypeRequired,
		}); err != nil {
			t.Fatal(i, err)
		}
	}
	if _, err := w.assume(t, samlCall(w.role, w.provider, sealed(&key.PublicKey))); err != nil {
		t.Error(err)
	}
	_, err = w.assume(t, samlCall(w.role, w.provider, w.good()))
	refusedAs(t, "plain", err, "InvalidIdentityToken", "SAML Assertion must be encrypted")
}

// TestSAMLReplay: an assertion is good once, however many bring it at once,
// for whichever role, by whichever provider, and after a restart.
func TestSAMLReplay(t *testing.T) {
	const used = "SAML Assertion was already used"
	w := newSAMLWorld(t)
	in := samlCall(w.role, w.provider, w.good())
	type result struct {
		out *sts.AssumeRoleWithSAMLOutput
		err error
	}
	results := make(chan result)
	for range 16 {
		go func() {
			out, err := w.unsigned("").STS.AssumeRoleWithSAML(context.Background(), in)
			results <- result{out, err}
		}()
	}
	let := 0
	for range 16 {
		r := <-results
		if r.err == nil {
			let++
			if _, err := w.session(r.out.Credentials).IAM.ListUsers(t.Context(), nil); err != nil {
				t.Error(err)
			}
			continue
		}
		refusedAs(t, "at once", r.err, "InvalidIdentityToken", used)
	}
	same(t, "let in", let, 1)

	another := trustsWeb(t, w.root, "writer", w.provider, letSAMLIn)
	both := w.good(said(samltest.Attributes+"Role", w.provider+","+another))
	if _, err := w.assume(t, samlCall(another, w.provider, both)); err != nil {
		t.Fatal(err)
	}
	_, err := w.assume(t, samlCall(w.role, w.provider, both))
	refusedAs(t, "for another role", err, "InvalidIdentityToken", used)

	// What was refused was not used.
	once := w.good()
	bad := samlCall(w.role, w.provider, once)
	bad.Policy = aws.String("{}x")
	if _, err := w.assume(t, bad); err == nil {
		t.Fatal("a broken policy was taken")
	} else {
		wantError(t, "a broken policy", err, "MalformedPolicyDocument", "")
	}
	if _, err := w.assume(t, samlCall(w.role, w.provider, once)); err != nil {
		t.Error(err)
	}

	// A provider made anew remembers.
	if _, err := w.root.IAM.DeleteSAMLProvider(t.Context(), &iam.DeleteSAMLProviderInput{SAMLProviderArn: aws.String(w.provider)}); err != nil {
		t.Fatal(err)
	}
	samlProvider(t, w.root, w.idp)
	_, err = w.assume(t, samlCall(w.role, w.provider, once))
	refusedAs(t, "made anew", err, "InvalidIdentityToken", used)
}

// TestSAMLReplayAfterRestart: what was used is a row.
func TestSAMLReplayAfterRestart(t *testing.T) {
	dir := t.TempDir()
	s, err := server.New(t.Context(), server.Config{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	first := s.FirstStart()
	w := &samlWorld{world: serving(t, s), idp: samltest.With(t, samlEntity, samlSigner())}
	w.root = w.as(first.AccountID, first.AccessKeyID, first.SecretAccessKey, "")
	w.provider = samlProvider(t, w.root, w.idp)
	w.role = trustsWeb(t, w.root, "reader", w.provider, letSAMLIn)
	in := samlCall(w.role, w.provider, w.good())
	if _, err := w.assume(t, in); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.world = worldOf(t, server.Config{DataDir: dir})
	_, err = w.assume(t, in)
	refusedAs(t, "after a restart", err, "InvalidIdentityToken", "SAML Assertion was already used")
}
