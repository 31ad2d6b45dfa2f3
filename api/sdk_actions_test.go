package api_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/api"
)

// TestActionsAreTheSDKs: of IAM, STS and Organizations every operation that the SDK
// has is served, and none beside.
func TestActionsAreTheSDKs(t *testing.T) {
	for service, sdk := range map[string]struct {
		client any
		count  int
	}{
		"iam":           {(*iam.Client)(nil), 180},
		"sts":           {(*sts.Client)(nil), 11},
		"organizations": {(*organizations.Client)(nil), 63},
	} {
		want, served := operationsOf(sdk.client), []string{}
		for _, row := range api.Actions() {
			if row.Service == service {
				served = append(served, row.Name)
			}
		}
		slices.Sort(served)
		if len(want) != sdk.count || !slices.Equal(served, want) {
			t.Errorf("%s: the SDK has %d operations, %d were counted on, %d are served", service, len(want), sdk.count, len(served))
			for _, name := range want {
				if !slices.Contains(served, name) {
					t.Errorf("%s:%s is not served", service, name)
				}
			}
			for i, name := range served {
				if !slices.Contains(want, name) || i > 0 && served[i-1] == name {
					t.Errorf("%s:%s is no operation of the SDK's, or served twice", service, name)
				}
			}
		}
	}
}

// operationsOf are a client's methods that take X's input, by name.
func operationsOf(client any) (names []string) {
	t := reflect.TypeOf(client)
	for i := range t.NumMethod() {
		m := t.Method(i)
		if m.Type.NumIn() > 2 && strings.HasSuffix(m.Type.In(2).String(), "."+m.Name+"Input") {
			names = append(names, m.Name)
		}
	}
	return names // as reflect has them, sorted
}
