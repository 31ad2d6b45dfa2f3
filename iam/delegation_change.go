package iam

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"iamd/policy"
	"iamd/store"
)

// CreateDelegationRequest makes a request, which says who wants what; its id,
// times and state are given here. The policy must be one that a session can have.
func (d *Draft) CreateDelegationRequest(r DelegationRequest) (*DelegationRequest, error) {
	if err := d.roomForDelegation(); err != nil {
		return nil, err
	}
	for _, other := range after(d.delegations, "") {
		if other.Requestor == d.ID && other.WorkflowID == r.WorkflowID {
			return nil, Errorf(CodeEntityAlreadyExists, "Delegation request with RequestorWorkflowId %s already exists.", r.WorkflowID)
		}
	}
	if r.Policy == "" {
		return nil, notRendered("No statement of the template is left.")
	}
	doc, err := checkDocument(r.Policy, policy.Session, false)
	if err != nil {
		return nil, &Error{Code: CodeInvalidInput, Message: "The policy that the template becomes is not valid: " + err.(*Error).Message, Err: err}
	}
	if utf8.RuneCountInString(r.Policy) > maxDelegatedPolicy {
		return nil, quota("DelegatedPolicySize", maxDelegatedPolicy)
	}
	id, err := uuid.NewRandomFromReader(d.env.Rand)
	if err != nil {
		return nil, err
	}
	r.ID, r.Requestor, r.State = id.String(), d.ID, DelegationUnassigned
	r.CreateDate = d.now()
	r.Updated, r.Boundaries = r.CreateDate, boundariesOf(doc)
	d.putDelegation(&r)
	d.notes.Take = append(d.notes.Take, store.Unique{Space: spaceDelegationRequest, Key: r.ID})
	return &r, nil
}

// AssociateDelegationRequest makes somebody of this account the owner of a
// request that no account is associated with yet; asked is the request as its
// requestor's account keeps it.
func (d *Draft) AssociateDelegationRequest(asked *DelegationRequest, owner Identity) error {
	if asked.OwnerAccount != "" && asked.OwnerAccount != d.ID {
		return NoDelegationRequest(asked.ID)
	}
	if err := asked.in(d.now(), DelegationUnassigned); err != nil {
		return err
	}
	if _, own := d.delegations.Get(asked.ID); !own {
		if err := d.roomForDelegation(); err != nil {
			return err
		}
	}
	next := clone(asked)
	next.OwnerAccount, next.Owner = d.ID, owner
	d.enter(next, DelegationAssigned)
	d.notes.Take = append(d.notes.Take, store.Unique{Space: spaceDelegationOwner, Key: asked.ID})
	return nil
}

// UpdateDelegationRequest sends a request on to whoever may approve it, with
// notes.
func (d *Draft) UpdateDelegationRequest(id, notes string) error {
	return d.changeDelegation(id, DelegationPendingApproval, func(r *DelegationRequest) error {
		r.Notes = notes
		return nil
	}, DelegationAssigned, DelegationPendingApproval)
}

// AcceptDelegationRequest grants what a request asks for, in the name of who
// approves it: the access will be theirs, as far as the request's policy goes.
func (d *Draft) AcceptDelegationRequest(id string, approver Identity) error {
	return d.changeDelegation(id, DelegationAccepted, func(r *DelegationRequest) error {
		if approver.Kind == IdentityRoot && r.Seconds > RootDelegationSeconds {
			return Errorf(CodeInvalidInput, "The root user can approve delegation requests of %d seconds or less only; this one asks for %d.", RootDelegationSeconds, r.Seconds)
		}
		r.Approver, r.ApproveDate = approver, d.now()
		return nil
	}, DelegationAssigned, DelegationPendingApproval)
}

// RejectDelegationRequest refuses what a request asks for, or takes an approval
// back while no token was sent.
func (d *Draft) RejectDelegationRequest(id, reason string) error {
	return d.changeDelegation(id, DelegationRejected, func(r *DelegationRequest) error {
		r.RejectionReason = reason
		return nil
	}, DelegationAssigned, DelegationPendingApproval, DelegationAccepted)
}

