// Package analyzer checks policy documents as IAM Access Analyzer's ValidatePolicy does: what does not work, what allows
// more than is prudent, what departs from good practice, and what is style, each with the places in the document.
//
// It never refuses a document and decides no request: what IAM does not take when a policy is written is
// policy.Check's to say, and what a policy allows is policy.Decide's. A document that is not JSON gets one finding,
// where it stops being so; any other gets all that apply.
//
// The way of a document: Validate reads it into a tree with positions (policy/source), reads that into statements and
// values that keep their places (document.go), lets every check of the table (report.go) look at it, and returns the
// findings with paths (path.go) and spans. A check reports a code of the table of issues (issue.go), which holds type and text.
// It takes time linear in the document for a given number of actions that AWS has; the first document with an ARN reads
// the whole catalogue. What AWS does not say, such as which keys want six characters before a wildcard, stands in a table
// with a comment beside the check that uses it.
//
// It may import policy, policy/source and catalog, which has AWS's services, actions and condition keys.
//
// It implements "IAM policy validation check reference" of the IAM User Guide and ValidatePolicy of the Access
// Analyzer API Reference.
package analyzer
