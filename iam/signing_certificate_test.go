package iam

import (
	"strings"
	"testing"
	"time"
)

func mustSigningCertificate(t *testing.T, d *Draft, owner *User) SigningCertificate {
	t.Helper()
	from, to := valid(d)
	made, _ := certified(t, "signer", nil, from, to)
	c, err := d.UploadSigningCertificate(owner, made.pem)
	must(t, err)
	return c
}

func TestSigningCertificates(t *testing.T) {
	d := policyDraft()
	mustUser(t, d, "Bob")
	mustUser(t, d, "Al")
	bob := func() *User { return userNow(t, d, "Bob") }
	from, to := valid(d)
	made, _ := certified(t, "signer", nil, from, to)
	first, err := d.UploadSigningCertificate(bob(), made.pem)
	must(t, err)
	if len(first.ID) != 32 || first.Status != Active || first.Body != made.pem || !first.UploadDate.Equal(d.now()) {
		t.Errorf("made %+v", first)
	}

	// The same again is no news, whatever its status is.
	must(t, d.UpdateSigningCertificate(bob(), first.ID, Inactive))
	again, err := d.UploadSigningCertificate(bob(), made.pem)
	must(t, err)
	if again != first || len(bob().Certificates) != 1 || bob().Certificates[0].Status != Inactive {
		t.Errorf("again gave %+v, and the user has %+v", again, bob().Certificates)
	}
	for _, owner := range []*User{userNow(t, d, "Al"), nil} {
		_, err = d.UploadSigningCertificate(owner, made.pem)
		refused(t, err, CodeDuplicateCertificate, "The Certificate is already associated with another user of the account.")
	}

	second := mustSigningCertificate(t, d, bob())
	third, _ := certified(t, "third", nil, from, to)
	_, err = d.UploadSigningCertificate(bob(), third.pem)
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for CertificatesPerUser: 2")

	expired, _ := certified(t, "old", nil, from.Add(-time.Hour), from)
	early, _ := certified(t, "early", nil, to, to.Add(time.Hour))
	for _, body := range []string{"invalid-certificate-body", made.pem + third.pem, expired.pem, early.pem} {
		_, err = d.UploadSigningCertificate(userNow(t, d, "Al"), body)
		refused(t, err, CodeMalformedCertificate, "Certificate "+body+" is malformed.")
	}

	refused(t, d.UpdateSigningCertificate(bob(), first.ID, "Expired"), CodeInvalidInput, "The status of a signing certificate can be set to Active or Inactive only.")
	gone := "The Certificate with id " + first.ID + " cannot be found."
	refused(t, d.UpdateSigningCertificate(userNow(t, d, "Al"), first.ID, Active), CodeNoSuchEntity, gone)
	refused(t, d.DeleteSigningCertificate(nil, first.ID), CodeNoSuchEntity, gone)

	must(t, d.UpdateUser("Bob", "Robert", "")) // they move with the name
	robert := userNow(t, d, "Robert")
	if len(robert.Certificates) != 2 {
		t.Errorf("Robert has %+v", robert.Certificates)
	}
	refused(t, d.DeleteUser("Robert"), CodeDeleteConflict, "Cannot delete entity, must delete certificates first.")
	must(t, d.DeleteSigningCertificate(robert, first.ID))
	must(t, d.DeleteSigningCertificate(userNow(t, d, "Robert"), second.ID))
	must(t, d.DeleteUser("Robert"))
	_, err = d.UploadSigningCertificate(nil, made.pem) // free again, for root too
	must(t, err)
	must(t, d.DeleteSigningCertificate(nil, first.ID))
	if d.credentialOwners.Len() != 0 || len(d.Root.Certificates) != 0 {
		t.Errorf("left are %d owners, %+v", d.credentialOwners.Len(), d.Root.Certificates)
	}
}

func TestCredentialReportTellsOfCertificates(t *testing.T) {
	d := policyDraft()
	mustUser(t, d, "Bob")
	mustSigningCertificate(t, d, userNow(t, d, "Bob"))
	off := mustSigningCertificate(t, d, userNow(t, d, "Bob"))
	must(t, d.UpdateSigningCertificate(userNow(t, d, "Bob"), off.ID, Inactive))
	mustSigningCertificate(t, d, nil)
	content, err := credentialCSV(d.Account, neverUsed)
	must(t, err)
	const at = "2026-11-01T12:00:00+00:00"
	lines := strings.Split(string(content), "\n")
	for i, want := range []string{1: ",true," + at + ",false,N/A", 2: ",true," + at + ",false," + at} {
		if !strings.HasSuffix(lines[i], want) {
			t.Errorf("line %d is %s, want …%s", i, lines[i], want)
		}
	}
}
