package portable

import (
	"iamd/lwa"
)

// ImportApplications are the applications of the account, for lwa.Draft.Import.
func (a *Account) ImportApplications() []*lwa.Application {
	var list []*lwa.Application
	for _, app := range a.Applications {
		next := &lwa.Application{
			ClientID: app.ClientID, ApplicationID: app.ApplicationID, Name: app.Name, Created: app.CreateDate.Time, IAMARN: app.IAMARN, UniqueID: app.UniqueID,
		}
		for _, z := range app.Authorizations {
			next.Authorizations = append(next.Authorizations, lwa.Authorization{ID: z.ID, SellingPartner: z.SellingPartner, Created: z.CreateDate.Time})
		}
		for _, s := range app.SecretHashes {
			next.Secrets = append(next.Secrets, lwa.Secret{Hash: s.Hash, Expires: s.ExpirationDate.Time})
		}
		list = append(list, next)
	}
	return list
}
