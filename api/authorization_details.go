package api

import (
	"iter"
	"math/bits"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/iam"
	"iamd/wire"
)

// section is one kind of what GetAccountAuthorizationDetails tells of, as a
// walk over things that add themselves to the answer.
type section struct {
	kind types.EntityType
	walk func(after string) iter.Seq2[string, detail]
}

// detail adds one thing to an answer, and says how long its documents are.
type detail func(out *sdk.GetAccountAuthorizationDetailsOutput) (weight int)

// sections are in AWS's order, whatever the order of the filter. Of AWS's own
// policies only those in use are told.
func (a *API) sections(c *Call) []section {
	return []section{
		{types.EntityTypeUser, details(c.Account.UsersAfter, func(out *sdk.GetAccountAuthorizationDetailsOutput, u *iam.User) int {
			d := userDetail(c.Account, u)
			out.UserDetailList = append(out.UserDetailList, d)
			return inlineWeight(d.UserPolicyList)
		})},
		{types.EntityTypeRole, details(c.Account.RolesAfter, func(out *sdk.GetAccountAuthorizationDetailsOutput, r *iam.Role) int {
			d := a.roleDetail(c, r)
			out.RoleDetailList = append(out.RoleDetailList, d)
			weight := len(*d.AssumeRolePolicyDocument) + inlineWeight(d.RolePolicyList)
			for _, p := range d.InstanceProfileList {
				weight += profileWeight(p)
			}
			return weight
		})},
		{types.EntityTypeGroup, details(c.Account.GroupsAfter, func(out *sdk.GetAccountAuthorizationDetailsOutput, g *iam.Group) int {
			d := groupDetail(c.Account, g)
			out.GroupDetailList = append(out.GroupDetailList, d)
			return inlineWeight(d.GroupPolicyList)
		})},
		{types.EntityTypeLocalManagedPolicy, details(c.Account.PoliciesAfter, addPolicy(c.Account))},
		{types.EntityTypeAWSManagedPolicy, details(awsManagedInUse(c.Account), addPolicy(c.Account))},
	}
}

func addPolicy(a *iam.Account) func(*sdk.GetAccountAuthorizationDetailsOutput, *iam.Policy) int {
	return func(out *sdk.GetAccountAuthorizationDetailsOutput, p *iam.Policy) (weight int) {
		d := policyDetail(a, p)
		out.Policies = append(out.Policies, d)
		for _, v := range d.PolicyVersionList {
			weight += len(*v.Document)
		}
		return weight
	}
}

func inlineWeight(list []types.PolicyDetail) (n int) {
	for _, p := range list {
		n += len(*p.PolicyDocument)
	}
	return n
}

func details[V any](walk func(after string) iter.Seq2[string, V], add func(*sdk.GetAccountAuthorizationDetailsOutput, V) int) func(string) iter.Seq2[string, detail] {
	return func(after string) iter.Seq2[string, detail] {
		return func(yield func(string, detail) bool) {
			for key, v := range walk(after) {
				if !yield(key, func(out *sdk.GetAccountAuthorizationDetailsOutput) int { return add(out, v) }) {
					return
				}
			}
		}
	}
}

func awsManagedInUse(a *iam.Account) func(after string) iter.Seq2[string, *iam.Policy] {
	return func(after string) iter.Seq2[string, *iam.Policy] {
		return func(yield func(string, *iam.Policy) bool) {
			for arn, p := range a.ManagedInUseAfter(after) {
				if p.AWSManaged() && !yield(arn, p) {
					return
				}
			}
		}
	}
}

// getAccountAuthorizationDetails pages through all that is asked for as through
// one list. A marker is good for the same filter only: the first byte of its key
// says which sections were asked for, the second which one comes next.
func (a *API) getAccountAuthorizationDetails(c *Call, in *sdk.GetAccountAuthorizationDetailsInput) (*sdk.GetAccountAuthorizationDetailsOutput, error) {
	list, asked := a.sections(c), byte('@')
	for i, s := range list {
		if len(in.Filter) == 0 || slices.Contains(in.Filter, s.kind) {
			asked |= 1 << i
		}
	}
	last, err := readMarker(in.Marker)
	if err != nil || last != "" && (len(last) < 2 || last[0] != asked) {
		if bits.OnesCount8(asked) == 2 { // one kind of things: AWS has words of its own for it
			return nil, iam.Errorf(iam.CodeValidation, "Marker and Filter do not match")
		}
		return nil, iam.Errorf(iam.CodeValidation, "Invalid Marker.")
	}
	walk := func(after string) iter.Seq2[string, detail] {
		return func(yield func(string, detail) bool) {
			for i, s := range list {
				prefix, from := string([]byte{asked, '0' + byte(i)}), ""
				if asked&(1<<i) == 0 || after != "" && prefix < after[:2] {
					continue
				}
				if rest, here := strings.CutPrefix(after, prefix); here {
					from = rest
				}
				for key, d := range s.walk(from) {
					if !yield(prefix+key, d) {
						return
					}
				}
			}
		}
	}
	out := &sdk.GetAccountAuthorizationDetailsOutput{
		UserDetailList: []types.UserDetail{}, GroupDetailList: []types.GroupDetail{}, RoleDetailList: []types.RoleDetail{},
		Policies: []types.ManagedPolicyDetail{},
	}
	add := func(d detail) int { return d(out) }
	weigh := func(weight int) int { return weight }
	if _, out.IsTruncated, out.Marker, err = pageOfWeight(in.Marker, in.MaxItems, walk, nil, add, weigh); err != nil {
		return nil, err
	}
	return out, nil
}