// SendDelegationToken begins the access that was approved. Sending again what
// was sent changes nothing, while the token has not reached its channel.
func (d *Draft) SendDelegationToken(id string, sender Identity) error {
	r, err := d.OwnedDelegationRequest(id)
	if err != nil {
		return err
	}
	if r.OnlySendByOwner && !r.Owner.Is(sender) {
		return Errorf(CodeAccessDenied, "The token of delegation request %s can be sent by its owner only.", id)
	}
	if r.Delegates(d.now()) && !r.Delivered {
		return nil
	}
	return d.changeDelegation(id, DelegationFinalized, func(r *DelegationRequest) error {
		r.SendDate = d.now()
		return nil
	}, DelegationAccepted)
}

// DelegationTokenDelivered notes that the token has reached its channel.
func (d *Draft) DelegationTokenDelivered(id string) error {
	r, err := d.OwnedDelegationRequest(id)
	if err != nil {
		return err
	}
	next := clone(r)
	next.Delivered = true
	d.putDelegation(next)
	return nil
}

// in refuses a request that is in none of the states. AWS tells no words for it.
func (r *DelegationRequest) in(now time.Time, states ...DelegationState) error {
	state := r.StateAt(now)
	if slices.Contains(states, state) {
		return nil
	}
	words := make([]string, 0, len(states))
	for _, s := range states {
		words = append(words, string(s))
	}
	return Errorf(CodeInvalidInput, "Delegation request %s is in the state %s; it must be in the state %s.", r.ID, state, strings.Join(words, " or "))
}

func (d *Draft) changeDelegation(id string, to DelegationState, change func(*DelegationRequest) error, from ...DelegationState) error {
	r, err := d.OwnedDelegationRequest(id)
	if err != nil {
		return err
	}
	if err := r.in(d.now(), from...); err != nil {
		return err
	}
	next := clone(r)
	if err := change(next); err != nil {
		return err
	}
	d.enter(next, to)
	return nil
}

func (d *Draft) enter(r *DelegationRequest, to DelegationState) {
	r.State, r.Updated = to, d.now()
	d.putDelegation(r)
}

func (d *Draft) putDelegation(r *DelegationRequest) {
	d.delegations.Set(r.ID, r)
	d.note(rowDelegationRequest, r.ID, r)
}

// roomForDelegation forgets what has long expired, and refuses one request too
// many.
func (d *Draft) roomForDelegation() error {
	now := d.now()
	var old []*DelegationRequest
	for _, r := range after(d.delegations, "") {
		ends := r.Expires()
		if r.State == DelegationUnassigned {
			ends = r.CreateDate.Add(delegationLife)
		}
		if now.After(ends.Add(delegationKept)) {
			old = append(old, r)
		}
	}
	for _, r := range old {
		d.delegations.Delete(r.ID)
		d.note(rowDelegationRequest, r.ID, nil)
		if r.Requestor == d.ID {
			d.notes.Free = append(d.notes.Free, store.Unique{Space: spaceDelegationRequest, Key: r.ID})
		}
		if r.State != DelegationUnassigned {
			d.notes.Free = append(d.notes.Free, store.Unique{Space: spaceDelegationOwner, Key: r.ID})
		}
	}
	if most := d.env.Quotas.Delegations; d.delegations.Len() >= most {
		return quota("DelegationRequestsPerAccount", most)
	}
	return nil
}

// boundariesOf are the boundaries that a policy wants of roles: the values of
// iam:PermissionsBoundary in its Allow statements.
func boundariesOf(doc *policy.Document) (arns []string) {
	for _, s := range doc.Statements {
		if s.Effect != "Allow" {
			continue
		}
		for _, c := range s.Condition {
			if strings.EqualFold(c.Key, "iam:PermissionsBoundary") {
				arns = append(arns, c.Values...)
			}
		}
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}
