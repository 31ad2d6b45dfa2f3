package api

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/iam"
)

// Topics are where requestors hear of their delegation requests.
type Topics interface {
	// Has tells whether a topic, by its ARN, can be published to.
	Has(arn string) bool
	// Publish sends a message, and returns when it was taken.
	Publish(ctx context.Context, arn string, message []byte) error
}

// publishTime is how long the caller waits for a topic.
const publishTime = 5 * time.Second

// delegationNews is what a requestor hears. AWS tells of changes of state and of
// tokens on one topic; the names of the members are ours.
type delegationNews struct {
	Type                string // StateChange or ExchangeToken
	DelegationRequestID string `json:"DelegationRequestId"`
	RequestorWorkflowID string `json:"RequestorWorkflowId"`
	OwnerAccountID      string `json:"OwnerAccountId"`
	State               string
	UpdatedAt           time.Time
	RejectionReason     string     `json:",omitempty"`
	ExchangeToken       string     `json:",omitempty"`
	ExpirationTime      *time.Time `json:",omitempty"` // of the token
}

// telling tells the requestor of the state that a request is in once the change
// is durable. That nobody listens keeps nobody from deciding.
func telling[I any](r Action, id func(*I) *string) Action {
	r.after = func(a *API, c *Call, in any) error {
		err := a.tell(c, *id(in.(*I)), nil)
		if err != nil {
			a.cfg.Log.Warn("a requestor was not told", "request", c.ID, "account", c.Home, "delegation", *id(in.(*I)), "error", err)
		}
		return nil
	}
	return r
}

// sendingToken sends the token once the request is finalized. A token that did
// not reach its channel can be sent again, by the same call.
func sendingToken(r Action) Action {
	r.after = func(a *API, c *Call, in any) error {
		id := *in.(*sdk.SendDelegationTokenInput).DelegationRequestId
		token, err := a.cfg.STS.TradeIn(c.Home, id)
		if err != nil {
			return err
		}
		if err := a.tell(c, id, &token); err != nil {
			return &iam.Error{Code: iam.CodeServiceFailure, Message: "The exchange token could not be sent to the notification channel; send it again.", Err: err}
		}
		return a.cfg.Accounts.Update(c.Context, c.Home, func(d *iam.Draft) error { return d.DelegationTokenDelivered(id) })
	}
	return r
}

func (a *API) tell(c *Call, id string, token *string) error {
	view, err := a.cfg.Accounts.View(c.Context, c.Home)
	if err != nil {
		return err
	}
	r, err := view.OwnedDelegationRequest(id)
	if err != nil {
		return err
	}
	news := delegationNews{
		Type: "StateChange", DelegationRequestID: r.ID, RequestorWorkflowID: r.WorkflowID, OwnerAccountID: view.ID,
		State: string(r.State), UpdatedAt: r.Updated, RejectionReason: r.RejectionReason, ExchangeToken: aws.ToString(token),
	}
	if token != nil {
		news.Type, news.ExpirationTime = "ExchangeToken", aws.Time(r.SessionEnds())
	}
	message, err := json.Marshal(&news)
	if err != nil {
		return err
	}
	if a.cfg.Topics == nil {
		return errNoTopics
	}
	ctx, cancel := context.WithTimeout(c.Context, publishTime)
	defer cancel()
	return a.cfg.Topics.Publish(ctx, r.Channel, message)
}
