package iam

import (
	"crypto/rsa"
	"iter"
	"slices"
	"strings"
	"time"
)

// SAMLProvider is an identity provider whose assertions roles may trust.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_saml.html
type SAMLProvider struct {
	ID         string    `json:"id"` // AWS's SAMLProviderUUID
	Name       string    `json:"name"`
	CreateDate time.Time `json:"created"`
	ValidUntil time.Time `json:"until"`
	Metadata   string    `json:"metadata"` // XML, as it was uploaded
	// Encryption says whether assertions must be encrypted.
	Encryption SAMLEncryption   `json:"encryption"`
	Keys       []SAMLPrivateKey `json:"keys,omitempty"` // oldest first
	Tags       []Tag            `json:"tags,omitempty"`
}

// SAMLPrivateKey opens encrypted assertions. It is sealed, and no action gives
// it back.
type SAMLPrivateKey struct {
	ID         string    `json:"id"`
	UploadDate time.Time `json:"uploaded"`
	Sealed     []byte    `json:"sealed"` // PEM
}

// SAMLEncryption is AWS's AssertionEncryptionMode.
type SAMLEncryption string

// The modes. Allowed is that of a provider for which nobody has said.
const (
	EncryptionAllowed  SAMLEncryption = "Allowed"
	EncryptionRequired SAMLEncryption = "Required"
)

const (
	rowSAMLProvider = "saml-provider"

	samlKeys = 2 // of a provider, not adjustable

	// samlYears is how long a provider is valid whose metadata does not say.
	samlYears = 100
)

// SAMLKey is a private key that was read and can open assertions. Only
// ReadSAMLKey makes one.
type SAMLKey struct{ pem string }

// ReadSAMLKey reads a private key in PEM form, which must be an RSA key (the
// only kind that assertions are encrypted for) and not encrypted. No refusal
// repeats anything of it. Call it outside of drafts: large keys take time.
func ReadSAMLKey(pem string) (*SAMLKey, error) {
	public, err := publicOf(pem)
	if key, ok := public.(*rsa.PublicKey); err != nil || !ok || key.N.BitLen() > maxRSABits {
		return nil, Errorf(CodeInvalidInput, "Invalid private key.")
	}
	return &SAMLKey{pem}, nil
}

// NewSAMLProvider is what a SAML provider is made of. Key may be nil, and an
// empty Encryption is EncryptionAllowed.
type NewSAMLProvider struct {
	Name       string
	Metadata   *SAMLMetadata
	Encryption SAMLEncryption
	Key        *SAMLKey
	Tags       []Tag
}

// SAMLUpdate is what changes in a SAML provider; what is nil or empty stays.
type SAMLUpdate struct {
	Metadata   *SAMLMetadata
	Encryption SAMLEncryption
	Add        *SAMLKey
	Remove     string // id of a key
}

// SAMLProviderARN is the ARN of a SAML provider of this account.
func (a *Account) SAMLProviderARN(p *SAMLProvider) string { return a.arn("saml-provider", "/", p.Name) }

// SAMLProviderOwner reads whose SAML provider an ARN names. It does not say that
// there is one.
func SAMLProviderOwner(arn string) (account string, err error) {
	part := strings.SplitN(arn, ":", 6)
	if len(part) == 6 && part[0] == "arn" && part[1] == "aws" && part[2] == "iam" && part[3] == "" && isAccountID(part[4]) {
		if name, ok := strings.CutPrefix(part[5], "saml-provider/"); ok && name != "" {
			return part[4], nil
		}
	}
	return "", Errorf(CodeInvalidInput, "Invalid ARN:  %s is not the ARN of a SAML provider.", arn)
}

// SAMLProvider finds a SAML provider by its ARN, to the letter: policies name
// providers so.
func (a *Account) SAMLProvider(arn string) (*SAMLProvider, error) {
	if _, err := SAMLProviderOwner(arn); err != nil {
		return nil, err
	}
	p, ok := a.samlProviders.Get(fold(arn[strings.LastIndexByte(arn, '/')+1:]))
	if !ok || a.SAMLProviderARN(p) != arn {
		return nil, Errorf(CodeNoSuchEntity, "Manifest not found for arn %s", arn)
	}
	return p, nil
}

// SAMLProvidersAfter walks the SAML providers, as UsersAfter does.
func (a *Account) SAMLProvidersAfter(name string) iter.Seq2[string, *SAMLProvider] {
	return after(a.samlProviders, name)
}

// SAMLProviderCount is the number of SAML providers.
func (a *Account) SAMLProviderCount() int { return a.samlProviders.Len() }

