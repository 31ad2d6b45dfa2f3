package api

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/catalog"
	"iamd/iam"
)

// serviceNamed finds a service by its prefix, which AWS wants in its own case.
func serviceNamed(namespace string) (*catalog.ServiceInfo, bool) {
	s, ok := catalog.Service(namespace)
	return s, ok && s.Prefix == namespace
}

// getServiceLastAccessedDetailsWithEntities shows who could use one service of a
// report: first those who did, the last one first. Who is gone since is left
// out.
func (a *API) getServiceLastAccessedDetailsWithEntities(c *Call, in *sdk.GetServiceLastAccessedDetailsWithEntitiesInput) (*sdk.GetServiceLastAccessedDetailsWithEntitiesOutput, error) {
	job, err := c.Account.AccessJob(aws.ToString(in.JobId), c.Caller.UserID)
	if err != nil {
		return nil, err
	}
	service, ok := serviceNamed(aws.ToString(in.ServiceNamespace))
	if !ok {
		return nil, iam.Errorf(iam.CodeInvalidInput, "Service namepace %s is either invalid or unsupported.", aws.ToString(in.ServiceNamespace))
	}
	// Keys are the job's, so that its markers are good for no other one.
	key := func(i int) string { return fmt.Sprintf("%s/%08d", job.ID, i) }
	if after, err := readMarker(in.Marker); err != nil {
		return nil, err
	} else if in.Marker != nil && !strings.HasPrefix(after, job.ID+"/") {
		return nil, iam.Errorf(iam.CodeInvalidInput, "The marker passed in the request was invalid.")
	}
	var all []iam.AccessedBy
	if job.Opens(service.Prefix) {
		all = accessors(job, service.Prefix)
	}
	walk := func(after string) iter.Seq2[string, *types.EntityDetails] {
		return func(yield func(string, *types.EntityDetails) bool) {
			for i, by := range all {
				k := key(i)
				if k <= after {
					continue
				}
				if info, ok := entityInfo(c.Account, by.ID); ok && !yield(k, showEntity(info, by.Time)) {
					return
				}
			}
		}
	}
	show := func(d *types.EntityDetails) types.EntityDetails { return *d }
	list, truncated, next, err := page(in.Marker, in.MaxItems, walk, nil, show)
	if err != nil {
		return nil, err
	}
	return &sdk.GetServiceLastAccessedDetailsWithEntitiesOutput{
		JobStatus: types.JobStatusTypeCompleted, JobCreationDate: aws.Time(job.CreateDate), JobCompletionDate: aws.Time(job.CreateDate),
		EntityDetailsList: list, IsTruncated: truncated, Marker: next,
	}, nil
}

// accessors are all who could use a service; those who never did have no time.
func accessors(job *iam.AccessJob, prefix string) []iam.AccessedBy {
	var all []iam.AccessedBy
	i, used := slices.BinarySearchFunc(job.Used, prefix, func(u iam.AccessedService, prefix string) int {
		return strings.Compare(u.Prefix, prefix)
	})
	did := map[string]bool{}
	if used {
		for _, by := range job.Used[i].By {
			all, did[by.ID] = append(all, by), true
		}
	}
	for _, id := range job.Entities {
		if !did[id] {
			all = append(all, iam.AccessedBy{ID: id})
		}
	}
	return all
}

func entityInfo(a *iam.Account, id string) (*types.EntityInfo, bool) {
	if u, ok := a.UserByID(id); ok {
		return &types.EntityInfo{
			Arn: aws.String(a.UserARN(u)), Id: aws.String(u.ID), Name: aws.String(u.Name), Path: aws.String(u.Path), Type: types.PolicyOwnerEntityTypeUser,
		}, true
	}
	if r, ok := a.RoleByID(id); ok {
		return &types.EntityInfo{
			Arn: aws.String(a.RoleARN(r)), Id: aws.String(r.ID), Name: aws.String(r.Name), Path: aws.String(r.Path), Type: types.PolicyOwnerEntityTypeRole,
		}, true
	}
	return nil, false
}

func showEntity(info *types.EntityInfo, last time.Time) *types.EntityDetails {
	out := &types.EntityDetails{EntityInfo: info}
	if !last.IsZero() {
		out.LastAuthenticated = aws.Time(last)
	}
	return out
}
