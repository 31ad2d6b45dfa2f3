package api

import (
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"

	"iamd/iam"
	"iamd/org"
)

// organizationPage is how many items a page holds when MaxResults is not given,
// the most that it can ask for.
const organizationPage = 20

// nextPage is page as Organizations has it: NextToken instead of a marker, and
// no word for a page that is not the last.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
func nextPage[V, T any](token *string, maxResults *int32, walk func(after string) iter.Seq2[string, V], keep func(V) bool, show func(V) T) (items []T, next *string, err error) {
	if _, err := readMarker(token); err != nil {
		return nil, nil, &iam.Error{
			Code: org.CodeInvalidInput, Reason: "INVALID_NEXT_TOKEN",
			Message: "You specified an invalid value for nextToken. You must get the value from the response to a previous call to the API.",
		}
	}
	if maxResults == nil {
		maxResults = aws.Int32(organizationPage)
	}
	items, _, next, err = page(token, maxResults, walk, keep, show)
	return items, next, err
}
