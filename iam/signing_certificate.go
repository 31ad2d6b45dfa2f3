package iam

import (
	"crypto/sha1"
	"encoding/base32"
	"slices"
	"time"
)

// SigningCertificate is an X.509 certificate that a user, or root, signs
// requests with.
type SigningCertificate struct {
	ID         string    `json:"id"`
	Status     Status    `json:"status"`
	UploadDate time.Time `json:"uploaded"`
	Body       string    `json:"body"` // PEM, as it was uploaded
}

// The rules of signing certificates take their owner as it stands in the draft;
// nil means the root user.

// UploadSigningCertificate keeps a certificate. What its owner has already is
// answered as if it were new, and stays as it is; another's is refused.
func (d *Draft) UploadSigningCertificate(owner *User, body string) (SigningCertificate, error) {
	cert, err := oneCertificate(body)
	if now := d.now(); err != nil || now.Before(cert.NotBefore) || now.After(cert.NotAfter) {
		return SigningCertificate{}, malformedCertificate(err, "Certificate %s is malformed.", body)
	}
	sum := sha1.Sum(cert.Raw) // AWS's id of a certificate; it proves nothing
	id := base32.StdEncoding.EncodeToString(sum[:])
	have := d.certificatesOf(owner)
	if i := slices.IndexFunc(have, func(c SigningCertificate) bool { return c.ID == id }); i >= 0 {
		again := have[i]
		again.Status = Active
		return again, nil
	}
	if _, taken := d.credentialOwners.Get(ownCertificate + id); taken {
		return SigningCertificate{}, Errorf(CodeDuplicateCertificate, textDuplicateCertificate)
	}
	if limit := d.env.Quotas.CertificatesPerUser; len(have) >= limit {
		return SigningCertificate{}, quota("CertificatesPerUser", limit)
	}
	c := SigningCertificate{ID: id, Status: Active, UploadDate: d.now(), Body: body}
	d.putCertificates(owner, append(slices.Clone(have), c))
	return c, nil
}

// UpdateSigningCertificate switches a certificate on or off.
func (d *Draft) UpdateSigningCertificate(owner *User, id string, status Status) error {
	if err := checkStatus(status, "a signing certificate"); err != nil {
		return err
	}
	have := d.certificatesOf(owner)
	i := slices.IndexFunc(have, func(c SigningCertificate) bool { return c.ID == id })
	if i < 0 {
		return noCertificate(id)
	}
	if have[i].Status != status {
		have = slices.Clone(have)
		have[i].Status = status
		d.putCertificates(owner, have)
	}
	return nil
}

// DeleteSigningCertificate removes a certificate.
func (d *Draft) DeleteSigningCertificate(owner *User, id string) error {
	have := d.certificatesOf(owner)
	rest := without(have, func(c SigningCertificate) bool { return c.ID == id })
	if len(rest) == len(have) {
		return noCertificate(id)
	}
	d.putCertificates(owner, rest)
	return nil
}

func noCertificate(id string) error {
	return Errorf(CodeNoSuchEntity, "The Certificate with id %s cannot be found.", id)
}

func (d *Draft) certificatesOf(owner *User) []SigningCertificate {
	if owner == nil {
		return d.Root.Certificates
	}
	return owner.Certificates
}

func (d *Draft) putCertificates(owner *User, list []SigningCertificate) {
	if owner != nil {
		next := clone(owner)
		next.Certificates = list
		d.putUser(owner, next)
		return
	}
	d.disownCredentials(&Credentials{Certificates: d.Root.Certificates})
	d.Root.Certificates = list
	d.ownCredentials(&Credentials{Certificates: list}, "")
	d.putSettings()
}
