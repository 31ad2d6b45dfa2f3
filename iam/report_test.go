package iam

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// turn is a world whose clock a test turns.
func turn(d *Draft) (clock *time.Time) {
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	d.env.Now = func() time.Time { return at }
	return &at
}

func noKeyUsed(string) (at time.Time, service, region string, ok bool) { return }

var neverUsed = CredentialUse{Key: noKeyUsed, Login: func(string) (at time.Time, ok bool) { return }}

func TestCredentialReport(t *testing.T) {
	d := policyDraft()
	clock := turn(d)
	rootKey, _ := d.Begin(NewAccountInput{Name: "main", Email: "root@example.com"})
	u, err := d.CreateUser(NewUser{Name: "bob,jr", Path: "/eng/"})
	must(t, err)
	mustUser(t, d, "Al")
	first, _, err := d.CreateAccessKey(u)
	must(t, err)
	*clock = clock.Add(time.Minute)
	second, _, err := d.CreateAccessKey(userNow(t, d, "bob,jr"))
	must(t, err)
	must(t, d.UpdateAccessKey(userNow(t, d, "bob,jr"), first.ID, Inactive))
	used := func(keyID string) (time.Time, string, string, bool) {
		switch keyID {
		case rootKey:
			return *clock, "iam", "", true
		case second.ID:
			return clock.Add(time.Hour), "execute-api", "eu-west-1", true
		}
		return noKeyUsed(keyID)
	}

	_, err = d.CredentialReport()
	refused(t, err, "ReportNotPresent", "The credential report does not exist. To generate a credential report, use GenerateCredentialReport.")
	made, err := d.GenerateCredentialReport(CredentialUse{Key: used, Login: func(id string) (time.Time, bool) { return clock.Add(time.Hour), id == d.ID }})
	must(t, err)
	report, err := d.CredentialReport()
	must(t, err)
	want := `user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated
<root_account>,arn:aws:iam::123456789012:root,2026-11-01T12:00:00+00:00,not_supported,2026-11-01T13:01:00+00:00,not_supported,not_supported,false,true,2026-11-01T12:00:00+00:00,2026-11-01T12:01:00+00:00,N/A,iam,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A
Al,arn:aws:iam::123456789012:user/Al,2026-11-01T12:00:00+00:00,false,N/A,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A
"bob,jr","arn:aws:iam::123456789012:user/eng/bob,jr",2026-11-01T12:00:00+00:00,false,N/A,N/A,N/A,false,false,2026-11-01T12:00:00+00:00,N/A,N/A,N/A,true,2026-11-01T12:01:00+00:00,2026-11-01T13:01:00+00:00,eu-west-1,execute-api,false,N/A,false,N/A`
	if diff := cmp.Diff(want, string(report.Content)); diff != "" || !made {
		t.Errorf("made %v: %s", made, diff)
	}

	// For four hours it stays as it is; then it is of no use, and another one
	// is made.
	mustUser(t, d, "Eve")
	*clock = clock.Add(CredentialReportLife)
	if made, err = d.GenerateCredentialReport(neverUsed); made || err != nil {
		t.Errorf("made another after four hours: %v, %v", made, err)
	}
	if again, err := d.CredentialReport(); again != report || err != nil {
		t.Errorf("after four hours: %v", err)
	}
	*clock = clock.Add(time.Second)
	_, err = d.CredentialReport()
	refused(t, err, "ReportExpired", "The most recent credential report has expired. To generate a new credential report, use GenerateCredentialReport.")
	if made, err = d.GenerateCredentialReport(neverUsed); !made || err != nil {
		t.Errorf("made none after more than four hours: %v, %v", made, err)
	}
	if again, err := d.CredentialReport(); err != nil || !strings.Contains(string(again.Content), "\nEve,") {
		t.Errorf("the new one: %v", err)
	}
}

func TestAccessJobs(t *testing.T) {
	d := policyDraft()
	clock := turn(d)
	for i := range AccessJobs + 5 {
		*clock = clock.Add(time.Second)
		d.AddAccessJob(AccessJob{ID: fmt.Sprintf("job-%03d", 200-i), Caller: "AIDA", ARN: "x"})
	}
	if len(d.accessJobs) != AccessJobs {
		t.Errorf("%d jobs are kept", len(d.accessJobs))
	}
	_, err := d.AccessJob("job-196", "AIDA")
	refused(t, err, CodeNoSuchEntity, "Job job-196 does not exist.")
	_, err = d.AccessJob("job-195", "AROA:other")
	refused(t, err, CodeNoSuchEntity, "Job job-195 does not exist.")
	job, err := d.AccessJob("job-195", "AIDA")
	must(t, err)
	if job.CreateDate != d.accessJobs[0].CreateDate {
		t.Errorf("the oldest is %s", d.accessJobs[0].ID)
	}
}

// TestReportsLoadEqual: what a draft seals is what is loaded, and a draft that
// is thrown away leaves no trace.
func TestReportsLoadEqual(t *testing.T) {
	d := policyDraft()
	clock := turn(d)
	mustUser(t, d, "Bob")
	_, err := d.GenerateCredentialReport(neverUsed)
	must(t, err)
	last := Accessed{Time: *clock, By: "arn", Region: "eu-west-1"}
	d.AddAccessJob(AccessJob{ID: "b", Caller: "c", ARN: "arn", Actions: true, Services: []string{"iam", "s3"}, Used: []AccessedService{
		{Prefix: "iam", Entities: 2, Last: last, Actions: []AccessedAction{{"ListUsers", last}}},
	}})
	d.AddAccessJob(AccessJob{ID: "a", Caller: "c", ARN: "arn", Everything: true})
	sealed, changes := d.Seal()
	slices.Reverse(changes.Rows)
	loaded, err := Load(sealed.env, sealed.ID, changes.Rows)
	must(t, err)
	if diff := cmp.Diff(sealed.reports, loaded.reports, cmp.AllowUnexported(reports{})); diff != "" {
		t.Error(diff)
	}

	lost := sealed.Draft()
	lost.AddAccessJob(AccessJob{ID: "lost", Caller: "c"})
	*clock = clock.Add(5 * time.Hour)
	_, err = lost.GenerateCredentialReport(neverUsed)
	must(t, err)
	if diff := cmp.Diff(loaded.reports, sealed.reports, cmp.AllowUnexported(reports{})); diff != "" {
		t.Errorf("a draft that failed left: %s", diff)
	}
}
