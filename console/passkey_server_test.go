package console_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"iamd/console"
	"iamd/server"
	"iamd/server/servertest"
	"iamd/sigv4"
)

// page is the console's page in a browser, at a whole server.
type page struct {
	*testing.T
	url, account string
	root         sigv4.Credentials
	rp           virtualwebauthn.RelyingParty
}

func openPage(t *testing.T) *page {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	s, err := server.New(ctx, server.Config{DataDir: t.TempDir(), PasswordCost: cheaply})
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		front.Close()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	first := s.FirstStart()
	return &page{
		T: t, url: front.URL, account: first.AccountID, root: sigv4.Credentials{KeyID: first.AccessKeyID, Secret: first.SecretAccessKey},
		rp: virtualwebauthn.RelyingParty{ID: "localhost", Name: "iamd", Origin: "http://localhost:4566"},
	}
}

func (p *page) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// post sends JSON as the page does, signed when there are keys.
func (p *page) post(by *sigv4.Credentials, path string, in any) map[string]any {
	p.Helper()
	body, err := json.Marshal(in)
	p.must(err)
	r, err := http.NewRequestWithContext(p.Context(), http.MethodPost, p.url+"/console/api/"+path, bytes.NewReader(body))
	p.must(err)
	r.Host = "localhost:4566"
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", p.rp.Origin)
	if by != nil {
		p.must(sigv4.Sign(r, sha256.Sum256(body), *by, time.Now(), sigv4.Options{Service: "signin", Region: "us-east-1", DoubleEncode: true}))
	}
	answer, err := http.DefaultClient.Do(r)
	p.must(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	p.must(err)
	var out map[string]any
	p.must(json.Unmarshal(text, &out))
	return out
}

// read parses options as a virtual browser does.
func read[O any](p *page, options any, parse func(string) (*O, error)) O {
	p.Helper()
	text, err := json.Marshal(options)
	p.must(err)
	o, err := parse(string(text))
	p.must(err)
	return *o
}

// registered gives a user a passkey, and its serial number.
func (p *page) registered(user string, auth virtualwebauthn.Authenticator, cred virtualwebauthn.Credential) string {
	p.Helper()
	begun := p.post(&p.root, "passkeys/begin", map[string]any{"userName": user, "name": "key"})
	made := virtualwebauthn.CreateAttestationResponse(p.rp, auth, cred, read(p, begun["options"], virtualwebauthn.ParseAttestationOptions))
	done := p.post(&p.root, "passkeys/finish", map[string]any{"userName": user, "name": "key", "challenge": begun["challenge"], "credential": json.RawMessage(made)})
	serial, _ := done["serialNumber"].(string)
	if serial == "" {
		p.Fatalf("%v, %v", begun, done)
	}
	return serial
}

func (p *page) clients(id, secret, token string) (*iam.Client, *sts.Client) {
	cfg := servertest.Config(p.url, "us-east-1", id, secret, token)
	return iam.NewFromConfig(cfg), sts.NewFromConfig(cfg)
}

// TestPasskeyAtSignIn: a person with a passkey and a virtual device is asked for
// either, and gets in by either, once.
func TestPasskeyAtSignIn(t *testing.T) {
	p := openPage(t)
	root, _ := p.clients(p.root.KeyID, p.root.Secret, "")
	const password = "Correct-horse-7"
	_, err := root.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("Bob")})
	p.must(err)
	_, err = root.CreateLoginProfile(t.Context(), &iam.CreateLoginProfileInput{UserName: aws.String("Bob"), Password: aws.String(password)})
	p.must(err)
	auth, cred := virtualwebauthn.NewAuthenticator(), console.NewCredential()
	serial := p.registered("Bob", auth, cred)
	phone, err := root.CreateVirtualMFADevice(t.Context(), &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("phone")})
	p.must(err)
	code := func(steps int) string {
		code, err := totp.GenerateCode(string(phone.VirtualMFADevice.Base32StringSeed), time.Now().Add(time.Duration(steps)*30*time.Second))
		p.must(err)
		return code
	}
	_, err = root.EnableMFADevice(t.Context(), &iam.EnableMFADeviceInput{
		UserName: aws.String("Bob"), SerialNumber: phone.VirtualMFADevice.SerialNumber, AuthenticationCode1: aws.String(code(-1)), AuthenticationCode2: aws.String(code(0)),
	})
	p.must(err)

	in := map[string]any{"type": "user", "account": p.account, "user": "Bob", "password": password}
	asked := p.post(nil, "signin", in)
	devices, _ := json.Marshal(asked["devices"])
	want := `[{"kind":"totp","name":"phone","serial":"` + *phone.VirtualMFADevice.SerialNumber + `"},{"kind":"passkey","name":"key","serial":"` + serial + `"}]`
	if asked["next"] != "mfa" || string(devices) != want {
		t.Fatalf("asked %v\nwant %s", asked, want)
	}
	question := asked["passkey"].(map[string]any)
	answer := virtualwebauthn.CreateAssertionResponse(p.rp, auth, cred, read(p, question["options"], virtualwebauthn.ParseAssertionOptions))
	in["passkey"] = map[string]any{"challenge": question["challenge"], "credential": json.RawMessage(answer)}
	entered := p.post(nil, "signin", in)
	given, ok := entered["credentials"].(map[string]any)
	if !ok {
		t.Fatalf("by passkey: %v", entered)
	}
	_, who := p.clients(given["AccessKeyId"].(string), given["SecretAccessKey"].(string), given["SessionToken"].(string))
	if id, err := who.GetCallerIdentity(t.Context(), nil); err != nil || aws.ToString(id.Arn) != "arn:aws:iam::"+p.account+":user/Bob" {
		t.Errorf("%+v, %v", id, err)
	}
	if again := p.post(nil, "signin", in); again["next"] != "mfa" || again["error"] == nil || again["credentials"] != nil {
		t.Errorf("the same answer again: %v", again)
	}
	delete(in, "passkey")
	in["code"] = code(1)
	if entered := p.post(nil, "signin", in); entered["credentials"] == nil {
		t.Errorf("by code: %v", entered)
	}
}

