package portable_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	ours "iamd/iam"
	"iamd/keyring"
	"iamd/server"
	"iamd/server/servertest"
)

// world is a server, and how it is called.
type world struct {
	*server.Server
	url string
}

// begin starts a server whose first account has a number, with a keyring.
func begin(t testing.TB, account, ring string) *world {
	t.Helper()
	s, err := server.New(t.Context(), server.Config{
		DataDir: t.TempDir(), Root: server.Root{AccountID: account, AccountName: "Main", Email: "root@" + account + ".example.com"}, Keyring: ring,
		PasswordCost: ours.PasswordCost{Memory: 64, Passes: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		web.Close()
		if err := s.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return &world{s, web.URL}
}

func newRing() string { return keyring.Generate(rand.Reader) }

func (w *world) config(keyID, secret string) aws.Config {
	return servertest.Config(w.url, "us-east-1", keyID, secret, "")
}

func (w *world) root() aws.Config {
	first := w.FirstStart()
	return w.config(first.AccessKeyID, first.SecretAccessKey)
}

func (w *world) export(t testing.TB, o server.ExportOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := w.Export(t.Context(), &b, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// took fails the test if a call did.
func took[T any](t testing.TB) func(T, error) T {
	t.Helper()
	return func(out T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// certificate is a new one, with its key.
func certificate(t testing.TB) (cert *x509.Certificate, body, key string) {
	t.Helper()
	private := took[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	form := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "example.com"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der := took[[]byte](t)(x509.CreateCertificate(rand.Reader, form, form, private.Public(), private))
	cert = took[*x509.Certificate](t)(x509.ParseCertificate(der))
	return cert, pemOf("CERTIFICATE", der), pemOf("PRIVATE KEY", took[[]byte](t)(x509.MarshalPKCS8PrivateKey(private)))
}

func samlMetadata(t testing.TB) string {
	t.Helper()
	cert, _, _ := certificate(t)
	return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/">
<!--` + strings.Repeat(" room", 200) + `-->
<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">
<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + base64.StdEncoding.EncodeToString(cert.Raw) + `</X509Certificate></X509Data></KeyInfo>
</KeyDescriptor><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/></IDPSSODescriptor>
</EntityDescriptor>`
}

// code is a one-time code of a seed in base32, so many steps of thirty seconds from
// now.
func code(t testing.TB, seed []byte, steps int64) *string {
	t.Helper()
	key := took[[]byte](t)(base32.StdEncoding.DecodeString(string(seed)))
	var at [8]byte
	binary.BigEndian.PutUint64(at[:], uint64(time.Now().Unix()/30+steps))
	mac := hmac.New(sha1.New, key)
	mac.Write(at[:])
	sum := mac.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[19]&15:]) & 0x7fffffff
	return aws.String(fmt.Sprintf("%06d", n%1000000))
}

const (
	allowS3  = `{ "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a+b%41/é/*"} }`
	trustAny = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:user/eng/bob"},"Action":"sts:AssumeRole"}]}`
)

// fill makes one of each noun in the account of a configuration.
func fill(t testing.TB, w *world, cfg aws.Config, account string) {
	t.Helper()
	ctx, c, str := t.Context(), iam.NewFromConfig(cfg), aws.String
	ok := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	arn := "arn:aws:iam::" + account + ":"
	ok(c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: str("alias-" + account)}))
	ok(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{MinimumPasswordLength: aws.Int32(9), RequireNumbers: true, MaxPasswordAge: aws.Int32(30), PasswordReusePrevention: aws.Int32(2)}))
	ok(c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: str("Paper"), Path: str("/x/"), PolicyDocument: str(allowS3), Description: str("d")}))
	ok(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: str(arn + "policy/x/Paper"), PolicyDocument: str(strings.ReplaceAll(allowS3, "GetObject", "*")), SetAsDefault: true}))
	ok(c.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: str(arn + "policy/x/Paper"), VersionId: str("v1")}))
	ok(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: str("Engineers"), Path: str("/eng/")}))
	ok(c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: str("Engineers"), PolicyName: str("in"), PolicyDocument: str(allowS3)}))
	ok(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: str("Engineers"), PolicyArn: str("arn:aws:iam::aws:policy/ReadOnlyAccess")}))
	ok(c.CreateUser(ctx, &iam.CreateUserInput{UserName: str("bob"), Path: str("/eng/"), PermissionsBoundary: str(arn + "policy/x/Paper")}))
	ok(c.TagUser(ctx, &iam.TagUserInput{UserName: str("bob"), Tags: tags("team", "red")}))
	ok(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: str("bob"), GroupName: str("Engineers")}))
	ok(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: str("bob"), PolicyName: str("in"), PolicyDocument: str(allowS3)}))
	ok(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: str("bob"), PolicyArn: str(arn + "policy/x/Paper")}))
	ok(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: str("bob")}))
	ok(c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: str("bob"), Password: str("Correct-Horse-7")}))
	ok(c.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: str("bob"), Password: str("Correct-Horse-8")}))
	_, body, key := certificate(t)
	ok(c.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{UserName: str("bob"), CertificateBody: &body}))
	ok(c.UploadServerCertificate(ctx, &iam.UploadServerCertificateInput{ServerCertificateName: str("front"), CertificateBody: &body, PrivateKey: &key, Tags: tags("a", "b")}))
	public := took[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, 2048))
	der := took[[]byte](t)(x509.MarshalPKIXPublicKey(public.Public()))
	ok(c.UploadSSHPublicKey(ctx, &iam.UploadSSHPublicKeyInput{UserName: str("bob"), SSHPublicKeyBody: str(pemOf("PUBLIC KEY", der))}))
	ok(c.CreateServiceSpecificCredential(ctx, &iam.CreateServiceSpecificCredentialInput{UserName: str("bob"), ServiceName: str("codecommit.amazonaws.com")}))
	device := took[*iam.CreateVirtualMFADeviceOutput](t)(c.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: str("phone"), Tags: tags("a", "b")}))
	seed := device.VirtualMFADevice.Base32StringSeed
	ok(c.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{UserName: str("bob"), SerialNumber: device.VirtualMFADevice.SerialNumber, AuthenticationCode1: code(t, seed, -1), AuthenticationCode2: code(t, seed, 0)}))
	ok(c.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: str("Worker"), Path: str("/w/"), Description: str("works"), MaxSessionDuration: aws.Int32(7200), Tags: tags("k", "v"),
		AssumeRolePolicyDocument: str(fmt.Sprintf(trustAny, account)), PermissionsBoundary: str("arn:aws:iam::aws:policy/ReadOnlyAccess"),
	}))
	ok(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: str("Worker"), PolicyName: str("in"), PolicyDocument: str(allowS3)}))
	ok(c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: str("box"), Tags: tags("a", "b")}))
	ok(c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: str("box"), RoleName: str("Worker")}))
	ok(c.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: str("autoscaling.amazonaws.com"), CustomSuffix: str("x")}))
	// Somebody who is gone is still named, by a unique id.
	ok(c.CreateUser(ctx, &iam.CreateUserInput{UserName: str("gone")}))
	ok(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: str("Orphan"), AssumeRolePolicyDocument: str(strings.ReplaceAll(fmt.Sprintf(trustAny, account), "eng/bob", "gone"))}))
	ok(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: str("gone")}))
	ok(c.CreateSAMLProvider(ctx, &iam.CreateSAMLProviderInput{Name: str("idp"), SAMLMetadataDocument: str(samlMetadata(t)), Tags: tags("a", "b"),
		AddPrivateKey: str(pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(public)))}))
	ok(c.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: str("https://token.example.com/x"), ClientIDList: []string{"b", "a"}, ThumbprintList: []string{strings.Repeat("a", 40)}, Tags: tags("a", "b")}))
	ok(c.EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{}))
	ok(c.SetSecurityTokenServicePreferences(ctx, &iam.SetSecurityTokenServicePreferencesInput{GlobalEndpointTokenVersion: "v2Token"}))
	register(t, w, cfg, arn+"role/w/Worker")
}

