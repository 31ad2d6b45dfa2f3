package analyzer

import (
	"testing"
	"unicode/utf8"
)

// policyKinds are all that a document can be checked as.
var policyKinds = []Options{
	{Type: IdentityPolicy}, {Type: SCP}, {Type: RCP}, {Type: ResourcePolicy}, {Type: ResourcePolicy, ResourceType: RoleTrust},
	{Type: ResourcePolicy, ResourceType: "AWS::S3::Bucket"}, {Type: ResourcePolicy, ResourceType: "AWS::DynamoDB::Table"},
}

// FuzzValidate: whatever the text, there are findings of known codes at places inside it, and no panic.
func FuzzValidate(f *testing.F) {
	for _, e := range examples {
		f.Add(e.document)
	}
	f.Fuzz(func(t *testing.T, text string) {
		chars := utf8.RuneCountInString(text)
		for _, opt := range policyKinds {
			for _, finding := range Validate(text, opt) {
				if issues[finding.Code].Type != finding.Type || finding.Details == "" || len(finding.Locations) == 0 {
					t.Fatalf("%+v", finding)
				}
				for _, l := range finding.Locations {
					if s := l.Span; s.Start.Offset < 0 || s.End.Offset < s.Start.Offset || s.End.Offset > chars || s.Start.Line < 1 {
						t.Fatalf("%s: span %+v of %d characters", finding.Code, s, chars)
					}
				}
			}
		}
	})
}
