package iam

import "testing"

func TestBoundaries(t *testing.T) {
	d := policyDraft()
	own := mustPolicy(t, d, "Bound", allowS3)
	mustUser(t, d, "Bob")
	_, err := d.CreateRole(NewRole{Name: "R", Trust: trusting(`"123456789012"`)})
	must(t, err)
	_, err = d.CreateUser(NewUser{Name: "New", Boundary: own + "x"})
	refused(t, err, CodeNoSuchEntity, "Scope ARN: "+own+"x does not exist or is not attachable.")
	if _, err := d.User("New"); err == nil {
		t.Error("the user was made without its boundary")
	}
	_, err = d.CreateRole(NewRole{Name: "New", Trust: trusting(`"123456789012"`), Boundary: own + "x"})
	refused(t, err, CodeNoSuchEntity, "Scope ARN: "+own+"x does not exist or is not attachable.")

	for kind, of := range map[string]struct {
		put  func(name, arn string) error
		del  func(name string) error
		now  func() *Granted
		name string
		none string
	}{
		"user": {d.PutUserPermissionsBoundary, d.DeleteUserPermissionsBoundary,
			func() *Granted { return d.UserGranted(userNow(t, d, "Bob")) }, "Bob", "The user with name None cannot be found."},
		"role": {d.PutRolePermissionsBoundary, d.DeleteRolePermissionsBoundary,
			func() *Granted { r, _ := d.Role("R"); return d.RoleGranted(r) }, "R", "The role with name None cannot be found."},
	} {
		t.Run(kind, func(t *testing.T) {
			refused(t, of.put("None", own), CodeNoSuchEntity, of.none)
			refused(t, of.del("None"), CodeNoSuchEntity, of.none)
			refused(t, of.put(of.name, "no-arn-but-long-enough"), CodeValidation, "Invalid ARN:  Could not be parsed!")
			refused(t, of.put(of.name, "arn:aws:iam::999999999999:policy/Bound"), CodeNoSuchEntity,
				"Scope ARN: arn:aws:iam::999999999999:policy/Bound does not exist or is not attachable.")
			const linked = "arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy"
			refused(t, of.put(of.name, linked), CodePolicyNotAttachable, "Policy "+linked+" is not attachable.")
			must(t, of.del(of.name))
			must(t, of.put(of.name, adminARN))
			must(t, of.put(of.name, own))
			if g := of.now(); !g.HasBoundary || len(g.Boundary) != 1 || g.Boundary[0].ID != own {
				t.Errorf("bounded by %+v", g)
			}
			if _, bounds := d.UseCount(adminARN); bounds != 0 {
				t.Errorf("the boundary before is still used %d times", bounds)
			}
			refused(t, d.DeletePolicy(own), CodeDeleteConflict, "Cannot delete a policy attached to entities.")
			must(t, of.del(of.name))
			if g := of.now(); g.HasBoundary {
				t.Errorf("still bounded: %+v", g)
			}
		})
	}
	must(t, d.DeletePolicy(own))
}
