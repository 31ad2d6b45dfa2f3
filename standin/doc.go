// Package standin knows under which host names of AWS and Amazon iamd can answer,
// which door each leads to, and the Selling Partner API that it stands in for: its
// regions, hosts, resource policy, and a small document of our own in the manner of
// the Orders API (orders.yaml).
//
// The way of one name: Names.Door reads it strictly, in one spelling, and says
// which door it leads to; Names.Certificate says which names the certificate has
// that a client is shown for it. The same table serves both, so that no name has a
// certificate and no door, or the reverse.
//
// It never listens, never decides who may call, and never claims a name of Amazon's
// that it does not answer for: Domains, which an authority is made for, leaves
// out www.amazon.com and all the rest.
//
// It may import nothing of ours.
//
// Pages: https://docs.aws.amazon.com/general/latest/gr/sts.html ,
// https://docs.aws.amazon.com/general/latest/gr/iam-service.html and
// https://developer-docs.amazon.com/sp-api/docs/sp-api-endpoints
package standin