// CreateSAMLProvider makes a SAML provider.
func (d *Draft) CreateSAMLProvider(in NewSAMLProvider) (*SAMLProvider, error) {
	if _, taken := d.samlProviders.Get(fold(in.Name)); taken {
		return nil, Errorf(CodeEntityAlreadyExists, "Provider with name %s already exists.", in.Name)
	}
	if limit := d.env.Quotas.SAMLProviders; d.SAMLProviderCount() >= limit {
		return nil, quota("SAMLProvidersPerAccount", limit)
	}
	tags, err := d.tagged(nil, in.Tags, exactTagKeys)
	if err != nil {
		return nil, err
	}
	if in.Encryption == "" {
		in.Encryption = EncryptionAllowed
	}
	p := &SAMLProvider{
		ID: NewUniqueID(d.env.Rand, PrefixSAMLProvider), Name: in.Name, CreateDate: d.now(),
		Metadata: in.Metadata.document, ValidUntil: d.samlEnd(in.Metadata), Encryption: in.Encryption, Tags: tags,
	}
	if in.Key != nil {
		p.Keys = []SAMLPrivateKey{d.sealSAMLKey(in.Key)}
	}
	if err := checkSAMLEncryption(p); err != nil {
		return nil, err
	}
	d.putSAMLProvider(nil, p)
	return p, nil
}

// samlEnd is when a provider with this metadata ends: when the metadata says.
func (d *Draft) samlEnd(m *SAMLMetadata) time.Time {
	if m.until.IsZero() {
		return d.now().AddDate(samlYears, 0, 0)
	}
	return m.until
}

func (d *Draft) sealSAMLKey(k *SAMLKey) SAMLPrivateKey {
	id := NewUniqueID(d.env.Rand, PrefixSAMLKey)
	return SAMLPrivateKey{ID: id, UploadDate: d.now(), Sealed: d.env.Seal(d.ID, id, k.pem)}
}

func checkSAMLEncryption(p *SAMLProvider) error {
	if p.Encryption == EncryptionRequired && len(p.Keys) == 0 {
		return Errorf(CodeInvalidInput, "Unable to set assertion encryption mode to Required because no private key is provided.")
	}
	return nil
}

// check holds an update to what can be said of it without looking at a provider.
func (u *SAMLUpdate) check() error {
	if *u == (SAMLUpdate{}) {
		return Errorf(CodeInvalidInput, "Unable to update identity provider. No updates are defined for metadata or encryption assertion.")
	}
	if u.Add != nil && u.Remove != "" {
		return Errorf(CodeInvalidInput, "Unable to add and remove private keys in the same request. Set a value for only one of the two parameters.")
	}
	return nil
}

// UpdateSAMLProvider changes metadata, keys and encryption of a SAML provider,
// all or nothing.
func (d *Draft) UpdateSAMLProvider(arn string, in SAMLUpdate) error {
	p, err := d.SAMLProvider(arn)
	if err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	next := clone(p)
	if in.Metadata != nil {
		next.Metadata, next.ValidUntil = in.Metadata.document, d.samlEnd(in.Metadata)
	}
	if in.Encryption != "" {
		next.Encryption = in.Encryption
	}
	if in.Add != nil {
		if len(p.Keys) >= samlKeys {
			return Errorf(CodeLimitExceeded, "Private key limit of %d is reached.", samlKeys)
		}
		next.Keys = append(slices.Clone(p.Keys), d.sealSAMLKey(in.Add))
	}
	if in.Remove != "" {
		next.Keys = without(p.Keys, func(k SAMLPrivateKey) bool { return k.ID == in.Remove })
		if len(next.Keys) == len(p.Keys) {
			return Errorf(CodeInvalidInput, "Failed to remove private key because the Key ID does not match a private key.")
		}
		if len(next.Keys) == 0 && next.Encryption == EncryptionRequired {
			return Errorf(CodeInvalidInput, "Failed to remove private key.")
		}
	}
	if err := checkSAMLEncryption(next); err != nil {
		return err
	}
	d.putSAMLProvider(p, next)
	return nil
}

// DeleteSAMLProvider removes a SAML provider and its keys. Roles that trust it
// stay as they are, and nobody comes to them through it any more.
func (d *Draft) DeleteSAMLProvider(arn string) error {
	p, err := d.SAMLProvider(arn)
	if err != nil {
		return err
	}
	d.putSAMLProvider(p, nil)
	return nil
}

// TagSAMLProvider adds tags, in place of those with the same keys.
func (d *Draft) TagSAMLProvider(arn string, tags []Tag) error {
	p, err := d.SAMLProvider(arn)
	if err != nil {
		return err
	}
	next := clone(p)
	if next.Tags, err = d.tagged(p.Tags, tags, exactTagKeys); err != nil {
		return err
	}
	if !slices.Equal(next.Tags, p.Tags) {
		d.putSAMLProvider(p, next)
	}
	return nil
}

// UntagSAMLProvider removes tags by their keys.
func (d *Draft) UntagSAMLProvider(arn string, keys []string) error {
	p, err := d.SAMLProvider(arn)
	if err != nil {
		return err
	}
	next := clone(p)
	next.Tags = untagged(p.Tags, keys, exactTagKeys)
	if len(next.Tags) != len(p.Tags) {
		d.putSAMLProvider(p, next)
	}
	return nil
}

// putSAMLProvider replaces old by p, as putUser does.
func (d *Draft) putSAMLProvider(old, p *SAMLProvider) {
	if old != nil {
		d.samlProviders.Delete(fold(old.Name))
	}
	if p == nil {
		d.note(rowSAMLProvider, old.ID, nil)
		return
	}
	d.samlProviders.Set(fold(p.Name), p)
	d.note(rowSAMLProvider, p.ID, p)
}
