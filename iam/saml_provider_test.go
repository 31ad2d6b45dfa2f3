package iam

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const corpARN = "arn:aws:iam::123456789012:saml-provider/Corp"

// rsaPEM is a new private key in PEM form.
func rsaPEM(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	return pemOf("PRIVATE KEY", der)
}

func mustSAMLKey(t *testing.T) *SAMLKey {
	t.Helper()
	k, err := ReadSAMLKey(rsaPEM(t))
	must(t, err)
	return k
}

func mustSAMLProvider(t *testing.T, d *Draft, name string, key *SAMLKey) *SAMLProvider {
	t.Helper()
	p, err := d.CreateSAMLProvider(NewSAMLProvider{Name: name, Metadata: mustMetadata(t, metadata(entityID, signingKey(t))), Key: key})
	must(t, err)
	return p
}

func samlNow(t *testing.T, a *Account, arn string) *SAMLProvider {
	t.Helper()
	p, err := a.SAMLProvider(arn)
	must(t, err)
	return p
}

func TestSAMLProviders(t *testing.T) {
	d := policyDraft()
	document := metadata(entityID, signingKey(t))
	in := NewSAMLProvider{Name: "Corp", Metadata: mustMetadata(t, document), Tags: []Tag{{"team", "red"}, {"Team", "blue"}}}
	p, err := d.CreateSAMLProvider(in)
	must(t, err)
	if got := d.SAMLProviderARN(p); got != corpARN {
		t.Errorf("ARN %s", got)
	}
	if len(p.ID) != 23 || !strings.HasPrefix(p.ID, "SAMLSP") || p.Metadata != document || p.Encryption != EncryptionAllowed || len(p.Tags) != 2 {
		t.Errorf("made %+v", p)
	}
	if want := time.Date(2126, 11, 1, 12, 0, 0, 0, time.UTC); !p.ValidUntil.Equal(want) {
		t.Errorf("valid until %s", p.ValidUntil)
	}
	in.Name = "CORP"
	_, err = d.CreateSAMLProvider(in)
	refused(t, err, CodeEntityAlreadyExists, "Provider with name CORP already exists.")
	in.Name, in.Tags = "Next", []Tag{{"aws:x", ""}}
	_, err = d.CreateSAMLProvider(in)
	refused(t, err, CodeInvalidInput, "aws: prefixed tag key names are not allowed for external use.")
	in.Tags, in.Encryption = nil, EncryptionRequired
	const keyless = "Unable to set assertion encryption mode to Required because no private key is provided."
	_, err = d.CreateSAMLProvider(in)
	refused(t, err, CodeInvalidInput, keyless)
	in.Key = mustSAMLKey(t)
	made, err := d.CreateSAMLProvider(in)
	must(t, err)
	if len(made.Keys) != 1 || made.Encryption != EncryptionRequired {
		t.Errorf("made %+v", made)
	}
	in.Name = "Third"
	if d.env.Quotas.SAMLProviders != 100 {
		t.Fatalf("the quota is %d", d.env.Quotas.SAMLProviders)
	}
	d.env.Quotas.SAMLProviders = 2
	_, err = d.CreateSAMLProvider(in)
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for SAMLProvidersPerAccount: 2")
	if got := d.Summary()["Providers"]; got != 2 {
		t.Errorf("%d providers", got)
	}

	must(t, d.TagSAMLProvider(corpARN, []Tag{{"team", "green"}}))
	must(t, d.UntagSAMLProvider(corpARN, []string{"Team"}))
	if diff := cmp.Diff([]Tag{{"team", "green"}}, samlNow(t, d.Account, corpARN).Tags); diff != "" {
		t.Error(diff)
	}
	refused(t, d.TagSAMLProvider(corpARN, []Tag{{"aws:x", ""}}), CodeInvalidInput, "aws: prefixed tag key names are not allowed for external use.")
	d.env.Quotas.Tags = 1
	refused(t, d.TagSAMLProvider(corpARN, []Tag{{"b", ""}}), CodeLimitExceeded, "The number of tags has reached the maximum limit.")

	must(t, d.DeleteSAMLProvider(corpARN))
	for _, arn := range []string{corpARN, strings.Replace(corpARN, "Corp", "next", 1), strings.Replace(corpARN, "123456789012", "210987654321", 1)} {
		gone := "Manifest not found for arn " + arn
		_, err = d.SAMLProvider(arn)
		refused(t, err, CodeNoSuchEntity, gone)
		refused(t, d.UpdateSAMLProvider(arn, SAMLUpdate{}), CodeNoSuchEntity, gone)
		refused(t, d.DeleteSAMLProvider(arn), CodeNoSuchEntity, gone)
		refused(t, d.TagSAMLProvider(arn, nil), CodeNoSuchEntity, gone)
		refused(t, d.UntagSAMLProvider(arn, nil), CodeNoSuchEntity, gone)
	}
	for _, arn := range []string{"", "a-name-but-no-arn-at-all", "arn:aws:iam::123456789012:role/Corp", "arn:aws:iam::123456789012:saml-provider/",
		"arn:aws:iam::aws:saml-provider/Corp", "arn:aws-cn:iam::123456789012:saml-provider/Corp", "arn:aws:iam:x:123456789012:saml-provider/Corp"} {
		refused(t, d.DeleteSAMLProvider(arn), CodeInvalidInput, "Invalid ARN:  "+arn+" is not the ARN of a SAML provider.")
	}
}

