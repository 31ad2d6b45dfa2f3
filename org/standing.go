package org

import (
	"iamd/policy"
)

// Standing is what an organization says about one of its accounts. It is shared
// and must not be changed.
type Standing struct {
	ID   string // of the organization
	Path string // o-…/r-…/ou-…/
	// Management says that it is the management account, which no control policy
	// binds.
	Management bool
	// SCPs and RCPs hold a slice a level, from the root to the account; nil where
	// the type is not enabled.
	SCPs, RCPs [][]policy.Attached
	// MayAssumeRoot tells whether people of another account may act as the account's
	// root user, for the task whose policy has this ARN; nil: nobody may.
	MayAssumeRoot func(by, task string) bool
}

// Standing tells where a member stands; ok is false for an account that is
// none.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
func (o *Organization) Standing(account string) (s *Standing, ok bool) {
	if _, ok := o.accounts.Get(account); !ok {
		return nil, false
	}
	if o.standings == nil { // a draft
		return o.standing(account), true
	}
	if s, ok := o.standings.Load(account); ok {
		return s.(*Standing), true
	}
	known, _ := o.standings.LoadOrStore(account, o.standing(account))
	return known.(*Standing), true
}

func (o *Organization) standing(account string) *Standing {
	s := &Standing{ID: o.ID, Path: o.Path(account), Management: account == o.Management, MayAssumeRoot: o.rootAccess(account)}
	if !s.Management {
		s.SCPs, s.RCPs = o.levels(account, SCP), o.levels(account, RCP)
	}
	return s
}

// levels gathers the policies of a type from the root down to a target.
func (o *Organization) levels(target string, t PolicyType) [][]policy.Attached {
	if !o.Enabled(t) {
		return nil
	}
	var levels [][]policy.Attached
	for _, step := range o.Line(target) {
		level := []policy.Attached{}
		for _, p := range o.AttachedTo(step, t) {
			level = append(level, policy.Attached{ID: o.PolicyARN(p), Type: string(t), Policy: p.Content.Compiled()})
		}
		levels = append(levels, level)
	}
	return levels
}
