package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"

	"iamd/analyzer"
	"iamd/guard"
	"iamd/wire"
)

// analyzerActions are the rows of IAM Access Analyzer.
func analyzerActions() []Action {
	wire.Union[types.PathElement](
		&types.PathElementMemberIndex{}, &types.PathElementMemberKey{},
		&types.PathElementMemberSubstring{}, &types.PathElementMemberValue{},
	)
	return []Action{
		at(http.MethodPost, "/policy/validation", row("access-analyzer", "ValidatePolicy", checkValidatePolicy, (*API).validatePolicy)),
	}
}

// checkValidatePolicy asks on the ARN that AWS's refusals name; the action knows
// no resource types.
func checkValidatePolicy(c *Call, action string, _ *sdk.ValidatePolicyInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: "arn:aws:access-analyzer:" + c.Caller.Region + ":" + c.Caller.Account + ":*"})
}

// maxDocument is the longest document that is checked, in characters: the longest
// that any IAM operation takes. AWS tells no limit of ValidatePolicy's.
const maxDocument = 131072

// findingsPage is how many findings an answer has at most. AWS tells neither the
// default nor the maximum of MaxResults.
const findingsPage = 100

// validatePolicy checks a document, which need not be anybody's. Findings are in
// English, whatever the locale: AWS's words in other languages are not known
// here.
func (a *API) validatePolicy(_ *Call, in *sdk.ValidatePolicyInput) (*sdk.ValidatePolicyOutput, error) {
	if in.ValidatePolicyResourceType != "" && in.PolicyType != types.PolicyTypeResourcePolicy {
		return nil, &wire.Error{Code: wire.CodeValidation, Message: "InvalidInput", Reason: "other", Status: http.StatusBadRequest}
	}
	document := aws.ToString(in.PolicyDocument)
	if utf8.RuneCountInString(document) > maxDocument {
		return nil, invalidField("policyDocument", "Member must have length less than or equal to 131072")
	}
	limit := findingsPage
	if in.MaxResults != nil {
		if *in.MaxResults < 1 {
			return nil, invalidField("maxResults", "Member must have value greater than or equal to 1")
		}
		limit = min(limit, int(*in.MaxResults))
	}
	of := sha256.Sum256([]byte(string(in.PolicyType) + "\n" + string(in.ValidatePolicyResourceType) + "\n" + document))
	from, ok := readToken(aws.ToString(in.NextToken), of[:])
	if !ok {
		return nil, invalidField("nextToken", "Member must be the nextToken of an answer about the same policy")
	}
	findings := analyzer.Validate(document, analyzer.Options{
		Type: analyzer.PolicyType(in.PolicyType), ResourceType: string(in.ValidatePolicyResourceType),
	})
	findings = findings[min(from, len(findings)):]
	out := &sdk.ValidatePolicyOutput{Findings: make([]types.ValidatePolicyFinding, 0, min(limit, len(findings)))}
	for i := range findings {
		if i == limit {
			out.NextToken = aws.String(writeToken(from+i, of[:]))
			break
		}
		out.Findings = append(out.Findings, showFinding(&findings[i]))
	}
	return out, nil
}

// invalidField refuses a parameter that the models do not bound.
func invalidField(name, limit string) error {
	return &wire.Error{
		Code: wire.CodeValidation, Message: "1 validation error detected: Value at '" + name + "' failed to satisfy constraint: " + limit,
		Reason: wire.ReasonField, Fields: []wire.Field{{Name: name, Message: limit}}, Status: http.StatusBadRequest,
	}
}

// A token is the hash of what was asked about and the number of findings that
// were given. It holds nothing that its holder does not know.
const tokenHash = 16

// maxFindings is far beyond what a document can have.
const maxFindings = 1 << 30

func writeToken(given int, of []byte) string {
	return base64.RawURLEncoding.EncodeToString(binary.AppendUvarint(of[:tokenHash:tokenHash], uint64(given)))
}

func readToken(token string, of []byte) (given int, ok bool) {
	if token == "" {
		return 0, true
	}
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) <= tokenHash || !bytes.Equal(b[:tokenHash], of[:tokenHash]) {
		return 0, false
	}
	n, size := binary.Uvarint(b[tokenHash:])
	if size != len(b)-tokenHash || n == 0 || n > maxFindings {
		return 0, false
	}
	return int(n), true
}

func showFinding(f *analyzer.Finding) types.ValidatePolicyFinding {
	out := types.ValidatePolicyFinding{
		FindingDetails: aws.String(f.Details), FindingType: types.ValidatePolicyFindingType(f.Type),
		IssueCode: aws.String(f.Code), LearnMoreLink: aws.String(f.LearnMore()),
		Locations: make([]types.Location, 0, len(f.Locations)),
	}
	for _, l := range f.Locations {
		at := types.Location{Path: make([]types.PathElement, 0, len(l.Path)), Span: &types.Span{Start: findingPosition(l.Span.Start), End: findingPosition(l.Span.End)}}
		for _, step := range l.Path {
			at.Path = append(at.Path, showStep(step))
		}
		out.Locations = append(out.Locations, at)
	}
	return out
}

func findingPosition(p analyzer.Position) *types.Position {
	return &types.Position{Line: aws.Int32(int32(p.Line)), Column: aws.Int32(int32(p.Column)), Offset: aws.Int32(int32(p.Offset))}
}

func showStep(e analyzer.PathElement) types.PathElement {
	switch e.Kind {
	case analyzer.PathIndex:
		return &types.PathElementMemberIndex{Value: int32(e.Index)}
	case analyzer.PathKey:
		return &types.PathElementMemberKey{Value: e.Key}
	case analyzer.PathSubstring:
		return &types.PathElementMemberSubstring{Value: types.Substring{Start: aws.Int32(int32(e.Start)), Length: aws.Int32(int32(e.Length))}}
	default:
		return &types.PathElementMemberValue{Value: e.Value}
	}
}
