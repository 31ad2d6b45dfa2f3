package iam

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"iamd/store"
)

func mustUser(t *testing.T, d *Draft, name string) *User {
	t.Helper()
	u, err := d.CreateUser(NewUser{Name: name})
	must(t, err)
	return u
}

// userNow is the user as it stands in the draft.
func userNow(t *testing.T, d *Draft, name string) *User {
	t.Helper()
	u, err := d.User(name)
	must(t, err)
	return u
}

func TestCreateUser(t *testing.T) {
	d := policyDraft()
	bound := mustPolicy(t, d, "Bound", allowS3)
	u, err := d.CreateUser(NewUser{Name: "Bob", Path: "/eng/", Boundary: bound, Tags: []Tag{{"team", "red"}, {"Cost", "1"}}})
	must(t, err)
	if got := d.UserARN(u); got != "arn:aws:iam::123456789012:user/eng/Bob" {
		t.Errorf("ARN %s", got)
	}
	if len(u.ID) != 21 || !strings.HasPrefix(u.ID, PrefixUser) || !u.CreateDate.Equal(d.now()) {
		t.Errorf("made %+v", u)
	}
	if diff := cmp.Diff([]Tag{{"Cost", "1"}, {"team", "red"}}, u.Tags); diff != "" {
		t.Error(diff)
	}
	if attached, bounds := d.UseCount(bound); attached != 0 || bounds != 1 {
		t.Errorf("the boundary is used %d, %d times", attached, bounds)
	}
	for _, name := range []string{"Bob", "BOB", "bob"} {
		if _, err := d.CreateUser(NewUser{Name: name}); err == nil {
			t.Fatalf("a second %s", name)
		} else {
			refused(t, err, CodeEntityAlreadyExists, "User with name "+name+" already exists.")
		}
		if got := userNow(t, d, name); got != u {
			t.Errorf("%s finds %v", name, got)
		}
	}
	if plain := mustUser(t, d, "Al"); plain.Path != "/" || plain.Tags != nil {
		t.Errorf("made %+v", plain)
	}
	d.env.Quotas.Users = 2
	_, err = d.CreateUser(NewUser{Name: "Cy"})
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for UsersPerAccount: 2")
}

func TestUpdateUserKeepsWhoItIs(t *testing.T) {
	d := policyDraft()
	u := mustUser(t, d, "Bob")
	mustUser(t, d, "Al")
	g, err := d.CreateGroup("Devs", "")
	must(t, err)
	must(t, d.AddUserToGroup("Devs", "Bob"))
	key, _, err := d.CreateAccessKey(userNow(t, d, "Bob"))
	must(t, err)
	must(t, d.AttachPolicy(Entity{KindUser, "Bob"}, adminARN))

	refused(t, d.UpdateUser("Bob", "AL", ""), CodeEntityAlreadyExists, "User with name AL already exists.")
	refused(t, d.UpdateUser("Zed", "Al", ""), CodeNoSuchEntity, "The user with name Zed cannot be found.")
	must(t, d.UpdateUser("bob", "BOB", "")) // its own name in other letters is free
	must(t, d.UpdateUser("Bob", "Robert", "/new/"))

	_, err = d.User("Bob")
	refused(t, err, CodeNoSuchEntity, "The user with name Bob cannot be found.")
	now := userNow(t, d, "Robert")
	if now.ID != u.ID || d.UserARN(now) != "arn:aws:iam::123456789012:user/new/Robert" {
		t.Errorf("is now %+v", now)
	}
	if byID, ok := d.UserByID(u.ID); !ok || byID != now {
		t.Errorf("by id: %v", byID)
	}
	if _, owner, ok := d.AccessKey(key.ID); !ok || owner != now {
		t.Errorf("the key's owner: %v", owner)
	}
	var members []string
	for _, m := range d.MembersAfter(g, "") {
		members = append(members, m.Name)
	}
	if !slices.Equal(members, []string{"Robert"}) {
		t.Errorf("members %v", members)
	}
	var users []string
	for _, use := range d.UsesAfter(adminARN, "") {
		users = append(users, use.Name)
	}
	if !slices.Equal(users, []string{"Robert"}) {
		t.Errorf("uses %v", users)
	}
	before := d.notes.Rows()
	must(t, d.UpdateUser("Robert", "", ""))
	if d.notes.Rows() != before || userNow(t, d, "Robert") != now {
		t.Error("an update of nothing changed something")
	}
}

