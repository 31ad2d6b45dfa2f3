package iam

import (
	"cmp"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"iamd/store"
)

// Import is what an account is to hold, with the unique ids and dates that it had
// where it comes from. Whoever makes one has held names, paths and lengths to
// AWS's limits; Draft.Import holds the rest to the rules. It is never changed.
type Import struct {
	Name       string // empty: the name that the account has, or its number
	CreateDate time.Time
	Root       Root
	// RootPassword says that the root user had a password, in the import or not.
	RootPassword bool
	Passwords    *PasswordPolicy
	Alias        string
	// RoleManager, TokenVersion, RootBilling and Closed are the account's settings.
	RoleManager  bool
	TokenVersion int
	RootBilling  bool
	Closed       time.Time

	// Documents are as NewDocument makes them: nobody has checked them. A trust
	// policy's bindings are of principals of other accounts; the account's own are
	// found anew.
	Users              []*User
	Groups             []*Group
	Roles              []*Role
	Policies           []*Policy
	InstanceProfiles   []*InstanceProfile
	Devices            []*MFADevice
	ServerCertificates []*ServerCertificate
	SAMLProviders      []ImportedSAMLProvider
	OpenIDProviders    []*OpenIDProvider
	Outbound           *OutboundFederation

	// AWSManaged are policies of AWS's as they were where the account comes from.
	AWSManaged []*Policy
}

// ImportedSAMLProvider is a SAML provider, and what was read of its metadata.
type ImportedSAMLProvider struct {
	*SAMLProvider
	Read *SAMLMetadata
}

// Imported is what became of an import.
type Imported struct {
	// KeyID and Secret are an access key of the root user, which was made because
	// nobody could have called the account without; empty for none.
	KeyID, Secret string
	Notes         []ImportNote
}

// ImportNote tells of something that was not brought, or not as it was.
type ImportNote struct {
	What   string `json:"what"`
	Why    string `json:"why"`
	Remedy string `json:"remedy,omitempty"` // often a command of the AWS CLI
}

// importing is an import under way.
type importing struct {
	*Draft
	in    *Import
	fresh bool // the account is made by it
	aws   map[string]*Policy
	ids   map[string]bool
	notes []ImportNote
	calls bool // somebody has a long-term key or a password
}

