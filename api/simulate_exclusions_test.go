package api

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/iam"
)

// TestExcludingUnknown: an identifier of no kind that we know excludes nothing
// silently: it is refused, whichever protocol let it through.
func TestExcludingUnknown(t *testing.T) {
	for _, id := range []types.PolicyIdentifier{nil, &types.UnknownUnionMember{Tag: "Other"}} {
		_, err := excluding([]types.PolicyIdentifier{id})
		var refused *iam.Error
		if !errors.As(err, &refused) || refused.Code != iam.CodeInvalidInput || refused.Message != "Invalid policy identifier." {
			t.Errorf("%v: %v", id, err)
		}
	}
}
