package iam

import (
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/btree"
)

// Account is everything IAM keeps for one AWS account, as an immutable value:
// any number of goroutines may read it while a Draft makes the next one.
// Names are found regardless of case, and listed in order.
type Account struct {
	env *Env

	ID string // twelve digits
	settings
	reports

	users    *index[*User]   // by folded name
	groups   *index[*Group]  // by folded name
	roles    *index[*Role]   // by folded name
	policies *index[*Policy] // by folded name

	userIDs  *index[*User] // by unique id
	groupIDs *index[*Group]
	roleIDs  *index[*Role]
	keys     *index[*User] // by access key id; nil for root

	devices *index[*MFADevice] // by folded path and name
	owned   *index[string]     // owner's id, device's key → the device's key

	serverCertificates *index[*ServerCertificate] // by folded name
	credentialOwners   *index[string]             // kind and id of a credential → unique id of its user, "" for root

	members *index[string] // group's unique id, user's folded name → user's name
	uses    *index[Use]    // policy ARN, kind of use, entity's folded name

	openIDProviders *index[*OpenIDProvider] // by name

	instanceProfiles *index[*InstanceProfile] // by folded name
	profilesOfRole   *index[string]           // role's unique id, profile's folded name → profile's name

	samlProviders *index[*SAMLProvider] // by folded name
	samlUses      *index[*SAMLUse]      // by key
	samlUsesByEnd *index[*SAMLUse]

	delegations *index[*DelegationRequest] // by id

	deletions []*RoleDeletion // of service-linked roles, oldest first; replaced, never changed

	outbound *OutboundFederation // nil before it was first enabled; replaced, never changed

	granted *sync.Map // memo of Granted by entity; nil in a draft
}

type index[V any] = btree.Map[string, V]

// settings is the account's own row.
type settings struct {
	Name       string    `json:"name"`
	CreateDate time.Time `json:"created"`
	Root       Root      `json:"root"`
	// Passwords is the account's password policy; nil when it has none of its own.
	Passwords *PasswordPolicy `json:"passwords,omitempty"`
	Alias     string          `json:"alias,omitempty"`
	// RoleManager is the property of that name.
	RoleManager bool `json:"roleManager,omitempty"`
	// TokenVersion is what was set; 0 before.
	TokenVersion int `json:"tokenVersion,omitempty"`
	Membership
}

// Use says that an entity uses a managed policy.
type Use struct {
	Kind   EntityKind
	Name   string // of the user, group or role
	ID     string // unique id
	AsWhat UseKind
}

// EntityKind is AWS's word for what a policy can be attached to.
type EntityKind string

// Kinds of entities.
const (
	KindUser  EntityKind = "User"
	KindGroup EntityKind = "Group"
	KindRole  EntityKind = "Role"
)

// UseKind is how a policy is used.
type UseKind string

// The two uses of a managed policy.
const (
	AsPermissions UseKind = "PermissionsPolicy"
	AsBoundary    UseKind = "PermissionsBoundary"
)

// NewAccount is an account that holds nothing yet.
func NewAccount(env *Env, id string) *Account {
	return &Account{
		env: env, ID: id,
		users: new(index[*User]), groups: new(index[*Group]), roles: new(index[*Role]), policies: new(index[*Policy]),
		userIDs: new(index[*User]), groupIDs: new(index[*Group]), roleIDs: new(index[*Role]), keys: new(index[*User]),
		serverCertificates: new(index[*ServerCertificate]), credentialOwners: new(index[string]),
		members: new(index[string]), uses: new(index[Use]),
		devices: new(index[*MFADevice]), owned: new(index[string]),
		openIDProviders:  new(index[*OpenIDProvider]),
		instanceProfiles: new(index[*InstanceProfile]), profilesOfRole: new(index[string]),
		samlProviders: new(index[*SAMLProvider]), samlUses: new(index[*SAMLUse]), samlUsesByEnd: new(index[*SAMLUse]),
		delegations: new(index[*DelegationRequest]),
		granted:     new(sync.Map),
	}
}

// fold is how names are compared: AWS's names are ASCII and unique regardless
// of case.
func fold(name string) string { return strings.ToLower(name) }

// User finds a user by name; a NoSuchEntity error says that there is none.
func (a *Account) User(name string) (*User, error) {
	if u, ok := a.users.Get(fold(name)); ok {
		return u, nil
	}
	return nil, noUser(name)
}

// Group finds a group by name.
func (a *Account) Group(name string) (*Group, error) {
	if g, ok := a.groups.Get(fold(name)); ok {
		return g, nil
	}
	return nil, noGroup(name)
}

// Role finds a role by name.
func (a *Account) Role(name string) (*Role, error) {
	if r, ok := a.roles.Get(fold(name)); ok {
		return r, nil
	}
	return nil, noRole(name)
}

// UserByID finds a user by its unique id.
func (a *Account) UserByID(id string) (*User, bool) { return a.userIDs.Get(id) }

// GroupByID finds a group by its unique id.
func (a *Account) GroupByID(id string) (*Group, bool) { return a.groupIDs.Get(id) }

// RoleByID finds a role by its unique id.
func (a *Account) RoleByID(id string) (*Role, bool) { return a.roleIDs.Get(id) }

