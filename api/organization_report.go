package api

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/catalog"
	"iamd/guard"
	"iamd/iam"
	"iamd/org"
)

// organizationReportActions are the rows of last accessed data of an organization.
// The report is made before the account's writer is asked, as an organization has
// a thousand accounts.
func organizationReportActions() []Action {
	return []Action{
		prepared(write("GenerateOrganizationsAccessReport", checkOrganizationReport, (*API).generateOrganizationsAccessReport), (*API).prepareOrganizationReport),
		read("GetOrganizationsAccessReport", checkAnything[sdk.GetOrganizationsAccessReportInput], (*API).getOrganizationsAccessReport),
	}
}

func checkOrganizationReport(c *Call, action string, in *sdk.GenerateOrganizationsAccessReportInput) ([]guard.Check, error) {
	check := guard.Check{Action: action, Resource: "arn:aws:iam::" + c.Home + ":access-report/" + aws.ToString(in.EntityPath)}
	if in.OrganizationsPolicyId != nil {
		check.Keys = []guard.Key{guard.Value("iam:OrganizationsPolicyId", *in.OrganizationsPolicyId)}
	}
	return one(check)
}

// prepareOrganizationReport makes the report, one at a time for an account, or
// finds the one that was made just now.
func (a *API) prepareOrganizationReport(c *Call, in *sdk.GenerateOrganizationsAccessReportInput) error {
	path, policy := aws.ToString(in.EntityPath), aws.ToString(in.OrganizationsPolicyId)
	if err := a.findOrganization(c); err != nil {
		return err
	}
	if !c.manages() {
		// AWS's words for this are not known.
		return iam.Errorf(iam.CodeAccessDenied, "Your account is not the management account of an organization.")
	}
	if of, _, _ := strings.Cut(path, "/"); of != c.Org.ID {
		return iam.Errorf(iam.CodeAccessDenied, "The organization ID in the specified entity path is different than your organization ID.")
	}
	if known, ok := c.Account.LatestOrganizationReport(c.Caller.UserID, path, policy); ok {
		c.Prepared = known
		return nil
	}
	if _, busy := a.reporting.LoadOrStore(c.Home, true); busy {
		return iam.Errorf(iam.CodeReportGenerationLimit, "Maximum number of concurrent jobs exceeded")
	}
	defer a.reporting.Delete(c.Home)
	made, err := a.reportOn(c, path, policy)
	c.Prepared = made
	return err
}

func (a *API) generateOrganizationsAccessReport(c *Call, _ *sdk.GenerateOrganizationsAccessReportInput) (*sdk.GenerateOrganizationsAccessReportOutput, error) {
	report := c.Prepared.(*iam.OrganizationReport)
	if report.CreateDate.IsZero() {
		c.Draft.AddOrganizationReport(*report)
	}
	return &sdk.GenerateOrganizationsAccessReportOutput{JobId: aws.String(report.ID)}, nil
}

// reporter makes a report.
type reporter struct {
	*iam.OrganizationReport
	api     *API
	c       *Call
	targets map[string]bool // of the policy; nil without one
	used    map[string]*iam.OrganizationService
	denied  bool
}

// reportOn makes the report on what stands at the end of a path. What it can't
// report on it says in the report.
func (a *API) reportOn(c *Call, path, policy string) (*iam.OrganizationReport, error) {
	r := &reporter{
		OrganizationReport: &iam.OrganizationReport{ID: a.newID(), Caller: c.Caller.UserID, Path: path, Policy: policy},
		api:                a, c: c, used: map[string]*iam.OrganizationService{},
	}
	entity := path[strings.LastIndexByte(path, '/')+1:]
	if r.Failure = r.find(entity); r.Failure != nil {
		return r.OrganizationReport, nil
	}
	if err := r.collect(entity, policy == "" || entity == c.Org.Management); err != nil {
		return nil, err
	}
	if r.denied {
		return &iam.OrganizationReport{ID: r.ID, Caller: r.Caller, Path: path, Policy: policy, Failure: iam.NoOrganizationsReads}, nil
	}
	for _, s := range r.used {
		r.Used = append(r.Used, *s)
	}
	slices.SortFunc(r.Used, func(x, y iam.OrganizationService) int { return strings.Compare(x.Prefix, y.Prefix) })
	return r.OrganizationReport, nil
}

