// Package api is the door that speaks AWS's actions: one table of all of them,
// one file a noun (users.go, roles.go, …).
//
// A request goes one way, whichever protocol it is written in (the query protocol
// of IAM and STS, awsJson of Organizations and CloudTrail, restJson of Access Analyzer): guard.Authenticate → wire decodes
// it into the SDK's input and checks its parameters → the row's checks are put to
// guard.Authorize → the operation runs → wire encodes the SDK's output → audit.
// No operation owns any of these steps, so none can forget one. A row without
// checks is refused unless AWS itself leaves the action open to every caller.
//
// An operation reads c.Account and changes c.Draft; names, quotas and
// uniqueness are iam's to judge. It never sees the store, the request or its
// signature.
//
// To add an action: write its operation in its noun's file, its checks beside
// it, its row in the table, and its case in the noun's test.
//
// Pages: https://docs.aws.amazon.com/IAM/latest/APIReference/ ,
// https://docs.aws.amazon.com/STS/latest/APIReference/ ,
// https://docs.aws.amazon.com/organizations/latest/APIReference/ ,
// https://docs.aws.amazon.com/access-analyzer/latest/APIReference/ and, for what is
// asked of policies, https://docs.aws.amazon.com/service-authorization/latest/reference/
package api
