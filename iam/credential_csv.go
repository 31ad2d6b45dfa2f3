package iam

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"time"
)

// KeyUse tells when, with which service and in which region an access key was
// last used; ok is false for a key that never was.
type KeyUse func(keyID string) (at time.Time, service, region string, ok bool)

// LoginUse tells when the password of a user, or of the root user by the account's
// number, was last used to sign in; ok is false when it never was.
type LoginUse func(id string) (at time.Time, ok bool)

// CredentialUse is what an account's credentials were used for.
type CredentialUse struct {
	Key   KeyUse
	Login LoginUse
}

// credentialColumns are AWS's, in its order.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html#id_credentials_understanding_the_report_format
var credentialColumns = []string{
	"user", "arn", "user_creation_time",
	"password_enabled", "password_last_used", "password_last_changed", "password_next_rotation", "mfa_active",
	"access_key_1_active", "access_key_1_last_rotated",
	"access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
	"access_key_2_active", "access_key_2_last_rotated",
	"access_key_2_last_used_date", "access_key_2_last_used_region", "access_key_2_last_used_service",
	"cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
}

// AWS's words for what is not there.
const (
	notApplicable = "N/A"
	noInformation = "no_information"
	notSupported  = "not_supported"
)

// credentialCSV writes the report: the root user, then the users by name.
func credentialCSV(a *Account, used CredentialUse) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := func(yield func([]string) bool) {
		if !yield(credentialColumns) || !yield(rootCredentials(a, used)) {
			return
		}
		for _, u := range a.UsersAfter("") {
			if !yield(userCredentials(a, u, used)) {
				return
			}
		}
	}
	for row := range rows {
		if err := w.Write(row); err != nil {
			return nil, fmt.Errorf("iam: credential report: %w", err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, fmt.Errorf("iam: credential report: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil // AWS's last line has no end
}

// rootCredentials is the row of the root user, whose password AWS says least
// about.
func rootCredentials(a *Account, used CredentialUse) []string {
	row := []string{
		"<root_account>", a.RootARN(), reportTime(a.CreateDate),
		notSupported, used.login(a.ID), notSupported, notSupported, strconv.FormatBool(a.HasMFA(nil)),
	}
	return credentialCertificates(credentialKeys(row, a.Root.Keys, used.Key), a.Root.Certificates)
}

// userCredentials is the row of a user.
func userCredentials(a *Account, u *User, used CredentialUse) []string {
	row := []string{
		u.Name, a.UserARN(u), reportTime(u.CreateDate),
		"false", notApplicable, notApplicable, notApplicable, strconv.FormatBool(a.HasMFA(u)),
	}
	if u.Login != nil {
		copy(row[3:], []string{"true", used.login(u.ID), reportTime(u.Login.Changed)})
	}
	if at, ok := a.PasswordExpires(u); ok {
		row[6] = reportTime(at)
	}
	return credentialCertificates(credentialKeys(row, u.Keys, used.Key), u.Certificates)
}

// login is when a password was last used, as the report has it.
func (used CredentialUse) login(id string) string {
	if at, ok := used.Login(id); ok {
		return reportTime(at)
	}
	return noInformation
}

// credentialKeys adds the columns of two access keys.
func credentialKeys(row []string, keys []AccessKey, used KeyUse) []string {
	for i := range 2 {
		if i >= len(keys) {
			row = append(row, "false", notApplicable, notApplicable, notApplicable, notApplicable)
			continue
		}
		row = append(row, strconv.FormatBool(keys[i].Status == Active), reportTime(keys[i].CreateDate))
		if at, service, region, ok := used(keys[i].ID); ok {
			row = append(row, reportTime(at), or(region, notApplicable), or(service, notApplicable))
		} else {
			row = append(row, notApplicable, notApplicable, notApplicable)
		}
	}
	return row
}

// credentialCertificates adds the columns of two signing certificates.
func credentialCertificates(row []string, list []SigningCertificate) []string {
	for i := range 2 {
		if i >= len(list) {
			row = append(row, "false", notApplicable)
			continue
		}
		row = append(row, strconv.FormatBool(list[i].Status == Active), reportTime(list[i].UploadDate))
	}
	return row
}

// reportTime is how the report writes times: UTC, with the offset spelled out.
func reportTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05+00:00") }

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
