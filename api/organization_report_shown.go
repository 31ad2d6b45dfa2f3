package api

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/catalog"
	"iamd/iam"
)

// globalRegions are the regions that AWS shows for services that nobody has used:
// it does for one of them.
var globalRegions = map[string]string{"iam": "us-east-1"}

// getOrganizationsAccessReport shows a report to the caller who asked for it.
func (a *API) getOrganizationsAccessReport(c *Call, in *sdk.GetOrganizationsAccessReportInput) (*sdk.GetOrganizationsAccessReportOutput, error) {
	r, err := c.Account.OrganizationReport(aws.ToString(in.JobId), c.Caller.UserID)
	if err != nil {
		return nil, err
	}
	out := &sdk.GetOrganizationsAccessReportOutput{
		JobStatus: types.JobStatusTypeCompleted, JobCreationDate: aws.Time(r.CreateDate), JobCompletionDate: aws.Time(r.CreateDate),
	}
	if f := r.Failure; f != nil {
		out.JobStatus, out.ErrorDetails = types.JobStatusTypeFailed, &types.ErrorDetails{Code: aws.String(f.Code), Message: aws.String(f.Message)}
		return out, nil
	}
	order := cmp.Or(in.SortKey, types.SortKeyTypeServiceNamespaceAscending)
	// Keys are the job's and the order's, so that its markers are good for no other.
	prefix := r.ID + ":" + string(order) + ":"
	if after, err := readMarker(in.Marker); err != nil {
		return nil, err
	} else if in.Marker != nil && !strings.HasPrefix(after, prefix) {
		return nil, iam.Errorf(iam.CodeInvalidInput, "The marker passed in the request was invalid.")
	}
	all := accessDetails(r, order)
	walk := func(after string) iter.Seq2[string, types.AccessDetail] {
		return func(yield func(string, types.AccessDetail) bool) {
			for i, detail := range all {
				if key := fmt.Sprintf("%s%08d", prefix, i); key > after && !yield(key, detail) {
					return
				}
			}
		}
	}
	show := func(d types.AccessDetail) types.AccessDetail { return d }
	out.AccessDetails, out.IsTruncated, out.Marker, err = page(in.Marker, in.MaxItems, walk, nil, show)
	out.NumberOfServicesAccessible = aws.Int32(int32(len(all)))
	out.NumberOfServicesNotAccessed = aws.Int32(int32(len(all) - len(r.Used)))
	return out, err
}

// accessDetails are a report's services in an order; those equally late are in the
// order of their names, and each order is the other one backwards.
func accessDetails(r *iam.OrganizationReport, order types.SortKeyType) (list []types.AccessDetail) {
	for s := range catalog.Services() {
		if !r.Opens(s.Prefix) {
			continue
		}
		detail := types.AccessDetail{ServiceName: aws.String(s.Name), ServiceNamespace: aws.String(s.Prefix), TotalAuthenticatedEntities: aws.Int32(0)}
		region := globalRegions[s.Prefix]
		i, used := slices.BinarySearchFunc(r.Used, s.Prefix, func(u iam.OrganizationService, prefix string) int { return strings.Compare(u.Prefix, prefix) })
		if used {
			u := &r.Used[i]
			detail.TotalAuthenticatedEntities = aws.Int32(int32(u.Accounts))
			detail.LastAuthenticatedTime, detail.EntityPath = aws.Time(u.Time), aws.String(u.Path)
			region = cmp.Or(u.Region, region)
		}
		if region != "" {
			detail.Region = aws.String(region)
		}
		list = append(list, detail)
	}
	if order == types.SortKeyTypeLastAuthenticatedTimeAscending || order == types.SortKeyTypeLastAuthenticatedTimeDescending {
		slices.SortStableFunc(list, func(x, y types.AccessDetail) int {
			return aws.ToTime(x.LastAuthenticatedTime).Compare(aws.ToTime(y.LastAuthenticatedTime))
		})
	}
	if order == types.SortKeyTypeServiceNamespaceDescending || order == types.SortKeyTypeLastAuthenticatedTimeDescending {
		slices.Reverse(list)
	}
	return list
}
