package guard

import (
	"iamd/policy"
)

// standing is what an organization adds to a simulation.
type standing struct {
	account    string // which it is about
	in         Organization
	rcps       [][]policy.Attached
	controlled func(action string) bool
	owned      bool // a key of the resource's organization was set by hand
}

// In lets the organization of the caller's account have its say, but for the
// policies that keep refuses; g tells where the account stands and what resource
// control policies are asked about. Of another account's caller, and of another
// account's resources, nothing is looked up.
func (s *Simulation) In(g *Guard, account string, keep func(Source) bool) error {
	o, err := g.organization(account)
	if err != nil || o.ID == "" {
		return err
	}
	linked := (&Caller{Principal: s.caller}).serviceLinked()
	if s.caller.Account == account {
		o.set(&s.context, "aws:principalorgid", "aws:principalorgpaths")
		if !linked {
			s.policies.SCPs = append(s.policies.SCPs, kept(o.SCPs, policy.SCP, keep)...)
		}
	}
	s.standing = standing{account: account, in: o, controlled: g.Controlled}
	if !linked {
		s.standing.rcps = kept(o.RCPs, policy.RCP, keep)
	}
	return nil
}

// kept leaves policies out, and with the last of its policies a level.
func kept(levels [][]policy.Attached, kind policy.Kind, keep func(Source) bool) (list [][]policy.Attached) {
	for _, level := range levels {
		var left []policy.Attached
		for _, p := range level {
			if keep(Source{Name: p.ID, Control: kind}) {
				left = append(left, p)
			}
		}
		if len(left) > 0 || len(level) == 0 {
			list = append(list, left)
		}
	}
	return list
}

// bind sets the resource control policies that bear on a question, and where the
// resource stands.
func (s *Simulation) bind(action, resource, owner string) {
	own := s.standing.account != "" && owner == s.standing.account
	s.policies.RCPs = nil
	if own && resource != "*" && len(s.standing.rcps) > 0 && s.standing.controlled(action) {
		s.policies.RCPs = s.standing.rcps
	}
	if s.standing.account == "" || s.standing.owned {
		return
	}
	if own {
		s.standing.in.set(&s.context, "aws:resourceorgid", "aws:resourceorgpaths")
		return
	}
	s.context.Delete("aws:resourceorgid")
	s.context.Delete("aws:resourceorgpaths")
}
