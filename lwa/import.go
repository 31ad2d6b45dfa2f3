package lwa

import (
	"crypto/sha256"
	"regexp"

	"iamd/iam"
)

var authorizationForm = regexp.MustCompile(`^[0-9a-f]{24}$`)

// Import brings an application with the ids that it had in another store. Without a
// secret it gets one that nobody knows, until RotateSecret gives another: bare is
// true then. Owner is the account as it is after the commit. Whose ids another
// account has shows when the change is committed.
func (d *Draft) Import(owner *iam.Account, app *Application) (bare bool, err error) {
	next := app.clone()
	_, user := owner.UserByID(app.UniqueID)
	_, role := owner.RoleByID(app.UniqueID)
	switch {
	case !clientForm.MatchString(app.ClientID) || !applicationForm.MatchString(app.ApplicationID):
		return false, iam.Errorf(CodeValidation, "application %.40q: its ids are none of an application's.", app.Name)
	case !user && !role:
		return false, iam.Errorf(CodeValidation, "application %s: nobody of account %s has the unique id %.40q.", app.ClientID, owner.ID, app.UniqueID)
	case len(app.Secrets) > maxSecrets:
		return false, iam.Errorf(CodeValidation, "application %s: it has more than %d secrets.", app.ClientID, maxSecrets)
	case d.applications.Len() >= d.env.Quotas.Applications || len(app.Authorizations) > d.env.Quotas.Authorizations:
		return false, iam.Errorf(CodeQuota, "application %s: the account has more applications, or this one more authorizations, than the %d and %d that are allowed.",
			app.ClientID, d.env.Quotas.Applications, d.env.Quotas.Authorizations)
	}
	if err := checkName(app.Name); err != nil {
		return false, err
	}
	for other := range d.All() {
		if other.ClientID == app.ClientID || other.ApplicationID == app.ApplicationID {
			return false, iam.Errorf(CodeValidation, "application %s is there twice.", app.ClientID)
		}
	}
	seen := map[string]bool{}
	for _, z := range app.Authorizations {
		if !authorizationForm.MatchString(z.ID) || !partnerForm.MatchString(z.SellingPartner) || seen[z.ID] || seen[z.SellingPartner] {
			return false, iam.Errorf(CodeValidation, "application %s: an authorization is none, or is there twice.", app.ClientID)
		}
		seen[z.ID], seen[z.SellingPartner] = true, true
	}
	for i, s := range app.Secrets {
		if len(s.Hash) != sha256.Size || s.Expires.IsZero() != (i == 0) {
			return false, iam.Errorf(CodeValidation, "application %s: a secret is none of iamd's.", app.ClientID)
		}
	}
	if next.Created.IsZero() {
		next.Created = d.now()
	}
	// It is shown as it was then, and must be of this account all the same.
	if e, account, err := iam.ParseEntityARN(app.IAMARN); err != nil || account != owner.ID || e.Kind == iam.KindGroup || (e.Kind == iam.KindUser) != user {
		return false, iam.Errorf(CodeValidation, "application %s: %.100q is not of a user or role of account %s.", app.ClientID, app.IAMARN, owner.ID)
	}
	if bare = len(next.Secrets) == 0; bare {
		next.Secrets = []Secret{{Hash: d.random(sha256.Size)}}
	}
	d.take(next)
	return bare, nil
}
