package api

import (
	"context"
	"time"

	"iamd/guard"
	"iamd/iam"
	"iamd/org"
)

// Call is one request on its way: who calls, and the one view of the caller's
// account that is read from beginning to end. In a write that view is the
// draft's, so that what was checked is what is committed.
type Call struct {
	Context context.Context // cancellation and the request id, nothing else
	ID      string          // request id
	Time    time.Time       // when the request arrived
	Caller  *guard.Caller
	// Home is the number of the account that the call is made in: the caller's own,
	// or, for one without keys, the account whose role is asked for. "": none.
	Home    string
	Account *iam.Account // Home, as it is read
	Draft   *iam.Draft   // nil in a read
	// Org is the account's organization, as it is read, in calls that are about
	// it; nil when the account is in none.
	Org *org.Organization
	// Drafts are what a write of an organization changes; the caller's account
	// and Org are among them.
	Drafts *org.Drafts
	// Prepared is what the action made before its draft was begun.
	Prepared any

	// settled are the recipient's notes of handshakes that wait for nobody any more,
	// in a write that sends one to an account without room for it.
	settled []string

	api  *API
	mfa  bool   // the request proved a second factor
	role roleAt // AssumeRole's: what was checked is what is assumed
}
