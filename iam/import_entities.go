package iam

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"iamd/policy"
)

func (m *importing) policies() error {
	for _, from := range m.in.Policies {
		what := "policy " + from.Name
		if _, taken := m.Draft.policies.Get(fold(from.Name)); taken {
			return about(what, Errorf(CodeEntityAlreadyExists, "A policy called %s already exists. Duplicate names are not allowed.", from.Name))
		}
		if err := m.take(what, PrefixPolicy, from.ID); err != nil {
			return err
		}
		next := clone(from)
		next.Path, next.CreateDate = orRoot(from.Path), m.dated(from.CreateDate)
		next.ARN = m.PolicyARN(next.Path, from.Name)
		if next.UpdateDate.IsZero() {
			next.UpdateDate = next.CreateDate
		}
		var err error
		if next.Tags, err = m.tags(from.Tags, exactTagKeys); err != nil {
			return about(what, err)
		}
		if next.Versions, err = m.versions(what, from); err != nil {
			return err
		}
		next.LastVersion = max(next.LastVersion, versionNumber(next.Versions[len(next.Versions)-1].ID))
		if next.Default() == nil {
			return Errorf(CodeValidation, "%s: version %q, which is to be in force, is not among its versions.", what, next.DefaultVersion)
		}
		m.putPolicy(nil, next)
	}
	return nil
}

// dated is a date, or now for none.
func (m *importing) dated(t time.Time) time.Time {
	if t.IsZero() {
		return m.now()
	}
	return t
}

// maxVersion bounds the numbers of versions, so that they can be counted on from.
const maxVersion = 1 << 30

// versionNumber is the number in v1, v2, …; 0 for what is no version's name.
func versionNumber(id string) int {
	digits, ok := strings.CutPrefix(id, "v")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || n > maxVersion || strconv.Itoa(n) != digits {
		return 0
	}
	return n
}

// versions are the texts of a policy in the order in which they were made.
func (m *importing) versions(what string, p *Policy) ([]PolicyVersion, error) {
	list := slices.SortedFunc(slices.Values(p.Versions), func(a, b PolicyVersion) int { return versionNumber(a.ID) - versionNumber(b.ID) })
	if len(list) == 0 {
		return nil, Errorf(CodeValidation, "%s has no version.", what)
	}
	if p.LastVersion < 0 || p.LastVersion > maxVersion {
		return nil, Errorf(CodeValidation, "%s: %d is not the number of a version.", what, p.LastVersion)
	}
	for i, v := range list {
		if versionNumber(v.ID) == 0 || i > 0 && list[i-1].ID == v.ID {
			return nil, Errorf(CodeValidation, "%s: %q is not a version's name, or is there twice.", what, v.ID)
		}
		text := what + ", version " + v.ID
		if _, err := checkDocument(v.Document.Text(), policy.Identity, true); err != nil {
			return nil, about(text, err)
		}
		kept, size := weighed(v.Document.Text())
		m.quota(text, "PolicySize", size, m.env.Quotas.PolicySize)
		list[i].CreateDate, list[i].Document = m.dated(v.CreateDate), NewDocument(kept, nil)
	}
	m.quota(what, "VersionsPerPolicy", len(list), m.env.Quotas.VersionsPerPolicy)
	return list, nil
}

func (m *importing) groups() error {
	for _, from := range m.in.Groups {
		what := "group " + from.Name
		if _, taken := m.Draft.groups.Get(fold(from.Name)); taken {
			return exists("Group", from.Name)
		}
		if err := m.take(what, PrefixGroup, from.ID); err != nil {
			return err
		}
		next := clone(from)
		next.Path, next.CreateDate = orRoot(from.Path), m.dated(from.CreateDate)
		var err error
		if next.Grants, err = m.grants(what, KindGroup, from.Grants, false); err != nil {
			return err
		}
		m.putGroup(nil, next)
	}
	return nil
}

func (m *importing) users() error {
	for _, from := range m.in.Users {
		what := "user " + from.Name
		if _, taken := m.Draft.users.Get(fold(from.Name)); taken {
			return exists("User", from.Name)
		}
		if err := m.take(what, PrefixUser, from.ID); err != nil {
			return err
		}
		next := clone(from)
		next.Path, next.CreateDate = orRoot(from.Path), m.dated(from.CreateDate)
		var err error
		if next.Tags, err = m.tags(from.Tags, foldTagKeys); err != nil {
			return about(what, err)
		}
		if err := m.boundary(what, from.Boundary); err != nil {
			return err
		}
		if next.Grants, err = m.grants(what, KindUser, from.Grants, false); err != nil {
			return err
		}
		next.Groups = nil
		for _, id := range from.Groups {
			if _, ok := m.GroupByID(id); !ok {
				return Errorf(CodeNoSuchEntity, "%s: the group %s cannot be found.", what, id)
			}
			if !slices.Contains(next.Groups, id) {
				next.Groups = append(next.Groups, id)
			}
		}
		m.quota(what, "GroupsPerUser", len(next.Groups), m.env.Quotas.GroupsPerUser)
		if err := m.credentials(what, next); err != nil {
			return err
		}
		m.putUser(nil, next)
	}
	return nil
}

