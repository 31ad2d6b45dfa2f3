package policy_test

import (
	"testing"

	"iamd/catalog"
	"iamd/policy"
)

// TestManagedPolicies: every policy that AWS publishes passes, and is printed as what it is.
func TestManagedPolicies(t *testing.T) {
	n := 0
	for p := range catalog.ManagedPolicies() {
		n++
		d, err := policy.Parse([]byte(p.Document))
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		if err := policy.Check(d, policy.Identity, policy.CheckOptions{Managed: true}); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		text, err := d.Format()
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		again, err := policy.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		if second, err := again.Format(); err != nil || string(second) != string(text) {
			t.Errorf("%s is not printed as it was: %v", p.Name, err)
		}
		if policy.Size(string(text)) < len(d.Statements) || len(again.Statements) != len(d.Statements) {
			t.Errorf("%s has lost statements", p.Name)
		}
	}
	if n < 1500 {
		t.Errorf("%d policies", n)
	}
}
