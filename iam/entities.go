package iam

import "time"

// Entities are immutable once they stand in an Account: a write clones, changes
// the clone (its slices too) and puts it in the draft. Their JSON is the row
// form.

// Tag is a key and a value.
type Tag struct {
	Key   string `json:"k"`
	Value string `json:"v"`
}

// InlinePolicy is a policy that lives and dies with its entity.
type InlinePolicy struct {
	Name     string    `json:"name"`
	Document *Document `json:"document"`
}

// Grants is what users, groups and roles have in common: policies.
type Grants struct {
	Inline   []InlinePolicy `json:"inline,omitempty"`   // by name, in order
	Attached []string       `json:"attached,omitempty"` // ARNs of managed policies, in order of attachment
}

// User is an IAM user.
type User struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Path       string    `json:"path"`
	CreateDate time.Time `json:"created"`
	Tags       []Tag     `json:"tags,omitempty"`
	Boundary   string    `json:"boundary,omitempty"` // ARN of the permissions boundary
	Grants
	Groups []string    `json:"groups,omitempty"` // unique ids, in order of joining
	Keys   []AccessKey `json:"keys,omitempty"`   // two at most
	Credentials
	// Login is the user's password; nil for none.
	Login *LoginProfile `json:"login,omitempty"`
	// SessionsNotBefore ends every session issued before it.
	SessionsNotBefore time.Time `json:"sessionsNotBefore,omitzero"`
}

// Group is an IAM group. Who is in it stands in the users.
type Group struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Path       string    `json:"path"`
	CreateDate time.Time `json:"created"`
	Grants
}

// Role is an IAM role.
type Role struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Path        string    `json:"path"`
	CreateDate  time.Time `json:"created"`
	Description string    `json:"description,omitempty"`
	MaxSession  int32     `json:"maxSession"` // seconds
	Tags        []Tag     `json:"tags,omitempty"`
	Boundary    string    `json:"boundary,omitempty"`
	Trust       *Document `json:"trust"`
	Grants
	SessionsNotBefore time.Time `json:"sessionsNotBefore,omitzero"`
	// Source is the template that the role was made from; nil for none.
	Source *RoleSource `json:"source,omitempty"`
}

// Policy is a customer managed policy, or one of AWS's.
type Policy struct {
	ID             string          `json:"id"`
	Name           string          `json:"name"`
	Path           string          `json:"path"`
	ARN            string          `json:"arn"`
	Description    string          `json:"description,omitempty"`
	CreateDate     time.Time       `json:"created"`
	UpdateDate     time.Time       `json:"updated"`
	Tags           []Tag           `json:"tags,omitempty"`
	DefaultVersion string          `json:"default"`
	LastVersion    int             `json:"last"` // number of the newest version ever made
	Versions       []PolicyVersion `json:"versions"`
}

// PolicyVersion is one text of a managed policy.
type PolicyVersion struct {
	ID         string    `json:"id"` // v1, v2, …
	CreateDate time.Time `json:"created"`
	Document   *Document `json:"document"`
}

// Default is the version in force.
func (p *Policy) Default() *PolicyVersion {
	for i := range p.Versions {
		if p.Versions[i].ID == p.DefaultVersion {
			return &p.Versions[i]
		}
	}
	return nil
}

// Status of an access key.
type Status string

// The two states of an access key.
const (
	Active   Status = "Active"
	Inactive Status = "Inactive"
)

// AccessKey is a long-term key; its secret is sealed.
type AccessKey struct {
	ID         string    `json:"id"`
	Status     Status    `json:"status"`
	CreateDate time.Time `json:"created"`
	Sealed     []byte    `json:"sealed"`
}

// Root is the account's root user.
type Root struct {
	Email             string               `json:"email"`
	Password          string               `json:"password,omitempty"`   // hashed; empty for none
	Generation        string               `json:"generation,omitempty"` // of the password, as a LoginProfile's
	Keys              []AccessKey          `json:"keys,omitempty"`
	Certificates      []SigningCertificate `json:"certificates,omitempty"`
	SessionsNotBefore time.Time            `json:"sessionsNotBefore,omitzero"`
	// Recoverable is when the root user, who has no password, was allowed to set one.
	Recoverable time.Time `json:"recoverable,omitzero"`
}
