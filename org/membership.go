package org

import (
	"time"

	"iamd/iam"
)

// Leave takes a member out, by its own wish or the management account's: with
// its tags, and what was attached to it. The account's own draft must Join "".
//
// AWS lets an account that an organization made leave once it can pay its own
// bills. Nobody pays here, so that such an account only has to wait.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_account-before-remove.html
func (d *Draft) Leave(id string) error {
	a, ok := d.Account(id)
	switch {
	case !ok:
		return NoAccount()
	case id == d.Management:
		return iam.Errorf("MasterCannotLeaveOrganizationException", "You can't remove the management account from the organization. To do so, you must first delete the organization.")
	case !a.Closed.IsZero():
		return refuse(CodeConstraint, "ACCOUNT_CANNOT_LEAVE_ORGANIZATION", "You can't remove a closed account from the organization. It leaves by itself 90 days after it was closed.")
	case len(a.Delegations) > 0:
		return stillDelegated()
	case a.Method == JoinedCreated && d.env.Now().Before(a.Joined.AddDate(0, 0, d.env.Quotas.Stay)):
		return refuse(CodeConstraint, "WAIT_PERIOD_ACTIVE", "This operation requires a wait period. You must wait until at least %d days after the account was created.", d.env.Quotas.Stay)
	}
	d.drop(a)
	return nil
}

// Clean takes a member out whose account was closed PostClosure ago. The
// account's own draft must Join "".
func (d *Draft) Clean(id string) {
	if a, ok := d.Account(id); ok && !a.Closed.IsZero() && !d.env.Now().Before(a.Closed.Add(PostClosure)) {
		d.drop(a)
	}
}

func (d *Draft) drop(a *Account) {
	d.detachAll(a.ID)
	d.putAccount(a, nil)
	d.withdrawApprovals(a.ID)
}

// join makes an account a member, under the root.
func (d *Draft) join(a Account) *Account {
	a.Parent, a.Joined = d.Root.ID, d.now()
	d.putAccount(nil, &a)
	d.inherit(a.ID)
	return &a
}

// room tells whether another account may come in: members, the closed ones too,
// and those who are invited count.
func (o *Organization) room() bool {
	return o.accounts.Len()+o.invited() < o.env.Quotas.Accounts
}

const tooManyAccounts = "You have exceeded the allowed number of AWS accounts."

func stillDelegated() error {
	return refuse(CodeConstraint, "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", "This account is registered as a delegated administrator for your organization. You must deregister it first.")
}

// since is the time that much ago.
func (o *Organization) since(d time.Duration) time.Time { return o.env.Now().Add(-d) }
