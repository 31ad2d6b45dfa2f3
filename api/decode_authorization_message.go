package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/guard"
)

// authorizationMessageActions is the row of encoded authorization messages.
func authorizationMessageActions() []Action {
	return []Action{
		row("sts", "DecodeAuthorizationMessage", checkDecoding, (*API).decodeAuthorizationMessage),
	}
}

func checkDecoding(_ *Call, action string, _ *sts.DecodeAuthorizationMessageInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: "*", Unnamed: true})
}

// decodeAuthorizationMessage explains a denial to whoever may know. A message of
// another account is as invalid as one that was never made.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
func (a *API) decodeAuthorizationMessage(c *Call, in *sts.DecodeAuthorizationMessageInput) (*sts.DecodeAuthorizationMessageOutput, error) {
	text, err := a.cfg.Guard.DecodeMessage(c.Caller.Account, aws.ToString(in.EncodedMessage))
	if err != nil {
		return nil, err
	}
	return &sts.DecodeAuthorizationMessageOutput{DecodedMessage: aws.String(text)}, nil
}
