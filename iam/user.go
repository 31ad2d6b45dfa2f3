package iam

import "slices"

// NewUser is what a user is made of. An empty Path is "/"; an empty Boundary is
// none.
type NewUser struct {
	Name, Path string
	Boundary   string // ARN of a managed policy
	Tags       []Tag
}

// CreateUser makes a user.
func (d *Draft) CreateUser(in NewUser) (*User, error) {
	if _, taken := d.users.Get(fold(in.Name)); taken {
		return nil, exists("User", in.Name)
	}
	if limit := d.env.Quotas.Users; d.UserCount() >= limit {
		return nil, quota("UsersPerAccount", limit)
	}
	if in.Boundary != "" {
		if err := d.checkBoundary(in.Boundary); err != nil {
			return nil, err
		}
	}
	tags, err := d.tagged(nil, in.Tags, foldTagKeys)
	if err != nil {
		return nil, err
	}
	u := &User{
		ID: NewUniqueID(d.env.Rand, PrefixUser), Name: in.Name, Path: orRoot(in.Path),
		CreateDate: d.now(), Tags: tags, Boundary: in.Boundary,
	}
	d.putUser(nil, u)
	return u, nil
}

// orRoot is the path that an entity without one has.
func orRoot(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// UpdateUser gives a user another name or path; an empty one stays as it is.
// The unique id, and with it memberships, keys and who trusts the user, stays.
func (d *Draft) UpdateUser(name, newName, newPath string) error {
	u, err := d.User(name)
	if err != nil {
		return err
	}
	next := clone(u)
	if newName != "" {
		if other, taken := d.users.Get(fold(newName)); taken && other.ID != u.ID {
			return exists("User", newName)
		}
		next.Name = newName
	}
	if newPath != "" {
		next.Path = newPath
	}
	if next.Name != u.Name || next.Path != u.Path {
		d.putUser(u, next)
	}
	return nil
}

// DeleteUser removes a user that has no keys, no policies and no groups any
// more.
func (d *Draft) DeleteUser(name string) error {
	u, err := d.User(name)
	if err != nil {
		return err
	}
	if len(u.Keys) > 0 {
		return Errorf(CodeDeleteConflict, "Cannot delete entity, must delete access keys first.")
	}
	if u.Login != nil {
		return Errorf(CodeDeleteConflict, "Cannot delete entity, must delete login profile first.")
	}
	for range d.MFADevicesAfter(u, "") {
		return Errorf(CodeDeleteConflict, "Cannot delete entity, must delete MFA device first.")
	}
	if err := u.removable(); err != nil {
		return err
	}
	if err := deletable(u.Grants); err != nil {
		return err
	}
	if len(u.Groups) > 0 {
		return hasMembers()
	}
	d.putUser(u, nil)
	return nil
}

// deletable tells whether an entity's policies let it go.
func deletable(g Grants) error {
	if len(g.Inline) > 0 {
		return Errorf(CodeDeleteConflict, "Cannot delete entity, must delete policies first.")
	}
	if len(g.Attached) > 0 {
		return Errorf(CodeDeleteConflict, "Cannot delete entity, must detach all policies first.")
	}
	return nil
}

// hasMembers is AWS's one refusal for a group with users and for a user in
// groups.
func hasMembers() error {
	return Errorf(CodeDeleteConflict, "Cannot delete entity, must remove users from group first.")
}

// TagUser adds tags to a user, in place of those with the same keys regardless
// of case.
func (d *Draft) TagUser(name string, tags []Tag) error {
	u, err := d.User(name)
	if err != nil {
		return err
	}
	next := clone(u)
	if next.Tags, err = d.tagged(u.Tags, tags, foldTagKeys); err != nil {
		return err
	}
	if !slices.Equal(next.Tags, u.Tags) {
		d.putUser(u, next)
	}
	return nil
}

// UntagUser removes tags by their keys, regardless of case.
func (d *Draft) UntagUser(name string, keys []string) error {
	u, err := d.User(name)
	if err != nil {
		return err
	}
	next := clone(u)
	next.Tags = untagged(u.Tags, keys, foldTagKeys)
	if len(next.Tags) != len(u.Tags) {
		d.putUser(u, next)
	}
	return nil
}
