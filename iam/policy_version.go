package iam

import (
	"slices"
	"strconv"
	"time"
)

// Version finds one text of a managed policy.
func (p *Policy) Version(id string) (*PolicyVersion, error) {
	for i := range p.Versions {
		if p.Versions[i].ID == id {
			return &p.Versions[i], nil
		}
	}
	return nil, Errorf(CodeNoSuchEntity, "Policy %s version %s does not exist or is not attachable.", p.ARN, id)
}

// addVersion gives the policy one more text; numbers are never used twice. The
// policy must be the caller's own copy.
func (p *Policy) addVersion(document string, now time.Time, inForce bool) *PolicyVersion {
	p.LastVersion++
	v := PolicyVersion{ID: "v" + strconv.Itoa(p.LastVersion), CreateDate: now, Document: NewDocument(document, nil)}
	p.Versions = append(slices.Clone(p.Versions), v)
	p.UpdateDate = now
	if inForce {
		p.DefaultVersion = v.ID
	}
	return &v
}

// CreatePolicyVersion gives a customer managed policy a new text, which is in
// force at once when setAsDefault is true.
func (d *Draft) CreatePolicyVersion(arn, document string, setAsDefault bool) (*PolicyVersion, error) {
	p, err := d.ownPolicy(arn)
	if err != nil {
		return nil, err
	}
	if document, err = d.checkManaged(document); err != nil {
		return nil, err
	}
	if limit := d.env.Quotas.VersionsPerPolicy; len(p.Versions) >= limit {
		return nil, Errorf(CodeLimitExceeded, "A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", limit)
	}
	next := clone(p)
	v := next.addVersion(document, d.now(), setAsDefault)
	d.putPolicy(p, next)
	return v, nil
}

// DeletePolicyVersion removes a version that is not in force.
func (d *Draft) DeletePolicyVersion(arn, id string) error {
	p, err := d.ownPolicy(arn)
	if err != nil {
		return err
	}
	if _, err := p.Version(id); err != nil {
		return err
	}
	if id == p.DefaultVersion {
		return Errorf(CodeDeleteConflict, "Cannot delete the default version of a policy.")
	}
	next := clone(p)
	next.Versions = without(p.Versions, func(v PolicyVersion) bool { return v.ID == id })
	d.putPolicy(p, next)
	return nil
}

// SetDefaultPolicyVersion puts a version in force, for everyone who has the
// policy.
func (d *Draft) SetDefaultPolicyVersion(arn, id string) error {
	p, err := d.ownPolicy(arn)
	if err != nil {
		return err
	}
	if _, err := p.Version(id); err != nil {
		return err
	}
	next := clone(p)
	next.DefaultVersion = id
	d.putPolicy(p, next)
	return nil
}
