package iam

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/store"
)

// TestOpenedByLevels: what every level allows, and no level denies.
func TestOpenedByLevels(t *testing.T) {
	const all = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	allow := func(actions string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[` + actions + `],"Resource":"*"}]}`
	}
	deny := func(action, rest string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"` + action + `","Resource":"*"` + rest + `}]}`
	}
	three := allow(`"s3:GetObject","iam:GetUser","sqs:SendMessage"`)
	for name, c := range map[string]struct {
		levels [][]string
		all    bool
		want   string
	}{
		"nothing":             {nil, false, ""},
		"a level of none":     {[][]string{{all}, {}}, false, ""},
		"everything":          {[][]string{{all}, {all}}, true, ""},
		"one level":           {[][]string{{three}}, false, "iam s3 sqs"},
		"the narrower level":  {[][]string{{all}, {three}, {all}}, false, "iam s3 sqs"},
		"both levels":         {[][]string{{three}, {allow(`"sqs:*","sns:*"`)}}, false, "sqs"},
		"beside everything":   {[][]string{{all}, {all, three}}, true, ""},
		"denied":              {[][]string{{all}, {three, deny("s3:*", "")}}, false, "iam sqs"},
		"denied further up":   {[][]string{{all, deny("s3:*", "")}, {three}}, false, "iam sqs"},
		"denied at times":     {[][]string{{three, deny("s3:*", `,"Condition":{"StringEquals":{"aws:username":"nobody"}}`)}}, false, "iam s3 sqs"},
		"only denied":         {[][]string{{deny("s3:*", "")}}, false, ""},
		"no level in common":  {[][]string{{allow(`"s3:*"`)}, {allow(`"sqs:*"`)}}, false, ""},
		"a single action off": {[][]string{{three, deny("iam:DeleteUser", "")}}, false, "iam s3 sqs"},
	} {
		var levels [][]*Document
		for _, level := range c.levels {
			documents := []*Document{}
			for _, text := range level {
				documents = append(documents, NewDocument(text, nil))
			}
			levels = append(levels, documents)
		}
		everything, got := OpenedByLevels(levels)
		if everything != c.all || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v %v", name, everything, got)
		}
	}
}

func TestOrganizationReports(t *testing.T) {
	d := policyDraft()
	clock := turn(d)
	add := func(n int, caller, path, policy string) *OrganizationReport {
		return d.AddOrganizationReport(OrganizationReport{ID: fmt.Sprintf("%036d", n), Caller: caller, Path: path, Policy: policy, Services: []string{"s3"}})
	}
	first := add(0, "AIDA1", "o-a/r-b", "")
	got, err := d.OrganizationReport(first.ID, "AIDA1")
	must(t, err)
	if !got.CreateDate.Equal(*clock) || !got.Opens("s3") || got.Opens("sqs") || !(&OrganizationReport{Everything: true}).Opens("sqs") {
		t.Errorf("%+v", got)
	}
	const none = "Job 000000000000000000000000000000000000 does not exist."
	_, err = d.OrganizationReport(first.ID, "AIDA2")
	refused(t, err, "NoSuchEntity", none)

	// For a minute the same question has the same answer.
	*clock = clock.Add(time.Minute - time.Second)
	if r, ok := d.LatestOrganizationReport("AIDA1", "o-a/r-b", ""); !ok || r.ID != first.ID {
		t.Errorf("%+v", r)
	}
	for _, other := range [][3]string{{"AIDA2", "o-a/r-b", ""}, {"AIDA1", "o-a/r-c", ""}, {"AIDA1", "o-a/r-b", "p-12345678"}} {
		if r, ok := d.LatestOrganizationReport(other[0], other[1], other[2]); ok {
			t.Errorf("%v: %+v", other, r)
		}
	}
	*clock = clock.Add(time.Second)
	if r, ok := d.LatestOrganizationReport("AIDA1", "o-a/r-b", ""); ok {
		t.Errorf("%+v", r)
	}

	for n := range OrganizationReports {
		*clock = clock.Add(time.Second)
		add(n+1, "AIDA1", "o-a/r-b", "")
	}
	_, err = d.OrganizationReport(first.ID, "AIDA1")
	refused(t, err, "NoSuchEntity", none)
	if len(d.organizationReports) != OrganizationReports {
		t.Errorf("%d are kept", len(d.organizationReports))
	}
	a, changes := d.Seal()
	rows := slices.DeleteFunc(changes.Rows, func(r store.Row) bool { return r.Data == nil })
	loaded, err := Load(d.env, a.ID, rows)
	must(t, err)
	if diff := cmp.Diff(a.organizationReports, loaded.organizationReports); diff != "" {
		t.Error(diff)
	}
}
