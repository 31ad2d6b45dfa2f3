package org

import (
	"encoding/json"
	"errors"
	"iter"
	"regexp"
	"slices"
	"time"

	"iamd/iam"
)

// Import is what an organization is to hold, with the ids and dates that it had in
// another store. It is never changed. Contents of policies are as NewDocument makes
// them: nobody has checked them.
type Import struct {
	ID         string
	Created    time.Time
	FeatureSet FeatureSet
	Management string
	Root       Root

	Units          []*Unit
	Accounts       []*Account
	Policies       []*Policy
	Attachments    []Attachment
	Services       []EnabledService
	ResourcePolicy *ResourcePolicy
	RootFeatures   []string
}

// Forms of ids, as the API reference has them.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
var (
	organizationID   = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)
	rootID           = regexp.MustCompile(`^r-[0-9a-z]{4,32}$`)
	unitID           = regexp.MustCompile(`^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$`)
	policyID         = regexp.MustCompile(`^p-[0-9a-zA-Z_]{8,128}$`)
	resourcePolicyID = regexp.MustCompile(`^rp-[0-9a-zA-Z_]{4,128}$`)
	accountNumber    = regexp.MustCompile(`^[0-9]{12}$`)
)

const maxLastValid = 1 << 18 // bytes of an effective policy that is kept

// Import fills a new organization. Each account's own draft must Join. Names and
// texts were held to AWS's limits by whoever made the import.
func (d *Draft) Import(in *Import) error {
	if d.FeatureSet != "" {
		return iam.Errorf("AlreadyInOrganizationException", "There is an organization %s here already.", d.ID)
	}
	switch {
	case !organizationID.MatchString(in.ID) || in.ID != d.ID:
		return notImported("%q is not the id of an organization.", in.ID)
	case in.FeatureSet != AllFeatures && in.FeatureSet != ConsolidatedBilling:
		return notImported("there is no feature set %q.", in.FeatureSet)
	case !rootID.MatchString(in.Root.ID):
		return notImported("%q is not the id of a root.", in.Root.ID)
	}
	d.Created, d.FeatureSet, d.Management, d.Root = in.Created, in.FeatureSet, in.Management, in.Root
	if d.Created.IsZero() {
		d.Created = d.now()
	}
	d.Root.Types = nil
	for _, step := range []func(*Import) error{d.importUnits, d.importAccounts, d.importServices, d.importPolicies, d.importAttachments, d.importResourcePolicy} {
		if err := step(in); err != nil {
			return err
		}
	}
	d.putSettings()
	return nil
}

func notImported(format string, args ...any) error {
	return iam.Errorf(CodeInvalidInput, "organization: "+format, args...)
}

// importUnits puts each unit under a parent that is there.
func (d *Draft) importUnits(in *Import) (err error) {
	if d.Root.Tags, err = d.tagged(nil, in.Root.Tags); err != nil {
		return err
	}
	byParent := map[string][]*Unit{}
	for _, u := range in.Units {
		byParent[u.Parent] = append(byParent[u.Parent], u)
	}
	put := 0
	for level, depth := []string{in.Root.ID}, 1; len(level) > 0; depth++ {
		var below []string
		for _, parent := range level {
			names := map[string]bool{}
			for _, u := range byParent[parent] {
				_, twice := d.units.Get(u.ID)
				switch {
				case !unitID.MatchString(u.ID) || twice:
					return notImported("%q is not the id of a unit, or is there twice.", u.ID)
				case names[u.Name]:
					return duplicateUnit()
				case depth > d.env.Quotas.Depth:
					return refuse(CodeConstraint, "OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the allowed depth for your organizational unit tree.")
				}
				next := *u
				if next.Tags, err = d.tagged(nil, u.Tags); err != nil {
					return err
				}
				names[u.Name] = true
				d.putUnit(nil, &next)
				below = append(below, u.ID)
				put++
			}
			delete(byParent, parent)
		}
		level = below
	}
	if put != len(in.Units) {
		return noParent() // a circle, or a parent that is not there
	}
	return nil
}

func (d *Draft) importAccounts(in *Import) (err error) {
	for _, a := range in.Accounts {
		_, twice := d.accounts.Get(a.ID)
		switch {
		case !accountNumber.MatchString(a.ID) || twice:
			return notImported("%q is not the number of an account, or is there twice.", a.ID)
		case !d.isParent(a.Parent):
			return noParent()
		case a.Method != JoinedInvited && a.Method != JoinedCreated:
			return notImported("account %s: there is no method %q of joining.", a.ID, a.Method)
		}
		for t, text := range a.LastValid {
			if _, ok := types[t]; !ok || len(text) > maxLastValid || !json.Valid([]byte(text)) {
				return notImported("account %s: the last valid policy of type %q is none.", a.ID, t)
			}
		}
		next := *a
		if next.Tags, err = d.tagged(nil, a.Tags); err != nil {
			return err
		}
		d.putAccount(nil, &next)
	}
	if m := d.Master(); m == nil || !m.Closed.IsZero() || len(m.Delegations) > 0 {
		return notImported("its management account %q is not among the accounts, or is not what a management account is.", in.Management)
	}
	return nil
}

