package iam

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// populate makes one entity of each kind, each called Bob.
func populate(t *testing.T, d *Draft) []Entity {
	t.Helper()
	_, err := d.CreateUser(NewUser{Name: "Bob"})
	must(t, err)
	_, err = d.CreateGroup("Bob", "/team/")
	must(t, err)
	_, err = d.CreateRole(NewRole{Name: "Bob", Trust: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`})
	must(t, err)
	return []Entity{{KindUser, "Bob"}, {KindGroup, "Bob"}, {KindRole, "Bob"}}
}

// everyKind is a draft of an account that holds one entity of each kind.
func everyKind(t *testing.T) (*Draft, []Entity) {
	t.Helper()
	d := policyDraft()
	entities := populate(t, d)
	a, _ := d.Seal()
	return a.Draft(), entities
}

func inlineNames(t *testing.T, a *Account, e Entity) (names []string) {
	t.Helper()
	g, err := a.GrantsOf(e)
	must(t, err)
	for _, in := range g.Inline {
		names = append(names, in.Name)
	}
	return names
}

func TestInlinePolicies(t *testing.T) {
	d, entities := everyKind(t)
	for _, e := range entities {
		t.Run(e.Word(), func(t *testing.T) {
			for _, name := range []string{"b", "a", "B"} {
				must(t, d.PutInlinePolicy(e, name, allowS3))
			}
			before, _ := d.GrantsOf(e)
			must(t, d.PutInlinePolicy(Entity{e.Kind, "bOB"}, "b", denyS3+" \n"))
			if before.Inline[2].Document.Text() != allowS3 {
				t.Error("the entity that stood was changed")
			}
			in, err := d.InlinePolicy(e, "b")
			must(t, err)
			if in.Document.Text() != denyS3+" \n" {
				t.Errorf("read back %q", in.Document.Text())
			}
			must(t, d.DeleteInlinePolicy(e, "a"))
			if diff := cmp.Diff([]string{"B", "b"}, inlineNames(t, d.Account, e)); diff != "" {
				t.Error(diff)
			}

			none := "The " + e.Word() + " policy with name a cannot be found."
			refused(t, d.DeleteInlinePolicy(e, "a"), "NoSuchEntity", none)
			_, err = d.InlinePolicy(e, "a")
			refused(t, err, "NoSuchEntity", none)
			refused(t, d.PutInlinePolicy(e, "x", `{"Statement":[]`), "MalformedPolicyDocument", "Syntax errors in policy.")

			gone := Entity{e.Kind, "Eve"}
			none = "The " + e.Word() + " with name Eve cannot be found."
			refused(t, d.PutInlinePolicy(gone, "a", allowS3), "NoSuchEntity", none)
			refused(t, d.DeleteInlinePolicy(gone, "a"), "NoSuchEntity", none)
			_, err = d.InlinePolicy(gone, "a")
			refused(t, err, "NoSuchEntity", none)
		})
	}
}

func TestInlineRoom(t *testing.T) {
	d, entities := everyKind(t)
	for i, want := range []struct {
		room int
		text string
	}{
		{2048, "Maximum policy size of 2048 bytes exceeded for user Bob"},
		{5120, "Maximum policy size of 5120 bytes exceeded for group Bob"},
		{10240, "Maximum policy size of 10240 bytes exceeded for role Bob"},
	} {
		e := entities[i]
		must(t, d.PutInlinePolicy(e, "one", sized(want.room-1000)))
		must(t, d.PutInlinePolicy(e, "two", sized(1000)))
		refused(t, d.PutInlinePolicy(e, "three", allowS3), "LimitExceeded", want.text)
		refused(t, d.PutInlinePolicy(e, "two", sized(1001)), "LimitExceeded", want.text)
		must(t, d.PutInlinePolicy(e, "two", sized(1000)))
		must(t, d.DeleteInlinePolicy(e, "one"))
		must(t, d.PutInlinePolicy(e, "three", allowS3))
	}
}

func TestSealedPoliciesLoadEqual(t *testing.T) {
	d := policyDraft()
	entities := populate(t, d)
	odd := strings.Replace(denyS3, "s3:*", "s3:Get\u00e9<&>", 1)
	for _, e := range entities {
		must(t, d.PutInlinePolicy(e, "in", odd))
		must(t, d.AttachPolicy(e, adminARN))
	}
	arn := mustPolicy(t, d, "P", allowS3)
	must(t, d.TagPolicy(arn, []Tag{{"k", "v"}}))
	_, err := d.CreatePolicyVersion(arn, odd, true)
	must(t, err)
	must(t, d.AttachPolicy(entities[0], arn))

	sealed, changes := d.Seal()
	loaded, err := Load(sealed.env, sealed.ID, changes.Rows)
	must(t, err)
	for _, e := range entities {
		want, _ := sealed.GrantsOf(e)
		got, err := loaded.GrantsOf(e)
		must(t, err)
		if diff := cmp.Diff(want, got, sameDocument); diff != "" {
			t.Errorf("%s: %s", e.Kind, diff)
		}
	}
	want, _ := sealed.Policy(arn)
	got, _ := loaded.Policy(arn)
	if diff := cmp.Diff(want, got, sameDocument); diff != "" {
		t.Error(diff)
	}
	if a, _ := loaded.UseCount(adminARN); a != 3 {
		t.Errorf("attached %d times", a)
	}
	if text := got.Default().Document.Text(); text != odd {
		t.Errorf("text came back as %q", text)
	}
}

var sameDocument = cmp.Comparer(func(a, b *Document) bool {
	return a.Text() == b.Text() && cmp.Equal(a.Bound(), b.Bound())
})
