package iam

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"iamd/store"
)

func TestAccessKeys(t *testing.T) {
	d := policyDraft()
	mustUser(t, d, "Bob")
	mustUser(t, d, "Al")
	bob := func() *User { return userNow(t, d, "Bob") }
	first, secret, err := d.CreateAccessKey(bob())
	must(t, err)
	if account, ok := KeyAccount(first.ID); !ok || account != testAccount || !strings.HasPrefix(first.ID, PrefixAccessKey) {
		t.Errorf("key id %s", first.ID)
	}
	if got, err := d.Secret(first); err != nil || got != secret || len(secret) != 40 || first.Status != Active {
		t.Errorf("made %+v, secret %q opens as %q, %v", first, secret, got, err)
	}
	second, _, err := d.CreateAccessKey(bob())
	must(t, err)
	_, _, err = d.CreateAccessKey(bob())
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for AccessKeysPerUser: 2")

	must(t, d.UpdateAccessKey(bob(), first.ID, Inactive))
	if k, owner, ok := d.AccessKey(first.ID); !ok || k.Status != Inactive || owner.Name != "Bob" {
		t.Errorf("found %+v of %v", k, owner)
	}
	const gone = "The Access Key with id "
	al := userNow(t, d, "Al")
	refused(t, d.UpdateAccessKey(al, first.ID, Active), CodeNoSuchEntity, gone+first.ID+" cannot be found.")
	refused(t, d.DeleteAccessKey(al, first.ID), CodeNoSuchEntity, gone+first.ID+" cannot be found.")
	refused(t, d.DeleteAccessKey(nil, first.ID), CodeNoSuchEntity, gone+first.ID+" cannot be found.")
	refused(t, d.UpdateAccessKey(bob(), first.ID, "Expired"), CodeInvalidInput, "The status of an access key can be set to Active or Inactive only.")

	must(t, d.DeleteAccessKey(bob(), first.ID))
	refused(t, d.DeleteAccessKey(bob(), first.ID), CodeNoSuchEntity, gone+first.ID+" cannot be found.")
	if _, _, ok := d.AccessKey(first.ID); ok {
		t.Error("the deleted key is still found")
	}
	_, changes := d.Seal()
	want := []store.Unique{{Space: spaceAccessKey, Key: first.ID}, {Space: spaceAccessKey, Key: second.ID}}
	if diff := cmp.Diff(want, changes.Take); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want[:1], changes.Free); diff != "" {
		t.Error(diff)
	}
	for _, r := range changes.Rows {
		if r.Kind != rowUser {
			t.Errorf("a key of a user changed a row %s", r.Kind)
		}
	}
}

func TestRootAccessKeys(t *testing.T) {
	d := policyDraft()
	id, _ := d.Begin(NewAccountInput{Name: "test"})
	second, _, err := d.CreateAccessKey(nil)
	must(t, err)
	_, _, err = d.CreateAccessKey(nil)
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for AccessKeysPerUser: 2")
	must(t, d.UpdateAccessKey(nil, second.ID, Inactive))
	if k, owner, ok := d.AccessKey(second.ID); !ok || owner != nil || k.Status != Inactive {
		t.Errorf("found %+v of %v, %v", k, owner, ok)
	}
	must(t, d.DeleteAccessKey(nil, id))
	if _, _, ok := d.AccessKey(id); ok {
		t.Error("the deleted key is still found")
	}
	if len(d.Root.Keys) != 1 || d.Root.Keys[0].ID != second.ID {
		t.Errorf("left are %+v", d.Root.Keys)
	}
}
