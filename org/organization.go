package org

import (
	"io"
	"iter"
	"sync"
	"time"

	"github.com/tidwall/btree"

	"iamd/iam"
)

// Env is what the rules need of the world. One Env serves all organizations of
// a process.
type Env struct {
	Now    func() time.Time
	Rand   io.Reader
	Quotas Quotas
	// Controlled tells which services resource control policies reach; nil: those
	// that AWS lists.
	Controlled func(service string) bool
}

// Organization is everything that is kept for one organization, as an immutable
// value: any number of goroutines may read it while a Draft makes the next one.
type Organization struct {
	env *Env

	ID string // o-…
	settings

	units      *index[*Unit]      // by id
	accounts   *index[*Account]   // by number
	children   *index[ChildKind]  // parent's id, child's id
	policies   *index[*Policy]    // by id
	attached   *index[Attachment] // target's id, policy's id
	targets    *index[Attachment] // policy's id, target's id
	handshakes *index[*Handshake] // by id
	creations  *index[*Creation]  // by id
	transfers  *index[*Transfer]  // by id

	standings *sync.Map // memo of Standing by account; nil in a draft
	documents *documents
}

type index[V any] = btree.Map[string, V]

// settings is the organization's own row.
type settings struct {
	Created    time.Time  `json:"created"`
	FeatureSet FeatureSet `json:"features"`
	// Management is the number of the management account.
	Management string `json:"management"`
	Root       Root   `json:"root"`
	// Services are those with trusted access, by service principal.
	Services       []EnabledService `json:"services,omitempty"`
	ResourcePolicy *ResourcePolicy  `json:"resourcePolicy,omitempty"`
	// RootFeatures are IAM's features of central root access that are enabled.
	RootFeatures []string `json:"rootFeatures,omitempty"`
}

// FeatureSet is what an organization can do.
type FeatureSet string

// The feature sets.
const (
	AllFeatures         FeatureSet = "ALL"
	ConsolidatedBilling FeatureSet = "CONSOLIDATED_BILLING"
)

// Root is the top of the tree.
type Root struct {
	ID   string    `json:"id"` // r-…
	Name string    `json:"name"`
	Tags []iam.Tag `json:"tags,omitempty"`
	// Types are the policy types that are enabled, in the order in which they were.
	Types []PolicyType `json:"types,omitempty"`
	// Enabled is when types were enabled.
	Enabled  map[PolicyType]time.Time `json:"enabled,omitempty"`
	Detached map[PolicyType]time.Time `json:"detached,omitempty"`
}

// Unit is an organizational unit.
type Unit struct {
	ID      string    `json:"id"` // ou-…
	Name    string    `json:"name"`
	Parent  string    `json:"parent"` // id of the root or of a unit
	Created time.Time `json:"created"`
	Tags    []iam.Tag `json:"tags,omitempty"`
	// Detached is when a management policy was last detached, by type.
	Detached map[PolicyType]time.Time `json:"detached,omitempty"`
}

// Account is a member, as the organization sees it. What the account holds is
// iam's.
type Account struct {
	ID     string    `json:"id"` // twelve digits
	Name   string    `json:"name"`
	Email  string    `json:"email"`
	Parent string    `json:"parent"` // id of the root or of a unit
	Method string    `json:"method"` // INVITED, CREATED
	Joined time.Time `json:"joined"`
	// Closed is when the account was closed; zero for an open one.
	Closed time.Time `json:"closed,omitzero"`
	Tags   []iam.Tag `json:"tags,omitempty"`
	// Delegations are the services that the account administers.
	Delegations []EnabledService `json:"delegations,omitempty"`
	// Moved is when the account was last moved; zero for one that never was.
	Moved    time.Time                `json:"moved,omitzero"`
	Detached map[PolicyType]time.Time `json:"detached,omitempty"`
	// LastValid are the last effective policies that were right, of types of which
	// the present one is not.
	LastValid map[PolicyType]string `json:"lastValid,omitempty"`
}

// How accounts become members.
const (
	JoinedInvited = "INVITED"
	JoinedCreated = "CREATED"
)

// EnabledService is a service principal, and since when it was given what the
// list it stands in says.
type EnabledService struct {
	Principal string    `json:"principal"`
	Since     time.Time `json:"since"`
}

// ResourcePolicy is the organization's delegation policy.
type ResourcePolicy struct {
	ID       string        `json:"id"` // rp-…
	Document *iam.Document `json:"document"`
	Tags     []iam.Tag     `json:"tags,omitempty"`
}

// ChildKind is what stands under a parent.
type ChildKind string

// Kinds of children.
const (
	ChildAccount ChildKind = "ACCOUNT"
	ChildUnit    ChildKind = "ORGANIZATIONAL_UNIT"
)

// New is an organization that holds nothing yet.
func New(env *Env, id string) *Organization {
	return &Organization{
		env: env, ID: id,
		units: new(index[*Unit]), accounts: new(index[*Account]), children: new(index[ChildKind]),
		policies: new(index[*Policy]), attached: new(index[Attachment]), targets: new(index[Attachment]),
		handshakes: new(index[*Handshake]), creations: new(index[*Creation]), transfers: new(index[*Transfer]),
		standings: new(sync.Map), documents: new(documents),
	}
}

// Account finds a member by its number.
func (o *Organization) Account(id string) (*Account, bool) { return o.accounts.Get(id) }

// Unit finds a unit by its id.
func (o *Organization) Unit(id string) (*Unit, bool) { return o.units.Get(id) }

// Master is the management account.
func (o *Organization) Master() *Account {
	a, _ := o.accounts.Get(o.Management)
	return a
}

// ParentOf gives the id of what a unit or an account is in; ok is false for
// what is not there and for the root.
func (o *Organization) ParentOf(id string) (parent string, ok bool) {
	if a, ok := o.accounts.Get(id); ok {
		return a.Parent, true
	}
	if u, ok := o.units.Get(id); ok {
		return u.Parent, true
	}
	return "", false
}

// Line gives the ids from the root down to a root, unit or account, both
// included; nil when it is not there.
func (o *Organization) Line(id string) []string {
	if id == o.Root.ID {
		return []string{id}
	}
	parent, ok := o.ParentOf(id)
	if !ok {
		return nil
	}
	return append(o.Line(parent), id)
}

// Path is where an account or unit stands, as aws:PrincipalOrgPaths has it: the
// organization, the root and the units above it, with a slash at the end; a
// unit's own path ends with the unit.
func (o *Organization) Path(id string) string {
	path := o.ID + "/"
	for _, step := range o.Line(id) {
		if _, member := o.accounts.Get(step); !member {
			path += step + "/"
		}
	}
	return path
}

// AccountsAfter walks the members by number.
func (o *Organization) AccountsAfter(id string) iter.Seq2[string, *Account] {
	return after(o.accounts, id)
}

// ChildrenAfter walks what stands under a parent, by id.
func (o *Organization) ChildrenAfter(parent, id string) iter.Seq2[string, ChildKind] {
	return within(o.children, parent, id)
}

func after[V any](m *index[V], key string) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		m.Ascend(key, func(k string, v V) bool { return k == key || yield(k, v) })
	}
}

// within walks the keys first\x00second of one first, by second.
func within[V any](m *index[V], first, second string) iter.Seq2[string, V] {
	prefix := first + "\x00"
	return func(yield func(string, V) bool) {
		for k, v := range after(m, prefix+second) {
			if len(k) < len(prefix) || k[:len(prefix)] != prefix || !yield(k[len(prefix):], v) {
				return
			}
		}
	}
}
