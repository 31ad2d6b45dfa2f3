// Package policy is the IAM policy language: it reads a policy document, says what AWS would refuse in it, compiles it,
// and answers whether a request is allowed by all the policies that apply to it, and why.
//
// It never fetches anything: the policies, the principal and the condition keys of a request are the caller's to bring,
// every one of them, aws:PrincipalArn and aws:CurrentTime too. It holds no state, logs nothing and knows no account,
// and it does not know the calls that need no permission (sts:GetCallerIdentity) nor those that a kind of credentials
// may never make: both are settled before a policy is looked at.
//
// The way of a document: Parse reads strict JSON into a Document, with positions; Check says what AWS says when the
// document is written, by its Kind; Compile makes the immutable form that decisions use. The way of a request: Decide
// takes it with its Policies, looks for an explicit Deny in all of them, then for the Allow that each kind owes, and
// allocates nothing. Explain does the same and keeps the trace.
//
// A fault never widens access. Every element of a statement is true, false, or can't be evaluated (an unknown operator,
// an unreadable value, a malformed variable); a statement with one that can't, and none that is false, applies if it
// is a Deny and does not if it is an Allow.
//
// The package imports the standard library only. It implements, of the IAM User Guide: "Policy evaluation logic",
// "IAM JSON policy elements: Principal, NotPrincipal, Resource, Condition operators, Variables and tags", "Creating a
// condition with multiple keys or values", "Grammar of the IAM JSON policy language"; and of the Organizations guide
// the evaluation of service and resource control policies.
package policy
