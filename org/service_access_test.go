package org

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"iamd/policy"
)

const (
	member   = "222233334444"
	stranger = "999900001111"
)

// withMembers is a draft of an organization with this many members beside the
// management account: 222233334444, 222233334445…
func withMembers(t *testing.T, n int) *Draft {
	t.Helper()
	d := newOrganization(t, DefaultQuotas()).Draft()
	for i := range n {
		d.join(Account{ID: fmt.Sprint(222233334444 + i), Name: "Member", Email: fmt.Sprint(i, "@example.com"), Method: JoinedInvited})
	}
	return d
}

func names(list []EnabledService) string {
	var all []string
	for _, s := range list {
		all = append(all, s.Principal)
	}
	return strings.Join(all, " ")
}

func TestServiceAccess(t *testing.T) {
	d := withMembers(t, 1)
	refused(t, d.EnableServiceAccess("x.amazonaws.com"), CodeInvalidInput, "UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal.")
	refused(t, d.DisableServiceAccess(""), CodeInvalidInput, "UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal.")
	for _, s := range []string{"sso.amazonaws.com", IAMService, "sso.amazonaws.com"} {
		must(t, d.EnableServiceAccess(s))
	}
	var walked []string
	for name, s := range d.ServicesAfter("") {
		walked = append(walked, name)
		if s.Principal != name || !s.Since.Equal(d.now()) {
			t.Errorf("%+v", s)
		}
	}
	if got := strings.Join(walked, " "); got != "iam.amazonaws.com sso.amazonaws.com" {
		t.Errorf("walked %s", got)
	}
	before := d.Services
	must(t, d.DisableServiceAccess("sso.amazonaws.com"))
	must(t, d.DisableServiceAccess("sso.amazonaws.com"))
	if names(d.Services) != IAMService || len(before) != 2 {
		t.Errorf("%s, before %s", names(d.Services), names(before))
	}

	must(t, d.RegisterAdministrator(member, IAMService))
	refused(t, d.DisableServiceAccess(IAMService), CodeConstraint, "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE",
		"You attempted to disable service access for a service that has a delegated administrator.")
	must(t, d.DeregisterAdministrator(member, IAMService))
	must(t, d.EnableServiceAccess("securityhub.amazonaws.com"))
	must(t, d.EnablePolicyType(d.Root.ID, "SECURITYHUB_POLICY"))
	refused(t, d.DisableServiceAccess("securityhub.amazonaws.com"), CodeConstraint, "POLICY_TYPE_ENABLED_FOR_THIS_SERVICE",
		"You attempted to disable service access before you disabled the policy type.")
	d.FeatureSet = ConsolidatedBilling
	refused(t, d.EnableServiceAccess(IAMService), CodeConstraint, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", "You can perform this operation only if all features are enabled")
}

func TestDelegatedAdministrators(t *testing.T) {
	d := withMembers(t, 4)
	closed, _ := d.Account("222233334447")
	shut := *closed
	shut.Closed = d.now()
	d.putAccount(closed, &shut)
	const guards, trail, ram = "guardduty.amazonaws.com", "cloudtrail.amazonaws.com", "ram.amazonaws.com"
	must(t, d.EnableServiceAccess(guards))
	master := "You cannot register management account/yourself as delegated administrator for your organization."
	for _, c := range []struct {
		err                error
		code, reason, text string
	}{
		{d.RegisterAdministrator(member, "x"), CodeInvalidInput, "UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal."},
		{d.RegisterAdministrator(member, ram), CodeInvalidInput, "UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal."},
		{CheckAdministered(ram), CodeInvalidInput, "UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal."},
		{d.RegisterAdministrator(stranger, guards), CodeAccountNotFound, "", ""},
		{d.RegisterAdministrator(d.Management, guards), CodeConstraint, "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", master},
		{d.DeregisterAdministrator(d.Management, guards), CodeConstraint, "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", master},
		{d.RegisterAdministrator(shut.ID, guards), CodeConstraint, "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR", "You cannot register a suspended account as a delegated administrator."},
		{d.RegisterAdministrator(member, trail), CodeConstraint, "SERVICE_ACCESS_NOT_ENABLED", "You attempted to register a delegated administrator before you enabled service access. Call the EnableAWSServiceAccess API first."},
		{d.RegisterAdministrator(member, guards), "", "", ""},
		{d.RegisterAdministrator(member, guards), "AccountAlreadyRegisteredException", "", "The provided account is already a delegated administrator for your organization."},
		{d.RegisterAdministrator("222233334445", guards), CodeConstraint, "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE", "You attempted to register an AWS account as a delegated administrator for an AWS service that already has a delegated administrator."},
		{d.DeregisterAdministrator("222233334445", guards), "AccountNotRegisteredException", "", "The provided account is not a registered delegated administrator for your organization."},
		{d.DeregisterAdministrator(stranger, guards), CodeAccountNotFound, "", ""},
		{d.DeregisterAdministrator(member, "x"), CodeInvalidInput, "UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal."},
		{d.Leave(member), CodeConstraint, "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", ""},
		{CheckAdministered(""), "", "", ""},
	} {
		if c.code == "" {
			must(t, c.err)
			continue
		}
		refused(t, c.err, c.code, c.reason, c.text)
	}
	// No more than AWS allows, where it tells how many.
	integrated := integrated["config.amazonaws.com"]
	must(t, d.EnableServiceAccess("config.amazonaws.com"))
	for i := range integrated {
		must(t, d.RegisterAdministrator(fmt.Sprint(222233334444+int(i)), "config.amazonaws.com"))
	}
	d.join(Account{ID: "222233334448", Method: JoinedInvited})
	refused(t, d.RegisterAdministrator("222233334448", "config.amazonaws.com"), CodeConstraint, "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED",
		"You attempted to register more delegated administrators than allowed for the service principal.")

	var of []string
	for id := range d.AdministratorsAfter(guards, "") {
		of = append(of, id)
	}
	var all []string
	for id := range d.AdministratorsAfter("", member) {
		all = append(all, id)
	}
	if !slices.Equal(of, []string{member}) || !slices.Equal(all, []string{"222233334445", "222233334446"}) {
		t.Errorf("%v; %v", of, all)
	}
	walk, err := d.AdministeredBy(member)
	must(t, err)
	var services []string
	for name := range walk("") {
		services = append(services, name)
	}
	if got := strings.Join(services, " "); got != "config.amazonaws.com guardduty.amazonaws.com" {
		t.Error(got)
	}
	_, err = d.AdministeredBy("222233334448")
	refused(t, err, "AccountNotRegisteredException", "", "The provided account is not a registered delegated administrator for your organization.")
	_, err = d.AdministeredBy(stranger)
	refused(t, err, CodeAccountNotFound, "", "")

	// A service that a member administers is kept over a restart.
	o, changes := d.Seal()
	loaded, err := Load(o.env, o.ID, changes.Rows)
	must(t, err)
	if a, _ := loaded.Account(member); names(a.Delegations) != guards+" config.amazonaws.com" {
		t.Errorf("%+v", a)
	}
	d = o.Draft()
	must(t, d.DeregisterAdministrator(member, guards))
	was, _ := o.Account(member)
	if now, _ := d.Account(member); names(now.Delegations) != "config.amazonaws.com" || names(was.Delegations) != guards+" config.amazonaws.com" {
		t.Errorf("%+v, was %+v", now, was)
	}
	must(t, d.RegisterAdministrator("222233334448", guards))
}

// TestRootFeatures: who may enable and disable them, and what they open.
func TestRootFeatures(t *testing.T) {
	d := withMembers(t, 3)
	const admin, delete, unlock = "222233334445", rootTask + "IAMDeleteRootUserCredentials", rootTask + "S3UnlockBucketPolicy"
	open := func(account, by, task string) bool {
		s, ok := d.Standing(account)
		return ok && s.MayAssumeRoot != nil && s.MayAssumeRoot(by, task)
	}
	not := "AccountNotManagementOrDelegatedAdministratorException"
	refused(t, d.EnableRootFeature(d.Management, RootSessions), "ServiceAccessNotEnabledException", "", "Trusted Access for IAM not enabled by organization of input account 111122223333.")
	refused(t, d.EnableRootFeature(member, RootSessions), not, "", "Input account 222233334444 is not the management account or a delegated administrator")
	must(t, d.EnableServiceAccess(IAMService))
	must(t, d.RegisterAdministrator(admin, IAMService))
	refused(t, d.EnableRootFeature(admin, RootSessions), "CallerIsNotManagementAccountException", "", "Input account 222233334445 is not the management account of the organization.")
	refused(t, d.DisableRootFeature(member, RootSessions), not, "", "Input account 222233334444")
	refused(t, NoRootsToManage(member), "OrganizationNotFoundException", "", "No organization found for input account 222233334444.")
	if open(member, d.Management, unlock) {
		t.Error("open before a feature is enabled")
	}
	must(t, d.EnableRootFeature(d.Management, RootSessions))
	must(t, d.EnableRootFeature(d.Management, RootSessions))
	must(t, d.EnableRootFeature(d.Management, RootCredentialsManagement))
	if got := strings.Join(d.RootFeatures, " "); got != "RootCredentialsManagement RootSessions" {
		t.Error(got)
	}
	for _, c := range []struct {
		account, by, task string
		want              bool
	}{
		{member, d.Management, unlock, true}, {member, admin, delete, true}, {admin, d.Management, delete, true},
		{d.Management, d.Management, unlock, false}, {d.Management, admin, unlock, false}, {stranger, d.Management, unlock, false},
		{member, member, unlock, false}, {member, stranger, unlock, false}, {member, "", unlock, false},
		{member, d.Management, "arn:aws:iam::aws:policy/AdministratorAccess", false},
	} {
		if open(c.account, c.by, c.task) != c.want {
			t.Errorf("%+v", c)
		}
	}
	must(t, d.DisableRootFeature(admin, RootCredentialsManagement))
	if open(member, d.Management, delete) || !open(member, d.Management, unlock) || !open(member, admin, rootTask+"IAMAuditRootUserCredentials") {
		t.Error("the wrong tasks are open")
	}
	must(t, d.DeregisterAdministrator(admin, IAMService))
	if open(member, admin, unlock) {
		t.Error("open to who administered before")
	}
	a, _ := d.Account(member)
	closed := *a
	closed.Closed = d.now()
	d.putAccount(a, &closed)
	if open(member, d.Management, unlock) || !open(admin, d.Management, unlock) {
		t.Error("a closed account is open, or an open one closed")
	}
	must(t, d.DisableServiceAccess(IAMService))
	must(t, d.EnableServiceAccess(IAMService))
	if open(admin, d.Management, unlock) || len(d.RootFeatures) > 0 {
		t.Error("the features came back with trusted access")
	}
	d.FeatureSet = ConsolidatedBilling
	refused(t, d.MayManageRoots(d.Management), "OrganizationNotInAllFeaturesModeException", "", "Organization of input account 111122223333 does not have all features enabled.")
}

// TestRootTasks: the catalog has every task policy, and they deny.
func TestRootTasks(t *testing.T) {
	for _, task := range rootTasks {
		doc, err := policy.Parse([]byte(taskDocument(t, task.arn)))
		if err != nil || len(doc.Statements) == 0 || slices.ContainsFunc(doc.Statements, func(s policy.Statement) bool { return s.Effect != "Deny" }) || !RootTask(task.arn) {
			t.Errorf("%s: %v", task.arn, err)
		}
	}
	if RootTask("") || RootTask("arn:aws:iam::aws:policy/ReadOnlyAccess") {
		t.Error("no task policy is one")
	}
}
