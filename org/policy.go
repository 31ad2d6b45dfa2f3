package org

import (
	"iter"
	"time"

	"iamd/iam"
)

// PolicyType is AWS's name of a type of policy.
type PolicyType string

// The types of policies that authorize; the others are management policies.
const (
	SCP PolicyType = "SERVICE_CONTROL_POLICY"
	RCP PolicyType = "RESOURCE_CONTROL_POLICY"
)

// Policy is a policy of an organization.
type Policy struct {
	ID          string     `json:"id"` // p-…
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Type        PolicyType `json:"type"`
	// Content is the text, as it is shown. Only of the types that authorize it can
	// be compiled.
	Content *iam.Document `json:"content"`
	Created time.Time     `json:"created"`
	// Updated is when the policy was last updated; zero for one that never was.
	Updated time.Time `json:"updated,omitzero"`
	Tags    []iam.Tag `json:"tags,omitempty"`
}

// AWS's own policies, which every organization has. They allow everything.
const (
	FullAccess    = "p-FullAWSAccess"    // an SCP
	RCPFullAccess = "p-RCPFullAWSAccess" // an RCP, attached to everything for good
)

const allowEverything = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "*",
      "Resource": "*"
    }
  ]
}`

const allowEverybody = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": "*",
      "Action": "*",
      "Resource": "*"
    }
  ]
}`

// managed are AWS's own policies, by id.
var managed = map[string]*Policy{
	FullAccess: {
		ID: FullAccess, Name: "FullAWSAccess", Description: "Allows access to every operation", Type: SCP,
		Content: iam.NewDocument(allowEverything, nil),
	},
	RCPFullAccess: {
		ID: RCPFullAccess, Name: "RCPFullAWSAccess", Description: "Allows access to every resource", Type: RCP,
		Content: iam.NewDocument(allowEverybody, nil),
	},
}

// NewPolicy is what a policy begins with.
type NewPolicy struct {
	Name, Description, Content string
	Type                       PolicyType
	Tags                       []iam.Tag
}

// CreatePolicy makes a policy. Its type need not be enabled.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreatePolicy.html
func (d *Draft) CreatePolicy(n NewPolicy) (*Policy, error) {
	if err := d.available(n.Type); err != nil {
		return nil, err
	}
	content, err := d.content(n.Type, n.Content)
	if err != nil {
		return nil, err
	}
	if d.policyNamed(n.Type, n.Name) != nil {
		return nil, duplicatePolicy()
	}
	if _, _, most := d.env.Quotas.of(n.Type); d.countPolicies(n.Type) >= most {
		return nil, refuse(CodeConstraint, "POLICY_NUMBER_LIMIT_EXCEEDED", "You have reached the maximum number of policies for your organization.")
	}
	tags, err := d.tagged(nil, n.Tags)
	if err != nil {
		return nil, err
	}
	p := &Policy{ID: d.newPolicyID(), Name: n.Name, Description: n.Description, Type: n.Type, Content: content, Created: d.now(), Tags: tags}
	d.putPolicy(p)
	return p, nil
}

// UpdatePolicy changes a policy; nil leaves a part as it is. So does, as it was
// seen of AWS, a description that is empty.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_UpdatePolicy.html
func (d *Draft) UpdatePolicy(id string, name, description, content *string) (*Policy, error) {
	p, err := d.changeable(id)
	if err != nil {
		return nil, err
	}
	next := *p
	if content != nil {
		if next.Content, err = d.content(p.Type, *content); err != nil {
			return nil, err
		}
	}
	if name != nil {
		if other := d.policyNamed(p.Type, *name); other != nil && other.ID != id {
			return nil, duplicatePolicy()
		}
		next.Name = *name
	}
	if description != nil && *description != "" {
		next.Description = *description
	}
	next.Updated = d.now()
	d.keepingValid(p.Type, d.targetsOf(id), func() { d.putPolicy(&next) })
	return &next, nil
}

// DeletePolicy removes a policy that is attached to nothing.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeletePolicy.html
func (d *Draft) DeletePolicy(id string) error {
	if _, err := d.changeable(id); err != nil {
		return err
	}
	for range d.TargetsAfter(id, "") {
		return iam.Errorf("PolicyInUseException", "The specified policy is in use and cannot be deleted.")
	}
	d.dropPolicy(id)
	return nil
}

// changeable finds a policy that is not AWS's own.
func (o *Organization) changeable(id string) (*Policy, error) {
	p, err := o.FindPolicy(id)
	if err == nil && p.AWSManaged() {
		return nil, refuse(CodeInvalidInput, "IMMUTABLE_POLICY", "You specified a policy that is managed by AWS and can't be modified.")
	}
	return p, err
}

// Policy finds a policy by its id, AWS's own among them.
func (o *Organization) Policy(id string) (*Policy, bool) {
	if p, ok := managed[id]; ok {
		return p, true
	}
	return o.policies.Get(id)
}

// FindPolicy finds a policy, or AWS's refusal.
func (o *Organization) FindPolicy(id string) (*Policy, error) {
	if p, ok := o.Policy(id); ok {
		return p, nil
	}
	return nil, iam.Errorf(CodePolicyNotFound, "You specified a policy that doesn't exist.")
}

// PoliciesAfter walks the policies: AWS's own, then the others by id. The keys
// are for the walk alone.
func (o *Organization) PoliciesAfter(key string) iter.Seq2[string, *Policy] {
	return func(yield func(string, *Policy) bool) {
		for _, id := range []string{FullAccess, RCPFullAccess} {
			// A blank stands before every id.
			if own := " " + id; own > key && !yield(own, managed[id]) {
				return
			}
		}
		for id, p := range after(o.policies, key) {
			if !yield(id, p) {
				return
			}
		}
	}
}

// AWSManaged tells whether AWS made the policy.
func (p *Policy) AWSManaged() bool { return managed[p.ID] == p }

// Enabled tells whether a policy type is enabled in the root.
func (o *Organization) Enabled(t PolicyType) bool {
	for _, have := range o.Root.Types {
		if have == t {
			return true
		}
	}
	return false
}

func (o *Organization) policyNamed(t PolicyType, name string) *Policy {
	for _, p := range o.PoliciesAfter("") {
		if p.Type == t && p.Name == name {
			return p
		}
	}
	return nil
}

// countPolicies counts those of a type that are not AWS's.
func (o *Organization) countPolicies(t PolicyType) (n int) {
	for _, p := range after(o.policies, "") {
		if p.Type == t {
			n++
		}
	}
	return n
}

func duplicatePolicy() error {
	return iam.Errorf("DuplicatePolicyException", "A policy with the specified name and type already exists.")
}
