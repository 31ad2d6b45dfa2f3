package api_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

// TestUnsignedAreControlled: resource control policies bind those who come without
// keys, whatever the role's trust policy says.
func TestUnsignedAreControlled(t *testing.T) {
	w := newCaseWorld(t)
	found := 0
	for _, c := range cases() {
		if c.unsigned == nil {
			continue
		}
		found++
		t.Run(c.action, func(t *testing.T) {
			host, root, in, made := w.account(t), w.account(t), map[string]string{}, map[string]string{}
			inTree(t, host, in)
			at := in["root"]
			if _, err := host.Organizations.EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{RootId: &at, PolicyType: rcp}); err != nil {
				t.Fatal(err)
			}
			policy := newControl(t, host, "C", rcp, document("Deny", `"Principal":"*","Action":"`+c.full()+`","Resource":"*"`))
			attachControl(t, host, policy, at)
			if c.setup != nil {
				c.setup(t, root, made)
			}
			caller := w.callerOf(t, c, root, made, c.statements(root.Account, made)...)
			join(t, host, root)
			if err := c.call(t.Context(), caller, made); err == nil || !strings.Contains(err.Error(), "Not authorized to perform "+c.full()) {
				t.Errorf("controlled: %v", err)
			}
			detachControl(t, host, policy, at)
			if err := c.call(t.Context(), caller, made); err != nil {
				t.Errorf("not any more: %v", err)
			}
		})
	}
	if found < 2 {
		t.Errorf("%d actions", found)
	}
}

// TestAssumedRootsAreControlled: resource control policies bind who would act as a
// member's root user, and service control policies who does.
func TestAssumedRootsAreControlled(t *testing.T) {
	w := newWorld(t)
	ctx, root, made := t.Context(), w.account(t), map[string]string{}
	withRoots(t, root, made)
	admin := w.admin(t, root)
	roots, err := root.Organizations.ListRoots(ctx, &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	at := *roots.Roots[0].Id
	if _, err := root.Organizations.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &at, PolicyType: rcp}); err != nil {
		t.Fatal(err)
	}
	session := w.asRoot(t, admin, made["member"], auditRoot)
	list := func() error { _, err := session.IAM.ListAccessKeys(ctx, &iam.ListAccessKeysInput{}); return err }
	if err := list(); err != nil {
		t.Fatal(err)
	}
	attachControl(t, root, newControl(t, root, "S", scp, document("Deny", `"Action":"iam:ListAccessKeys","Resource":"*"`)), at)
	if err := list(); err == nil || !strings.Contains(err.Error(), "service control policy") {
		t.Errorf("the session: %v", err)
	}
	attachControl(t, root, newControl(t, root, "R", rcp, document("Deny", `"Principal":"*","Action":"sts:AssumeRoot","Resource":"*"`)), at)
	if _, err := assumeRoot(ctx, admin, made["member"], auditRoot); err == nil {
		t.Error("it could be assumed")
	}
}
