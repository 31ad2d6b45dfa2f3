package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/iam"
)

// outboundFederationActions are the rows of the account as an issuer of web
// identity tokens; web_identity_token.go gives them out.
func outboundFederationActions() []Action {
	return []Action{
		prepared(write("EnableOutboundWebIdentityFederation", checkAnything[sdk.EnableOutboundWebIdentityFederationInput], (*API).enableOutboundFederation), (*API).makeSigningKeys),
		write("DisableOutboundWebIdentityFederation", checkAnything[sdk.DisableOutboundWebIdentityFederationInput], (*API).disableOutboundFederation),
		read("GetOutboundWebIdentityFederationInfo", checkAnything[sdk.GetOutboundWebIdentityFederationInfoInput], (*API).getOutboundFederationInfo),
	}
}

// makeSigningKeys makes the keys of an account that enables the federation for
// the first time. It is work as hashing is, and waits with it.
func (a *API) makeSigningKeys(c *Call, _ *sdk.EnableOutboundWebIdentityFederationInput) error {
	if c.Account.IssuesTokens() {
		return nil
	}
	return a.hashing.Do(c.Context, c.Caller.Account, func() error {
		keys, err := iam.NewSigningKeys(a.cfg.Rand)
		c.Prepared = keys
		return err
	})
}

func (a *API) enableOutboundFederation(c *Call, _ *sdk.EnableOutboundWebIdentityFederationInput) (*sdk.EnableOutboundWebIdentityFederationOutput, error) {
	keys, _ := c.Prepared.(*iam.SigningKeys)
	id, err := c.Draft.EnableOutboundFederation(keys)
	if err != nil {
		return nil, err
	}
	return &sdk.EnableOutboundWebIdentityFederationOutput{IssuerIdentifier: aws.String(a.cfg.Issuer(id))}, nil
}

func (a *API) disableOutboundFederation(c *Call, _ *sdk.DisableOutboundWebIdentityFederationInput) (*sdk.DisableOutboundWebIdentityFederationOutput, error) {
	return &sdk.DisableOutboundWebIdentityFederationOutput{}, c.Draft.DisableOutboundFederation()
}

func (a *API) getOutboundFederationInfo(c *Call, _ *sdk.GetOutboundWebIdentityFederationInfoInput) (*sdk.GetOutboundWebIdentityFederationInfoOutput, error) {
	id, err := c.Account.TokenIssuer()
	if err != nil {
		return nil, err
	}
	return &sdk.GetOutboundWebIdentityFederationInfoOutput{IssuerIdentifier: aws.String(a.cfg.Issuer(id)), JwtVendingEnabled: true}, nil
}
