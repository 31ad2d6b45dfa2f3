// Package actionsdoc writes docs/actions.md: which AWS actions are served, what
// each asks of policies, and which test shows it.
//
// It answers from the table of actions itself (api.Actions), from the catalog's
// copy of AWS's Service Authorization Reference, and from the SDK's clients for
// what is not served. One thing stands here by hand, as code that runs with a
// request can't be read from a table: the further actions that some calls are
// asked for. A test of package api holds it against what its cases grant.
//
// The way of one value: a row of the table → a line of Markdown. The command
// beside it (internal/gen) writes the file, and a test compares the file with
// Markdown, so a new action can't be left out.
//
// It may import api, the catalog and the SDK. Nothing that is served imports it.
//
// Pages: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
// and https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamaccessanalyzer.html
package actionsdoc
