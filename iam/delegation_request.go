package iam

import (
	"context"
	"errors"
	"iter"
	"time"

	"iamd/store"
)

// DelegationState is where a delegation request stands.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/temporary-delegation-building-integration.html#temporary-delegation-request-lifecycle
type DelegationState string

// States of delegation requests. DelegationExpired is never stored: it is told by the time.
const (
	DelegationUnassigned      DelegationState = "UNASSIGNED"
	DelegationAssigned        DelegationState = "ASSIGNED"
	DelegationPendingApproval DelegationState = "PENDING_APPROVAL"
	DelegationAccepted        DelegationState = "ACCEPTED"
	DelegationFinalized       DelegationState = "FINALIZED"
	DelegationRejected        DelegationState = "REJECTED"
	DelegationExpired         DelegationState = "EXPIRED"
)

// How long a request stands in a state before it expires.
const (
	unassignedFor = 24 * time.Hour
	waitingFor    = 7 * 24 * time.Hour
)

// What AWS does not tell. An expired request is forgotten after delegationKept;
// what its requestor holds of it, which keeps the workflow id taken, after the
// longest life that it can have had.
const (
	delegationKept = 30 * 24 * time.Hour
	delegationLife = unassignedFor + 4*waitingFor
)

// maxDelegatedPolicy is how long the policy may be, in characters.
const maxDelegatedPolicy = 2048

// RootDelegationSeconds is the longest session that the root user may approve.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-temporary-delegation.html
const RootDelegationSeconds = 4 * 3600

const (
	rowDelegationRequest = "delegation-request"

	// Two spaces of unique names: whose request an id is, and in which account it
	// was associated, which only one can have done.
	spaceDelegationRequest = "delegation-request"
	spaceDelegationOwner   = "delegation-owner"
)

// DelegationRequest asks for access for a time to an account. Its requestor's
// account keeps it as it was asked; the account that associates with it keeps it
// from then on, in a copy of its own: all that changes is there.
type DelegationRequest struct {
	ID            string            `json:"id"`
	Requestor     string            `json:"requestor"` // account
	RequestorName string            `json:"requestorName,omitempty"`
	WorkflowID    string            `json:"workflow"`
	Description   string            `json:"description"`
	Message       string            `json:"message,omitempty"`
	RedirectURL   string            `json:"redirect,omitempty"`
	Channel       string            `json:"channel"` // ARN of a topic
	Template      string            `json:"template"`
	Parameters    []PolicyParameter `json:"parameters,omitempty"`
	Policy        string            `json:"policy"` // what is delegated: the template, filled in
	// Boundaries are the permissions boundaries that the policy wants of the roles
	// it lets be made.
	Boundaries      []string  `json:"boundaries,omitempty"`
	Seconds         int32     `json:"seconds"` // of the session
	OnlySendByOwner bool      `json:"onlySendByOwner,omitempty"`
	OwnerAccount    string    `json:"ownerAccount,omitempty"`
	CreateDate      time.Time `json:"created"`

	State           DelegationState `json:"state"`
	Updated         time.Time       `json:"updated"`
	Owner           Identity        `json:"owner,omitzero"`
	Approver        Identity        `json:"approver,omitzero"`
	ApproveDate     time.Time       `json:"approved,omitzero"`
	SendDate        time.Time       `json:"sent,omitzero"`
	Delivered       bool            `json:"delivered,omitempty"` // the token reached the channel
	Notes           string          `json:"notes,omitempty"`
	RejectionReason string          `json:"rejection,omitempty"`
}

// IdentityKind is what somebody is.
type IdentityKind string

// Kinds of identities.
const (
	IdentityRoot IdentityKind = "Root"
	IdentityUser IdentityKind = "User"
	IdentityRole IdentityKind = "Role" // a session of one
)

