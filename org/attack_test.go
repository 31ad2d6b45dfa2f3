package org

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"
)

// stutter gives the same bytes twice, then goes on.
type stutter struct {
	io.Reader
	last []byte
}

func (s *stutter) Read(p []byte) (int, error) {
	if len(s.last) == len(p) {
		n := copy(p, s.last)
		s.last = nil
		return n, nil
	}
	n, err := s.Reader.Read(p)
	s.last = bytes.Clone(p[:n])
	return n, err
}

// TestIDsOnce: a policy, or a unit, whose id falls on one that is there is given
// another, and takes the place of none.
func TestIDsOnce(t *testing.T) {
	d, _ := newDraft(t, DefaultQuotas())
	env := *d.env
	env.Rand = &stutter{Reader: env.Rand}
	d.env = &env
	for i := range 4 {
		_, err := d.CreatePolicy(NewPolicy{Name: fmt.Sprint("P", i), Type: SCP, Content: allowEverything})
		must(t, err)
	}
	for i := range 4 {
		_, err := d.CreateUnit(d.Root.ID, fmt.Sprint("U", i), nil)
		must(t, err)
	}
	for i := range 4 {
		if d.policyNamed(SCP, fmt.Sprint("P", i)) == nil || d.unitNamed(d.Root.ID, fmt.Sprint("U", i)) == nil {
			t.Error("it was written over", i)
		}
	}
}

// TestAddressOfAnother: addresses are one when the accounts' are, and not when they
// only look alike to somebody else's rules of case.
func TestAddressOfAnother(t *testing.T) {
	d, _ := newDraft(t, DefaultQuotas())
	_, err := d.Invite(NewInvitation{Target: HandshakeParty{PartyEmail, "sam@example.com"}})
	must(t, err)
	if got := d.Waiting(number(7), "\u017fam@example.com"); len(got) != 0 {
		t.Error("delivered to another address")
	}
	if got := d.Waiting(number(7), "SAM@example.com"); len(got) != 1 {
		t.Error("not delivered")
	}
}

// TestForgottenMeanwhile: an invitation whose time is over while all features are
// begun harms nobody.
func TestForgottenMeanwhile(t *testing.T) {
	d, clock := newDraft(t, DefaultQuotas())
	d.FeatureSet = ConsolidatedBilling
	h := inviteAccount(t, d, 1)
	_, err := d.Cancel(h.ID)
	must(t, err)
	*clock = clock.Add(handshakeShown - 1250*time.Millisecond)
	env := *d.env
	env.Now = func() time.Time { // half a second for each look
		*clock = clock.Add(time.Second / 2)
		return *clock
	}
	d.env = &env
	_, err = d.EnableAllFeatures()
	must(t, err)
}

// TestReservedRole: the role of a new account can't be that of Organizations in
// another case.
func TestReservedRole(t *testing.T) {
	for _, name := range []string{"AWSServiceRoleForOrganizations", "awsserviceroleforOrganizations"} {
		refused(t, CheckRoleName(name), CodeInvalidInput, "INVALID_ROLE_NAME", "")
	}
	must(t, CheckRoleName("AWSService"))
}
