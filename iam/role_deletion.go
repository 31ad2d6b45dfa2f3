package iam

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

const rowRoleDeletion = "role-deletion"

// RoleDeletions is how many deletions of service-linked roles an account
// remembers; a newer one takes the place of the oldest.
const RoleDeletions = 100

// RoleDeletion is what became of a request to delete a service-linked role. It
// is decided when it is asked for: there is nothing to wait for.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceLinkedRole.html
type RoleDeletion struct {
	ID         string    `json:"id"`
	Path       string    `json:"path"` // the role's
	Name       string    `json:"name"`
	Tags       []Tag     `json:"tags,omitempty"` // that the role had
	CreateDate time.Time `json:"created"`
	Failure    string    `json:"failure,omitempty"` // why the role was not deleted; empty: it was
}

// TaskID is what the caller knows the deletion by.
func (t *RoleDeletion) TaskID() string { return "task" + t.Path + t.Name + "/" + t.ID }

// DeleteServiceLinkedRole deletes the role of a service, or says in the deletion
// why it is needed; id is the deletion's, unlike any before.
func (d *Draft) DeleteServiceLinkedRole(name, id string) (*RoleDeletion, error) {
	r, err := d.Role(name)
	if err != nil {
		return nil, err
	}
	if !r.ServiceLinked() {
		return nil, Errorf(CodeNoSuchEntity, "%s exists but is not a service role.", r.Name)
	}
	t := &RoleDeletion{ID: id, Path: r.Path, Name: r.Name, Tags: r.Tags, CreateDate: d.now()}
	switch {
	case r.Path == ServiceLinkedPath(RoleManagerService) && d.RoleManager:
		t.Failure = "Role Manager is turned on and uses the role."
	case r.Path == ServiceLinkedPath(OrganizationsService) && d.Organization != "":
		t.Failure = "The account is a member of an organization, which uses the role."
	default:
		d.putRole(r, nil)
	}
	for len(d.deletions) >= RoleDeletions {
		d.note(rowRoleDeletion, d.deletions[0].ID, nil)
		d.deletions = d.deletions[1:]
	}
	d.putRoleDeletion(t)
	d.note(rowRoleDeletion, t.ID, t)
	return t, nil
}

func (d *Draft) putRoleDeletion(t *RoleDeletion) {
	at, _ := slices.BinarySearchFunc(d.deletions, t, func(a, b *RoleDeletion) int {
		return cmp.Or(a.CreateDate.Compare(b.CreateDate), strings.Compare(a.ID, b.ID))
	})
	d.deletions = slices.Insert(slices.Clone(d.deletions), at, t)
}

// ParseTaskID reads which role a deletion's task id is about. It does not say
// that there is such a deletion.
func ParseTaskID(task string) (path, name string, err error) {
	part := strings.Split(task, "/")
	if len(part) != 5 || part[0] != "task" || "/"+part[1]+"/" != serviceLinkedPath || slices.Contains(part, "") {
		return "", "", Errorf(CodeInvalidInput, "Invalid task id")
	}
	return ServiceLinkedPath(part[2]), part[3], nil
}

// RoleDeletion finds a deletion by its task id.
func (a *Account) RoleDeletion(task string) (*RoleDeletion, error) {
	for _, t := range a.deletions {
		if t.TaskID() == task {
			return t, nil
		}
	}
	return nil, Errorf(CodeNoSuchEntity, "Cannot find deletion status for given id.")
}
