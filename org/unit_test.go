package org

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/iam"
)

// newOrganization is one with a root and its management account, as sealed.
func newOrganization(t testing.TB, q Quotas) *Organization {
	t.Helper()
	env := &Env{
		Now:  func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		Rand: rand.NewChaCha8([32]byte{1}), Quotas: q,
	}
	d := New(env, NewID(env.Rand)).Draft()
	d.Begin(AllFeatures, Account{ID: "111122223333", Name: "Management", Email: "root@example.com"})
	o, _ := d.Seal()
	return o
}

// refused checks a refusal's code, reason and the beginning of its text.
func refused(t *testing.T, err error, code, reason, text string) {
	t.Helper()
	var e *iam.Error
	if !errors.As(err, &e) || e.Code != code || e.Reason != reason || !strings.HasPrefix(e.Message, text) {
		t.Errorf("got %v, want %s (%s): %s", err, code, reason, text)
	}
}

func TestUnits(t *testing.T) {
	q := DefaultQuotas()
	q.Units = 7
	o := newOrganization(t, q)
	d := o.Draft()
	parent := d.Root.ID
	var line []string
	for i := range q.Depth {
		u, err := d.CreateUnit(parent, fmt.Sprint("level ", i+1), nil)
		if err != nil {
			t.Fatal(err)
		}
		parent = u.ID
		line = append(line, u.ID)
	}
	_, err := d.CreateUnit(parent, "too deep", nil)
	refused(t, err, CodeConstraint, "OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the allowed depth")
	_, err = d.CreateUnit("ou-none-11111111", "x", nil)
	refused(t, err, CodeParentNotFound, "", "You specified parent that doesn't exist.")
	_, err = d.CreateUnit(d.Management, "x", nil)
	refused(t, err, CodeParentNotFound, "", "")
	_, err = d.CreateUnit(d.Root.ID, "level 1", nil)
	refused(t, err, "DuplicateOrganizationalUnitException", "", "An OU with the same name already exists.")
	if _, err = d.CreateUnit(line[0], "level 1", nil); err != nil { // under another parent
		t.Error(err)
	}
	other, err := d.CreateUnit(d.Root.ID, "other", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.CreateUnit(d.Root.ID, "one too many", nil)
	refused(t, err, CodeConstraint, "OU_NUMBER_LIMIT_EXCEEDED", "")
	_, err = d.UpdateUnit(other.ID, "level 1")
	refused(t, err, "DuplicateOrganizationalUnitException", "", "")
	refused(t, d.DeleteUnit(line[0]), "OrganizationalUnitNotEmptyException", "", "The specified organizational unit is not empty.")
	refused(t, d.DeleteUnit("ou-none-11111111"), CodeUnitNotFound, "", "")

	refused(t, d.MoveAccount(d.Management, line[0], line[1]), "SourceParentNotFoundException", "", "")
	refused(t, d.MoveAccount(d.Management, d.Root.ID, "ou-none-11111111"), "DestinationParentNotFoundException", "", "")
	refused(t, d.MoveAccount(d.Management, d.Root.ID, d.Root.ID), "DuplicateAccountException", "", "")
	refused(t, d.MoveAccount("999999999999", d.Root.ID, line[0]), CodeAccountNotFound, "", "")
	if err := d.MoveAccount(d.Management, d.Root.ID, line[4]); err != nil {
		t.Fatal(err)
	}
	refused(t, d.DeleteUnit(line[4]), "OrganizationalUnitNotEmptyException", "", "")
	if got, want := d.Path(d.Management), d.ID+"/"+d.Root.ID+"/"+strings.Join(line, "/")+"/"; got != want {
		t.Errorf("path %s, want %s", got, want)
	}

	// The value that the draft was made of is as it was, and rows make the same.
	if o.units.Len() != 0 || o.Master().Parent != o.Root.ID {
		t.Error("the draft changed its origin")
	}
	sealed, changes := d.Seal()
	first, begun := o.Draft(), o
	first.putSettings()
	first.putAccount(nil, begun.Master())
	_, base := first.Seal()
	again, err := Load(o.env, o.ID, append(base.Rows, changes.Rows...))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(treeOf(sealed), treeOf(again)); diff != "" {
		t.Error(diff)
	}
}

func treeOf(o *Organization) (lines []string) {
	for id := range after(o.units, "") {
		u, _ := o.Unit(id)
		lines = append(lines, o.Path(id)+" "+u.Name)
	}
	for id := range o.AccountsAfter("") {
		lines = append(lines, o.Path(id)+id)
	}
	return lines
}

func TestTags(t *testing.T) {
	q := DefaultQuotas()
	q.Tags = 2
	d := newOrganization(t, q).Draft()
	if err := d.TagResource(d.Root.ID, []iam.Tag{{Key: "b", Value: "1"}, {Key: "B", Value: "2"}}); err != nil {
		t.Fatal(err)
	}
	refused(t, d.TagResource(d.Root.ID, []iam.Tag{{Key: "c"}}), CodeConstraint, "MAX_TAG_LIMIT_EXCEEDED", "")
	refused(t, d.TagResource(d.Root.ID, []iam.Tag{{Key: "c"}, {Key: "c"}}), CodeInvalidInput, "DUPLICATE_TAG_KEY", "")
	refused(t, d.TagResource(d.Root.ID, []iam.Tag{{Key: "AWS:c"}}), CodeInvalidInput, "INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag.")
	refused(t, d.UntagResource(d.Root.ID, []string{"aws:c"}), CodeInvalidInput, "INVALID_SYSTEM_TAGS_PARAMETER", "")
	refused(t, d.TagResource("ou-none-11111111", nil), CodeTargetNotFound, "", "You specified a target that doesn't exist.")
	if err := d.UntagResource(d.Root.ID, []string{"b", "none"}); err != nil {
		t.Fatal(err)
	}
	got, err := d.Tags(d.Root.ID)
	if diff := cmp.Diff([]iam.Tag{{Key: "B", Value: "2"}}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}
