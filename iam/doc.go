// Package iam holds what AWS Identity and Access Management keeps for an
// account, and every rule about it: which names are free, which quota is full,
// which entity may not be deleted yet.
//
// The unit is the Account, an immutable value: users, groups, roles and
// policies in ordered copy-on-write maps. Reading takes no lock. A write is a
// function on a Draft, which is an Account of its own made in constant time;
// the draft notes the rows it changed, and Seal turns it into the next value.
// The function does nothing outside the draft, so it may be run again.
//
// The package does no I/O and decides no request: callers were admitted by the
// guard before a rule is asked. Time, randomness, sealing of secrets and the
// look into other accounts come in by Env. Every refusal is an *Error with
// AWS's code and text.
//
// One value's way: store rows → Load → Account → Draft → a rule such as
// CreateUser → Seal → rows.
//
// It may import the store's row types, the catalog and the policy language,
// nothing above it.
//
// Pages: https://docs.aws.amazon.com/IAM/latest/APIReference/ and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
package iam
