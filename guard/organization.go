package guard

import "iamd/policy"

// Organization is where an account stands. The zero value says: in none.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-view-data-orgs.html
type Organization struct {
	ID string // o-…
	// Path leads from the organization to what the account is in, with a slash at
	// its end: o-…/r-…/ou-…/.
	Path string
	// Management says that the account is the organization's own.
	Management bool
}

// Organizations tells where accounts stand. An account that nobody knows is in
// none; an error is a question that could not be answered, and denies.
type Organizations interface {
	Organization(account string) (Organization, error)
}

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
