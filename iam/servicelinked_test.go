package iam

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"iamd/store"
)

const roleManagerPolicy = "arn:aws:iam::aws:policy/aws-service-role/AWSIAMRoleManagerServiceRolePolicy"

// TestLinkedServices: every name fits, no two services share a role, and every
// policy is one that AWS has and customers can't attach.
func TestLinkedServices(t *testing.T) {
	d, roles := policyDraft(), map[string]string{}
	for service, linked := range linkedServices {
		name, err := ServiceLinkedRoleName(service, "")
		must(t, err)
		if other := roles[fold(name)]; other != "" || len(name) > maxRoleName || linked.role == "" {
			t.Errorf("%s: %s, as of %s", service, name, other)
		}
		roles[fold(name)] = service
		if linked.policy == "" {
			continue
		}
		if p, ok := d.Policy("arn:aws:iam::aws:policy/aws-service-role/" + linked.policy); !ok || p.Attachable() {
			t.Errorf("%s: no policy %s", service, linked.policy)
		}
	}
}

func TestCreateServiceLinkedRole(t *testing.T) {
	d := policyDraft()
	d.env.Quotas.Roles = 2
	r, err := d.CreateServiceLinkedRole("autoscaling.amazonaws.com", "", "")
	must(t, err)
	const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"autoscaling.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	if got, want := d.RoleARN(r), "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"; got != want {
		t.Errorf("is %s", got)
	}
	if d.TrustText(r) != trust || strings.Join(r.Attached, " ") != "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy" || !r.ServiceLinked() {
		t.Errorf("is %+v", r)
	}
	if attached, _ := d.UseCount(r.Attached[0]); attached != 1 {
		t.Errorf("its policy is attached %d times", attached)
	}
	// Without its policy, where the catalogue has none.
	if r, err = d.CreateServiceLinkedRole("lex.amazonaws.com", "", "described"); err != nil || r.Attached != nil || r.Description != "described" {
		t.Errorf("%+v, %v", r, err)
	}
	// The quota of roles is full; these go on.
	r, err = d.CreateServiceLinkedRole("autoscaling.amazonaws.com", "-debug", "")
	must(t, err)
	if r.Name != "AWSServiceRoleForAutoScaling_-debug" {
		t.Errorf("is called %s", r.Name)
	}
	_, err = d.CreateRole(NewRole{Name: "R", Trust: trusting(`"123456789012"`)})
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for RolesPerAccount: 2")

	for _, c := range []struct{ service, suffix, code, text string }{
		{"autoscaling.amazonaws.com", "", CodeInvalidInput, "Service role name AWSServiceRoleForAutoScaling has been taken in this account, please try a different suffix."},
		{"autoscaling.amazonaws.com", "-DEBUG", CodeInvalidInput, "Service role name AWSServiceRoleForAutoScaling_-debug has been taken in this account, please try a different suffix."},
		{"autoscaling.amazonaws.com", strings.Repeat("x", 40), CodeInvalidInput, "The role name AWSServiceRoleForAutoScaling_" + strings.Repeat("x", 40) + " is longer than 64 characters."},
		{"ecs.amazonaws.com", "debug", CodeInvalidInput, "Custom suffix is not allowed for ecs.amazonaws.com"},
		{"ECS.amazonaws.com", "", CodeInvalidInput, "ECS.amazonaws.com is not the principal of a service that is known to have a service-linked role."},
	} {
		_, err := d.CreateServiceLinkedRole(c.service, c.suffix, "")
		refused(t, err, c.code, c.text)
	}
	_, err = d.CreateServiceLinkedRole("connect.amazonaws.com", "a", "")
	must(t, err)
	_, err = d.CreateServiceLinkedRole("connect.amazonaws.com", "b", "")
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for RolesPerAccount: 4")
}

