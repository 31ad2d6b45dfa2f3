package iam

import (
	"strings"
	"testing"
)

// trusting is a trust policy for the AWS principals given as JSON.
func trusting(principals string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":` + principals + `},"Action":"sts:AssumeRole"}]}`
}

func TestRoles(t *testing.T) {
	d := policyDraft()
	trust := trusting(`"arn:aws:iam::123456789012:root"`)
	r, err := d.CreateRole(NewRole{Name: "R", Path: "/p/", Trust: trust, Description: "first"})
	must(t, err)
	if d.RoleARN(r) != "arn:aws:iam::123456789012:role/p/R" || !strings.HasPrefix(r.ID, PrefixRole) || r.MaxSession != 3600 {
		t.Errorf("made %+v", r)
	}
	_, err = d.CreateRole(NewRole{Name: "r", Trust: trust})
	refused(t, err, CodeEntityAlreadyExists, "Role with name r already exists.")
	_, err = d.CreateRole(NewRole{Name: "S", Path: "/aws-service-role/x.amazonaws.com/", Trust: trust})
	refused(t, err, CodeInvalidInput, "The path /aws-service-role/x.amazonaws.com/ is reserved for service-linked roles.")

	now := func() *Role {
		r, err := d.Role("R")
		must(t, err)
		return r
	}
	text := "second"
	must(t, d.UpdateRole("r", &text, 7200))
	if r := now(); r.Description != "second" || r.MaxSession != 7200 {
		t.Errorf("is now %+v", r)
	}
	must(t, d.UpdateRole("R", nil, 0))
	if r := now(); r.Description != "second" || r.MaxSession != 3600 {
		t.Errorf("is now %+v", r)
	}
	if r, err := d.UpdateRoleDescription("R", ""); err != nil || r.Description != "" || now() != r {
		t.Errorf("is now %+v, %v", r, err)
	}
	must(t, d.UpdateAssumeRolePolicy("R", trusting(`"123456789012"`)))
	if got := d.TrustText(now()); got != trusting(`"123456789012"`) {
		t.Errorf("trusts %s", got)
	}
	const none = "The role with name None cannot be found."
	refused(t, d.UpdateRole("None", nil, 0), CodeNoSuchEntity, none)
	_, err = d.UpdateRoleDescription("None", "")
	refused(t, err, CodeNoSuchEntity, none)
	refused(t, d.UpdateAssumeRolePolicy("None", trust), CodeNoSuchEntity, none)
	refused(t, d.DeleteRole("None"), CodeNoSuchEntity, none)

	e := Entity{KindRole, "R"}
	must(t, d.PutInlinePolicy(e, "in", allowS3))
	must(t, d.AttachPolicy(e, adminARN))
	refused(t, d.DeleteRole("R"), CodeDeleteConflict, "Cannot delete entity, must delete policies first.")
	must(t, d.DeleteInlinePolicy(e, "in"))
	refused(t, d.DeleteRole("R"), CodeDeleteConflict, "Cannot delete entity, must detach all policies first.")
	must(t, d.DetachPolicy(e, adminARN))
	must(t, d.DeleteRole("R"))
	if _, ok := d.RoleByID(r.ID); ok {
		t.Error("the deleted role is still found")
	}
	d.env.Quotas.Roles = 0
	_, err = d.CreateRole(NewRole{Name: "R", Trust: trust})
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for RolesPerAccount: 0")
}
