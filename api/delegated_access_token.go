package api

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/guard"
	"iamd/iam"
	iamsts "iamd/sts"
)

var errNoTopics = errors.New("api: no topics are configured")

// delegatedAccessActions is the row by which trade-in tokens become credentials.
func delegatedAccessActions() []Action {
	return []Action{
		issuing(row("sts", "GetDelegatedAccessToken", checkAnything[sts.GetDelegatedAccessTokenInput], (*API).getDelegatedAccessToken)),
	}
}

// getDelegatedAccessToken gives the account that made a delegation request what
// was approved. A token may be traded in until the access ends, and all its
// credentials end then. To others than its account a token says as little as one
// that was never made.
func (a *API) getDelegatedAccessToken(c *Call, in *sts.GetDelegatedAccessTokenInput) (*sts.GetDelegatedAccessTokenOutput, error) {
	r, view, err := a.tradedIn(c, *in.TradeInToken)
	if err != nil {
		return nil, err
	}
	if !r.Delegates(c.Time) {
		return nil, iam.Errorf(iam.CodeExpiredTradeInToken, "The trade-in token has expired and can no longer be exchanged for credentials.")
	}
	session := iamsts.DelegatedAccess(view.ID, r)
	principal, err := guard.DelegatedPrincipal(view, &session)
	if err != nil {
		return nil, &iam.Error{Code: iam.CodeAccessDenied, Message: "The access that was delegated is no longer there.", Err: err}
	}
	credentials, err := a.cfg.STS.Issue(session, 0)
	if err != nil {
		return nil, err
	}
	// The account whose access it is hears of it.
	c.role = roleAt{account: view.ID, held: true}
	return &sts.GetDelegatedAccessTokenOutput{AssumedPrincipal: aws.String(principal), Credentials: credentialsOut(&credentials)}, nil
}

// tradedIn finds the request of a token that is the caller's to trade in.
func (a *API) tradedIn(c *Call, token string) (*iam.DelegationRequest, *iam.Account, error) {
	refused := func(err error) error {
		return &iam.Error{Code: iam.CodeAccessDenied, Message: "The trade-in token is not valid.", Err: err}
	}
	account, id, err := a.cfg.STS.OpenTradeIn(token)
	if err != nil {
		return nil, nil, refused(err)
	}
	view, err := a.cfg.Accounts.View(c.Context, account)
	if errors.Is(err, iam.ErrNotFound) {
		return nil, nil, refused(err)
	}
	if err != nil {
		return nil, nil, err
	}
	r, err := view.OwnedDelegationRequest(id)
	if err != nil {
		return nil, nil, refused(err)
	}
	if r.Requestor != c.Caller.Account {
		return nil, nil, refused(errors.New("it is another account's"))
	}
	return r, view, nil
}