// RoleByARN finds the role that has this ARN now.
func (a *Account) RoleByARN(arn string) (*Role, bool) {
	r, ok := a.roles.Get(fold(arn[strings.LastIndexByte(arn, '/')+1:]))
	if !ok || !a.isARN(arn, "role", r.Path, r.Name) {
		return nil, false
	}
	return r, true
}

// UserByARN finds the user that has this ARN now.
func (a *Account) UserByARN(arn string) (*User, bool) {
	u, ok := a.users.Get(fold(arn[strings.LastIndexByte(arn, '/')+1:]))
	if !ok || !a.isARN(arn, "user", u.Path, u.Name) {
		return nil, false
	}
	return u, true
}

// AccessKey finds a long-term key and its user, which is nil for a key of the
// root user.
func (a *Account) AccessKey(id string) (key AccessKey, user *User, ok bool) {
	if user, ok = a.keys.Get(id); !ok {
		return AccessKey{}, nil, false
	}
	list := a.Root.Keys
	if user != nil {
		list = user.Keys
	}
	for _, k := range list {
		if k.ID == id {
			return k, user, true
		}
	}
	return AccessKey{}, nil, false
}

// AnyKey gives one of the account's long-term keys, if it has any.
func (a *Account) AnyKey() (AccessKey, bool) {
	for id := range after(a.keys, "") {
		key, _, ok := a.AccessKey(id)
		return key, ok
	}
	return AccessKey{}, false
}

// Secret opens the secret of a key.
func (a *Account) Secret(k AccessKey) (string, error) {
	return a.env.Unseal(a.ID, k.ID, k.Sealed)
}

// ARNs.

// RootARN is the ARN of the root user, and of the account as a principal.
func (a *Account) RootARN() string { return "arn:aws:iam::" + a.ID + ":root" }

// UserARN is the ARN of a user of this account.
func (a *Account) UserARN(u *User) string { return a.arn("user", u.Path, u.Name) }

// GroupARN is the ARN of a group of this account.
func (a *Account) GroupARN(g *Group) string { return a.arn("group", g.Path, g.Name) }

// RoleARN is the ARN of a role of this account.
func (a *Account) RoleARN(r *Role) string { return a.arn("role", r.Path, r.Name) }

func (a *Account) arn(kind, path, name string) string {
	return arnOfIAM + a.ID + ":" + kind + path + name
}

const arnOfIAM = "arn:aws:iam::"

// isARN tells whether arn is what a.arn makes, without making it.
func (a *Account) isARN(arn, kind, path, name string) bool {
	for _, part := range [...]string{arnOfIAM, a.ID, ":", kind, path, name} {
		var ok bool
		if arn, ok = strings.CutPrefix(arn, part); !ok {
			return false
		}
	}
	return arn == ""
}

// Walks, in the order of folded names, beginning after the folded name given
// ("" begins at the first).

// UsersAfter walks the users.
func (a *Account) UsersAfter(name string) iter.Seq2[string, *User] { return after(a.users, name) }

// GroupsAfter walks the groups.
func (a *Account) GroupsAfter(name string) iter.Seq2[string, *Group] { return after(a.groups, name) }

// RolesAfter walks the roles.
func (a *Account) RolesAfter(name string) iter.Seq2[string, *Role] { return after(a.roles, name) }

// PoliciesAfter walks the customer managed policies.
func (a *Account) PoliciesAfter(name string) iter.Seq2[string, *Policy] {
	return after(a.policies, name)
}

// MembersAfter walks the users of a group.
func (a *Account) MembersAfter(g *Group, name string) iter.Seq2[string, *User] {
	prefix := g.ID + "\x00"
	return func(yield func(string, *User) bool) {
		for k := range after(a.members, prefix+name) {
			member, in := strings.CutPrefix(k, prefix)
			if !in {
				return
			}
			if u, ok := a.users.Get(member); ok && !yield(member, u) {
				return
			}
		}
	}
}

// UsesAfter walks who uses a managed policy, by the key of the use.
func (a *Account) UsesAfter(policyARN, key string) iter.Seq2[string, Use] {
	prefix := policyARN + "\x00"
	return func(yield func(string, Use) bool) {
		for k, use := range after(a.uses, prefix+key) {
			rest, in := strings.CutPrefix(k, prefix)
			if !in || !yield(rest, use) {
				return
			}
		}
	}
}

// Counts.

// UserCount is the number of users.
func (a *Account) UserCount() int { return a.users.Len() }

// GroupCount is the number of groups.
func (a *Account) GroupCount() int { return a.groups.Len() }

// RoleCount is the number of roles.
func (a *Account) RoleCount() int { return a.roles.Len() }

// PolicyCount is the number of customer managed policies.
func (a *Account) PolicyCount() int { return a.policies.Len() }

// UseCount counts who has a policy attached, and whom it bounds.
func (a *Account) UseCount(policyARN string) (attached, boundaries int) {
	for _, use := range a.UsesAfter(policyARN, "") {
		if use.AsWhat == AsBoundary {
			boundaries++
		} else {
			attached++
		}
	}
	return attached, boundaries
}

func after[V any](m *index[V], key string) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		m.Ascend(key, func(k string, v V) bool {
			return k == key || yield(k, v)
		})
	}
}
