package iam

import (
	"iter"
	"regexp"
	"slices"
)

// devices brings virtual devices whose seeds open here, and passkeys, which have no
// secret. The root user's stay away where the root user stays as it is.
func (m *importing) devices() error {
	for _, from := range m.in.Devices {
		what := "MFA device " + from.Path + from.Name
		_, isUser := m.UserByID(from.Owner)
		switch _, taken := m.Draft.devices.Get(from.key()); {
		case from.Owner == m.ID && !m.fresh:
			continue
		case taken:
			return Errorf(CodeEntityAlreadyExists, "%s: MFADevice entity at the same path and name already exists.", what)
		case from.Owner != "" && from.Owner != m.ID && !isUser:
			return Errorf(CodeNoSuchEntity, "%s: its owner %s cannot be found.", what, from.Owner)
		case from.Former != "" && (from.Owner != "" || from.Former != m.ID && !uniqueID.MatchString(from.Former)):
			return Errorf(CodeValidation, "%s: %q was not its last owner.", what, from.Former)
		}
		next := clone(from)
		var err error
		if next.Tags, err = m.tags(from.Tags, exactTagKeys); err != nil {
			return about(what, err)
		}
		if p := from.Passkey; p != nil {
			if from.Owner == "" || !passkeyName.MatchString(from.Name) || !passkeyPath.MatchString(from.Path) || p.RelyingParty == "" ||
				len(p.ID) == 0 || len(p.ID) > maxPasskeyID || len(p.PublicKey) == 0 || len(p.PublicKey) > maxPasskeyKey {
				return Errorf(CodeValidation, "%s: it is not a passkey as iamd keeps them.", what)
			}
		} else if next.Path = orRoot(from.Path); !m.opens(m.Serial(next), next.Sealed) {
			m.note(what, unopened(next.Sealed), "aws iam create-virtual-mfa-device --virtual-mfa-device-name "+next.Name+", and enable it")
			continue
		}
		m.putDevice(nil, next)
	}
	return nil
}

// A passkey's name ends with a random part, and its path holds its first owner's.
var (
	passkeyName = regexp.MustCompile(`^[\w+=,.@-]{1,64}-[A-Z2-7]{26}$`)
	passkeyPath = regexp.MustCompile(`^/(root|user/[\w+=,.@-]{1,64})/$`)
)

func (m *importing) serverCertificates() error {
	for _, from := range m.in.ServerCertificates {
		what := "server certificate " + from.Name
		if _, taken := m.Draft.serverCertificates.Get(fold(from.Name)); taken {
			return serverCertificateExists(from.Name)
		}
		if err := m.take(what, PrefixServerCertificate, from.ID); err != nil {
			return err
		}
		next := clone(from)
		next.Path = orRoot(from.Path)
		cert, err := oneCertificate(from.Body)
		if err == nil {
			err = checkChain(cert, from.Chain)
		}
		if err != nil {
			return malformedCertificate(err, "%s: Unable to parse certificate. Please ensure the certificate is in PEM format.", what)
		}
		next.Expiration = cert.NotAfter.UTC()
		if next.Tags, err = m.tags(from.Tags, exactTagKeys); err != nil {
			return about(what, err)
		}
		if !m.opens(from.ID, from.Sealed) {
			m.note(what, unopened(from.Sealed), "aws iam upload-server-certificate --server-certificate-name "+from.Name)
			continue
		}
		m.putServerCertificate(nil, next)
	}
	return nil
}

func (m *importing) samlProviders() error {
	for _, from := range m.in.SAMLProviders {
		what := "SAML provider " + from.Name
		if _, taken := m.Draft.samlProviders.Get(fold(from.Name)); taken {
			return Errorf(CodeEntityAlreadyExists, "Provider with name %s already exists.", from.Name)
		}
		if err := m.take(what, PrefixSAMLProvider, from.ID); err != nil {
			return err
		}
		next := clone(from.SAMLProvider)
		next.Metadata = from.Read.document
		if !from.Read.until.IsZero() {
			next.ValidUntil = from.Read.until
		}
		var err error
		if next.Tags, err = m.tags(from.Tags, exactTagKeys); err != nil {
			return about(what, err)
		}
		switch next.Encryption {
		case "":
			next.Encryption = EncryptionAllowed
		case EncryptionAllowed, EncryptionRequired:
		default:
			return Errorf(CodeValidation, "%s: there is no mode %q of encryption.", what, next.Encryption)
		}
		next.Keys = nil
		for _, k := range from.Keys {
			if err := m.take(what+", private key", PrefixSAMLKey, k.ID); err != nil {
				return err
			}
			if !m.opens(k.ID, k.Sealed) {
				// Assertions that must be encrypted open no more: nobody comes in by them.
				m.note(what+", private key "+k.ID, unopened(k.Sealed), "aws iam update-saml-provider --add-private-key")
				continue
			}
			next.Keys = append(next.Keys, k)
		}
		if len(next.Keys) > samlKeys {
			return Errorf(CodeLimitExceeded, "%s: Private key limit of %d is reached.", what, samlKeys)
		}
		m.putSAMLProvider(nil, next)
	}
	return nil
}

func (m *importing) openIDProviders() error {
	for _, from := range m.in.OpenIDProviders {
		what := "OpenID Connect provider " + from.Name
		name, err := OpenIDName("https://" + from.Name)
		if err != nil {
			return about(what, err)
		}
		if _, taken := m.Draft.openIDProviders.Get(name); taken {
			return Errorf(CodeEntityAlreadyExists, "Provider with url https://%s already exists.", name)
		}
		next := clone(from)
		limit := m.env.Quotas.ClientIDsPerProvider
		if next.ClientIDs = eachOnce(from.ClientIDs, limit); len(next.ClientIDs) > limit {
			return about(what, tooManyClientIDs(limit))
		}
		if next.Thumbprints, err = thumbprints(slices.Clone(from.Thumbprints)); err != nil {
			return about(what, err)
		}
		if next.Tags, err = m.tags(from.Tags, exactTagKeys); err != nil {
			return about(what, err)
		}
		m.putOpenIDProvider(nil, next)
	}
	return nil
}

// AllMFADevices walks the devices of both kinds, in an order that stays.
func (a *Account) AllMFADevices() iter.Seq[*MFADevice] {
	return func(yield func(*MFADevice) bool) {
		a.devices.Scan(func(_ string, m *MFADevice) bool { return yield(m) })
	}
}
