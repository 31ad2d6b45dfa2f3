package iam

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// reports are the account's reports about itself.
type reports struct {
	credentials *CredentialReport // nil before the first one
	accessJobs  []*AccessJob      // oldest first; replaced, never changed
	// organizationReports likewise.
	organizationReports []*OrganizationReport
}

// Kinds of rows that hold reports.
const (
	rowCredentialReport = "credential-report"
	rowAccessJob        = "access-job"

	rowOrganizationReport = "organization-report"
)

// CodeReportExpired is what AWS says to who fetches a report that is too old.
const CodeReportExpired = "ReportExpired"

// CredentialReportLife is how long a credential report is good.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
const CredentialReportLife = 4 * time.Hour

// AccessJobs is how many reports of service last accessed details an account
// keeps; a newer one takes the place of the oldest.
const AccessJobs = 100

// CredentialReport is the list of the account's users and their credentials as
// they were when it was made.
type CredentialReport struct {
	Generated time.Time `json:"generated"`
	Content   []byte    `json:"content"` // CSV
}

// AccessJob is one report of what the services that an identity or a policy
// gives access to were last used for, as it was when the report was made.
type AccessJob struct {
	ID         string    `json:"id"`
	Caller     string    `json:"caller"` // aws:userid of who asked; nobody else may read it
	ARN        string    `json:"arn"`
	Actions    bool      `json:"actions,omitempty"` // action level
	CreateDate time.Time `json:"created"`
	// Everything says that every service is open; else Services are, by prefix
	// and in order.
	Everything bool              `json:"everything,omitempty"`
	Services   []string          `json:"services,omitempty"`
	Used       []AccessedService `json:"used,omitempty"` // of the services, in order
	// Entities are the unique ids of the users, then of the roles, that could use
	// the services, in order of their ARNs.
	Entities []string `json:"for,omitempty"`
}

// AccessedService is a service that was used.
type AccessedService struct {
	Prefix   string           `json:"service"`
	Entities int              `json:"entities"`     // how many users and roles used it
	By       []AccessedBy     `json:"by,omitempty"` // who they are, the last one first
	Last     Accessed         `json:"last"`
	Actions  []AccessedAction `json:"actions,omitempty"` // by name
}

// AccessedBy is a user's or role's last use of a service.
type AccessedBy struct {
	ID   string    `json:"id"`
	Time time.Time `json:"t"`
}

// AccessedAction is an action that was used.
type AccessedAction struct {
	Name string   `json:"name"`
	Last Accessed `json:"last"`
}

// Accessed is one use: when, by the user or role with which ARN, and where.
type Accessed struct {
	Time   time.Time `json:"t"`
	By     string    `json:"by"`
	Region string    `json:"region,omitempty"`
}

// CredentialReport gives the report that was made last. Without one the error
// is ReportNotPresent; one that is older than CredentialReportLife is
// ReportExpired.
func (a *Account) CredentialReport() (*CredentialReport, error) {
	switch r := a.credentials; {
	case r == nil:
		return nil, Errorf(CodeReportNotPresent, "The credential report does not exist. To generate a credential report, use GenerateCredentialReport.")
	case a.expired(r):
		return nil, Errorf(CodeReportExpired, "The most recent credential report has expired. To generate a new credential report, use GenerateCredentialReport.")
	default:
		return r, nil
	}
}

func (a *Account) expired(r *CredentialReport) bool {
	return a.env.Now().Sub(r.Generated) > CredentialReportLife
}

// GenerateCredentialReport makes a report unless there is one that is still
// good, and tells whether it did.
func (d *Draft) GenerateCredentialReport(used CredentialUse) (made bool, err error) {
	if r := d.credentials; r != nil && !d.expired(r) {
		return false, nil
	}
	content, err := credentialCSV(d.Account, used)
	if err != nil {
		return false, err
	}
	d.credentials = &CredentialReport{Generated: d.now(), Content: content}
	d.note(rowCredentialReport, "", d.credentials)
	return true, nil
}

// AddAccessJob keeps a report, dated now, and drops the oldest one above
// AccessJobs.
func (d *Draft) AddAccessJob(job AccessJob) *AccessJob {
	job.CreateDate = d.now()
	for len(d.accessJobs) >= AccessJobs {
		d.note(rowAccessJob, d.accessJobs[0].ID, nil)
		d.accessJobs = d.accessJobs[1:]
	}
	d.putAccessJob(&job)
	d.note(rowAccessJob, job.ID, &job)
	return &job
}

func (d *Draft) putAccessJob(job *AccessJob) {
	at, _ := slices.BinarySearchFunc(d.accessJobs, job, func(a, b *AccessJob) int {
		return cmp.Or(a.CreateDate.Compare(b.CreateDate), strings.Compare(a.ID, b.ID))
	})
	d.accessJobs = slices.Insert(slices.Clone(d.accessJobs), at, job)
}

// AccessJob finds a report by its id, for the caller who asked for it.
func (a *Account) AccessJob(id, caller string) (*AccessJob, error) {
	for _, job := range a.accessJobs {
		if job.ID == id && job.Caller == caller {
			return job, nil
		}
	}
	return nil, Errorf(CodeNoSuchEntity, "Job %s does not exist.", id)
}

// Opens tells whether the report is about a service, by its prefix.
func (j *AccessJob) Opens(prefix string) bool {
	if j.Everything {
		return true
	}
	_, ok := slices.BinarySearch(j.Services, prefix)
	return ok
}
