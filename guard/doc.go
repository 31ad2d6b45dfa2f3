// Package guard is the gate: who calls, and may they?
//
// Authenticate turns a request's signature into a Caller: it finds the key,
// opens the session token, verifies Signature Version 4 over the bytes
// received, and makes sure that the user or role behind it still exists.
// Authorize puts Checks to the policy engine with every policy that bears on
// the caller and every condition key that a server can know, and answers nil
// or a denial in AWS's words. Trace explains a denial afterwards, for the record
// and for whoever may know (Message, DecodeMessage); calls that are allowed pay
// nothing for it.
//
// Every door (the AWS API, the gateway) goes through here; no other package
// asks the policy engine to decide a request. When a check cannot be made the
// answer is no. The guard changes nothing.
//
// One value's way: http.Request → sigv4.Signature → Caller → Check → condition
// keys → a decision → *Denied → Trace.
//
// It may import iam, sts, org and the libraries.
//
// Pages: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html ,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
package guard
