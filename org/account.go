package org

import (
	"time"

	"iamd/iam"
)

// PostClosure is how long a closed account is still a member. After that it has
// left for good.
// https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-closing.html#post-closure-period
const PostClosure = 90 * 24 * time.Hour

// closurePeriod is the time in which closures are counted.
const closurePeriod = 30 * 24 * time.Hour

// AccountState is AWS's word for the phase of life that an account is in.
type AccountState string

// The states that accounts have here. There is no bill that could be overdue, and
// closing takes no time: SUSPENDED and PENDING_CLOSURE do not occur.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html
const (
	AccountActive AccountState = "ACTIVE"
	AccountClosed AccountState = "CLOSED"
)

// State is the account's.
func (a *Account) State() AccountState {
	if a.Closed.IsZero() {
		return AccountActive
	}
	return AccountClosed
}

// FindAccount finds a member, or AWS's refusal.
func (o *Organization) FindAccount(id string) (*Account, error) {
	if a, ok := o.Account(id); ok {
		return a, nil
	}
	return nil, NoAccount()
}

// AccountPath is where a member stands, its own number at the end, as
// DescribeAccount tells it.
func (o *Organization) AccountPath(id string) string { return o.Path(id) + id + "/" }

// CloseAccount closes a member. Its own draft must Close.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_CloseAccount.html
func (d *Draft) CloseAccount(id string) error {
	a, ok := d.Account(id)
	switch {
	case !ok:
		return NoAccount()
	case id == d.Management:
		return refuse(CodeConstraint, "CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You cannot close the management account of the organization.")
	case !a.Closed.IsZero():
		return iam.Errorf("AccountAlreadyClosedException", "The provided account is already closed.")
	case d.FeatureSet != AllFeatures:
		return refuse(CodeConstraint, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", "You can perform this operation only if all features are enabled in your organization.")
	case len(a.Delegations) > 0:
		return stillDelegated()
	}
	if d.closures() >= min(max(d.env.Quotas.Closures, d.accounts.Len()/5), d.env.Quotas.MaxClosures) {
		return refuse(CodeConstraint, "CLOSE_ACCOUNT_QUOTA_EXCEEDED", "You have exceeded close account quota for the past 30 days.")
	}
	next := *a
	next.Closed = d.now()
	d.putAccount(a, &next)
	d.withdrawApprovals(id)
	return nil
}

// closures counts the members that were closed lately.
func (o *Organization) closures() (n int) {
	since := o.since(closurePeriod)
	for _, a := range o.AccountsAfter("") {
		if a.Closed.After(since) {
			n++
		}
	}
	return n
}

// Departed lists the members that were closed so long ago that they are to
// leave.
func (o *Organization) Departed() (ids []string) {
	before := o.since(PostClosure)
	for id, a := range o.AccountsAfter("") {
		if !a.Closed.IsZero() && !a.Closed.After(before) {
			ids = append(ids, id)
		}
	}
	return ids
}
