// Package policy is the IAM policy language: it reads a policy document, says what AWS would refuse in it, compiles it,
// and answers whether a request is allowed by all the policies that apply to it, and why.
//
// It never fetches anything: the policies, the principal and the condition keys of a request are the caller's to bring,
// every one of them, aws:PrincipalArn and aws:CurrentTime too. It holds no state, logs nothing and knows no account,
// and it does not know the calls that need no permission (sts:GetCallerIdentity) nor those that a kind of credentials
// may never make: both are settled before a policy is looked at.
//
// # Documents
//
// Parse reads strict JSON into a Document, with positions; Check says what AWS says when the document is written, by its
// Kind; Compile makes the immutable form that decisions use. Compile when a policy is written or loaded, and share the
// result: it is safe for any number of goroutines. A policy that exists but can't be read goes into the lists all the
// same, as an Attached without a Compiled, and denies.
//
// # Requests
//
// A Request says who (Principal), what (Action), to which resource, whose that is, and the condition keys (Context).
// Policies has everything that applies, each kind in its own list; a kind that limits, such as a permissions boundary,
// and has no policies left is said to be there by its Has field. Decide looks for an explicit Deny in all of them, then for
// the Allow that each kind owes, and allocates nothing. A Decision names the kind, the policy and the statement that
// settled it, and Decision.Reason is the tail of AWS's sentence for it.
//
// # Reasons
//
// Explain decides as Decide does and keeps the trace: every statement, whether it applies, and else the element that did
// not fit; and the condition keys that were asked for and not there. Whoever explains what strangers bring asks
// Policies.Work first what it would cost.
//
// # Faults
//
// A fault never widens access. Every element of a statement is true, false, or can't be evaluated (an unknown operator,
// an unreadable value, a malformed variable); a statement with one that can't, and none that is false, applies if it
// is a Deny and does not if it is an Allow. No input takes more than linear time, by the length of pattern and text.
//
// # Sources
//
// The package imports the standard library and its own policy/source only. It implements, of the IAM User Guide: "Policy
// evaluation logic", "IAM JSON policy elements: Principal, NotPrincipal, Resource, Condition operators, Variables and
// tags", "Creating a condition with multiple keys or values", "Grammar of the IAM JSON policy language"; and of the
// Organizations guide the evaluation of service and resource control policies. What each rule means in practice is shown
// by the scenarios in testdata, each with the page it comes from.
package policy
