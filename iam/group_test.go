package iam

import (
	"fmt"
	"testing"
)

func TestGroups(t *testing.T) {
	d := policyDraft()
	g, err := d.CreateGroup("Devs", "/g/")
	must(t, err)
	if d.GroupARN(g) != "arn:aws:iam::123456789012:group/g/Devs" {
		t.Errorf("ARN %s", d.GroupARN(g))
	}
	_, err = d.CreateGroup("DEVS", "")
	refused(t, err, CodeEntityAlreadyExists, "Group with name DEVS already exists.")
	_, err = d.CreateGroup("Ops", "")
	must(t, err)
	mustUser(t, d, "Bob")

	refused(t, d.AddUserToGroup("None", "Bob"), CodeNoSuchEntity, "The group with name None cannot be found.")
	refused(t, d.AddUserToGroup("Devs", "Nil"), CodeNoSuchEntity, "The user with name Nil cannot be found.")
	refused(t, d.RemoveUserFromGroup("Devs", "Nil"), CodeNoSuchEntity, "The user with name Nil cannot be found.")
	must(t, d.RemoveUserFromGroup("Devs", "Bob"))
	must(t, d.AddUserToGroup("devs", "bob"))
	must(t, d.AddUserToGroup("Devs", "Bob"))
	if groups := userNow(t, d, "Bob").Groups; len(groups) != 1 || groups[0] != g.ID {
		t.Errorf("groups %v", groups)
	}

	refused(t, d.UpdateGroup("Devs", "OPS", ""), CodeEntityAlreadyExists, "Group with name OPS already exists.")
	refused(t, d.UpdateGroup("None", "x", ""), CodeNoSuchEntity, "The group with name None cannot be found.")
	must(t, d.AttachPolicy(Entity{KindGroup, "Devs"}, adminARN))
	must(t, d.UpdateGroup("Devs", "Makers", "/m/"))
	list := d.GroupsOf(userNow(t, d, "Bob"))
	if len(list) != 1 || d.GroupARN(list[0]) != "arn:aws:iam::123456789012:group/m/Makers" || list[0].ID != g.ID {
		t.Errorf("Bob is in %+v", list)
	}
	if len(d.UserGranted(userNow(t, d, "Bob")).Identity) != 1 {
		t.Error("the renamed group's policy no longer bears on its member")
	}

	makers := Entity{KindGroup, "Makers"}
	must(t, d.PutInlinePolicy(makers, "in", allowS3))
	refused(t, d.DeleteGroup("Makers"), CodeDeleteConflict, "Cannot delete entity, must remove users from group first.")
	must(t, d.RemoveUserFromGroup("Makers", "Bob"))
	refused(t, d.DeleteGroup("Makers"), CodeDeleteConflict, "Cannot delete entity, must delete policies first.")
	must(t, d.DeleteInlinePolicy(makers, "in"))
	refused(t, d.DeleteGroup("Makers"), CodeDeleteConflict, "Cannot delete entity, must detach all policies first.")
	must(t, d.DetachPolicy(makers, adminARN))
	must(t, d.DeleteGroup("makers"))
	refused(t, d.DeleteGroup("Makers"), CodeNoSuchEntity, "The group with name Makers cannot be found.")
}

func TestGroupQuotas(t *testing.T) {
	d := policyDraft()
	mustUser(t, d, "Bob")
	for i := range 11 {
		_, err := d.CreateGroup(fmt.Sprint("g", i), "")
		must(t, err)
	}
	for i := range 10 {
		must(t, d.AddUserToGroup(fmt.Sprint("g", i), "Bob"))
	}
	refused(t, d.AddUserToGroup("g10", "Bob"), CodeLimitExceeded, "Cannot exceed quota for GroupsPerUser: 10")
	must(t, d.AddUserToGroup("g3", "Bob")) // is in it
	d.env.Quotas.Groups = 11
	_, err := d.CreateGroup("more", "")
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for GroupsPerAccount: 11")
}
