package iam

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"iamd/policy"
)

// OrganizationReports is how many reports about an organization its management
// account keeps; a newer one takes the place of the oldest.
const OrganizationReports = 50

// SameReport is how long AWS was seen to answer who asks once more for a report
// with the one that it has made.
const SameReport = time.Minute

// OrganizationReport tells what the services that service control policies open
// to a root, a unit or an account of an organization were last used for, as it
// was when the report was made.
type OrganizationReport struct {
	ID         string    `json:"id"`
	Caller     string    `json:"caller"` // aws:userid of who asked; nobody else may read it
	Path       string    `json:"path"`   // of the entity
	Policy     string    `json:"policy,omitempty"`
	CreateDate time.Time `json:"created"`
	// Failure says why there is no report; the rest is empty then.
	Failure *ReportFailure `json:"failure,omitempty"`
	// Everything says that every service is open; else Services are, by prefix
	// and in order.
	Everything bool                  `json:"everything,omitempty"`
	Services   []string              `json:"services,omitempty"`
	Used       []OrganizationService `json:"used,omitempty"` // of the services, in order
}

// OrganizationService is a service that was used.
type OrganizationService struct {
	Prefix   string    `json:"service"`
	Accounts int       `json:"accounts"` // how many accounts used it
	Time     time.Time `json:"t"`        // the last time
	Path     string    `json:"path"`     // of the account that used it then
	Region   string    `json:"region,omitempty"`
}

// ReportFailure is why a report could not be made, in AWS's words.
type ReportFailure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Why there is no report about an organization. AWS makes the report in the
// background, so that these come with what is asked for later.
var (
	NoEntityPath = &ReportFailure{
		"INVALID_ORGANIZATIONS_ENTITY_PATH", "The entity with the specified path does not exist in your organization.",
	}
	NoOrganizationsPolicy = &ReportFailure{
		"INVALID_ORGANIZATIONS_POLICY", "The policy with the specified ID does not exist in your organization.",
	}
	NoOrganizationsReads = &ReportFailure{
		"ORGANIZATIONS_REPORT_ACCESS_DENIED",
		"Requester is not authorized to perform the required AWS Organizations Describe* and List* actions.",
	}
	// NoControlPolicies is not told by AWS's documentation, which only says that
	// service control policies must be enabled.
	NoControlPolicies = &ReportFailure{
		"SERVICE_CONTROL_POLICIES_NOT_ENABLED", "Service control policies are not enabled for your organization root.",
	}
)

// OpenedByLevels lists, by prefix and in order, the services of which each level's
// documents open at least one action that no document of any level takes away
// again, as Access.Services does for a single level.
func OpenedByLevels(levels [][]*Document) (everything bool, prefixes []string) {
	allows := make([][]*policy.Statement, len(levels))
	var denials []denial
	for i, level := range levels {
		var own []denial
		allows[i], own = statementsOf(level)
		denials = append(denials, own...)
	}
	everything = len(levels) > 0
	for _, level := range allows {
		all, some := opened(level, denials)
		switch {
		case all:
		case everything:
			everything, prefixes = false, some
		default:
			prefixes = slices.DeleteFunc(prefixes, func(p string) bool {
				_, ok := slices.BinarySearch(some, p)
				return !ok
			})
		}
	}
	return everything, prefixes
}

// AddOrganizationReport keeps a report, dated now, and drops the oldest one above
// OrganizationReports.
func (d *Draft) AddOrganizationReport(r OrganizationReport) *OrganizationReport {
	r.CreateDate = d.now()
	for len(d.organizationReports) >= OrganizationReports {
		d.note(rowOrganizationReport, d.organizationReports[0].ID, nil)
		d.organizationReports = d.organizationReports[1:]
	}
	d.putOrganizationReport(&r)
	d.note(rowOrganizationReport, r.ID, &r)
	return &r
}

func (d *Draft) putOrganizationReport(r *OrganizationReport) {
	at, _ := slices.BinarySearchFunc(d.organizationReports, r, func(a, b *OrganizationReport) int {
		return cmp.Or(a.CreateDate.Compare(b.CreateDate), strings.Compare(a.ID, b.ID))
	})
	d.organizationReports = slices.Insert(slices.Clone(d.organizationReports), at, r)
}

// OrganizationReport finds a report by its id, for the caller who asked for it.
func (a *Account) OrganizationReport(id, caller string) (*OrganizationReport, error) {
	for _, r := range a.organizationReports {
		if r.ID == id && r.Caller == caller {
			return r, nil
		}
	}
	return nil, Errorf(CodeNoSuchEntity, "Job %s does not exist.", id)
}

// LatestOrganizationReport finds the report that the caller asked for just now,
// about the same.
func (a *Account) LatestOrganizationReport(caller, path, policy string) (*OrganizationReport, bool) {
	for _, r := range slices.Backward(a.organizationReports) {
		if r.Caller == caller && r.Path == path && r.Policy == policy && r.Failure == nil && a.env.Now().Sub(r.CreateDate) < SameReport {
			return r, true
		}
	}
	return nil, false
}

// Opens tells whether the report is about a service, by its prefix.
func (r *OrganizationReport) Opens(prefix string) bool {
	if r.Everything {
		return true
	}
	_, ok := slices.BinarySearch(r.Services, prefix)
	return ok
}
