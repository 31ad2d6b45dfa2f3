package org

import (
	"strings"

	"iamd/iam"
)

// CreateUnit makes a unit under the root or another unit.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganizationalUnit.html
func (d *Draft) CreateUnit(parent, name string, tags []iam.Tag) (*Unit, error) {
	line := d.Line(parent)
	if line == nil || !d.isParent(parent) {
		return nil, noParent()
	}
	if d.units.Len() >= d.env.Quotas.Units {
		return nil, refuse(CodeConstraint, "OU_NUMBER_LIMIT_EXCEEDED", "You have reached the maximum number of organizational units for your organization.")
	}
	if len(line) > d.env.Quotas.Depth { // the root counts for none
		return nil, refuse(CodeConstraint, "OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the allowed depth for your organizational unit tree.")
	}
	if d.unitNamed(parent, name) != nil {
		return nil, duplicateUnit()
	}
	tags, err := d.tagged(nil, tags)
	if err != nil {
		return nil, err
	}
	u := &Unit{ID: d.newUnitID(), Name: name, Parent: parent, Created: d.now(), Tags: tags}
	d.putUnit(nil, u)
	d.inherit(u.ID)
	return u, nil
}

// UpdateUnit renames a unit; a name of nothing but blanks leaves the old one, as
// it was seen of AWS.
func (d *Draft) UpdateUnit(id, name string) (*Unit, error) {
	u, ok := d.Unit(id)
	if !ok {
		return nil, noUnit()
	}
	if strings.TrimSpace(name) == "" || name == u.Name {
		return u, nil
	}
	if d.unitNamed(u.Parent, name) != nil {
		return nil, duplicateUnit()
	}
	next := *u
	next.Name = name
	d.putUnit(u, &next)
	return &next, nil
}

// DeleteUnit removes a unit that holds neither accounts nor units.
func (d *Draft) DeleteUnit(id string) error {
	u, ok := d.Unit(id)
	if !ok {
		return noUnit()
	}
	for range d.ChildrenAfter(id, "") {
		return iam.Errorf("OrganizationalUnitNotEmptyException", "The specified organizational unit is not empty.")
	}
	d.detachAll(id)
	d.putUnit(u, nil)
	return nil
}

// MoveAccount moves a member from the parent that it is in to another.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_MoveAccount.html
func (d *Draft) MoveAccount(account, source, destination string) error {
	a, ok := d.Account(account)
	switch {
	case !ok:
		return NoAccount()
	case !d.isParent(source) || a.Parent != source:
		return iam.Errorf("SourceParentNotFoundException", "You specified a source parent that doesn't exist.")
	case !d.isParent(destination):
		return iam.Errorf("DestinationParentNotFoundException", "You specified a destination parent that doesn't exist.")
	case destination == source:
		return iam.Errorf("DuplicateAccountException", "The specified account is already in the destination.")
	}
	next := *a
	next.Parent, next.Moved = destination, d.now()
	d.keepingAllValid([]string{account}, func() { d.putAccount(a, &next) })
	return nil
}

// detachAll takes everything off a target that is about to go.
func (d *Draft) detachAll(target string) {
	var list []Attachment
	for _, at := range within(d.attached, target, "") {
		list = append(list, at)
	}
	for _, at := range list {
		d.putAttachment(at, false)
	}
}

// isParent tells whether id is the root or a unit.
func (o *Organization) isParent(id string) bool {
	_, unit := o.units.Get(id)
	return unit || id == o.Root.ID
}

func (o *Organization) unitNamed(parent, name string) *Unit {
	for id, kind := range o.ChildrenAfter(parent, "") {
		if u, ok := o.units.Get(id); ok && kind == ChildUnit && u.Name == name {
			return u
		}
	}
	return nil
}

// Parent checks that id is the root or a unit.
func (o *Organization) Parent(id string) error {
	if !o.isParent(id) {
		return noParent()
	}
	return nil
}

// ChildParent gives the id and the kind of what an account or a unit is in.
func (o *Organization) ChildParent(id string) (parent, kind string, err error) {
	parent, ok := o.ParentOf(id)
	switch {
	case !ok:
		return "", "", iam.Errorf(CodeChildNotFound, "You specified a child that doesn't exist.")
	case parent == o.Root.ID:
		return parent, "ROOT", nil
	default:
		return parent, string(ChildUnit), nil
	}
}

func noParent() error {
	return iam.Errorf(CodeParentNotFound, "You specified parent that doesn't exist.")
}

func noUnit() error {
	return iam.Errorf(CodeUnitNotFound, "You specified an organizational unit that doesn't exist.")
}

// NoAccount is the refusal of an account that is no member.
func NoAccount() error {
	return iam.Errorf(CodeAccountNotFound, "You specified an account that doesn't exist.")
}

func duplicateUnit() error {
	return iam.Errorf("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")
}

// FindUnit finds a unit, or AWS's refusal.
func (o *Organization) FindUnit(id string) (*Unit, error) {
	if u, ok := o.Unit(id); ok {
		return u, nil
	}
	return nil, noUnit()
}