// TestPasskeyInTheAPI: what the AWS APIs tell of a passkey, and what they refuse.
func TestPasskeyInTheAPI(t *testing.T) {
	p := openPage(t)
	ctx, bob := t.Context(), aws.String("Bob")
	root, _ := p.clients(p.root.KeyID, p.root.Secret, "")
	_, err := root.CreateUser(ctx, &iam.CreateUserInput{UserName: bob})
	p.must(err)
	serial := aws.String(p.registered("Bob", virtualwebauthn.NewAuthenticator(), console.NewCredential()))

	list, err := root.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: bob})
	p.must(err)
	if len(list.MFADevices) != 1 || *list.MFADevices[0].SerialNumber != *serial || *list.MFADevices[0].UserName != "Bob" {
		t.Errorf("listed %+v", list.MFADevices)
	}
	one, err := root.GetMFADevice(ctx, &iam.GetMFADeviceInput{SerialNumber: serial, UserName: bob})
	p.must(err)
	if *one.SerialNumber != *serial || one.EnableDate == nil || len(one.Certifications) != 0 || *one.UserName != "Bob" {
		t.Errorf("got %+v", one)
	}
	virtual, err := root.ListVirtualMFADevices(ctx, &iam.ListVirtualMFADevicesInput{})
	p.must(err)
	if len(virtual.VirtualMFADevices) != 0 {
		t.Errorf("virtual: %+v", virtual.VirtualMFADevices)
	}
	summary, err := root.GetAccountSummary(ctx, nil)
	p.must(err)
	if m := summary.SummaryMap; m["MFADevices"] != 1 || m["MFADevicesInUse"] != 1 {
		t.Errorf("summary %v", m)
	}
	_, err = root.GenerateCredentialReport(ctx, nil)
	p.must(err)
	report, err := root.GetCredentialReport(ctx, nil)
	p.must(err)
	rows, err := csv.NewReader(bytes.NewReader(report.Content)).ReadAll()
	p.must(err)
	if last := rows[len(rows)-1]; last[0] != "Bob" || last[7] != "true" {
		t.Errorf("report %v", last)
	}
	key, err := root.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: bob})
	p.must(err)
	_, own := p.clients(*key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
	none := "VirtualMFADevice with serial number " + *serial + " doesn't exist."
	const noCodes = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
	code := aws.String("123456")
	for what, c := range map[string]struct {
		err  func() error
		text string
	}{
		"EnableMFADevice": {func() error {
			_, err := root.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{UserName: bob, SerialNumber: serial, AuthenticationCode1: code, AuthenticationCode2: code})
			return err
		}, none},
		"DeleteVirtualMFADevice": {func() error {
			_, err := root.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: serial})
			return err
		}, none},
		"TagMFADevice": {func() error {
			_, err := root.TagMFADevice(ctx, &iam.TagMFADeviceInput{SerialNumber: serial, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})
			return err
		}, none},
		"ListMFADeviceTags": {func() error {
			_, err := root.ListMFADeviceTags(ctx, &iam.ListMFADeviceTagsInput{SerialNumber: serial})
			return err
		}, none},
		"ResyncMFADevice": {func() error {
			_, err := root.ResyncMFADevice(ctx, &iam.ResyncMFADeviceInput{UserName: bob, SerialNumber: serial, AuthenticationCode1: code, AuthenticationCode2: code})
			return err
		}, "MFA Device invalid for user."},
		"GetSessionToken": {func() error {
			var err error
			for range 7 { // what is no guess is not counted as one
				_, err = own.GetSessionToken(ctx, &sts.GetSessionTokenInput{SerialNumber: serial, TokenCode: code})
			}
			return err
		}, noCodes},
		"AssumeRole": {func() error {
			_, err := own.AssumeRole(ctx, &sts.AssumeRoleInput{
				RoleArn: aws.String("arn:aws:iam::" + p.account + ":role/r"), RoleSessionName: aws.String("session"), SerialNumber: serial, TokenCode: code,
			})
			return err
		}, noCodes},
	} {
		if err := c.err(); err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err = root.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: bob, AccessKeyId: key.AccessKey.AccessKeyId})
	p.must(err)
	if _, err := root.DeleteUser(ctx, &iam.DeleteUserInput{UserName: bob}); err == nil || !strings.Contains(err.Error(), "must delete MFA device first") {
		t.Errorf("DeleteUser: %v", err)
	}
	_, err = root.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: bob, SerialNumber: serial})
	p.must(err)
	if _, err := root.GetMFADevice(ctx, &iam.GetMFADeviceInput{SerialNumber: serial, UserName: bob}); err == nil {
		t.Error("a passkey that was deactivated is there")
	}
	_, err = root.DeleteUser(ctx, &iam.DeleteUserInput{UserName: bob})
	p.must(err)
}
