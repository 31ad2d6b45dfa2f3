package iam

import (
	"slices"
	"testing"
)

// A managed policy that AWS takes back stays attached: it can be seen and
// detached, and until then nobody can say what it denied.
func TestPolicyTakenBack(t *testing.T) {
	const gone = awsPolicies + "service-role/GoneSince"
	d := policyDraft()
	u, err := d.CreateUser(NewUser{Name: "Ink", Boundary: awsPolicies + "SecurityAudit"})
	must(t, err)
	e := Entity{KindUser, "Ink"}
	must(t, d.AttachPolicy(e, adminARN))
	next := clone(u)
	next.Attached = []string{adminARN, gone}
	d.putUser(u, next)

	if got, want := slices.Collect(d.AWSManagedInUse()), []string{adminARN, awsPolicies + "SecurityAudit", gone}; !slices.Equal(got, want) {
		t.Errorf("in use: %v, want %v", got, want)
	}
	list, err := d.AttachedPolicies(e, "/service-role/")
	must(t, err)
	if len(list) != 1 || list[0].ARN != gone || list[0].Name != "GoneSince" {
		t.Errorf("attached: %+v", list)
	}
	granted := d.UserGranted(next).Identity
	if len(granted) != 2 || granted[1].ID != gone || granted[1].Policy != nil {
		t.Errorf("granted: %+v: what is gone must deny", granted)
	}
	must(t, d.DetachPolicy(e, gone))
	u, err = d.User("Ink")
	must(t, err)
	if granted := d.UserGranted(u).Identity; len(granted) != 1 || granted[0].Policy == nil {
		t.Errorf("granted once it is detached: %+v", granted)
	}
}

const awsPolicies = "arn:aws:iam::aws:policy/"
