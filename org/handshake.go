package org

import (
	"iter"
	"time"

	"iamd/iam"
)

// Handshake is an agreement in the making between the organization and an
// account.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_Handshake.html
type Handshake struct {
	ID        string              `json:"id"`     // h-…
	Action    string              `json:"action"` // INVITE, ENABLE_ALL_FEATURES, …
	State     string              `json:"state"`  // as it was left; see Organization.Handshake
	Requested time.Time           `json:"requested"`
	Expires   time.Time           `json:"expires"`
	Ended     time.Time           `json:"ended,omitzero"` // when it was accepted, declined or canceled
	Parties   []HandshakeParty    `json:"parties"`
	Resources []HandshakeResource `json:"resources,omitempty"`
	// Recipient is the number of the account that may answer; "" while nobody has
	// the address that it was sent to.
	Recipient string `json:"recipient,omitempty"`
	// Parent is the id of the handshake that this one is a part of.
	Parent string `json:"parent,omitempty"`
	// Tags are for the account that is invited.
	Tags []iam.Tag `json:"tags,omitempty"`
}

// HandshakeParty is who takes part.
type HandshakeParty struct {
	Type string `json:"type"` // ACCOUNT, ORGANIZATION, EMAIL
	ID   string `json:"id"`
}

// HandshakeResource is what a handshake is about.
type HandshakeResource struct {
	Type      string              `json:"type"`
	Value     string              `json:"value,omitempty"`
	Resources []HandshakeResource `json:"resources,omitempty"`
}

// What handshakes are about.
const (
	ActionInvite            = "INVITE"
	ActionEnableAllFeatures = "ENABLE_ALL_FEATURES"
	// ActionApproveAllFeatures is what each invited member is asked before all
	// features are enabled. AWS's API reference has the names of the two the other
	// way round; what is sent is as here.
	ActionApproveAllFeatures = "APPROVE_ALL_FEATURES"
)

// States of handshakes.
const (
	StateRequested = "REQUESTED"
	StateOpen      = "OPEN"
	StateCanceled  = "CANCELED"
	StateAccepted  = "ACCEPTED"
	StateDeclined  = "DECLINED"
	StateExpired   = "EXPIRED"
)

// Kinds of parties; the kinds of resources are named alike.
const (
	PartyAccount      = "ACCOUNT"
	PartyOrganization = "ORGANIZATION"
	PartyEmail        = "EMAIL"
)

const (
	invitationOpen  = 15 * 24 * time.Hour
	allFeaturesOpen = 90 * 24 * time.Hour
	// handshakeShown is for how long a handshake is shown once it is over.
	handshakeShown = 30 * 24 * time.Hour
)

// Until is when the handshake is shown no longer, if nobody ends it earlier.
func (h *Handshake) Until() time.Time { return h.Expires.Add(handshakeShown) }

// Handshake finds a handshake, in the state that it is in now; one that is over
// for long is not there.
func (o *Organization) Handshake(id string) (*Handshake, error) {
	if h, ok := o.handshakes.Get(id); ok {
		if h = o.current(h); h != nil {
			return h, nil
		}
	}
	return nil, NoHandshake()
}

// HandshakesAfter walks the handshakes by id, as they are now.
func (o *Organization) HandshakesAfter(id string) iter.Seq2[string, *Handshake] {
	return func(yield func(string, *Handshake) bool) {
		for id, h := range after(o.handshakes, id) {
			if h = o.current(h); h != nil && !yield(id, h) {
				return
			}
		}
	}
}

// current is a handshake as it is now; nil when it is shown no longer.
func (o *Organization) current(h *Handshake) *Handshake {
	now := o.env.Now()
	if h.Open() && !now.Before(h.Expires) {
		expired := *h
		expired.State, expired.Ended = StateExpired, h.Expires
		h = &expired
	}
	ended := h.Ended
	if h.Parent != "" { // a No counts for as long as the whole is open
		ended = h.Expires
	}
	if !h.Open() && !now.Before(ended.Add(handshakeShown)) {
		return nil
	}
	return h
}

// Open tells whether the handshake waits for somebody.
func (h *Handshake) Open() bool { return h.State == StateRequested || h.State == StateOpen }

// propose makes a handshake of the organization.
func (d *Draft) propose(h Handshake) *Handshake {
	h.ID, h.Requested = d.newHandshakeID(), d.now()
	d.putHandshake(&h)
	return &h
}

// settle brings a handshake that is open to its end.
func (d *Draft) settle(h *Handshake, state string) (*Handshake, error) {
	switch {
	case h.State == state:
		return nil, iam.Errorf("HandshakeAlreadyInStateException", "The handshake is already in the requested state.")
	case !h.Open() || state == StateAccepted && h.State != StateOpen:
		return nil, iam.Errorf("InvalidHandshakeTransitionException", "You cannot perform this operation on a handshake in its current state, such as attempting to cancel a handshake that was previously accepted or attempting to accept a handshake that was declined.")
	}
	next := *h
	next.State, next.Ended = state, d.now()
	d.putHandshake(&next)
	if h.Action == ActionTransfer && state != StateAccepted {
		d.failTransfer(&next)
	}
	return &next, nil
}

// Decline ends a handshake by its recipient's will.
func (d *Draft) Decline(id string) (*Handshake, error) {
	h, err := d.Handshake(id)
	if err != nil {
		return nil, err
	}
	if h.Action == ActionEnableAllFeatures {
		return nil, NotPermitted()
	}
	return d.settle(h, StateDeclined)
}

// Cancel ends a handshake by the will of the organization, which sent it. The
// approval of a member is not the organization's to withdraw: what nobody is
// asked any more, nobody has to approve.
func (d *Draft) Cancel(id string) (*Handshake, error) {
	h, err := d.Handshake(id)
	if err != nil {
		return nil, err
	}
	if h.Action == ActionApproveAllFeatures {
		return nil, NotPermitted()
	}
	next, err := d.settle(h, StateCanceled)
	if err == nil && h.Action == ActionEnableAllFeatures {
		d.cancelApprovals(id)
	}
	return next, err
}

// forgetHandshakes drops those that are shown no longer.
func (d *Draft) forgetHandshakes() {
	for _, h := range d.handshakes.Values() {
		if d.current(h) == nil {
			d.dropHandshake(h.ID)
		}
	}
}

func (d *Draft) dropHandshake(id string) {
	d.handshakes.Delete(id)
	d.note(rowHandshake, id, nil)
}

// party is the organization as handshakes name it: its id without o-.
func (o *Organization) party() HandshakeParty {
	return HandshakeParty{PartyOrganization, o.ID[len("o-"):]}
}

// NoHandshake is what everybody hears who is no party of a handshake, be it
// there or not.
func NoHandshake() error {
	return iam.Errorf(CodeHandshakeNotFound, "You specified a handshake that doesn't exist.")
}
