package analyzer

import "strings"

// reference is the page of the IAM User Guide that has a section for each check.
const reference = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-"

// LearnMore is the link to what AWS says about the check: the page's anchors are the
// type of finding and the code, in lower case with dashes.
func (f *Finding) LearnMore() string {
	kind := string(f.Type)
	if f.Type == Warning {
		kind = "general-warning"
	}
	return reference + strings.ToLower(strings.ReplaceAll(kind+"-"+f.Code, "_", "-"))
}