// register registers an application.
func register(t testing.TB, w *world, cfg aws.Config, arn string) {
	t.Helper()
	body := `{"name":"Orders","iam_arn":"` + arn + `","selling_partner_id":"A2EXAMPLE12345"}`
	r := took[*http.Request](t)(http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/spapi/applications", strings.NewReader(body)))
	sum := sha256.Sum256([]byte(body))
	keys := took[aws.Credentials](t)(cfg.Credentials.Retrieve(t.Context()))
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, r, hex.EncodeToString(sum[:]), "sellingpartnerapi", "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	res := took[*http.Response](t)(http.DefaultClient.Do(r))
	defer res.Body.Close()
	if res.StatusCode != http.StatusCreated && res.StatusCode != http.StatusOK {
		t.Fatalf("the application was not registered: %s", res.Status)
	}
}

// organize makes an organization of the account and one more, which trusts a user
// of the first.
func organize(t testing.TB, cfg aws.Config) {
	t.Helper()
	ctx, c, str := t.Context(), organizations.NewFromConfig(cfg), aws.String
	ok := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(c.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: "ALL"}))
	roots := took[*organizations.ListRootsOutput](t)(c.ListRoots(ctx, &organizations.ListRootsInput{}))
	root := roots.Roots[0].Id
	unit := took[*organizations.CreateOrganizationalUnitOutput](t)(c.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: root, Name: str("Prod")}))
	ok(c.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: unit.OrganizationalUnit.Id, Name: str("Inner")}))
	made := took[*organizations.CreateAccountOutput](t)(c.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: str("Member"), Email: str("member@example.com")}))
	status := took[*organizations.DescribeCreateAccountStatusOutput](t)(c.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.CreateAccountStatus.Id}))
	id := status.CreateAccountStatus.AccountId
	ok(c.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: id, SourceParentId: root, DestinationParentId: unit.OrganizationalUnit.Id}))
	scp := took[*organizations.CreatePolicyOutput](t)(c.CreatePolicy(ctx, &organizations.CreatePolicyInput{
		Name: str("NoStop"), Description: str("d"), Type: "SERVICE_CONTROL_POLICY",
		Content: str(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"cloudtrail:StopLogging","Resource":"*"}]}`),
	}))
	ok(c.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: scp.Policy.PolicySummary.Id, TargetId: unit.OrganizationalUnit.Id}))
	ok(c.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: "RESOURCE_CONTROL_POLICY"}))
	ok(c.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: "TAG_POLICY"}))
	ok(c.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: str("iam.amazonaws.com")}))
	ok(c.RegisterDelegatedAdministrator(ctx, &organizations.RegisterDelegatedAdministratorInput{AccountId: id, ServicePrincipal: str("iam.amazonaws.com")}))
	ok(c.PutResourcePolicy(ctx, &organizations.PutResourcePolicyInput{Content: str(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + *id + `:root"},"Action":"organizations:ListAccounts","Resource":"*"}]}`)}))
	ok(c.TagResource(ctx, &organizations.TagResourceInput{ResourceId: root, Tags: orgTags("a", "b")}))
}
