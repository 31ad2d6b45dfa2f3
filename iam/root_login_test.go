package iam

import "testing"

// TestRootLogin: a password, or the permission to recover one, is a login profile.
func TestRootLogin(t *testing.T) {
	d := policyDraft()
	d.BeginMember("Member", "")
	absent := func(err error) {
		t.Helper()
		refused(t, err, CodeNoSuchEntity, "Login Profile for User null cannot be found.")
	}
	_, err := d.RootLogin()
	absent(err)
	absent(d.DeleteRootLogin())
	since, err := d.AllowRootRecovery()
	if err != nil || !since.Equal(d.now()) {
		t.Fatal(since, err)
	}
	if got, err := d.RootLogin(); err != nil || !got.Equal(since) {
		t.Error(got, err)
	}
	_, err = d.AllowRootRecovery()
	refused(t, err, CodeEntityAlreadyExists, "Login Profile for user null already exists.")
	if err := d.DeleteRootLogin(); err != nil {
		t.Fatal(err)
	}
	_, err = d.RootLogin()
	absent(err)

	d.Root.Password = "hash"
	if got, err := d.RootLogin(); err != nil || !got.Equal(d.CreateDate) {
		t.Error(got, err)
	}
	_, err = d.AllowRootRecovery()
	refused(t, err, CodeEntityAlreadyExists, "Login Profile for user null already exists.")
	if err := d.DeleteRootLogin(); err != nil || d.Root.Password != "" {
		t.Error(d.Root, err)
	}
}