// find looks the entity and the policy up, and which services are open. The
// caller must be allowed to read all that by itself; which actions that takes was
// seen with AWS.
func (r *reporter) find(entity string) *iam.ReportFailure {
	in := r.c.Org
	r.may(guard.Check{Action: "organizations:ListRoots", Resource: "*"})
	if entity != in.Root.ID {
		r.may(targetCheck(r.c, "organizations:ListParents", entity))
	}
	line := in.Line(entity)
	switch {
	case r.denied:
		return iam.NoOrganizationsReads
	case !in.Enabled(org.SCP):
		return iam.NoControlPolicies
	case line == nil || strings.Join(append([]string{in.ID}, line...), "/") != r.Path:
		return iam.NoEntityPath
	case entity == in.Management: // which no control policy binds
		r.Everything = true
		return nil
	}
	var levels [][]*iam.Document
	for _, step := range line {
		r.mayRead("organizations:ListPoliciesForTarget", step)
		level := []*iam.Document{}
		for _, p := range in.AttachedTo(step, org.SCP) {
			r.may(organizationPolicyCheck(r.c, "organizations:DescribePolicy", p.ID))
			level = append(level, p.Content)
		}
		levels = append(levels, level)
	}
	if r.Policy != "" {
		r.may(organizationPolicyCheck(r.c, "organizations:DescribePolicy", r.Policy))
		r.may(organizationPolicyCheck(r.c, "organizations:ListTargetsForPolicy", r.Policy))
		p, ok := in.Policy(r.Policy)
		switch {
		case r.denied:
			return iam.NoOrganizationsReads
		case !ok || p.Type != org.SCP:
			return iam.NoOrganizationsPolicy
		}
		levels = [][]*iam.Document{{p.Content}}
		r.targets = map[string]bool{}
		for target := range in.TargetsAfter(r.Policy, "") {
			r.targets[target] = true
		}
	}
	if r.denied {
		return iam.NoOrganizationsReads
	}
	r.Everything, r.Services = iam.OpenedByLevels(levels)
	return nil
}

// may notes when the caller may not read what the report tells of.
func (r *reporter) may(check guard.Check) {
	r.denied = r.denied || !r.api.cfg.Guard.Allowed(r.c.Caller, r.c.Account, check)
}

func (r *reporter) mayRead(action, target string) {
	check := targetCheck(r.c, action, target)
	check.Keys = append(check.Keys, guard.Value(keyPolicyType, string(org.SCP)))
	r.may(check)
}

// collect sums up what the accounts at and under a target did. Of a policy, AWS's
// documentation counts the accounts that it is attached to, directly or by what
// is between them and the entity; what is attached further up does not count.
func (r *reporter) collect(target string, counts bool) error {
	counts = counts || r.targets[target]
	in := r.c.Org
	if _, ok := in.Account(target); ok {
		if !counts || target == in.Management && !strings.HasSuffix(r.Path, "/"+target) {
			return nil
		}
		return r.add(target)
	}
	if r.targets == nil {
		r.may(targetCheck(r.c, "organizations:ListChildren", target))
	}
	for child := range in.ChildrenAfter(target, "") {
		if r.denied {
			return nil
		}
		if err := r.collect(child, counts); err != nil {
			return err
		}
	}
	return nil
}

func (r *reporter) add(account string) error {
	if err := r.c.Context.Err(); err != nil {
		return err
	}
	uses, err := r.api.cfg.Audit.Services(r.c.Context, account)
	if err != nil {
		return err
	}
	for service, use := range uses {
		if _, known := catalog.Service(service); !known || !r.Opens(service) || r.c.Time.Sub(use.Time) > trackingPeriod {
			continue
		}
		s := r.used[service]
		if s == nil {
			s = &iam.OrganizationService{Prefix: service}
			r.used[service] = s
		}
		s.Accounts++
		if use.Time.After(s.Time) {
			s.Time, s.Region, s.Path = use.Time, use.Region, r.c.Org.Path(account)+account
		}
	}
	return nil
}