func TestDeleteUserInOrder(t *testing.T) {
	d := policyDraft()
	mustUser(t, d, "Bob")
	bob := Entity{KindUser, "Bob"}
	key, _, err := d.CreateAccessKey(userNow(t, d, "Bob"))
	must(t, err)
	must(t, d.PutInlinePolicy(bob, "in", allowS3))
	must(t, d.AttachPolicy(bob, adminARN))
	_, err = d.CreateGroup("Devs", "")
	must(t, err)
	must(t, d.AddUserToGroup("Devs", "Bob"))
	must(t, d.PutUserPermissionsBoundary("Bob", adminARN))

	refused(t, d.DeleteUser("Bob"), CodeDeleteConflict, "Cannot delete entity, must delete access keys first.")
	must(t, d.DeleteAccessKey(userNow(t, d, "Bob"), key.ID))
	refused(t, d.DeleteUser("Bob"), CodeDeleteConflict, "Cannot delete entity, must delete policies first.")
	must(t, d.DeleteInlinePolicy(bob, "in"))
	refused(t, d.DeleteUser("Bob"), CodeDeleteConflict, "Cannot delete entity, must detach all policies first.")
	must(t, d.DetachPolicy(bob, adminARN))
	refused(t, d.DeleteUser("Bob"), CodeDeleteConflict, "Cannot delete entity, must remove users from group first.")
	must(t, d.RemoveUserFromGroup("devs", "bob"))
	must(t, d.DeleteUser("BOB")) // a boundary does not keep a user
	refused(t, d.DeleteUser("Bob"), CodeNoSuchEntity, "The user with name Bob cannot be found.")
	for range d.UsesAfter(adminARN, "") {
		t.Error("the deleted user's boundary is still counted")
	}
}

func TestPagingWhileUsersComeAndGo(t *testing.T) {
	d := policyDraft()
	for _, name := range []string{"ann", "Bea", "cy", "Dee", "eve"} {
		mustUser(t, d, name)
	}
	next := func(after string, n int) (names []string, last string) {
		for key, u := range d.UsersAfter(after) {
			if len(names) == n {
				break
			}
			names, last = append(names, u.Name), key
		}
		return names, last
	}
	first, last := next("", 2)
	must(t, d.DeleteUser("Bea")) // the one that the marker names
	must(t, d.DeleteUser("Dee"))
	mustUser(t, d, "Aaron") // before the marker: not of a later page
	mustUser(t, d, "cyd")
	rest, _ := next(last, 10)
	if diff := cmp.Diff([]string{"ann", "Bea", "cy", "cyd", "eve"}, append(first, rest...)); diff != "" {
		t.Error(diff)
	}
}

// everything is an account with something of each kind in it.
func everything(t *testing.T) *Draft {
	t.Helper()
	d := policyDraft()
	d.Begin(NewAccountInput{Name: "test", Email: "root@example.com"})
	bound := mustPolicy(t, d, "Bound", allowS3)
	_, err := d.CreateUser(NewUser{Name: "Bob", Path: "/eng/", Boundary: bound, Tags: []Tag{{"team", "red"}}})
	must(t, err)
	_, _, err = d.CreateAccessKey(userNow(t, d, "Bob"))
	must(t, err)
	_, _, err = d.CreateAccessKey(nil)
	must(t, err)
	_, err = d.CreateGroup("Devs", "/g/")
	must(t, err)
	must(t, d.AddUserToGroup("Devs", "Bob"))
	must(t, d.AttachPolicy(Entity{KindGroup, "Devs"}, adminARN))
	_, err = d.CreateRole(NewRole{Name: "Deploy", Trust: trusting(`"` + d.UserARN(userNow(t, d, "Bob")) + `"`), Description: "d", MaxSession: 7200, Tags: []Tag{{"a", "b"}}})
	must(t, err)
	must(t, d.PutInlinePolicy(Entity{KindRole, "Deploy"}, "in", allowS3))
	return d
}