func userDetail(a *iam.Account, u *iam.User) types.UserDetail {
	out := types.UserDetail{
		Arn: aws.String(a.UserARN(u)), CreateDate: aws.Time(u.CreateDate), Path: aws.String(u.Path),
		UserId: aws.String(u.ID), UserName: aws.String(u.Name),
		GroupList: []string{}, AttachedManagedPolicies: attachedDetails(a, u.Grants),
		PermissionsBoundary: showBoundary(u.Boundary), Tags: showTags(u.Tags),
	}
	for _, id := range u.Groups {
		if g, ok := a.GroupByID(id); ok {
			out.GroupList = append(out.GroupList, g.Name)
		}
	}
	if len(u.Inline) > 0 { // AWS leaves the list out for users alone
		out.UserPolicyList = inlineDetails(u.Grants)
	}
	return out
}

func groupDetail(a *iam.Account, g *iam.Group) types.GroupDetail {
	return types.GroupDetail{
		Arn: aws.String(a.GroupARN(g)), CreateDate: aws.Time(g.CreateDate), Path: aws.String(g.Path),
		GroupId: aws.String(g.ID), GroupName: aws.String(g.Name),
		GroupPolicyList: inlineDetails(g.Grants), AttachedManagedPolicies: attachedDetails(a, g.Grants),
	}
}

func (a *API) roleDetail(c *Call, r *iam.Role) types.RoleDetail {
	out := types.RoleDetail{
		Arn: aws.String(c.Account.RoleARN(r)), CreateDate: aws.Time(r.CreateDate), Path: aws.String(r.Path),
		RoleId: aws.String(r.ID), RoleName: aws.String(r.Name),
		AssumeRolePolicyDocument: aws.String(wire.PercentEncode(c.Account.TrustText(r))),
		InstanceProfileList:      []types.InstanceProfile{},
		RolePolicyList:           inlineDetails(r.Grants), AttachedManagedPolicies: attachedDetails(c.Account, r.Grants),
		PermissionsBoundary: showBoundary(r.Boundary), Tags: showTags(r.Tags), RoleLastUsed: a.roleLastUsed(c, r),
	}
	for _, p := range c.Account.InstanceProfilesOfRoleAfter(r, "") {
		out.InstanceProfileList = append(out.InstanceProfileList, showInstanceProfile(c.Account, p))
	}
	return out
}

// policyDetail is a managed policy with its versions, the newest first. AWS
// tells no description here.
func policyDetail(a *iam.Account, p *iam.Policy) types.ManagedPolicyDetail {
	head := showPolicy(a, p)
	out := types.ManagedPolicyDetail{
		Arn: head.Arn, AttachmentCount: head.AttachmentCount, CreateDate: head.CreateDate, DefaultVersionId: head.DefaultVersionId,
		IsAttachable: head.IsAttachable, Path: head.Path, PermissionsBoundaryUsageCount: head.PermissionsBoundaryUsageCount,
		PolicyId: head.PolicyId, PolicyName: head.PolicyName, UpdateDate: head.UpdateDate,
	}
	versions := slices.SortedFunc(slices.Values(p.Versions), func(x, y iam.PolicyVersion) int {
		return strings.Compare(newestFirst(x), newestFirst(y))
	})
	for _, v := range versions {
		shown := showVersion(&v, v.ID == p.DefaultVersion)
		shown.Document = aws.String(wire.PercentEncode(v.Document.Text()))
		out.PolicyVersionList = append(out.PolicyVersionList, shown)
	}
	return out
}

func inlineDetails(g iam.Grants) []types.PolicyDetail {
	list := make([]types.PolicyDetail, len(g.Inline))
	for i, p := range g.Inline {
		list[i] = types.PolicyDetail{PolicyName: aws.String(p.Name), PolicyDocument: aws.String(wire.PercentEncode(p.Document.Text()))}
	}
	return list
}

func attachedDetails(a *iam.Account, g iam.Grants) []types.AttachedPolicy {
	list := []types.AttachedPolicy{}
	for _, arn := range g.Attached {
		if p, ok := a.Policy(arn); ok {
			list = append(list, types.AttachedPolicy{PolicyArn: aws.String(p.ARN), PolicyName: aws.String(p.Name)})
		}
	}
	return list
}
