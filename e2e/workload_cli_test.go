package e2e_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestWorkloadsCLI: the real AWS CLI, without keys of its own, is a task by its
// token, and an instance by where it runs; not one that the role does not trust.
func TestWorkloadsCLI(t *testing.T) {
	t.Parallel()
	up, saw, dir := newUpstream(t), &secrets{}, t.TempDir()
	p := start(t, dir, anyPort, up,
		"IAMD_WORKLOADS_CONTAINER_LISTEN="+anyPort, "IAMD_WORKLOADS_CONTAINER_REGION="+region,
		`IAMD_WORKLOADS_CONTAINER_TASKS=[{name: batch, role: "arn:aws:iam::`+account+`:role/Batch", session_name: nightly}]`,
		"IAMD_WORKLOADS_INSTANCE_LISTEN="+anyPort, "IAMD_WORKLOADS_INSTANCE_REGION="+region,
		"IAMD_WORKLOADS_INSTANCE_INSTANCE_ID=i-1234567890abcdef0",
		"IAMD_WORKLOADS_INSTANCE_INSTANCE_PROFILE=arn:aws:iam::"+account+":instance-profile/Web")
	sh := newShell(t, p.url, saw)
	admin := sh.as(rootKey(t, dir))
	trust := func(service string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}}`
	}
	admin.run(t, "iam", "create-role", "--role-name", "Batch", "--assume-role-policy-document", trust("ecs-tasks.amazonaws.com"))
	admin.run(t, "iam", "create-role", "--role-name", "Web", "--assume-role-policy-document", trust("ec2.amazonaws.com"))
	admin.run(t, "iam", "create-instance-profile", "--instance-profile-name", "Web")
	admin.run(t, "iam", "add-role-to-instance-profile", "--instance-profile-name", "Web", "--role-name", "Web")
	token, err := os.ReadFile(filepath.Join(dir, "tasks", "batch.token"))
	if err != nil {
		t.Fatal(err)
	}
	at := "AWS_CONTAINER_CREDENTIALS_FULL_URI=" + p.doors["Tasks"] + "/v1/credentials/batch"
	metadata := "AWS_EC2_METADATA_SERVICE_ENDPOINT=" + p.doors["Metadata"] + "/" // older releases add none
	for name, c := range map[string]struct {
		env  []string
		role string
	}{
		"task, token":       {[]string{at, "AWS_CONTAINER_AUTHORIZATION_TOKEN=" + string(token)}, "Batch/nightly"},
		"task, wrong token": {[]string{at, "AWS_CONTAINER_AUTHORIZATION_TOKEN=" + strings.Repeat("x", 43)}, ""},
		"instance":          {[]string{metadata, "AWS_EC2_METADATA_DISABLED=false"}, "Web/i-1234567890abcdef0"},
	} {
		t.Run(name, func(t *testing.T) {
			own := sh
			own.env = c.env
			if c.role != "" {
				if arn := own.run(t, "sts", "get-caller-identity").str(t, "Arn"); arn != "arn:aws:sts::"+account+":assumed-role/"+c.role {
					t.Errorf("it is %v", arn)
				}
				return
			}
			if out, errs, err := own.exec([]string{"sts", "get-caller-identity"}); err == nil {
				t.Errorf("let in: %s%s", out, errs)
			}
		})
	}
	admin.run(t, "iam", "update-assume-role-policy", "--role-name", "Web", "--policy-document", trust("lambda.amazonaws.com"))
	own := sh
	own.env = []string{metadata, "AWS_EC2_METADATA_DISABLED=false"}
	if out, errs, err := own.exec([]string{"sts", "get-caller-identity"}); err == nil {
		t.Errorf("let in without trust: %s%s", out, errs)
	}
	p.stop(t)
	if !slices.Contains(strings.Split(p.stdout.String(), "\n"), "Tasks     "+p.doors["Tasks"]) {
		t.Errorf("said %s", &p.stdout)
	}
}