// rowsOf is all that a sealed change leaves behind.
func rowsOf(c store.Changes) (rows []store.Row) {
	for _, r := range c.Rows {
		if r.Data != nil {
			rows = append(rows, r)
		}
	}
	return rows
}

func TestSealedEntitiesLoadEqual(t *testing.T) {
	made, changes := everything(t).Seal()
	loaded, err := Load(made.env, made.ID, rowsOf(changes))
	must(t, err)
	again := func(a *Account) []any {
		var all []any
		for k, v := range a.UsersAfter("") {
			all = append(all, k, v)
			for _, key := range v.Keys {
				_, owner, ok := a.AccessKey(key.ID)
				all = append(all, owner, ok)
			}
		}
		for k, v := range a.GroupsAfter("") {
			all = append(all, k, v)
			for m := range a.MembersAfter(v, "") {
				all = append(all, m)
			}
		}
		for k, v := range a.RolesAfter("") {
			all = append(all, k, v, a.TrustText(v))
		}
		for k := range a.UsesAfter(adminARN, "") {
			all = append(all, k)
		}
		for _, key := range a.Root.Keys {
			got, _, ok := a.AccessKey(key.ID)
			all = append(all, got, ok)
		}
		return append(all, a.settings)
	}
	documents := cmp.Comparer(func(a, b *Document) bool {
		return a.Text() == b.Text() && cmp.Equal(a.Bound(), b.Bound())
	})
	if diff := cmp.Diff(again(made), again(loaded), documents); diff != "" {
		t.Errorf("loaded differs (-made +loaded):\n%s", diff)
	}
	if len(loaded.Root.Keys) != 2 || loaded.RoleCount() != 1 {
		t.Errorf("loaded %d root keys, %d roles", len(loaded.Root.Keys), loaded.RoleCount())
	}
}

func TestFailedDraftLeavesTheAccount(t *testing.T) {
	a, _ := everything(t).Seal()
	u, err := a.User("Bob")
	must(t, err)
	was := *u
	g, err := a.Group("Devs")
	must(t, err)
	d := a.Draft()
	must(t, d.TagUser("Bob", []Tag{{"x", "y"}}))
	must(t, d.UpdateUser("Bob", "Robert", ""))
	must(t, d.RemoveUserFromGroup("Devs", "Robert"))
	robert := userNow(t, d, "Robert")
	must(t, d.UpdateAccessKey(robert, robert.Keys[0].ID, Inactive))
	must(t, d.UpdateAccessKey(nil, a.Root.Keys[0].ID, Inactive))
	must(t, d.DeleteAccessKey(nil, a.Root.Keys[1].ID))
	must(t, d.UntagRole("Deploy", []string{"a"}))
	must(t, d.UpdateGroup("Devs", "Ops", ""))
	// The draft is dropped here, as it is when the function fails.
	if now, err := a.User("Bob"); err != nil || now != u || !cmp.Equal(was, *now, cmp.AllowUnexported(Document{})) {
		t.Errorf("Bob is now %+v, %v", now, err)
	}
	if a.Root.Keys[0].Status != Active || len(a.Root.Keys) != 2 {
		t.Errorf("root's keys are now %+v", a.Root.Keys)
	}
	if _, _, ok := a.AccessKey(a.Root.Keys[1].ID); !ok {
		t.Error("root's key is gone")
	}
	if r, _ := a.Role("Deploy"); len(r.Tags) != 1 {
		t.Errorf("the role's tags are now %v", r.Tags)
	}
	members := 0
	for range a.MembersAfter(g, "") {
		members++
	}
	if members != 1 {
		t.Errorf("the group has %d members", members)
	}
}
