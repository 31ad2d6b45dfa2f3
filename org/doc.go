// Package org holds what AWS Organizations keeps for an organization, and every
// rule about it: its tree of units and accounts, its policies and what they are
// attached to, its handshakes, its delegated administrators.
//
// The unit is the Organization, an immutable value like iam's Account: reading
// takes no lock, and a write is a function on a Draft, which notes the rows that
// it changed. A member account keeps on its own which organization it is in; what
// touches both (an account that is made, joins, leaves or closes) is one commit
// of the two, which Store.Write makes.
//
// The package does no I/O and decides no request. It tells the guard where an
// account stands and which control policies bind it (Standing), and computes what
// management policies come to for an account (EffectivePolicy). Every refusal is
// an *iam.Error with AWS's code, text and, where the exception has one, reason.
//
// One value's way: store rows → Load → Organization → Draft → a rule such as
// CreateUnit → Seal → rows.
//
// It may import iam, the store's row types, the catalog and the policy language,
// nothing above it.
//
// Pages: https://docs.aws.amazon.com/organizations/latest/APIReference/ and
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
package org
