// Package audit keeps what was asked, by whom, and the answer: events in the
// form of CloudTrail's, traces of denials, and when each key, role and service
// was last used.
//
// A management event of a write is no business of this package once it is
// built: it commits with the change that it records, or neither does. Events of
// reads, denials and sessions, traces, and last-used data, go through a bounded
// queue that is written at least every FlushEvery; what is in it when the machine
// dies is lost, which harms nobody. Events and traces have a room each, of which
// one account gets a share, and of its traces each principal (piles.go, room.go); what finds
// none is dropped and counted. Of each principal's traces, and of each account's,
// the newest are kept. What the service models mark sensitive never gets here:
// wire leaves it out.
// Lookup reads an account's history again, a bounded part of it at a time. Package
// sink, beside it, brings to others what was stored.
//
// It may import the store's row types and wire, nothing above.
//
// Pages: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html ,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
package audit
