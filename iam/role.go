package iam

import (
	"slices"
	"strings"
)

// DefaultMaxSession is how long sessions of a role may last, in seconds, when
// nothing else is said.
const DefaultMaxSession = 3600

// serviceLinkedPath is where AWS keeps service-linked roles and their policies.
const serviceLinkedPath = "/aws-service-role/"

// NewRole is what a role is made of. An empty Path is "/", an empty Boundary is
// none, a MaxSession of 0 is DefaultMaxSession.
type NewRole struct {
	Name, Path  string
	Trust       string // the trust policy's text
	Description string
	MaxSession  int32  // seconds
	Boundary    string // ARN of a managed policy
	Tags        []Tag
}

// CreateRole makes a role.
func (d *Draft) CreateRole(in NewRole) (*Role, error) {
	// Service-linked roles are the services' own to make: service control
	// policies don't bind what lives under this path.
	if strings.HasPrefix(in.Path, serviceLinkedPath) {
		return nil, Errorf(CodeInvalidInput, "The path %s is reserved for service-linked roles.", in.Path)
	}
	if _, taken := d.roles.Get(fold(in.Name)); taken {
		return nil, exists("Role", in.Name)
	}
	if limit := d.env.Quotas.Roles; d.RoleCount() >= limit {
		return nil, quota("RolesPerAccount", limit)
	}
	trust, err := d.checkTrust(in.Trust)
	if err != nil {
		return nil, err
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
	r := &Role{
		ID: NewUniqueID(d.env.Rand, PrefixRole), Name: in.Name, Path: orRoot(in.Path),
		CreateDate: d.now(), Description: in.Description, MaxSession: orDefault(in.MaxSession),
		Tags: tags, Boundary: in.Boundary, Trust: trust,
	}
	d.putRole(nil, r)
	return r, nil
}

func orDefault(seconds int32) int32 {
	if seconds == 0 {
		return DefaultMaxSession
	}
	return seconds
}

// UpdateRole sets a role's longest session, DefaultMaxSession for 0, and its
// description unless that is nil.
func (d *Draft) UpdateRole(name string, description *string, maxSession int32) error {
	r, err := d.Role(name)
	if err != nil {
		return err
	}
	if r.ServiceLinked() && maxSession != 0 {
		return Errorf(CodeUnmodifiableEntity, "%s is an AWS service linked role, max session duration cannot be changed.", r.Name)
	}
	next := clone(r)
	next.MaxSession = orDefault(maxSession)
	if description != nil {
		next.Description = *description
	}
	if next.MaxSession != r.MaxSession || next.Description != r.Description {
		d.putRole(r, next)
	}
	return nil
}

// UpdateRoleDescription sets a role's description alone.
func (d *Draft) UpdateRoleDescription(name, description string) (*Role, error) {
	r, err := d.Role(name)
	if err != nil || r.Description == description {
		return r, err
	}
	next := clone(r)
	next.Description = description
	d.putRole(r, next)
	return next, nil
}

// UpdateAssumeRolePolicy gives a role another trust policy. The principals it
// names are bound to who they are now.
func (d *Draft) UpdateAssumeRolePolicy(name, text string) error {
	r, err := d.ownRole(name)
	if err != nil {
		return err
	}
	next := clone(r)
	if next.Trust, err = d.checkTrust(text); err != nil {
		return err
	}
	d.putRole(r, next)
	return nil
}

// DeleteRole removes a role that has no policies any more and is in no instance
// profile.
func (d *Draft) DeleteRole(name string) error {
	r, err := d.ownRole(name)
	if err != nil {
		return err
	}
	for range d.InstanceProfilesOfRoleAfter(r, "") {
		return inInstanceProfile()
	}
	if err := deletable(r.Grants); err != nil {
		return err
	}
	d.putRole(r, nil)
	return nil
}

// TagRole adds tags to a role, in place of those with the same keys regardless
// of case.
func (d *Draft) TagRole(name string, tags []Tag) error {
	r, err := d.Role(name)
	if err != nil {
		return err
	}
	next := clone(r)
	if next.Tags, err = d.tagged(r.Tags, tags, foldTagKeys); err != nil {
		return err
	}
	if !slices.Equal(next.Tags, r.Tags) {
		d.putRole(r, next)
	}
	return nil
}

// UntagRole removes tags by their keys, regardless of case.
func (d *Draft) UntagRole(name string, keys []string) error {
	r, err := d.Role(name)
	if err != nil {
		return err
	}
	next := clone(r)
	next.Tags = untagged(r.Tags, keys, foldTagKeys)
	if len(next.Tags) != len(r.Tags) {
		d.putRole(r, next)
	}
	return nil
}
