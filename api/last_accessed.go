package api

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/audit"
	"iamd/catalog"
	"iamd/guard"
	"iamd/iam"
)

// trackingPeriod is how far back last accessed details look.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html#access-advisor_tracking-period
const trackingPeriod = 400 * 24 * time.Hour

// lastAccessedActions are the rows of service last accessed details.
func lastAccessedActions() []Action {
	return []Action{
		write("GenerateServiceLastAccessedDetails", checkLastAccessed, (*API).generateServiceLastAccessedDetails),
		read("GetServiceLastAccessedDetails", checkAnything[sdk.GetServiceLastAccessedDetailsInput], (*API).getServiceLastAccessedDetails),
		read("GetServiceLastAccessedDetailsWithEntities", checkAnything[sdk.GetServiceLastAccessedDetailsWithEntitiesInput], (*API).getServiceLastAccessedDetailsWithEntities),
	}
}

// checkLastAccessed asks for the report on the user, group, role or policy that
// it is about.
func checkLastAccessed(c *Call, action string, in *sdk.GenerateServiceLastAccessedDetailsInput) ([]guard.Check, error) {
	arn := aws.ToString(in.Arn)
	if iam.NamesPolicy(arn) {
		check, err := policyCheck(c, action, arn)
		check.Named = ""
		return []guard.Check{check}, err
	}
	e, owner, err := iam.ParseAccessARN(arn)
	if err != nil {
		return nil, err
	}
	return whoseAccess(c, action, arn, e, owner)
}

// generateServiceLastAccessedDetails makes the report at once and keeps it
// under an id.
func (a *API) generateServiceLastAccessedDetails(c *Call, in *sdk.GenerateServiceLastAccessedDetailsInput) (*sdk.GenerateServiceLastAccessedDetailsOutput, error) {
	access, err := c.Account.Access(aws.ToString(in.Arn))
	if err != nil {
		return nil, err
	}
	job := iam.AccessJob{
		ID: a.newID(), Caller: c.Caller.UserID, ARN: aws.ToString(in.Arn),
		Actions: in.Granularity == types.AccessAdvisorUsageGranularityTypeActionLevel,
	}
	job.Everything, job.Services = access.Services()
	if job.Used, err = a.accessed(c, &job, access.Entities); err != nil {
		return nil, err
	}
	c.Draft.AddAccessJob(job)
	return &sdk.GenerateServiceLastAccessedDetailsOutput{JobId: aws.String(job.ID)}, nil
}

// accessed notes in the job who could use its services, and sums up what they did
// with them: of each service and action, who used it last.
func (a *API) accessed(c *Call, job *iam.AccessJob, entities []iam.Accessor) ([]iam.AccessedService, error) {
	arns := make(map[string]string, len(entities))
	for _, e := range entities {
		arns[e.ID] = e.ARN
		job.Entities = append(job.Entities, e.ID)
	}
	slices.SortFunc(job.Entities, func(x, y string) int {
		return cmp.Or(strings.Compare(x[:len(iam.PrefixUser)], y[:len(iam.PrefixUser)]), strings.Compare(arns[x], arns[y]))
	})
	uses, err := a.cfg.Audit.Accesses(c.Context, c.Account.ID, func(id string) bool { return arns[id] != "" })
	if err != nil {
		return nil, err
	}
	// Services come before their actions, and what is equally late in the order
	// of ARNs, so that equal data makes equal reports.
	slices.SortFunc(uses, func(x, y audit.Access) int {
		return cmp.Or(strings.Compare(x.Service, y.Service), strings.Compare(x.Action, y.Action),
			y.Time.Compare(x.Time), strings.Compare(arns[x.EntityID], arns[y.EntityID]))
	})
	var list []iam.AccessedService
	for _, use := range uses {
		if c.Time.Sub(use.Time) > trackingPeriod || !job.Opens(use.Service) {
			continue
		}
		last := iam.Accessed{Time: use.Time, By: arns[use.EntityID], Region: use.Region}
		if use.Action == "" {
			if n := len(list); n == 0 || list[n-1].Prefix != use.Service {
				list = append(list, iam.AccessedService{Prefix: use.Service, Last: last})
			}
			service := &list[len(list)-1]
			service.Entities++
			service.By = append(service.By, iam.AccessedBy{ID: use.EntityID, Time: use.Time})
			continue
		}
		if !job.Actions || len(list) == 0 || list[len(list)-1].Prefix != use.Service {
			continue
		}
		service := &list[len(list)-1]
		if n := len(service.Actions); n == 0 || service.Actions[n-1].Name != use.Action {
			service.Actions = append(service.Actions, iam.AccessedAction{Name: use.Action, Last: last})
		}
	}
	return list, nil
}