func TestUpdateSAMLProvider(t *testing.T) {
	d := policyDraft()
	p := mustSAMLProvider(t, d, "Corp", nil)
	first, second := mustSAMLKey(t), mustSAMLKey(t)
	update := func(in SAMLUpdate) error { return d.UpdateSAMLProvider(corpARN, in) }
	refusal := func(in SAMLUpdate, code, message string) {
		t.Helper()
		before := samlNow(t, d.Account, corpARN)
		refused(t, update(in), code, message)
		if samlNow(t, d.Account, corpARN) != before {
			t.Error("a refused update changed something")
		}
	}
	refusal(SAMLUpdate{}, CodeInvalidInput, "Unable to update identity provider. No updates are defined for metadata or encryption assertion.")
	refusal(SAMLUpdate{Add: first, Remove: "x"}, CodeInvalidInput,
		"Unable to add and remove private keys in the same request. Set a value for only one of the two parameters.")
	refusal(SAMLUpdate{Encryption: EncryptionRequired}, CodeInvalidInput, "Unable to set assertion encryption mode to Required because no private key is provided.")
	const unknown = "Failed to remove private key because the Key ID does not match a private key."
	refusal(SAMLUpdate{Remove: "x"}, CodeInvalidInput, unknown)

	must(t, update(SAMLUpdate{Add: first, Encryption: EncryptionRequired}))
	must(t, update(SAMLUpdate{Add: second}))
	now := samlNow(t, d.Account, corpARN)
	if len(now.Keys) != 2 || now.Encryption != EncryptionRequired || now.Metadata != p.Metadata || now.ID != p.ID {
		t.Fatalf("is now %+v", now)
	}
	for i, k := range now.Keys {
		want := []*SAMLKey{first, second}[i].pem
		if pem, err := d.env.Unseal(d.ID, k.ID, k.Sealed); err != nil || pem != want || !strings.HasPrefix(k.ID, "SAMLPK") || len(k.ID) != 23 {
			t.Errorf("key %s opens as %q, %v", k.ID, pem, err)
		}
	}
	refusal(SAMLUpdate{Add: mustSAMLKey(t)}, CodeLimitExceeded, "Private key limit of 2 is reached.")
	must(t, update(SAMLUpdate{Remove: now.Keys[0].ID}))
	refusal(SAMLUpdate{Remove: now.Keys[0].ID}, CodeInvalidInput, unknown)
	refusal(SAMLUpdate{Remove: now.Keys[1].ID}, CodeInvalidInput, "Failed to remove private key.")
	must(t, update(SAMLUpdate{Remove: now.Keys[1].ID, Encryption: EncryptionAllowed}))

	other := metadata(entityID+` validUntil="2030-01-02T03:04:05Z"`, signingKey(t))
	must(t, update(SAMLUpdate{Metadata: mustMetadata(t, other)}))
	now = samlNow(t, d.Account, corpARN)
	if len(now.Keys) != 0 || now.Encryption != EncryptionAllowed || now.Metadata != other || now.ValidUntil.Format(time.RFC3339) != "2030-01-02T03:04:05Z" {
		t.Errorf("is now %+v", now)
	}
}

func TestSAMLKeysAreRSAAndNotEncrypted(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	pkcs1 := pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
	_, err = ReadSAMLKey("\n" + pkcs1)
	must(t, err)
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	must(t, err)
	_, ec := certified(t, "x", nil, time.Unix(0, 0), time.Unix(1, 0))
	for name, pem := range map[string]string{
		"nothing": "", "no PEM": "secret", "cut off": pkcs1[:200], "EC": ec, "public": pemOf("PUBLIC KEY", public), "two": pkcs1 + pkcs1,
		"encrypted": pemOf("ENCRYPTED PRIVATE KEY", []byte("x")), "junk": pemOf("PRIVATE KEY", []byte("x")),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadSAMLKey(pem)
			refused(t, err, CodeInvalidInput, "Invalid private key.")
		})
	}
}

func TestSAMLProvidersLoadEqual(t *testing.T) {
	d := policyDraft()
	d.Begin(NewAccountInput{Name: "test"})
	for i := range 3 {
		mustSAMLProvider(t, d, fmt.Sprintf("Corp%d", i), mustSAMLKey(t))
	}
	must(t, d.TagSAMLProvider(corpARN+"1", []Tag{{"team", "red"}}))
	must(t, d.DeleteSAMLProvider(corpARN+"2"))
	made, changes := d.Seal()
	loaded, err := Load(made.env, made.ID, rowsOf(changes))
	must(t, err)
	all := func(a *Account) (list []any) {
		for k, p := range a.SAMLProvidersAfter("") {
			list = append(list, k, p)
		}
		return list
	}
	if diff := cmp.Diff(all(made), all(loaded)); diff != "" || loaded.SAMLProviderCount() != 2 {
		t.Errorf("loaded differs (-made +loaded):\n%s", diff)
	}
	next := loaded.Draft()
	must(t, next.DeleteSAMLProvider(corpARN+"0"))
	must(t, next.UpdateSAMLProvider(corpARN+"1", SAMLUpdate{Add: mustSAMLKey(t)}))
	if diff := cmp.Diff(all(made), all(loaded)); diff != "" {
		t.Errorf("a dropped draft changed the account:\n%s", diff)
	}
}
