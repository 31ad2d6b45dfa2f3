package iam

import "slices"

// CreateGroup makes a group. An empty path is "/".
func (d *Draft) CreateGroup(name, path string) (*Group, error) {
	if _, taken := d.groups.Get(fold(name)); taken {
		return nil, exists("Group", name)
	}
	if limit := d.env.Quotas.Groups; d.GroupCount() >= limit {
		return nil, quota("GroupsPerAccount", limit)
	}
	g := &Group{ID: NewUniqueID(d.env.Rand, PrefixGroup), Name: name, Path: orRoot(path), CreateDate: d.now()}
	d.putGroup(nil, g)
	return g, nil
}

// UpdateGroup gives a group another name or path; an empty one stays as it is.
// Its members and policies stay.
func (d *Draft) UpdateGroup(name, newName, newPath string) error {
	g, err := d.Group(name)
	if err != nil {
		return err
	}
	next := clone(g)
	if newName != "" {
		if other, taken := d.groups.Get(fold(newName)); taken && other.ID != g.ID {
			return exists("Group", newName)
		}
		next.Name = newName
	}
	if newPath != "" {
		next.Path = newPath
	}
	if next.Name != g.Name || next.Path != g.Path {
		d.putGroup(g, next)
	}
	return nil
}

// DeleteGroup removes a group that has no users and no policies any more.
func (d *Draft) DeleteGroup(name string) error {
	g, err := d.Group(name)
	if err != nil {
		return err
	}
	for range d.MembersAfter(g, "") {
		return hasMembers()
	}
	if err := deletable(g.Grants); err != nil {
		return err
	}
	d.putGroup(g, nil)
	return nil
}

// AddUserToGroup makes a user a member of a group. One that is in it already is
// no error.
func (d *Draft) AddUserToGroup(group, user string) error {
	g, u, err := d.groupAndUser(group, user)
	if err != nil || slices.Contains(u.Groups, g.ID) {
		return err
	}
	if limit := d.env.Quotas.GroupsPerUser; len(u.Groups) >= limit {
		return quota("GroupsPerUser", limit)
	}
	next := clone(u)
	next.Groups = append(slices.Clone(u.Groups), g.ID)
	d.putUser(u, next)
	return nil
}

// RemoveUserFromGroup ends a membership. A user that is not in the group is no
// error.
func (d *Draft) RemoveUserFromGroup(group, user string) error {
	g, u, err := d.groupAndUser(group, user)
	if err != nil || !slices.Contains(u.Groups, g.ID) {
		return err
	}
	next := clone(u)
	next.Groups = without(u.Groups, func(id string) bool { return id == g.ID })
	d.putUser(u, next)
	return nil
}

func (d *Draft) groupAndUser(group, user string) (*Group, *User, error) {
	g, err := d.Group(group)
	if err != nil {
		return nil, nil, err
	}
	u, err := d.User(user)
	if err != nil {
		return nil, nil, err
	}
	return g, u, nil
}

// GroupsOf lists the groups that a user is in, in order of joining.
func (a *Account) GroupsOf(u *User) []*Group {
	list := make([]*Group, 0, len(u.Groups))
	for _, id := range u.Groups {
		if g, ok := a.GroupByID(id); ok {
			list = append(list, g)
		}
	}
	return list
}
