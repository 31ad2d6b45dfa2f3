package sts_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"iamd/iam"
	"iamd/sts"
)

// TestFederationToken: what the credentials of a federated user say, for a user's
// and for root's.
func TestFederationToken(t *testing.T) {
	s := newService(t)
	seconds := func(n int32) *int32 { return &n }
	for _, c := range []struct {
		user    string
		seconds *int32
		want    time.Duration
	}{
		{"AIDAEXAMPLE", nil, 12 * time.Hour}, {"AIDAEXAMPLE", seconds(900), 15 * time.Minute}, {"AIDAEXAMPLE", seconds(129600), 36 * time.Hour},
		{"", nil, time.Hour}, {"", seconds(3600), time.Hour}, {"", seconds(900), 15 * time.Minute}, {"", seconds(129600), time.Hour},
	} {
		tags, policy := []iam.Tag{{Key: "team", Value: "red"}}, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
		got, err := sts.FederationToken{
			Account: "123456789012", UserID: c.user, Name: "Fred", Seconds: c.seconds, Policy: policy, Tags: tags,
			PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"},
		}.Session(clock.Add(time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		want := sts.Session{
			Kind: sts.Federation, Account: "123456789012", UniqueID: c.user, Name: "Fred", Issued: clock, Expires: clock.Add(c.want),
			Policies: []string{policy}, PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}, Tags: tags,
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(sts.Session{})); diff != "" {
			t.Error(diff)
		}
		issued, err := s.Issue(got, 0)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := s.Open(issued.AccessKeyID, issued.SessionToken)
		if err != nil || opened.Kind != sts.Federation || opened.UniqueID != c.user || len(opened.Inline()) != 1 {
			t.Errorf("opened: %+v, %v", opened, err)
		}
	}
}

func TestFederationTokenRules(t *testing.T) {
	var tags []iam.Tag
	for i := range 51 {
		tags = append(tags, iam.Tag{Key: fmt.Sprint(i)})
	}
	for _, c := range []struct {
		request    sts.FederationToken
		code, part string
	}{
		{sts.FederationToken{Policy: "{"}, iam.CodeMalformedPolicy, ""},
		{sts.FederationToken{Policy: strings.Repeat(" ", 2049)}, iam.CodeValidation, "less than or equal to 2048"},
		{sts.FederationToken{PolicyARNs: make([]string, 11)}, iam.CodeValidation, "Cannot exceed quota for PoliciesPerSession: 10"},
		{sts.FederationToken{Tags: tags}, iam.CodeInvalidParameterValue, "Cannot exceed quota for TagsPerSession: 50"},
		{sts.FederationToken{Tags: []iam.Tag{{Key: "a"}, {Key: "A"}}}, iam.CodeInvalidParameterValue, "Duplicate tag keys found."},
		{sts.FederationToken{Tags: []iam.Tag{{Key: "AWS:a"}}}, iam.CodeInvalidParameterValue, "reserved for system use"},
	} {
		_, err := c.request.Session(clock)
		var rule *iam.Error
		if !errors.As(err, &rule) || rule.Code != c.code || !strings.Contains(rule.Message, c.part) {
			t.Errorf("%+v: %v", c.request, err)
		}
	}
}
