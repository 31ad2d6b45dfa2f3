package audit

import (
	"encoding/json"
	"strings"
	"time"

	"iamd/store"
)

// Event is one call, in CloudTrail's form, version 1.11.
type Event struct {
	EventVersion    string    `json:"eventVersion"`
	UserIdentity    Identity  `json:"userIdentity"`
	EventTime       time.Time `json:"eventTime"`
	EventSource     string    `json:"eventSource"` // iam.amazonaws.com
	EventName       string    `json:"eventName"`   // CreateUser
	AWSRegion       string    `json:"awsRegion"`
	SourceIPAddress string    `json:"sourceIPAddress"`
	UserAgent       string    `json:"userAgent,omitempty"`
	ErrorCode       string    `json:"errorCode,omitempty"`
	ErrorMessage    string    `json:"errorMessage,omitempty"`
	// RequestParameters and ResponseElements are JSON; nil is null.
	RequestParameters json.RawMessage `json:"requestParameters"`
	ResponseElements  json.RawMessage `json:"responseElements"`
	// AdditionalEventData is what a sign-in tells beside the answer; nil is left out.
	AdditionalEventData json.RawMessage `json:"additionalEventData,omitempty"`

	RequestID          string `json:"requestID"`
	EventID            string `json:"eventID"`
	ReadOnly           bool   `json:"readOnly"`
	EventType          string `json:"eventType"`
	ManagementEvent    bool   `json:"managementEvent"`
	RecipientAccountID string `json:"recipientAccountId"`
	EventCategory      string `json:"eventCategory"`
	// FromConsole is "true" for keys of a sign-in to the console, and left out for
	// others.
	FromConsole string `json:"sessionCredentialFromConsole,omitempty"`
}

// Identity says who called, as CloudTrail's userIdentity does.
type Identity struct {
	Type        string `json:"type"` // Root, IAMUser, AssumedRole, AWSAccount…
	PrincipalID string `json:"principalId,omitempty"`
	ARN         string `json:"arn,omitempty"`
	AccountID   string `json:"accountId,omitempty"`
	AccessKeyID string `json:"accessKeyId,omitempty"`
	UserName    string `json:"userName,omitempty"`
	// IdentityProvider is who vouches for a WebIdentityUser or a SAMLUser.
	IdentityProvider string          `json:"identityProvider,omitempty"`
	SessionContext   *SessionContext `json:"sessionContext,omitempty"`
	// InvokedByDelegate is the account that called in the name of this identity,
	// which had delegated access to it.
	InvokedByDelegate *Delegate `json:"invokedByDelegate,omitempty"`
	// InvokedBy is the service that called, by its own principal: of an AWSService.
	InvokedBy string `json:"invokedBy,omitempty"`
}

// Delegate is the account that somebody delegated access to.
type Delegate struct {
	AccountID string `json:"accountId"`
}

// SessionContext says what a session came from.
type SessionContext struct {
	SessionIssuer *SessionIssuer `json:"sessionIssuer,omitempty"`
	// WebIDFederation is there in sessions that began with a web identity.
	WebIDFederation *WebIDFederation  `json:"webIdFederationData,omitempty"`
	Attributes      SessionAttributes `json:"attributes"`
	SourceIdentity  string            `json:"sourceIdentity,omitempty"`
	// AssumedRoot is "true" in sessions of AssumeRoot, and left out in others.
	AssumedRoot string `json:"assumedRoot,omitempty"`
}

// SessionIssuer is the role, or the user, that a session is of.
type SessionIssuer struct {
	Type        string `json:"type"` // Role, IAMUser, Root
	PrincipalID string `json:"principalId"`
	ARN         string `json:"arn"`
	AccountID   string `json:"accountId"`
	UserName    string `json:"userName,omitempty"` // the name of the role or user
}

// WebIDFederation says which provider knew the web identity. CloudTrail has
// attributes for some providers; here they are always empty.
type WebIDFederation struct {
	FederatedProvider string   `json:"federatedProvider"`
	Attributes        struct{} `json:"attributes"`
}

// SessionAttributes are a session's birth and second factor.
type SessionAttributes struct {
	CreationDate     time.Time `json:"creationDate"`
	MFAAuthenticated string    `json:"mfaAuthenticated"` // "true", "false"
}

// looksOnly tells whether the event is of a call that changed nothing, was let in,
// and gave nobody credentials: those show in what is answered.
func (e *Event) looksOnly() bool {
	return e.ReadOnly && e.ResponseElements == nil && !strings.HasPrefix(e.ErrorCode, "AccessDenied")
}

// Stored gives the event as the store keeps it.
func (e *Event) Stored() store.Event {
	return store.Event{ID: e.EventID, Time: e.EventTime, Data: e.AppendJSON(make([]byte, 0, e.room()))}
}
