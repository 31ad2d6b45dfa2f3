package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/wire"
)

// serviceLinkedRoleActions are the rows of the roles that belong to services.
func serviceLinkedRoleActions() []Action {
	return []Action{
		write("CreateServiceLinkedRole", checkNewServiceLinkedRole, (*API).createServiceLinkedRole),
		write("DeleteServiceLinkedRole", onEntity(iam.KindRole, func(in *sdk.DeleteServiceLinkedRoleInput) *string { return in.RoleName }), (*API).deleteServiceLinkedRole),
		read("GetServiceLinkedRoleDeletionStatus", checkRoleDeletion, (*API).getServiceLinkedRoleDeletionStatus),
	}
}

// checkNewServiceLinkedRole asks for the role that is to be. What there can be no
// role for is asked for by as much of the name as there is, and refused later.
func checkNewServiceLinkedRole(c *Call, action string, in *sdk.CreateServiceLinkedRoleInput) ([]guard.Check, error) {
	service := aws.ToString(in.AWSServiceName)
	name, _ := iam.ServiceLinkedRoleName(service, aws.ToString(in.CustomSuffix))
	return one(serviceLinkedRoleCheck(c, action, service, name))
}

func serviceLinkedRoleCheck(c *Call, action, service, name string) guard.Check {
	return guard.Check{
		Action:   action,
		Resource: c.Account.RoleARN(&iam.Role{Path: iam.ServiceLinkedPath(service), Name: name}),
		Keys:     []guard.Key{guard.Value("iam:AWSServiceName", service)},
	}
}

// checkRoleDeletion asks for the role that the task is about, be it there still
// or not, with the tags that it had.
func checkRoleDeletion(c *Call, action string, in *sdk.GetServiceLinkedRoleDeletionStatusInput) ([]guard.Check, error) {
	path, name, err := iam.ParseTaskID(aws.ToString(in.DeletionTaskId))
	if err != nil {
		return nil, err
	}
	check := guard.Check{Action: action, Resource: c.Account.RoleARN(&iam.Role{Path: path, Name: name})}
	if r, ok := c.Account.RoleByARN(check.Resource); ok {
		check.Tags = r.Tags
	} else if task, err := c.Account.RoleDeletion(aws.ToString(in.DeletionTaskId)); err == nil {
		check.Tags = task.Tags
	}
	return one(check)
}

// createServiceLinkedRole answers with less than CreateRole does, and with the
// trust policy in another form than the one that is read back, as AWS does.
func (a *API) createServiceLinkedRole(c *Call, in *sdk.CreateServiceLinkedRoleInput) (*sdk.CreateServiceLinkedRoleOutput, error) {
	service := aws.ToString(in.AWSServiceName)
	r, err := c.Draft.CreateServiceLinkedRole(service, aws.ToString(in.CustomSuffix), aws.ToString(in.Description))
	if err != nil {
		return nil, err
	}
	trust := `{"Version":"2012-10-17","Statement":[{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"Service":["` + service + `"]}}]}`
	return &sdk.CreateServiceLinkedRoleOutput{Role: &types.Role{
		Arn: aws.String(c.Account.RoleARN(r)), CreateDate: aws.Time(r.CreateDate), Path: aws.String(r.Path),
		RoleId: aws.String(r.ID), RoleName: aws.String(r.Name), AssumeRolePolicyDocument: aws.String(wire.PercentEncode(trust)),
	}}, nil
}

func (a *API) deleteServiceLinkedRole(c *Call, in *sdk.DeleteServiceLinkedRoleInput) (*sdk.DeleteServiceLinkedRoleOutput, error) {
	task, err := c.Draft.DeleteServiceLinkedRole(aws.ToString(in.RoleName), a.newID())
	if err != nil {
		return nil, err
	}
	return &sdk.DeleteServiceLinkedRoleOutput{DeletionTaskId: aws.String(task.TaskID())}, nil
}

func (a *API) getServiceLinkedRoleDeletionStatus(c *Call, in *sdk.GetServiceLinkedRoleDeletionStatusInput) (*sdk.GetServiceLinkedRoleDeletionStatusOutput, error) {
	task, err := c.Account.RoleDeletion(aws.ToString(in.DeletionTaskId))
	if err != nil {
		return nil, err
	}
	if task.Failure == "" {
		return &sdk.GetServiceLinkedRoleDeletionStatusOutput{Status: types.DeletionTaskStatusTypeSucceeded}, nil
	}
	return &sdk.GetServiceLinkedRoleDeletionStatusOutput{
		Status: types.DeletionTaskStatusTypeFailed,
		Reason: &types.DeletionTaskFailureReasonType{Reason: aws.String(task.Failure), RoleUsageList: []types.RoleUsageType{}},
	}, nil
}
