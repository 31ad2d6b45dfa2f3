package analyzer

import (
	"cmp"
	"slices"

	"iamd/policy/source"
)

// PolicyType is a type of policy as ValidatePolicy names it.
type PolicyType string

// The types of policy that can be checked.
const (
	IdentityPolicy PolicyType = "IDENTITY_POLICY"
	ResourcePolicy PolicyType = "RESOURCE_POLICY"
	SCP            PolicyType = "SERVICE_CONTROL_POLICY"
	RCP            PolicyType = "RESOURCE_CONTROL_POLICY"
)

// RoleTrust is the resource type of a role's trust policy.
const RoleTrust = "AWS::IAM::AssumeRolePolicyDocument"

// Options say what a document is to be.
type Options struct {
	Type PolicyType
	// ResourceType is what a resource policy is attached to, such as "AWS::S3::Bucket" or RoleTrust; "" for any.
	ResourceType string
}

// Finding is one thing to say about a document.
type Finding struct {
	Type      FindingType `json:"findingType"`
	Code      string      `json:"issueCode"`
	Title     string      `json:"title"`
	Details   string      `json:"findingDetails"`
	Locations []Location  `json:"locations"`
}

// Location is a place in the document, by path and by span.
type Location struct {
	Path []PathElement `json:"path"`
	Span Span          `json:"span"`
}

// PathElement is one step from the document's root to a place in it.
type PathElement struct {
	Kind  PathKind `json:"kind"`
	Index int      `json:"index,omitempty"` // of an item, from 0
	Key   string   `json:"key,omitempty"`   // the member whose key is meant, as the last step
	Value string   `json:"value,omitempty"` // the key of the member whose value is meant
	// Start and Length are those of a part of a string, in characters, as the last step.
	Start  int `json:"start,omitempty"`
	Length int `json:"length,omitempty"`
}

// PathKind tells which fields of a PathElement count.
type PathKind string

// The kinds of step.
const (
	PathIndex     PathKind = "index"
	PathKey       PathKind = "key"
	PathValue     PathKind = "value"
	PathSubstring PathKind = "substring"
)

// Span is from one position up to another, which is no longer part of it.
type Span struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// Position is a place in the document's text.
type Position struct {
	Line   int `json:"line"`   // from 1
	Column int `json:"column"` // characters, from 0
	Offset int `json:"offset"` // characters, from 0
}

// Validate returns what there is to say about a document, gravest first and then by place: 1,000 findings of one code and
// 100 places of one finding at most. It takes any text.
func Validate(text string, opt Options) []Finding {
	d := &document{text: text, opt: opt, reported: map[string]int{}}
	root, fault := source.Read(text)
	if fault != nil {
		d.syntax(fault)
	} else {
		d.read(&root)
		for _, check := range checks {
			check(d)
		}
	}
	d.locate()
	slices.SortStableFunc(d.findings, func(a, b Finding) int {
		if c := cmp.Compare(a.Type.rank(), b.Type.rank()); c != 0 {
			return c
		}
		return cmp.Compare(a.offset(), b.offset())
	})
	return d.findings
}

func (t FindingType) rank() int {
	return slices.Index([]FindingType{Error, SecurityWarning, Warning, Suggestion}, t)
}

func (f *Finding) offset() int {
	if len(f.Locations) == 0 {
		return 0
	}
	return f.Locations[0].Span.Start.Offset
}
