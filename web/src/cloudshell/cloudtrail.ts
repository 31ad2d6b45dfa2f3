// The part of CloudTrail that the server answers: the look into the event history.
// Of the sixty operations more that the SDK has, none is named by the shell.
export { CloudTrailClient, LookupEvents$, LookupEventsCommand, paginateLookupEvents } from "@aws-sdk/client-cloudtrail";
