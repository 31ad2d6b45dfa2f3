package audit

import (
	"strconv"
	"time"

	"iamd/wire"
)

// AppendJSON appends the event as CloudTrail writes it. One is made for every
// call, so this is done by hand.
func (e *Event) AppendJSON(dst []byte) []byte {
	o := object{append(dst, '{'), true}
	o.text(`,"eventVersion":`, e.EventVersion)
	o.name(`,"userIdentity":`)
	o.dst = e.UserIdentity.append(o.dst)
	o.time(`,"eventTime":`, e.EventTime)
	o.text(`,"eventSource":`, e.EventSource)
	o.text(`,"eventName":`, e.EventName)
	o.text(`,"awsRegion":`, e.AWSRegion)
	o.text(`,"sourceIPAddress":`, e.SourceIPAddress)
	o.some(`,"userAgent":`, clip(e.UserAgent))
	o.some(`,"errorCode":`, e.ErrorCode)
	o.some(`,"errorMessage":`, e.ErrorMessage)
	o.raw(`,"requestParameters":`, e.RequestParameters)
	o.raw(`,"responseElements":`, e.ResponseElements)
	if e.AdditionalEventData != nil {
		o.raw(`,"additionalEventData":`, e.AdditionalEventData)
	}
	o.text(`,"requestID":`, e.RequestID)
	o.text(`,"eventID":`, e.EventID)
	o.bool(`,"readOnly":`, e.ReadOnly)
	o.text(`,"eventType":`, e.EventType)
	o.bool(`,"managementEvent":`, e.ManagementEvent)
	o.text(`,"recipientAccountId":`, e.RecipientAccountID)
	o.text(`,"eventCategory":`, e.EventCategory)
	o.some(`,"sessionCredentialFromConsole":`, e.FromConsole)
	return append(o.dst, '}')
}

// room is how many bytes AppendJSON needs of most events, and not many more: what
// waits to be written is held in as many.
func (e *Event) room() int {
	const names = 560 // and what else is in all of them
	i := &e.UserIdentity
	n := names
	for _, value := range [...][]byte{e.RequestParameters, e.ResponseElements, e.AdditionalEventData} {
		if len(value) <= maxParameters {
			n += len(value)
		}
	}
	n += len(e.EventSource) + len(e.EventName) + len(e.AWSRegion) + len(e.SourceIPAddress) + min(len(e.UserAgent), 512) +
		len(e.ErrorCode) + len(e.ErrorMessage) + len(e.RequestID) + len(e.EventID) + len(e.RecipientAccountID) +
		len(i.PrincipalID) + len(i.ARN) + len(i.AccountID) + len(i.AccessKeyID) + len(i.UserName)
	if i.SessionContext != nil {
		n += 512
	}
	return n
}

func (i *Identity) append(dst []byte) []byte {
	o := object{append(dst, '{'), true}
	o.text(`,"type":`, i.Type)
	o.some(`,"principalId":`, i.PrincipalID)
	o.some(`,"arn":`, i.ARN)
	o.some(`,"accountId":`, i.AccountID)
	o.some(`,"accessKeyId":`, i.AccessKeyID)
	o.some(`,"userName":`, i.UserName)
	o.some(`,"identityProvider":`, i.IdentityProvider)
	if i.SessionContext != nil {
		o.name(`,"sessionContext":`)
		o.dst = i.SessionContext.append(o.dst)
	}
	if i.InvokedByDelegate != nil {
		o.name(`,"invokedByDelegate":`)
		in := object{append(o.dst, '{'), true}
		in.text(`,"accountId":`, i.InvokedByDelegate.AccountID)
		o.dst = append(in.dst, '}')
	}
	o.some(`,"invokedBy":`, i.InvokedBy)
	return append(o.dst, '}')
}

func (s *SessionContext) append(dst []byte) []byte {
	o := object{append(dst, '{'), true}
	if issuer := s.SessionIssuer; issuer != nil {
		o.name(`,"sessionIssuer":`)
		in := object{append(o.dst, '{'), true}
		in.text(`,"type":`, issuer.Type)
		in.text(`,"principalId":`, issuer.PrincipalID)
		in.text(`,"arn":`, issuer.ARN)
		in.text(`,"accountId":`, issuer.AccountID)
		in.text(`,"userName":`, issuer.UserName)
		o.dst = append(in.dst, '}')
	}
	if w := s.WebIDFederation; w != nil {
		o.name(`,"webIdFederationData":`)
		in := object{append(o.dst, '{'), true}
		in.text(`,"federatedProvider":`, w.FederatedProvider)
		in.raw(`,"attributes":`, []byte("{}"))
		o.dst = append(in.dst, '}')
	}
	o.name(`,"attributes":`)
	in := object{append(o.dst, '{'), true}
	in.time(`,"creationDate":`, s.Attributes.CreationDate)
	in.text(`,"mfaAuthenticated":`, s.Attributes.MFAAuthenticated)
	o.dst = append(in.dst, '}')
	o.some(`,"sourceIdentity":`, s.SourceIdentity)
	o.some(`,"assumedRoot":`, s.AssumedRoot)
	return append(o.dst, '}')
}

// object appends the members of a JSON object. Their names come as they stand in
// it: after a comma, which the first does without.
type object struct {
	dst   []byte
	first bool
}

func (o *object) name(name string) {
	if o.first {
		name, o.first = name[1:], false
	}
	o.dst = append(o.dst, name...)
}

func (o *object) text(name, value string) {
	o.name(name)
	o.dst = wire.AppendJSONString(o.dst, value)
}

// some is text that is left out when it is empty.
func (o *object) some(name, value string) {
	if value != "" {
		o.text(name, value)
	}
}

func (o *object) bool(name string, value bool) {
	o.name(name)
	o.dst = strconv.AppendBool(o.dst, value)
}

func (o *object) time(name string, value time.Time) {
	o.name(name)
	o.dst = append(value.UTC().AppendFormat(append(o.dst, '"'), time.RFC3339), '"')
}

// clip bounds what a client says of itself.
func clip(s string) string {
	const most = 512
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}

// raw is JSON already; nil, or too much, is null.
func (o *object) raw(name string, value []byte) {
	o.name(name)
	if value == nil || len(value) > maxParameters {
		o.dst = append(o.dst, "null"...)
		return
	}
	o.dst = append(o.dst, value...)
}
