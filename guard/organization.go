package guard

import (
	"strconv"
	"strings"

	"iamd/policy"
)

// Organization is where an account stands. The zero value says: in none.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-view-data-orgs.html
type Organization struct {
	ID string // o-…
	// Path leads from the organization to what the account is in, with a slash at
	// its end: o-…/r-…/ou-…/.
	Path string
	// Management says that the account is the organization's own.
	Management bool
	// Closed says that the account was closed, in an organization or not: nothing
	// of it can be reached.
	Closed bool
	// SCPs and RCPs are the control policies that bind the account, a slice a
	// level; nil where there are none, as for the management account.
	SCPs, RCPs [][]policy.Attached
	// MayAssumeRoot tells whether people of another account may act as the account's
	// root user, for the task whose policy has this ARN; nil: nobody may.
	MayAssumeRoot func(by, task string) bool
}

// Organizations tells where accounts stand. An account that nobody knows is in
// none; an error is a question that could not be answered, and denies.
type Organizations interface {
	Organization(account string) (Organization, error)
}

// Organization is where an account stands, as far as anyone tells.
func (g *Guard) Organization(account string) (Organization, error) { return g.organization(account) }

// organization is where an account stands, as far as anyone tells.
func (g *Guard) organization(account string) (Organization, error) {
	if g.cfg.Organizations == nil || account == "" {
		return Organization{}, nil
	}
	return g.cfg.Organizations.Organization(account)
}

// set gives two keys, such as aws:principalorgid and aws:principalorgpaths, what
// they are for a member, and nothing for others.
func (o Organization) set(ctx *policy.Context, id, paths string) {
	if o.ID == "" {
		return
	}
	ctx.Set(id, o.ID)
	if o.Path != "" {
		ctx.SetList(paths, o.Path)
	}
}

// serviceLinked tells whether a role of an AWS service calls, which no control
// policy binds. The path must begin with theirs: in the paths of other roles
// anything may follow, and those who make them choose it.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html#not-restricted-by-scp
func (c *Caller) serviceLinked() bool {
	if c.Kind != policy.Role {
		return false
	}
	rest, iam := strings.CutPrefix(c.RoleARN, "arn:aws:iam::")
	rest, ours := strings.CutPrefix(rest, c.Account)
	return iam && ours && strings.HasPrefix(rest, ":role/aws-service-role/")
}

// control sets the control policies that bear on one check: those on what the
// caller may do, and those on what may be done to the resource. An action that
// knows no resources acts on none that a policy could protect.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html
func (g *Guard) control(p *policy.Policies, c *Caller, check *Check, principal, resource *Organization) {
	p.SCPs, p.RCPs = nil, nil
	if c.serviceLinked() {
		return
	}
	p.SCPs = principal.SCPs
	if len(resource.RCPs) > 0 && check.Resource != "*" && g.Controlled(check.Action) {
		p.RCPs = resource.RCPs
	}
}

// Controlled tells whether resource control policies are asked about an action.
func (g *Guard) Controlled(action string) bool {
	service, _ := split(action)
	return g.cfg.Controlled != nil && g.cfg.Controlled(strings.ToLower(service))
}

// failing is the level, counted from 0 at the root, whose control policies do not
// allow what they were asked; -1 if all do.
func failing(req *policy.Request, kind policy.Kind, levels [][]policy.Attached) int {
	for i := range levels {
		p := policy.Policies{SCPs: levels[i : i+1]}
		if kind == policy.RCP {
			p = policy.Policies{RCPs: levels[i : i+1]}
		}
		if d := policy.Decide(req, &p); d.Type == kind && !d.Allowed {
			return i
		}
	}
	return -1
}

// levelName is what stands at a level of so many.
func levelName(level, of int) string {
	switch level {
	case 0:
		return "the root"
	case of - 1:
		return "the account"
	}
	return "the organizational unit at level " + strconv.Itoa(level)
}