func (d *Draft) importServices(in *Import) error {
	for _, s := range in.Services {
		if err := d.integrates(s.Principal); err != nil {
			return err
		}
		if !d.trusts(s.Principal) {
			d.Services = append(slices.Clone(d.Services), s)
		}
	}
	for _, a := range in.Accounts {
		for i, s := range a.Delegations {
			if !d.trusts(s.Principal) || integrated[s.Principal] == nobody || slices.ContainsFunc(a.Delegations[:i], func(o EnabledService) bool { return o.Principal == s.Principal }) {
				return notImported("account %s can't be the administrator of %s.", a.ID, s.Principal)
			}
		}
	}
	for _, f := range in.RootFeatures {
		if f != RootCredentialsManagement && f != RootSessions || !d.trusts(IAMService) {
			return notImported("the feature %q of root access can't be enabled.", f)
		}
	}
	d.RootFeatures = slices.Compact(slices.Sorted(slices.Values(in.RootFeatures)))
	return nil
}

func (d *Draft) importPolicies(in *Import) (err error) {
	for _, t := range in.Root.Types {
		if err := d.available(t); err != nil {
			return err
		}
		if d.Enabled(t) {
			return notImported("the policy type %s is enabled twice.", t)
		}
		d.Root.Types = append(d.Root.Types, t)
	}
	names := map[string]bool{}
	for _, own := range managed {
		names[string(own.Type)+"\x00"+own.Name] = true
	}
	for _, p := range in.Policies {
		_, twice := d.Policy(p.ID)
		name := string(p.Type) + "\x00" + p.Name
		switch {
		case !policyID.MatchString(p.ID) || twice:
			return notImported("%q is not the id of a policy, or is there twice.", p.ID)
		case d.available(p.Type) != nil:
			return d.available(p.Type)
		case names[name]:
			return duplicatePolicy()
		}
		names[name] = true
		next := *p
		if next.Content, err = d.content(p.Type, p.Content.Text()); err != nil {
			var refusal *iam.Error
			if errors.As(err, &refusal) {
				err = &iam.Error{Code: refusal.Code, Message: "policy " + p.ID + ": " + refusal.Message, Reason: refusal.Reason, Err: refusal.Err}
			}
			return err
		}
		if next.Tags, err = d.tagged(nil, p.Tags); err != nil {
			return err
		}
		d.putPolicy(&next)
	}
	return nil
}

// importAttachments attaches what was attached. Of service control policies each
// target has one, and AWS's own resource control policy is on every target: without
// it nothing would be allowed.
func (d *Draft) importAttachments(in *Import) error {
	for _, at := range in.Attachments {
		p, ok := d.Policy(at.Policy)
		_, twice := d.attached.Get(at.Target + "\x00" + at.Policy)
		switch {
		case !ok:
			return iam.Errorf(CodePolicyNotFound, "You specified a policy that doesn't exist.")
		case d.Target(at.Target) != nil:
			return d.Target(at.Target)
		case !d.Enabled(p.Type):
			return notEnabled()
		case twice:
			return iam.Errorf("DuplicatePolicyAttachmentException", "A policy with the specified name and type already exists.")
		}
		at.Type = p.Type
		d.putAttachment(at, true)
	}
	for target := range d.targetIDs() {
		if d.Enabled(SCP) && d.countAttached(target, SCP) == 0 {
			return refuse(CodeConstraint, "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.")
		}
		if _, ok := d.attached.Get(target + "\x00" + RCPFullAccess); d.Enabled(RCP) && !ok {
			return refuse(CodeInvalidInput, "NON_DETACHABLE_POLICY", "You can't detach this AWS Managed Policy.")
		}
	}
	return nil
}

func (d *Draft) importResourcePolicy(in *Import) error {
	r := in.ResourcePolicy
	if r == nil {
		return nil
	}
	if !resourcePolicyID.MatchString(r.ID) {
		return notImported("%q is not the id of a resource policy.", r.ID)
	}
	if _, err := d.PutResourcePolicy(r.Document.Text(), r.Tags); err != nil {
		return err
	}
	next := *d.ResourcePolicy
	next.ID = r.ID
	d.ResourcePolicy = &next
	return nil
}

// EachAttachment yields every attachment, by target and policy.
func (o *Organization) EachAttachment(yield func(Attachment) bool) {
	o.attached.Scan(func(_ string, at Attachment) bool { return yield(at) })
}

// UnitsAfter walks all units, by id.
func (o *Organization) UnitsAfter(id string) iter.Seq2[string, *Unit] { return after(o.units, id) }
