package org

import (
	"slices"

	"iamd/iam"
)

// IAMService is the principal that central root access needs to be trusted.
const IAMService = "iam.amazonaws.com"

// The features of central root access.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html
const (
	RootCredentialsManagement = "RootCredentialsManagement"
	RootSessions              = "RootSessions"
)

const rootTask = "arn:aws:iam::aws:policy/root-task/"

// rootTasks are the policies that a session of a member's root user can be narrowed
// to, with the features of which one must be enabled. AWS says of each feature
// what can't be done without it, and no more.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
var rootTasks = []struct {
	arn      string
	features []string
}{
	{rootTask + "IAMAuditRootUserCredentials", []string{RootCredentialsManagement, RootSessions}},
	{rootTask + "IAMCreateRootUserPassword", []string{RootSessions}},
	{rootTask + "IAMDeleteRootUserCredentials", []string{RootCredentialsManagement}},
	{rootTask + "S3UnlockBucketPolicy", []string{RootSessions}},
	{rootTask + "SQSUnlockQueuePolicy", []string{RootSessions}},
}

// RootTask tells whether an ARN is that of a task policy.
func RootTask(arn string) bool {
	for _, t := range rootTasks {
		if t.arn == arn {
			return true
		}
	}
	return false
}

// EnableRootFeature enables a feature, by the will of the management account; one
// that is enabled stays so.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOrganizationsRootSessions.html
func (d *Draft) EnableRootFeature(by, feature string) error {
	if err := d.MayManageRoots(by); err != nil {
		return err
	}
	if by != d.Management {
		return iam.Errorf("CallerIsNotManagementAccountException", "Input account %s is not the management account of the organization.", by)
	}
	if !slices.Contains(d.RootFeatures, feature) {
		d.RootFeatures = slices.Sorted(slices.Values(append(slices.Clone(d.RootFeatures), feature)))
		d.putSettings()
	}
	return nil
}

// DisableRootFeature disables a feature, by the will of the management account or
// of IAM's delegated administrator. Sessions that were begun by it end.
func (d *Draft) DisableRootFeature(by, feature string) error {
	if err := d.MayManageRoots(by); err != nil {
		return err
	}
	d.RootFeatures = slices.DeleteFunc(slices.Clone(d.RootFeatures), func(f string) bool { return f == feature })
	d.putSettings()
	return nil
}

// MayManageRoots refuses who is neither the management account nor IAM's delegated
// administrator, and an organization that can't have the features. Of AWS's
// sentences only that about trusted access was seen.
func (o *Organization) MayManageRoots(account string) error {
	switch {
	case !o.managesRoots(account):
		return iam.Errorf("AccountNotManagementOrDelegatedAdministratorException", "Input account %s is not the management account or a delegated administrator for IAM of the organization.", account)
	case o.FeatureSet != AllFeatures:
		return iam.Errorf("OrganizationNotInAllFeaturesModeException", "Organization of input account %s does not have all features enabled.", account)
	case !o.trusts(IAMService):
		return iam.Errorf("ServiceAccessNotEnabledException", "Trusted Access for IAM not enabled by organization of input account %s.", account)
	}
	return nil
}

// NoRootsToManage is what an account hears that is in no organization.
func NoRootsToManage(account string) error {
	return iam.Errorf("OrganizationNotFoundException", "No organization found for input account %s.", account)
}

func (o *Organization) managesRoots(account string) bool {
	a, ok := o.Account(account)
	return ok && (account == o.Management || a.Administers(IAMService))
}

// rootAccess tells who may open sessions of a member's root user, and go on with
// them, by the numbers of their accounts, and for which tasks; nil when nobody may.
// There is none to the management account's own root user, nor to that of a closed
// account.
func (o *Organization) rootAccess(account string) func(by, task string) bool {
	a, ok := o.Account(account)
	if !ok || account == o.Management || !a.Closed.IsZero() || o.FeatureSet != AllFeatures || !o.trusts(IAMService) {
		return nil
	}
	var tasks []string
	for _, t := range rootTasks {
		if slices.ContainsFunc(t.features, func(f string) bool { return slices.Contains(o.RootFeatures, f) }) {
			tasks = append(tasks, t.arn)
		}
	}
	if len(tasks) == 0 {
		return nil
	}
	return func(by, task string) bool { return o.managesRoots(by) && slices.Contains(tasks, task) }
}