// getServiceLastAccessedDetails shows a report to the caller who asked for it.
func (a *API) getServiceLastAccessedDetails(c *Call, in *sdk.GetServiceLastAccessedDetailsInput) (*sdk.GetServiceLastAccessedDetailsOutput, error) {
	job, err := c.Account.AccessJob(aws.ToString(in.JobId), c.Caller.UserID)
	if err != nil {
		return nil, err
	}
	level := types.AccessAdvisorUsageGranularityTypeServiceLevel
	if job.Actions {
		level = types.AccessAdvisorUsageGranularityTypeActionLevel
	}
	// Keys are the job's, so that its markers are good for no other one.
	if after, err := readMarker(in.Marker); err != nil {
		return nil, err
	} else if in.Marker != nil && !strings.HasPrefix(after, job.ID+":") {
		return nil, iam.Errorf(iam.CodeInvalidInput, "The marker passed in the request was invalid.")
	}
	services := func(after string) iter.Seq2[string, *catalog.ServiceInfo] {
		return func(yield func(string, *catalog.ServiceInfo) bool) {
			for s := range catalog.Services() {
				if key := job.ID + ":" + s.Prefix; key > after && job.Opens(s.Prefix) && !yield(key, s) {
					return
				}
			}
		}
	}
	show := func(s *catalog.ServiceInfo) types.ServiceLastAccessed { return showAccessed(job, s) }
	list, truncated, next, err := page(in.Marker, in.MaxItems, services, nil, show)
	if err != nil {
		return nil, err
	}
	return &sdk.GetServiceLastAccessedDetailsOutput{
		JobStatus: types.JobStatusTypeCompleted, JobType: level,
		JobCreationDate: aws.Time(job.CreateDate), JobCompletionDate: aws.Time(job.CreateDate),
		ServicesLastAccessed: list, IsTruncated: truncated, Marker: next,
	}, nil
}

func showAccessed(job *iam.AccessJob, s *catalog.ServiceInfo) types.ServiceLastAccessed {
	out := types.ServiceLastAccessed{
		ServiceName: aws.String(s.Name), ServiceNamespace: aws.String(s.Prefix), TotalAuthenticatedEntities: aws.Int32(0),
	}
	i, used := slices.BinarySearchFunc(job.Used, s.Prefix, func(u iam.AccessedService, prefix string) int {
		return strings.Compare(u.Prefix, prefix)
	})
	if !used {
		return out
	}
	u := &job.Used[i]
	out.TotalAuthenticatedEntities = aws.Int32(int32(u.Entities))
	out.LastAuthenticated, out.LastAuthenticatedEntity, out.LastAuthenticatedRegion = showUse(u.Last)
	if len(u.Actions) == 0 {
		return out
	}
	// Where one action was used, the others are told to be unused.
	for action := range s.Actions() {
		shown := types.TrackedActionLastAccessed{ActionName: aws.String(action.Name)}
		for _, used := range u.Actions {
			if strings.EqualFold(used.Name, action.Name) {
				shown.LastAccessedTime, shown.LastAccessedEntity, shown.LastAccessedRegion = showUse(used.Last)
			}
		}
		out.TrackedActionsLastAccessed = append(out.TrackedActionsLastAccessed, shown)
	}
	return out
}

// showUse leaves out a region that is not known.
func showUse(use iam.Accessed) (at *time.Time, by, region *string) {
	if use.Region != "" {
		region = aws.String(use.Region)
	}
	return aws.Time(use.Time), aws.String(use.By), region
}
