package sts_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"iamd/iam"
	"iamd/sts"
)

// TestAssumeRoot: what the credentials of a member's root user say.
func TestAssumeRoot(t *testing.T) {
	s := newService(t)
	seconds := func(n int32) *int32 { return &n }
	from := &sts.Session{Kind: sts.AssumedRole, SourceIdentity: "ada", Tags: []iam.Tag{{Key: "a"}}, Transitive: []string{"a"}, MFA: clock}
	for _, c := range []struct {
		seconds *int32
		from    *sts.Session
		want    time.Duration
		source  string
	}{
		{nil, nil, 15 * time.Minute, ""}, {seconds(60), from, time.Minute, "ada"}, {seconds(0), &sts.Session{}, 0, ""},
		{seconds(900), nil, 15 * time.Minute, ""}, {seconds(3600), nil, 15 * time.Minute, ""},
	} {
		const task = "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"
		got := sts.AssumeRoot{Account: "123456789012", By: "111122223333", Task: task, Seconds: c.seconds, From: c.from}.Session(clock.Add(time.Millisecond))
		want := sts.Session{
			Kind: sts.AssumedRoot, Account: "123456789012", Delegate: "111122223333", PolicyARNs: []string{task},
			Issued: clock, Expires: clock.Add(c.want), SourceIdentity: c.source,
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(sts.Session{})); diff != "" {
			t.Error(diff)
		}
		issued, err := s.Issue(got, 0)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := s.Open(issued.AccessKeyID, issued.SessionToken)
		if err != nil || opened.Kind != sts.AssumedRoot || opened.Delegate != "111122223333" || !opened.Narrowed() {
			t.Errorf("opened: %+v, %v", opened, err)
		}
	}
}