// Identity is somebody of an account, as they called.
type Identity struct {
	Kind     IdentityKind `json:"kind"`
	ARN      string       `json:"arn"`
	UniqueID string       `json:"id,omitempty"` // of the user or role; empty for root
	// The rest is the session's.
	Session        string   `json:"session,omitempty"`
	Tags           []Tag    `json:"tags,omitempty"`
	Transitive     []string `json:"transitive,omitempty"`
	SourceIdentity string   `json:"sourceIdentity,omitempty"`
	// Provider and Keys tell of the identity provider that vouched, as the session
	// does: policies may deny by them.
	Provider string       `json:"provider,omitempty"`
	Keys     []SessionKey `json:"keys,omitempty"`
}

// SessionKey is a condition key that a session brings. Many marks a multivalued one.
type SessionKey struct {
	Name   string   `json:"n"`
	Values []string `json:"v"`
	Many   bool     `json:"m,omitempty"`
}

// Is tells whether two are the same user, root user or session of a role,
// whatever they are called now.
func (i Identity) Is(j Identity) bool {
	return i.Kind != "" && i.Kind == j.Kind && i.UniqueID == j.UniqueID && i.Session == j.Session
}

// Expires is when the request expires in the state that it is in.
func (r *DelegationRequest) Expires() time.Time {
	if r.State == DelegationUnassigned {
		return r.Updated.Add(unassignedFor)
	}
	return r.Updated.Add(waitingFor)
}

// StateAt is where the request stands at a time.
func (r *DelegationRequest) StateAt(now time.Time) DelegationState {
	if !now.Before(r.Expires()) {
		return DelegationExpired
	}
	return r.State
}

// SessionEnds is when the access ends that the request asked for.
func (r *DelegationRequest) SessionEnds() time.Time {
	return r.SendDate.Add(time.Duration(r.Seconds) * time.Second)
}

// Delegates tells whether the request gives access at a time.
func (r *DelegationRequest) Delegates(now time.Time) bool {
	return r.StateAt(now) == DelegationFinalized && now.Before(r.SessionEnds())
}

// NoDelegationRequest is the refusal of a request that is not there, or that is
// another account's.
func NoDelegationRequest(id string) *Error {
	return Errorf(CodeNoSuchEntity, "Delegation request %s cannot be found.", id)
}

// DelegationRequest finds a request that this account made or associated with.
func (a *Account) DelegationRequest(id string) (*DelegationRequest, error) {
	if r, ok := a.delegations.Get(id); ok {
		return r, nil
	}
	return nil, NoDelegationRequest(id)
}

// OwnedDelegationRequest finds a request that this account associated with.
func (a *Account) OwnedDelegationRequest(id string) (*DelegationRequest, error) {
	if r, ok := a.delegations.Get(id); ok && r.State != DelegationUnassigned {
		return r, nil
	}
	return nil, NoDelegationRequest(id)
}

// DelegationRequestsAfter walks the requests that have an owner here, by id.
func (a *Account) DelegationRequestsAfter(id string) iter.Seq2[string, *DelegationRequest] {
	return func(yield func(string, *DelegationRequest) bool) {
		for k, r := range after(a.delegations, id) {
			if r.State != DelegationUnassigned && !yield(k, r) {
				return
			}
		}
	}
}

// DelegationRequestARN is the ARN of a request, in the account that looks at it.
func (a *Account) DelegationRequestARN(id string) string {
	return a.arn("delegation-request", "/", id)
}

// HolderOfDelegation finds the account that keeps a request: which associated
// with it, or else which made it. ErrNotFound.
func HolderOfDelegation(ctx context.Context, s Owners, id string) (account string, owned bool, err error) {
	account, err = s.Owner(ctx, store.Unique{Space: spaceDelegationOwner, Key: id})
	if err == nil || !errors.Is(err, ErrNotFound) {
		return account, err == nil, err
	}
	account, err = s.Owner(ctx, store.Unique{Space: spaceDelegationRequest, Key: id})
	return account, false, err
}

// TakenDelegation gives the refusal when err is that of a commit which wanted to
// associate with a request that another account has associated with by then.
func TakenDelegation(err error) (*Error, bool) {
	var taken *store.TakenError
	if !errors.As(err, &taken) || taken.Space != spaceDelegationOwner {
		return nil, false
	}
	refusal := NoDelegationRequest(taken.Key)
	refusal.Err = err
	return refusal, true
}
