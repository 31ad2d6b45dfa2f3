package portable

import (
	"strings"

	"iamd/iam"
	"iamd/lwa"
)

// nameIn is the name at the end of an ARN.
func nameIn(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// resources adds what is none of users, groups, roles and policies.
func (s show) resources(out *Account) {
	for _, p := range s.InstanceProfilesAfter("") {
		shown := instanceProfile{
			InstanceProfileName: p.Name, InstanceProfileID: p.ID, named: named{p.Path, moment{p.CreateDate}, s.InstanceProfileARN(p)}, Tags: showTags(p.Tags),
		}
		if r, ok := s.RoleByID(p.Role); ok {
			shown.Roles = []roleName{{r.Name}}
		}
		out.InstanceProfiles = append(out.InstanceProfiles, shown)
	}
	s.devices(out)
	for _, c := range s.ServerCertificatesAfter("") {
		out.ServerCertificates = append(out.ServerCertificates, serverCertificate{
			c.Name, c.ID, c.Path, s.ServerCertificateARN(c), moment{c.UploadDate}, c.Body, c.Chain, showTags(c.Tags), s.sealed(c.Sealed),
		})
	}
	for _, p := range s.SAMLProvidersAfter("") {
		shown := samlProvider{
			Name: p.Name, SAMLProviderUUID: p.ID, CreateDate: moment{p.CreateDate}, ValidUntil: moment{p.ValidUntil},
			SAMLMetadataDocument: p.Metadata, AssertionEncryptionMode: string(p.Encryption), Tags: showTags(p.Tags),
		}
		for _, k := range p.Keys {
			shown.PrivateKeys = append(shown.PrivateKeys, samlKey{k.ID, moment{k.UploadDate}, s.sealed(k.Sealed)})
		}
		out.SAMLProviders = append(out.SAMLProviders, shown)
	}
	for _, p := range s.OpenIDProvidersAfter("") {
		out.OpenIDConnectProviders = append(out.OpenIDConnectProviders, openIDProvider{
			p.Name, moment{p.CreateDate}, p.ClientIDs, p.Thumbprints, showTags(p.Tags),
		})
	}
	if o, ok := s.OutboundFederation(); ok {
		shown := &outboundWebIdentity{Enabled: o.Enabled, Issuer: o.Issuer, DisableDate: moment{o.DisableDate}}
		for _, k := range o.Keys {
			shown.SigningKeys = append(shown.SigningKeys, signingKey{k.ID, k.Algorithm, s.sealed(k.Sealed)})
		}
		out.OutboundWebIdentity = shown
	}
}

func (s show) devices(out *Account) {
	for m := range s.AllMFADevices() {
		shown := mfaDevice{
			DeviceName: m.Name, Path: m.Path, CreateDate: moment{m.CreateDate}, Tags: showTags(m.Tags),
			Root: m.Owner == s.ID, FormerID: m.Former, EnableDate: moment{m.EnableDate}, ClockSteps: m.Drift, LastStep: m.Last,
			SealedSeed: s.sealed(m.Sealed),
		}
		if u, ok := s.UserByID(m.Owner); ok {
			shown.User = u.Name
		}
		if p := m.Passkey; p != nil {
			shown.Passkey = &passkey{
				p.ID, p.PublicKey, p.RelyingParty, p.Model, p.Transports, p.SignCount, p.BackupEligible, p.BackedUp, moment{p.Answered},
			}
		}
		out.MFADevices = append(out.MFADevices, shown)
	}
}

func (s show) application(app *lwa.Application) application {
	out := application{
		ClientID: app.ClientID, ApplicationID: app.ApplicationID, Name: app.Name, CreateDate: moment{app.Created},
		IAMARN: app.IAMARN, UniqueID: app.UniqueID, Authorizations: []authorization{},
	}
	for _, z := range app.Authorizations {
		out.Authorizations = append(out.Authorizations, authorization{z.ID, z.SellingPartner, moment{z.Created}})
	}
	if s.secrets {
		for _, secret := range app.Secrets {
			out.SecretHashes = append(out.SecretHashes, secretHash{secret.Hash, moment{secret.Expires}})
		}
	}
	return out
}

// certificates and the like, the other way round.

func readCertificates(list []signingCertificate) []iam.SigningCertificate {
	var out []iam.SigningCertificate
	for _, c := range list {
		out = append(out, iam.SigningCertificate{ID: c.CertificateID, Status: iam.Status(c.Status), UploadDate: c.UploadDate.Time, Body: c.CertificateBody})
	}
	return out
}

func readKeys(list []accessKey) []iam.AccessKey {
	var out []iam.AccessKey
	for _, k := range list {
		out = append(out, iam.AccessKey{ID: k.AccessKeyID, Status: iam.Status(k.Status), CreateDate: k.CreateDate.Time, Sealed: k.SealedSecret})
	}
	return out
}
