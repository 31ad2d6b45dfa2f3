package iam

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustProfile(t *testing.T, d *Draft, name string) *InstanceProfile {
	t.Helper()
	p, err := d.CreateInstanceProfile(name, "", nil)
	must(t, err)
	return p
}

func mustRole(t *testing.T, d *Draft, name string) *Role {
	t.Helper()
	r, err := d.CreateRole(NewRole{Name: name, Trust: trusting(`"123456789012"`)})
	must(t, err)
	return r
}

// profilesOf names the instance profiles of a role.
func profilesOf(a *Account, r *Role, after string) string {
	var names []string
	for _, p := range a.InstanceProfilesOfRoleAfter(r, after) {
		names = append(names, p.Name)
	}
	return strings.Join(names, " ")
}

func TestInstanceProfiles(t *testing.T) {
	d := policyDraft()
	p, err := d.CreateInstanceProfile("Web", "/app/", []Tag{{"Team", "a"}, {"team", "b"}})
	must(t, err)
	if d.InstanceProfileARN(p) != "arn:aws:iam::123456789012:instance-profile/app/Web" || !strings.HasPrefix(p.ID, "AIPA") || len(p.Tags) != 2 {
		t.Errorf("made %+v", p)
	}
	for _, name := range []string{"Web", "WEB"} {
		_, err = d.CreateInstanceProfile(name, "", nil)
		refused(t, err, CodeEntityAlreadyExists, "Instance Profile "+name+" already exists.")
	}
	if got, err := d.InstanceProfile("web"); err != nil || got != p {
		t.Errorf("web finds %v, %v", got, err)
	}
	_, err = d.CreateInstanceProfile("Other", "", []Tag{{"k", "1"}, {"k", "2"}})
	refused(t, err, CodeInvalidInput, "Duplicate tag keys found.")
	const none = "Instance Profile None cannot be found."
	_, err = d.InstanceProfile("None")
	refused(t, err, CodeNoSuchEntity, none)
	refused(t, d.DeleteInstanceProfile("None"), CodeNoSuchEntity, none)
	refused(t, d.TagInstanceProfile("None", nil), CodeNoSuchEntity, none)
	refused(t, d.UntagInstanceProfile("None", nil), CodeNoSuchEntity, none)

	must(t, d.TagInstanceProfile("web", []Tag{{"team", "c"}}))
	must(t, d.UntagInstanceProfile("web", []string{"Team", "gone"}))
	now, _ := d.InstanceProfile("web")
	if diff := cmp.Diff([]Tag{{"team", "c"}}, now.Tags); diff != "" {
		t.Error(diff)
	}
	if len(p.Tags) != 2 {
		t.Error("the profile that stood was changed")
	}
	d.env.Quotas.Tags = 1
	refused(t, d.TagInstanceProfile("web", []Tag{{"more", ""}}), CodeLimitExceeded, "The number of tags has reached the maximum limit.")
	d.env.Quotas.InstanceProfiles = 1
	_, err = d.CreateInstanceProfile("Other", "", nil)
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for InstanceProfilesPerAccount: 1")
	must(t, d.DeleteInstanceProfile("WEB"))
	mustProfile(t, d, "Other")
}

func TestRolesInInstanceProfiles(t *testing.T) {
	d := policyDraft()
	r, s := mustRole(t, d, "R"), mustRole(t, d, "S")
	for _, name := range []string{"c", "A", "b"} {
		mustProfile(t, d, name)
		must(t, d.AddRoleToInstanceProfile(name, "r"))
	}
	if got := profilesOf(d.Account, r, ""); got != "A b c" {
		t.Errorf("R is in %q", got)
	}
	if got := profilesOf(d.Account, r, "a") + profilesOf(d.Account, s, ""); got != "b c" {
		t.Errorf("R is, after a, and S in %q", got)
	}
	for _, role := range []string{"R", "S"} {
		refused(t, d.AddRoleToInstanceProfile("A", role), CodeLimitExceeded, "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
	}
	refused(t, d.AddRoleToInstanceProfile("none", "R"), CodeNoSuchEntity, "Instance Profile none cannot be found.")
	refused(t, d.AddRoleToInstanceProfile("A", "none"), CodeNoSuchEntity, "The role with name none cannot be found.")
	refused(t, d.RemoveRoleFromInstanceProfile("none", "R"), CodeNoSuchEntity, "Instance Profile none cannot be found.")
	refused(t, d.RemoveRoleFromInstanceProfile("A", "S"), CodeNoSuchEntity, "The role with name S cannot be found.")
	const conflict = "Cannot delete entity, must remove roles from instance profile first."
	refused(t, d.DeleteInstanceProfile("A"), CodeDeleteConflict, conflict)
	for _, name := range []string{"A", "b", "c"} {
		refused(t, d.DeleteRole("R"), CodeDeleteConflict, conflict)
		must(t, d.RemoveRoleFromInstanceProfile(name, "R"))
		must(t, d.DeleteInstanceProfile(name))
	}
	must(t, d.DeleteRole("R"))

	// A role that is made anew is in no profile of the old one.
	if got := profilesOf(d.Account, mustRole(t, d, "R"), ""); got != "" {
		t.Errorf("the new R is in %q", got)
	}
}

func TestInstanceProfilesLoadEqual(t *testing.T) {
	d := policyDraft()
	r := mustRole(t, d, "R")
	mustProfile(t, d, "Gone")
	must(t, d.DeleteInstanceProfile("Gone"))
	_, err := d.CreateInstanceProfile("Web", "/app/", []Tag{{"k", "v"}})
	must(t, err)
	must(t, d.AddRoleToInstanceProfile("Web", "R"))
	must(t, d.CreateAccountAlias("paper"))
	must(t, d.PutProperties(map[string]string{"RoleManager/Enabled": "true"}))
	d.SetGlobalEndpointTokenVersion(TokenVersion2)
	made, changes := d.Seal()
	loaded, err := Load(made.env, made.ID, rowsOf(changes))
	must(t, err)
	view := func(a *Account) []any {
		list := []any{profilesOf(a, r, ""), a.settings}
		for k, p := range a.InstanceProfilesAfter("") {
			list = append(list, k, *p)
		}
		return list
	}
	if diff := cmp.Diff(view(made), view(loaded)); diff != "" {
		t.Error(diff)
	}

	// What a draft does is not seen in the account that it began with.
	next := made.Draft()
	must(t, next.RemoveRoleFromInstanceProfile("Web", "R"))
	must(t, next.DeleteInstanceProfile("Web"))
	must(t, next.DeleteAccountAlias("paper"))
	if diff := cmp.Diff(view(loaded), view(made)); diff != "" {
		t.Errorf("the account was changed: %s", diff)
	}
	if n, of := next.InstanceProfileCount(), profilesOf(next.Account, r, ""); n != 0 || of != "" || next.Alias != "" {
		t.Errorf("the draft has %d profiles, %q, alias %q", n, of, next.Alias)
	}
}