func TestDeleteServiceLinkedRole(t *testing.T) {
	d := policyDraft()
	r, err := d.CreateServiceLinkedRole("ecs.amazonaws.com", "", "")
	must(t, err)
	must(t, d.TagRole(r.Name, []Tag{{"k", "v"}}))
	policy := r.Attached[0]
	task, err := d.DeleteServiceLinkedRole("awsserviceroleforecs", "one")
	must(t, err)
	const id = "task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/one"
	if task.TaskID() != id || task.Failure != "" || len(task.Tags) != 1 {
		t.Errorf("task %+v", task)
	}
	_, err = d.Role("AWSServiceRoleForECS")
	refused(t, err, CodeNoSuchEntity, "The role with name AWSServiceRoleForECS cannot be found.")
	if attached, _ := d.UseCount(policy); attached != 0 {
		t.Errorf("its policy is attached %d times", attached)
	}
	_, err = d.DeleteServiceLinkedRole("AWSServiceRoleForECS", "two")
	refused(t, err, CodeNoSuchEntity, "The role with name AWSServiceRoleForECS cannot be found.")
	mustRole(t, d, "R")
	_, err = d.DeleteServiceLinkedRole("R", "two")
	refused(t, err, CodeNoSuchEntity, "R exists but is not a service role.")

	// Role Manager needs its role while it is turned on.
	must(t, d.PutProperties(map[string]string{"RoleManager/Enabled": "true"}))
	if task, err = d.DeleteServiceLinkedRole(RoleManagerRoleName, "two"); err != nil || task.Failure != "Role Manager is turned on and uses the role." {
		t.Errorf("task %+v, %v", task, err)
	}
	_, err = d.Role(RoleManagerRoleName)
	must(t, err)
	must(t, d.PutProperties(map[string]string{"RoleManager/Enabled": "false"}))
	if task, err = d.DeleteServiceLinkedRole(RoleManagerRoleName, "three"); err != nil || task.Failure != "" {
		t.Errorf("task %+v, %v", task, err)
	}

	// What is sealed is what is loaded.
	account, changes := d.Seal()
	rows := slices.DeleteFunc(changes.Rows, func(r store.Row) bool { return r.Data == nil }) // what is gone
	loaded, err := Load(d.env, account.ID, rows)
	must(t, err)
	for _, id := range []string{"task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/one", task.TaskID()} {
		was, err := account.RoleDeletion(id)
		must(t, err)
		if is, err := loaded.RoleDeletion(id); err != nil || !reflect.DeepEqual(was, is) {
			t.Errorf("%s: loaded %+v, %v", id, is, err)
		}
	}
	_, err = loaded.RoleDeletion(id + "x")
	refused(t, err, CodeNoSuchEntity, "Cannot find deletion status for given id.")
}

// TestRoleDeletionsAreBounded: the oldest are forgotten, in the rows too.
func TestRoleDeletionsAreBounded(t *testing.T) {
	d := policyDraft()
	clock := turn(d)
	for i := range RoleDeletions + 2 {
		*clock = clock.Add(time.Second)
		_, err := d.CreateServiceLinkedRole("ecs.amazonaws.com", "", "")
		must(t, err)
		_, err = d.DeleteServiceLinkedRole("AWSServiceRoleForECS", fmt.Sprint("id", 200-i))
		must(t, err)
	}
	if len(d.deletions) != RoleDeletions || d.deletions[0].ID != "id198" {
		t.Errorf("%d are kept, from %s", len(d.deletions), d.deletions[0].ID)
	}
	_, changes := d.Seal()
	kept := 0
	for _, row := range changes.Rows {
		if row.Kind == rowRoleDeletion && row.Data != nil {
			kept++
		}
	}
	if kept != RoleDeletions {
		t.Errorf("%d rows are kept", kept)
	}
}

func TestParseTaskID(t *testing.T) {
	path, name, err := ParseTaskID("task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/id")
	must(t, err)
	if path != "/aws-service-role/ecs.amazonaws.com/" || name != "AWSServiceRoleForECS" {
		t.Errorf("%s, %s", path, name)
	}
	for _, id := range []string{"", "bad", "task/x/y/z/id", "job/aws-service-role/a/b/id", "task/aws-service-role/a/b", "task/aws-service-role//b/id", "task/aws-service-role/a/b/id/x"} {
		_, _, err := ParseTaskID(id)
		refused(t, err, CodeInvalidInput, "Invalid task id")
	}
}
