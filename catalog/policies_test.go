package catalog

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestManagedPolicyByARN(t *testing.T) {
	got, ok := ManagedPolicyByARN("arn:aws:iam::aws:policy/AdministratorAccess")
	if !ok {
		t.Fatal("AdministratorAccess is not there")
	}
	born := time.Date(2015, 2, 6, 18, 39, 46, 0, time.UTC)
	want := ManagedPolicy{
		ARN:              "arn:aws:iam::aws:policy/AdministratorAccess",
		Name:             "AdministratorAccess",
		Path:             "/",
		PolicyID:         policyID("arn:aws:iam::aws:policy/AdministratorAccess"),
		DefaultVersionID: "v1",
		Document:         `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
		CreateDate:       born,
		UpdateDate:       born,
	}
	if *got != want {
		t.Errorf("got  %+v\nwant %+v", *got, want)
	}

	for arn, path := range map[string]string{
		"arn:aws:iam::aws:policy/ReadOnlyAccess":                                            "/",
		"arn:aws:iam::aws:policy/IAMUserChangePassword":                                     "/",
		"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess":                                    "/",
		"arn:aws:iam::aws:policy/job-function/ViewOnlyAccess":                               "/job-function/",
		"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole":                  "/service-role/",
		"arn:aws:iam::aws:policy/aws-service-role/AWSOrganizationsServiceTrustPolicy":       "/aws-service-role/",
		"arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials":                     "/root-task/",
		"arn:aws:iam::aws:policy/aws-service-role/AWSElasticLoadBalancingServiceRolePolicy": "/aws-service-role/",
	} {
		p, ok := ManagedPolicyByARN(arn)
		if !ok || p.ARN != arn || p.Path != path {
			t.Errorf("%s: %v %+v", arn, ok, p)
		}
	}
	if p, _ := ManagedPolicyByARN("arn:aws:iam::aws:policy/ReadOnlyAccess"); !p.UpdateDate.After(p.CreateDate) {
		t.Errorf("ReadOnlyAccess has changed since %v, but was updated on %v", p.CreateDate, p.UpdateDate)
	}
}

func TestManagedPolicyByARNUnknown(t *testing.T) {
	for _, arn := range []string{
		"", "/", "AdministratorAccess",
		"arn:aws:iam::aws:policy", "arn:aws:iam::aws:policy/", "arn:aws:iam::aws:policyAdministratorAccess",
		"arn:aws:iam::aws:policy//AdministratorAccess",
		"arn:aws:iam::aws:policy/administratoraccess",
		"arn:aws:iam::aws:policy/AdministratorAccess/", "arn:aws:iam::aws:policy/AdministratorAccess ",
		"arn:aws:iam::aws:policy/job-function/AdministratorAccess", // not its path
		"arn:aws:iam::aws:policy/ViewOnlyAccess",                   // nor this one's
		"arn:aws-cn:iam::aws:policy/AdministratorAccess",
		"arn:aws:iam::123456789012:policy/AdministratorAccess",
		"arn:aws:iam::aws:policy/\x00", "arn:aws:iam::aws:policy/0", "arn:aws:iam::aws:policy/zzzz", "arn:aws:iam::aws:policy/\xff",
		"arn:aws:iam::aws:policy/" + strings.Repeat("A", 1<<16),
	} {
		if p, ok := ManagedPolicyByARN(arn); ok || p != nil {
			t.Errorf("%.80q: found %+v", arn, p)
		}
	}
}

func TestEveryManagedPolicy(t *testing.T) {
	id := regexp.MustCompile(`^ANPA[A-Z2-7]{17}$`)
	version := regexp.MustCompile(`^v[1-9][0-9]*$`)
	ids := map[string]bool{}
	var names []string
	for p := range ManagedPolicies() {
		names = append(names, p.Name)
		if p.ARN != "arn:aws:iam::aws:policy"+p.Path+p.Name || !strings.HasPrefix(p.Path, "/") || !strings.HasSuffix(p.Path, "/") {
			t.Errorf("%s: ARN %s, path %s", p.Name, p.ARN, p.Path)
		}
		if !id.MatchString(p.PolicyID) || ids[p.PolicyID] {
			t.Errorf("%s: id %s", p.Name, p.PolicyID)
		}
		ids[p.PolicyID] = true
		if !version.MatchString(p.DefaultVersionID) {
			t.Errorf("%s: version %s", p.Name, p.DefaultVersionID)
		}
		if p.CreateDate.Year() < 2010 || p.UpdateDate.Before(p.CreateDate) {
			t.Errorf("%s: created %v, updated %v", p.Name, p.CreateDate, p.UpdateDate)
		}
		var document struct {
			Version   string
			Statement any
		}
		if err := json.Unmarshal([]byte(p.Document), &document); err != nil || document.Version == "" || document.Statement == nil {
			t.Errorf("%s: %v in %.200s", p.Name, err, p.Document)
		}
		if again, ok := ManagedPolicyByARN(p.ARN); !ok || again != p {
			t.Errorf("%s is not found by its ARN", p.ARN)
		}
	}
	if len(names) < 1200 {
		t.Errorf("%d policies", len(names))
	}
	if !slices.IsSorted(names) {
		t.Error("not ordered by name")
	}
	for range ManagedPolicies() {
		break // a caller may stop
	}
}
