package sts

import (
	"time"

	"iamd/iam"
)

// FederationToken is a request for a federated user's credentials that the guard
// admitted.
type FederationToken struct {
	Account    string
	UserID     string // unique id of the user who asks; empty for the root user
	Name       string // of the federated user
	Seconds    *int32 // nil: twelve hours; for root never more than one
	Policy     string // an inline session policy; empty for none
	PolicyARNs []string
	Tags       []iam.Tag
}

// Session applies AWS's rules and says what the credentials will be.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
func (r FederationToken) Session(now time.Time) (Session, error) {
	now = now.UTC().Truncate(time.Second)
	s := Session{
		Kind: Federation, Account: r.Account, UniqueID: r.UserID, Name: r.Name, Tags: r.Tags,
		Issued: now, Expires: now.Add(lasting(r.UserID, r.Seconds)),
	}
	if err := s.narrow(r.Policy, r.PolicyARNs); err != nil {
		return s, err
	}
	if _, err := tagKeys(r.Tags); err != nil {
		return s, err
	}
	return s, countTags(r.Tags)
}