// Import fills an account that holds nothing but its root user, or one that is
// new. A root user that is there stays as it is. Quotas are not held up by it:
// what is beyond one is told. The error is AWS's, and says of what; the draft is of
// no use after it.
func (d *Draft) Import(in *Import) (*Imported, error) {
	m := &importing{Draft: d, in: in, fresh: d.CreateDate.IsZero(), aws: map[string]*Policy{}, ids: map[string]bool{}}
	if !m.fresh && !d.OnlyRoot() {
		return nil, Errorf(CodeEntityAlreadyExists, "Account %s is here already, and holds more than its root user: an import does not touch it.", d.ID)
	}
	for _, p := range in.AWSManaged {
		m.aws[p.ARN] = p
	}
	out := new(Imported)
	if m.fresh {
		d.BeginMember(cmp.Or(in.Name, d.ID), in.Root.Email)
	}
	for _, step := range []func() error{
		m.settings, m.root, m.policies, m.groups, m.users, m.roles, m.trusts, m.instanceProfiles, m.devices,
		m.serverCertificates, m.samlProviders, m.openIDProviders, m.outboundFederation,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if m.fresh && !m.calls && len(d.Root.Keys) < d.env.Quotas.KeysPerUser {
		key, secret, err := d.CreateAccessKey(nil)
		if err != nil {
			return nil, err
		}
		out.KeyID, out.Secret = key.ID, secret
	}
	m.compareAWS()
	m.beyond()
	d.putSettings()
	out.Notes = m.notes
	return out, nil
}

// OnlyRoot tells whether an account holds nothing but its root user: no entity, no
// organization, nothing that others know it by.
func (a *Account) OnlyRoot() bool {
	for _, m := range a.devices.Values() {
		if m.Owner != a.ID {
			return false
		}
	}
	return a.UserCount()+a.GroupCount()+a.RoleCount()+a.PolicyCount()+a.InstanceProfileCount()+
		a.ServerCertificateCount()+a.SAMLProviderCount()+a.OpenIDProviderCount()+a.delegations.Len() == 0 &&
		a.outbound == nil && a.Organization == "" && a.Closed.IsZero() && a.Alias == ""
}

func (m *importing) note(what, why, remedy string) {
	m.notes = append(m.notes, ImportNote{what, why, remedy})
}

// about puts what a refusal is about in front of it.
func about(what string, err error) error {
	var refusal *Error
	if !errors.As(err, &refusal) {
		return err
	}
	next := *refusal
	next.Message = what + ": " + refusal.Message
	return &next
}

var uniqueID = regexp.MustCompile(`^(AIDA|AROA|AGPA|ANPA|AIPA|ASCA|APKA|ACCA|SAMLSP|SAMLPK)[A-Z0-9]{10,120}$`)

// take takes a unique id, which nothing else of the import may have.
func (m *importing) take(what, prefix, id string) error {
	if !uniqueID.MatchString(id) || !strings.HasPrefix(id, prefix) {
		return Errorf(CodeValidation, "%s: %q is not a unique id that begins with %s.", what, id, prefix)
	}
	if m.ids[id] {
		return Errorf(CodeEntityAlreadyExists, "%s: the unique id %s is there twice.", what, id)
	}
	m.ids[id] = true
	return nil
}

// opens tells whether what was sealed opens here.
func (m *importing) opens(id string, sealed []byte) bool {
	if len(sealed) == 0 {
		return false
	}
	_, err := m.env.Unseal(m.ID, id, sealed)
	return err == nil
}

// unopened is why a secret was not brought.
func unopened(sealed []byte) string {
	if len(sealed) == 0 {
		return "its secret is not in the file"
	}
	return "its secret was sealed by another keyring, or for another account"
}

func (m *importing) settings() error {
	d, in := m.Draft, m.in
	if in.Name != "" {
		d.Name = in.Name
	}
	if !in.CreateDate.IsZero() {
		d.CreateDate = in.CreateDate
	}
	d.RoleManager, d.TokenVersion, d.RootBilling, d.Closed = in.RoleManager, in.TokenVersion, in.RootBilling, in.Closed
	if in.TokenVersion < 0 || in.TokenVersion > TokenVersion2 {
		return Errorf(CodeValidation, "There is no version %d of session tokens.", in.TokenVersion)
	}
	if in.Passwords != nil {
		d.UpdateAccountPasswordPolicy(*in.Passwords)
	}
	if in.Alias != "" {
		return d.CreateAccountAlias(in.Alias)
	}
	return nil
}

// root brings what the root user has, unless one is there.
func (m *importing) root() error {
	from := m.in.Root
	if !m.fresh {
		if from.Email != "" || len(from.Keys) > 0 || from.Password != "" {
			m.note("the root user", "the account has one, which stays as it is", "")
		}
		return nil
	}
	m.Draft.Root.SessionsNotBefore = from.SessionsNotBefore
	var err error
	if m.Draft.Root.Keys, err = m.keys("root user", from.Keys, "aws iam create-access-key"); err != nil {
		return err
	}
	for _, k := range m.Draft.Root.Keys {
		m.Draft.keys.Set(k.ID, nil)
	}
	if m.Draft.Root.Certificates, err = m.certificates("root user", from.Certificates); err != nil {
		return err
	}
	m.ownCredentials(&Credentials{Certificates: m.Draft.Root.Certificates}, "")
	switch {
	case from.Password != "" && (!hashed(from.Password) || !generation.MatchString(from.Generation)):
		return Errorf(CodeValidation, "root user: the password's hash is not one of iamd's.")
	case from.Password != "":
		m.Draft.Root.Password, m.Draft.Root.Generation = from.Password, from.Generation
		m.calls = true
	case m.in.RootPassword:
		m.note("the root user's password", "it is not in the file", "iamd account reset-password "+m.ID)
	}
	return nil
}

// compareAWS tells which of AWS's policies decide by another version here.
func (m *importing) compareAWS() {
	for _, there := range m.in.AWSManaged {
		here, ok := m.env.awsManaged(there.ARN)
		if ok && there.DefaultVersion != "" && here.DefaultVersion != there.DefaultVersion {
			m.note("AWS managed policy "+there.ARN, fmt.Sprintf("the file has version %s, and version %s, which is in the catalog, decides", there.DefaultVersion, here.DefaultVersion), "")
		}
	}
}

// beyond tells of what is more than the quotas allow.
func (m *importing) beyond() {
	q := &m.env.Quotas
	for _, c := range []struct {
		name        string
		have, limit int
	}{
		{"UsersPerAccount", m.UserCount(), q.Users}, {"GroupsPerAccount", m.GroupCount(), q.Groups},
		{"RolesPerAccount", m.RoleCount(), q.Roles}, {"PoliciesPerAccount", m.PolicyCount(), q.Policies},
		{"InstanceProfilesPerAccount", m.InstanceProfileCount(), q.InstanceProfiles},
		{"ServerCertificatesPerAccount", m.ServerCertificateCount(), q.ServerCertificates},
		{"SAMLProvidersPerAccount", m.SAMLProviderCount(), q.SAMLProviders},
		{"OpenIdConnectProvidersPerAccount", m.OpenIDProviderCount(), q.OpenIDProviders},
	} {
		m.quota("the account", c.name, c.have, c.limit)
	}
}

func (m *importing) quota(what, name string, have, limit int) {
	if have > limit {
		m.note(what, fmt.Sprintf("%d is beyond the quota %s of %d: what is there stays, more is refused", have, name, limit),
			fmt.Sprintf("set %s under quotas in the configuration", name))
	}
}

func (m *importing) outboundFederation() error {
	o := m.in.Outbound
	if o == nil {
		return nil
	}
	next := &OutboundFederation{Issuer: o.Issuer, Enabled: o.Enabled, DisableDate: o.DisableDate}
	for _, k := range o.Keys {
		if !m.opens(k.ID, k.Sealed) {
			m.note("outbound web identity federation", unopened(k.Sealed), "aws iam enable-outbound-web-identity-federation (the issuer is another one then)")
			return nil
		}
		// What is published is made of what was sealed, whatever else a file says.
		own, err := m.signingKey(k)
		if err != nil {
			return Errorf(CodeValidation, "outbound web identity federation: %q is not a key of the account's.", k.ID)
		}
		next.Keys = append(next.Keys, own)
	}
	if len(o.Keys) == 0 || !issuerForm.MatchString(o.Issuer) {
		return Errorf(CodeValidation, "outbound web identity federation: the issuer is none of iamd's.")
	}
	m.Draft.notes.Take = append(m.Draft.notes.Take, store.Unique{Space: spaceTokenIssuer, Key: o.Issuer})
	m.putOutboundFederation(next)
	return nil
}

func (m *importing) signingKey(k SigningKey) (SigningKey, error) {
	plain, err := m.env.Unseal(m.ID, k.ID, k.Sealed)
	if err != nil {
		return k, err
	}
	opened, err := x509.ParsePKCS8PrivateKey([]byte(plain))
	if err != nil {
		return k, err
	}
	signer, ok := opened.(crypto.Signer)
	if !ok || k.Algorithm != RS256 && k.Algorithm != ES384 {
		return k, fmt.Errorf("iam: a key %T for %s", opened, k.Algorithm)
	}
	own, err := newKey(k.Algorithm, signer)
	if err != nil || own.ID != k.ID {
		return k, errors.Join(fmt.Errorf("iam: key %s is %s", k.ID, own.ID), err)
	}
	own.Sealed = k.Sealed
	return own.SigningKey, nil
}

var issuerForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// OutboundFederation is the account as an issuer; ok is false for one that never
// was. It must not be changed.
func (a *Account) OutboundFederation() (o *OutboundFederation, ok bool) {
	return a.outbound, a.outbound != nil
}
