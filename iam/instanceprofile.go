package iam

import (
	"iter"
	"slices"
	"strings"
	"time"
)

// InstanceProfile carries one role to EC2 instances.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
type InstanceProfile struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Path       string    `json:"path"`
	CreateDate time.Time `json:"created"`
	Tags       []Tag     `json:"tags,omitempty"`
	Role       string    `json:"role,omitempty"` // unique id; empty for none
}

// rolesPerInstanceProfile is AWS's one quota that nobody can have raised.
const rolesPerInstanceProfile = 1

// InstanceProfile finds an instance profile by name; a NoSuchEntity error says
// that there is none.
func (a *Account) InstanceProfile(name string) (*InstanceProfile, error) {
	if p, ok := a.instanceProfiles.Get(fold(name)); ok {
		return p, nil
	}
	return nil, Errorf(CodeNoSuchEntity, "Instance Profile %s cannot be found.", name)
}

// InstanceProfileARN is the ARN of an instance profile of this account.
func (a *Account) InstanceProfileARN(p *InstanceProfile) string {
	return a.arn("instance-profile", p.Path, p.Name)
}

// InstanceProfilesAfter walks the instance profiles.
func (a *Account) InstanceProfilesAfter(name string) iter.Seq2[string, *InstanceProfile] {
	return after(a.instanceProfiles, name)
}

// InstanceProfilesOfRoleAfter walks the instance profiles that carry a role.
func (a *Account) InstanceProfilesOfRoleAfter(r *Role, name string) iter.Seq2[string, *InstanceProfile] {
	prefix := r.ID + "\x00"
	return func(yield func(string, *InstanceProfile) bool) {
		for k := range after(a.profilesOfRole, prefix+name) {
			profile, in := strings.CutPrefix(k, prefix)
			if !in {
				return
			}
			if p, ok := a.instanceProfiles.Get(profile); ok && !yield(profile, p) {
				return
			}
		}
	}
}

// InstanceProfileCount is the number of instance profiles.
func (a *Account) InstanceProfileCount() int { return a.instanceProfiles.Len() }

// CreateInstanceProfile makes an instance profile without a role. An empty path
// is "/".
func (d *Draft) CreateInstanceProfile(name, path string, tags []Tag) (*InstanceProfile, error) {
	if _, taken := d.instanceProfiles.Get(fold(name)); taken {
		return nil, Errorf(CodeEntityAlreadyExists, "Instance Profile %s already exists.", name)
	}
	if limit := d.env.Quotas.InstanceProfiles; d.InstanceProfileCount() >= limit {
		return nil, quota("InstanceProfilesPerAccount", limit)
	}
	kept, err := d.tagged(nil, tags, exactTagKeys)
	if err != nil {
		return nil, err
	}
	p := &InstanceProfile{
		ID: NewUniqueID(d.env.Rand, PrefixInstanceProfile), Name: name, Path: orRoot(path), CreateDate: d.now(), Tags: kept,
	}
	d.putInstanceProfile(nil, p)
	return p, nil
}

// DeleteInstanceProfile removes an instance profile that carries no role any
// more.
func (d *Draft) DeleteInstanceProfile(name string) error {
	p, err := d.InstanceProfile(name)
	if err != nil {
		return err
	}
	if p.Role != "" {
		return inInstanceProfile()
	}
	d.putInstanceProfile(p, nil)
	return nil
}

// inInstanceProfile is AWS's one refusal for a profile with a role and for a
// role in a profile.
func inInstanceProfile() error {
	return Errorf(CodeDeleteConflict, "Cannot delete entity, must remove roles from instance profile first.")
}

// AddRoleToInstanceProfile puts a role into a profile that has none.
func (d *Draft) AddRoleToInstanceProfile(profile, role string) error {
	p, r, err := d.profileAndRole(profile, role)
	if err != nil {
		return err
	}
	if p.Role != "" {
		return quota("InstanceSessionsPerInstanceProfile", rolesPerInstanceProfile)
	}
	next := clone(p)
	next.Role = r.ID
	d.putInstanceProfile(p, next)
	return nil
}

// RemoveRoleFromInstanceProfile takes a role out of the profile that has it.
func (d *Draft) RemoveRoleFromInstanceProfile(profile, role string) error {
	p, r, err := d.profileAndRole(profile, role)
	if err != nil {
		return err
	}
	if p.Role != r.ID {
		return noRole(role)
	}
	next := clone(p)
	next.Role = ""
	d.putInstanceProfile(p, next)
	return nil
}

func (d *Draft) profileAndRole(profile, role string) (*InstanceProfile, *Role, error) {
	p, err := d.InstanceProfile(profile)
	if err != nil {
		return nil, nil, err
	}
	r, err := d.Role(role)
	if err != nil {
		return nil, nil, err
	}
	return p, r, modifiable(r)
}

// TagInstanceProfile adds tags to an instance profile; a key that it has gets
// the new value.
func (d *Draft) TagInstanceProfile(name string, tags []Tag) error {
	p, err := d.InstanceProfile(name)
	if err != nil {
		return err
	}
	next := clone(p)
	if next.Tags, err = d.tagged(p.Tags, tags, exactTagKeys); err != nil {
		return err
	}
	if !slices.Equal(next.Tags, p.Tags) {
		d.putInstanceProfile(p, next)
	}
	return nil
}

// UntagInstanceProfile takes tags away; keys that are not there are no error.
func (d *Draft) UntagInstanceProfile(name string, keys []string) error {
	p, err := d.InstanceProfile(name)
	if err != nil {
		return err
	}
	next := clone(p)
	next.Tags = untagged(p.Tags, keys, exactTagKeys)
	if len(next.Tags) != len(p.Tags) {
		d.putInstanceProfile(p, next)
	}
	return nil
}

// putInstanceProfile replaces old by p, as putUser does.
func (d *Draft) putInstanceProfile(old, p *InstanceProfile) {
	d.indexInstanceProfile(old, p)
	if p == nil {
		d.note(rowInstanceProfile, old.ID, nil)
		return
	}
	d.note(rowInstanceProfile, p.ID, p)
}

func (d *Draft) indexInstanceProfile(old, p *InstanceProfile) {
	if old != nil {
		d.instanceProfiles.Delete(fold(old.Name))
		d.profilesOfRole.Delete(old.Role + "\x00" + fold(old.Name))
	}
	if p != nil {
		d.instanceProfiles.Set(fold(p.Name), p)
		if p.Role != "" {
			d.profilesOfRole.Set(p.Role+"\x00"+fold(p.Name), p.Name)
		}
	}
}