func (m *importing) roles() error {
	for _, from := range m.in.Roles {
		what := "role " + from.Name
		if _, taken := m.Draft.roles.Get(fold(from.Name)); taken {
			return exists("Role", from.Name)
		}
		if err := m.take(what, PrefixRole, from.ID); err != nil {
			return err
		}
		next := clone(from)
		next.Path, next.CreateDate, next.MaxSession = orRoot(from.Path), m.dated(from.CreateDate), orDefault(from.MaxSession)
		var err error
		if next.Tags, err = m.tags(from.Tags, foldTagKeys); err != nil {
			return about(what, err)
		}
		if err := m.boundary(what, from.Boundary); err != nil {
			return err
		}
		if next.Grants, err = m.grants(what, KindRole, from.Grants, next.ServiceLinked()); err != nil {
			return err
		}
		if s := from.Source; s != nil && (!templateARN.MatchString(s.TemplateARN) || s.Minor < 0) {
			return Errorf(CodeValidation, "%s: %q is not a role template.", what, s.TemplateARN)
		}
		m.putRole(nil, next)
	}
	return nil
}

// grants are the policies of an entity.
func (m *importing) grants(what string, kind EntityKind, from Grants, linked bool) (g Grants, err error) {
	size := 0
	for _, in := range from.Inline {
		text := what + ", inline policy " + in.Name
		if _, err := checkDocument(in.Document.Text(), policy.Identity, false); err != nil {
			return g, about(text, err)
		}
		kept, more := weighed(in.Document.Text())
		size += more
		i, there := g.find(in.Name)
		if there {
			return g, Errorf(CodeEntityAlreadyExists, "%s is there twice.", text)
		}
		g.Inline = slices.Insert(g.Inline, i, InlinePolicy{Name: in.Name, Document: NewDocument(kept, nil)})
	}
	m.quota(what+", inline policies in characters", string(kind)+"PolicySize", size, m.env.Quotas.inlineRoom(kind))
	for _, arn := range from.Attached {
		keep, err := m.attachable(what, arn, linked)
		if err != nil {
			return g, err
		}
		if keep && !slices.Contains(g.Attached, arn) {
			g.Attached = append(g.Attached, arn)
		}
	}
	name, limit := m.env.Quotas.attached(kind)
	m.quota(what, name, len(g.Attached), limit)
	return g, nil
}

// attachable tells whether a managed policy is attached here as it was. One of
// AWS's that the catalog does not have would deny everything: it is left away if
// all its text does is to allow, as who has it then may do less, and stays
// otherwise.
func (m *importing) attachable(what, arn string, linked bool) (bool, error) {
	owner, err := PolicyOwner(arn)
	if err != nil {
		return false, about(what, err)
	}
	p, ok := m.Policy(arn)
	switch {
	case ok && !p.Attachable() && !linked:
		return false, about(what, Errorf(CodePolicyNotAttachable, "Policy %s is not attachable.", arn))
	case ok:
		return true, nil
	case owner != AWSOwned:
		return false, about(what, Errorf(CodeNoSuchEntity, "Policy %s does not exist or is not attachable.", arn))
	}
	if !allowsOnly(m.aws[arn]) {
		m.note(what+", AWS managed policy "+arn, "the catalog does not have it, and it may deny: it stays attached, and denies everything", "detach it, and attach a policy with its text")
		return true, nil
	}
	m.note(what+", AWS managed policy "+arn, "the catalog does not have it, and it only allows: it was not attached", "aws iam create-policy with its text, and attach that")
	return false, nil
}

// allowsOnly tells whether a policy's text is known, and takes nothing away.
func allowsOnly(p *Policy) bool {
	if p == nil || p.Default() == nil {
		return false
	}
	doc, err := policy.Parse([]byte(p.Default().Document.Text()))
	return err == nil && !slices.ContainsFunc(doc.Statements, func(s policy.Statement) bool { return s.Effect != "Allow" })
}

// boundary checks a permissions boundary. One of AWS's that the catalog does not
// have stays, and allows nothing.
func (m *importing) boundary(what, arn string) error {
	if arn == "" {
		return nil
	}
	owner, err := PolicyOwner(arn)
	if err != nil {
		return about(what, err)
	}
	p, ok := m.Policy(arn)
	switch {
	case ok && !p.Attachable():
		return about(what, Errorf(CodePolicyNotAttachable, "Policy %s is not attachable.", arn))
	case ok:
		return nil
	case owner != AWSOwned:
		return about(what, Errorf(CodeNoSuchEntity, "Scope ARN: %s does not exist or is not attachable.", arn))
	}
	m.note(what+", permissions boundary "+arn, "the catalog does not have it: it stays, and allows nothing", "put another boundary")
	return nil
}

// tags are as they were, those of AWS's own too.
func (m *importing) tags(list []Tag, keys tagCase) ([]Tag, error) {
	next := slices.Clone(list)
	sortTags(next)
	for i, t := range next {
		if i > 0 && keys.same(next[i-1].Key, t.Key) {
			return nil, Errorf(CodeInvalidInput, "Duplicate tag keys found.")
		}
	}
	if limit := m.env.Quotas.Tags; len(next) > limit {
		return nil, Errorf(CodeLimitExceeded, "The number of tags has reached the maximum limit.")
	}
	return next, nil
}

func (m *importing) instanceProfiles() error {
	for _, from := range m.in.InstanceProfiles {
		what := "instance profile " + from.Name
		if _, taken := m.Draft.instanceProfiles.Get(fold(from.Name)); taken {
			return Errorf(CodeEntityAlreadyExists, "Instance Profile %s already exists.", from.Name)
		}
		if err := m.take(what, PrefixInstanceProfile, from.ID); err != nil {
			return err
		}
		next := clone(from)
		next.Path, next.CreateDate = orRoot(from.Path), m.dated(from.CreateDate)
		var err error
		if next.Tags, err = m.tags(from.Tags, exactTagKeys); err != nil {
			return about(what, err)
		}
		if _, ok := m.RoleByID(from.Role); from.Role != "" && !ok {
			return about(what, noRole(from.Role))
		}
		m.putInstanceProfile(nil, next)
	}
	return nil
}
