package api

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/wire"
)

func checkPolicyVersion(c *Call, action string, in *sdk.GetPolicyVersionInput) ([]guard.Check, error) {
	check, err := policyCheck(c, action, aws.ToString(in.PolicyArn))
	check.Named += " version " + aws.ToString(in.VersionId)
	return []guard.Check{check}, err
}

func (a *API) createPolicyVersion(c *Call, in *sdk.CreatePolicyVersionInput) (*sdk.CreatePolicyVersionOutput, error) {
	v, err := c.Draft.CreatePolicyVersion(aws.ToString(in.PolicyArn), aws.ToString(in.PolicyDocument), in.SetAsDefault)
	if err != nil {
		return nil, err
	}
	out := showVersion(v, in.SetAsDefault)
	return &sdk.CreatePolicyVersionOutput{PolicyVersion: &out}, nil
}

func (a *API) getPolicyVersion(c *Call, in *sdk.GetPolicyVersionInput) (*sdk.GetPolicyVersionOutput, error) {
	p, err := c.Account.FindPolicy(aws.ToString(in.PolicyArn))
	if err != nil {
		return nil, err
	}
	v, err := p.Version(aws.ToString(in.VersionId))
	if err != nil {
		return nil, err
	}
	out := showVersion(v, v.ID == p.DefaultVersion)
	out.Document = aws.String(wire.PercentEncode(v.Document.Text()))
	return &sdk.GetPolicyVersionOutput{PolicyVersion: &out}, nil
}

func (a *API) listPolicyVersions(c *Call, in *sdk.ListPolicyVersionsInput) (*sdk.ListPolicyVersionsOutput, error) {
	p, err := c.Account.FindPolicy(aws.ToString(in.PolicyArn))
	if err != nil {
		return nil, err
	}
	show := func(v iam.PolicyVersion) types.PolicyVersion { return showVersion(&v, v.ID == p.DefaultVersion) }
	list, truncated, next, err := pageSlice(in.Marker, in.MaxItems, p.Versions, newestFirst, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListPolicyVersionsOutput{Versions: list, IsTruncated: truncated, Marker: next}, nil
}

// newestFirst is a key that orders versions as AWS lists them.
func newestFirst(v iam.PolicyVersion) string {
	n, err := strconv.ParseUint(v.ID[1:], 10, 32)
	if err != nil {
		n = 0 // an id that no rule makes: last
	}
	return fmt.Sprintf("%08x", 1<<32-1-n)
}

func (a *API) deletePolicyVersion(c *Call, in *sdk.DeletePolicyVersionInput) (*sdk.DeletePolicyVersionOutput, error) {
	return &sdk.DeletePolicyVersionOutput{}, c.Draft.DeletePolicyVersion(aws.ToString(in.PolicyArn), aws.ToString(in.VersionId))
}

func (a *API) setDefaultPolicyVersion(c *Call, in *sdk.SetDefaultPolicyVersionInput) (*sdk.SetDefaultPolicyVersionOutput, error) {
	return &sdk.SetDefaultPolicyVersionOutput{}, c.Draft.SetDefaultPolicyVersion(aws.ToString(in.PolicyArn), aws.ToString(in.VersionId))
}

// showVersion is a version without its document, which one answer only tells.
func showVersion(v *iam.PolicyVersion, inForce bool) types.PolicyVersion {
	return types.PolicyVersion{
		VersionId:        aws.String(v.ID),
		IsDefaultVersion: inForce,
		CreateDate:       aws.Time(v.CreateDate),
	}
}
