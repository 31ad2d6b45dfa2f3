package console

import (
	"errors"

	"iamd/guard"
	"iamd/iam"
)

// decodeDenial is the action that reading about a denial is: AWS has no other that
// tells as much.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
const decodeDenial = "sts:DecodeAuthorizationMessage"

type denialInput struct {
	RequestID string `json:"requestId"`
}

// denialsRow is why a call of the caller's account was denied.
func denialsRow() row {
	return signed[denialInput]{
		path: "denials", source: "sts.amazonaws.com", event: "DecodeAuthorizationMessage", action: decodeDenial,
		checks: func(*call, *denialInput) ([]guard.Check, error) {
			return []guard.Check{{Action: decodeDenial, Resource: "*", Unnamed: true}}, nil
		},
		run: func(c *Console, k *call, in *denialInput) (any, error) { return c.denial(k, in.RequestID) },
		record: func(in *denialInput, _ any) (request, response any) {
			if len(in.RequestID) > maxRequestID {
				return nil, nil // no id of anything
			}
			return in, nil
		},
	}.row()
}

// maxRequestID is longer than any id that was given to a request here.
const maxRequestID = 64

// denial finds the trace of a request. One that another account keeps is as
// unknown as one that never was.
func (c *Console) denial(k *call, requestID string) (*guard.Trace, error) {
	unknown := &iam.Error{Code: iam.CodeNoSuchEntity, Message: "No denial with this request ID is known in this account. " +
		"Kept are the newest 10,000 for 90 days; a call that was allowed, or whose caller was not known, has none."}
	if requestID == "" || len(requestID) > maxRequestID {
		return nil, unknown
	}
	packed, err := c.cfg.Audit.Trace(k, requestID)
	if errors.Is(err, iam.ErrNotFound) {
		return nil, unknown
	}
	if err != nil {
		return nil, err
	}
	t, err := guard.UnpackTrace(packed)
	if err != nil {
		return nil, err
	}
	if t.Holder() != k.Caller.Account {
		return nil, unknown
	}
	// Others' policies are not theirs to read: iamd policy explain has the whole.
	return t.ToldTo(k.Caller.Account), nil
}
