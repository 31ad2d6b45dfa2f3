package analyzer

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
)

// TestResourceTypes: they are those that ValidatePolicy takes.
func TestResourceTypes(t *testing.T) {
	var want []string
	for _, v := range types.ValidatePolicyResourceType("").Values() {
		want = append(want, string(v))
	}
	slices.Sort(want)
	if got := ResourceTypes(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
