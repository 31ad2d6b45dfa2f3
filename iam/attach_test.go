package iam

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAttachPolicy(t *testing.T) {
	d, entities := everyKind(t)
	arn := mustPolicy(t, d, "P", allowS3)
	for _, e := range entities {
		t.Run(e.Word(), func(t *testing.T) {
			must(t, d.AttachPolicy(e, arn))
			must(t, d.AttachPolicy(e, adminARN))
			must(t, d.AttachPolicy(e, arn)) // again: no change
			g, _ := d.GrantsOf(e)
			if diff := cmp.Diff([]string{arn, adminARN}, g.Attached); diff != "" {
				t.Error(diff)
			}
			must(t, d.DetachPolicy(e, arn))
			if diff := cmp.Diff([]string{arn, adminARN}, g.Attached); diff != "" {
				t.Errorf("the entity that stood was changed: %s", diff)
			}
			refused(t, d.DetachPolicy(e, arn), "NoSuchEntity", "Policy "+arn+" was not found.")
			refused(t, d.AttachPolicy(e, arn+"x"), "NoSuchEntity", "Policy "+arn+"x does not exist or is not attachable.")
			refused(t, d.AttachPolicy(e, "longpolicynamebutnoarn"), "ValidationError", "Invalid ARN:  Could not be parsed!")
			refused(t, d.DetachPolicy(e, "longpolicynamebutnoarn"), "ValidationError", "Invalid ARN:  Could not be parsed!")
			refused(t, d.AttachPolicy(e, "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy"),
				"PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer "+string(e.Kind)+".")
			gone := Entity{e.Kind, "Eve"}
			none := "The " + e.Word() + " with name Eve cannot be found."
			refused(t, d.AttachPolicy(gone, arn), "NoSuchEntity", none)
			refused(t, d.DetachPolicy(gone, arn), "NoSuchEntity", none)
			_, err := d.AttachedPolicies(gone, "/")
			refused(t, err, "NoSuchEntity", none)
		})
	}
	if attached, boundaries := d.UseCount(adminARN); attached != 3 || boundaries != 0 {
		t.Errorf("%d attached, %d boundaries", attached, boundaries)
	}
}

func TestAttachQuota(t *testing.T) {
	d, entities := everyKind(t)
	for i, want := range []string{"PoliciesPerUser: 10", "PoliciesPerGroup: 10", "PoliciesPerRole: 10"} {
		e := entities[i]
		var last string
		for n := range 10 {
			last = mustPolicy(t, d, fmt.Sprintf("%s%d", e.Kind, n), allowS3)
			must(t, d.AttachPolicy(e, last))
		}
		refused(t, d.AttachPolicy(e, adminARN), "LimitExceeded", "Cannot exceed quota for "+want)
		must(t, d.AttachPolicy(e, last)) // attached already: no quota is asked
	}
}

func TestAttachedPolicies(t *testing.T) {
	d, entities := everyKind(t)
	p, err := d.CreatePolicy(NewPolicy{Name: "P", Path: "/team/", Document: allowS3})
	must(t, err)
	must(t, d.AttachPolicy(entities[2], p.ARN))
	must(t, d.AttachPolicy(entities[2], adminARN))
	for prefix, want := range map[string]int{"/": 2, "/team/": 1, "/other/": 0} {
		if list, err := d.AttachedPolicies(entities[2], prefix); err != nil || len(list) != want {
			t.Errorf("%s: %v, %v", prefix, list, err)
		}
	}
}

// A failed draft leaves no trace: nothing that it did is seen by who holds the
// account.
func TestDraftsStandApart(t *testing.T) {
	d, entities := everyKind(t)
	arn := mustPolicy(t, d, "P", allowS3)
	a, _ := d.Seal()
	lost := a.Draft()
	must(t, lost.AttachPolicy(entities[0], arn))
	must(t, lost.PutInlinePolicy(entities[0], "in", allowS3))
	must(t, lost.TagPolicy(arn, []Tag{{"a", "b"}}))
	mustPolicy(t, lost, "Other", allowS3)
	g, err := a.GrantsOf(entities[0])
	must(t, err)
	if len(g.Attached)+len(g.Inline) > 0 || a.PolicyCount() != 1 {
		t.Errorf("the account changed: %+v", g)
	}
	if p, _ := a.Policy(arn); len(p.Tags) > 0 {
		t.Errorf("the policy changed: %+v", p)
	}
	if n, _ := a.UseCount(arn); n != 0 {
		t.Errorf("used %d times", n)
	}
}

func TestEntitiesAfter(t *testing.T) {
	d, entities := everyKind(t)
	arn := mustPolicy(t, d, "P", allowS3)
	for _, e := range entities {
		must(t, d.AttachPolicy(e, arn))
	}
	must(t, d.PutUserPermissionsBoundary("Bob", arn))
	_, err := d.CreateUser(NewUser{Name: "Ann", Path: "/team/", Boundary: arn})
	must(t, err)

	walk := func(key string, f UseFilter, limit int) (got []string, last string) {
		for k, u := range d.EntitiesAfter(arn, key, f) {
			if len(got) == limit {
				break
			}
			got, last = append(got, string(u.Kind)+" "+u.Name), k
		}
		return got, last
	}
	for _, c := range []struct {
		name   string
		filter UseFilter
		want   []string
	}{
		{"all, each once", UseFilter{}, []string{"Group Bob", "Role Bob", "User Ann", "User Bob"}},
		{"attached", UseFilter{AsWhat: AsPermissions}, []string{"Group Bob", "Role Bob", "User Bob"}},
		{"bounded", UseFilter{AsWhat: AsBoundary}, []string{"User Ann", "User Bob"}},
		{"users", UseFilter{Kind: KindUser}, []string{"User Ann", "User Bob"}},
		{"groups", UseFilter{Kind: KindGroup}, []string{"Group Bob"}},
		{"by path", UseFilter{PathPrefix: "/team/"}, []string{"Group Bob", "User Ann"}},
		{"bounded groups", UseFilter{Kind: KindGroup, AsWhat: AsBoundary}, nil},
		{"no kind of entity", UseFilter{Kind: "LocalManagedPolicy"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _ := walk("", c.filter, 99)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			var paged []string
			for key := ""; ; {
				one, last := walk(key, c.filter, 1)
				if len(one) == 0 {
					break
				}
				paged, key = append(paged, one...), last
			}
			if diff := cmp.Diff(c.want, paged); diff != "" {
				t.Errorf("one by one: %s", diff)
			}
		})
	}

	// Whoever was there all along comes once, though uses change meanwhile.
	_, last := walk("", UseFilter{}, 2) // up to the role
	must(t, d.DeleteUserPermissionsBoundary("Bob"))
	must(t, d.DetachPolicy(entities[1], arn))
	if got, _ := walk(last, UseFilter{}, 99); !cmp.Equal(got, []string{"User Ann", "User Bob"}) {
		t.Errorf("second page %v", got)
	}
}
