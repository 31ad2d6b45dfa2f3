package audit

import (
	"strconv"
	"time"

	"iamd/wire"
)

// AppendJSON appends the event as CloudTrail writes it. One is made for every
// call, so this is done by hand.
func (e *Event) AppendJSON(dst []byte) []byte {
	dst = text(dst, `{"eventVersion":"`, e.EventVersion)
	dst = e.UserIdentity.append(append(dst, `,"userIdentity":`...))
	dst = instant(dst, `,"eventTime":"`, e.EventTime)
	dst = text(dst, `,"eventSource":"`, e.EventSource)
	dst = text(dst, `,"eventName":"`, e.EventName)
	dst = text(dst, `,"awsRegion":"`, e.AWSRegion)
	dst = text(dst, `,"sourceIPAddress":"`, e.SourceIPAddress)
	dst = some(dst, `,"userAgent":"`, clip(e.UserAgent))
	dst = some(dst, `,"errorCode":"`, e.ErrorCode)
	dst = some(dst, `,"errorMessage":"`, e.ErrorMessage)
	dst = raw(dst, `,"requestParameters":`, e.RequestParameters)
	dst = raw(dst, `,"responseElements":`, e.ResponseElements)
	if e.AdditionalEventData != nil {
		dst = raw(dst, `,"additionalEventData":`, e.AdditionalEventData)
	}
	dst = text(dst, `,"requestID":"`, e.RequestID)
	dst = text(dst, `,"eventID":"`, e.EventID)
	dst = strconv.AppendBool(append(dst, `,"readOnly":`...), e.ReadOnly)
	dst = text(dst, `,"eventType":"`, e.EventType)
	dst = strconv.AppendBool(append(dst, `,"managementEvent":`...), e.ManagementEvent)
	dst = text(dst, `,"recipientAccountId":"`, e.RecipientAccountID)
	dst = text(dst, `,"eventCategory":"`, e.EventCategory)
	dst = some(dst, `,"sessionCredentialFromConsole":"`, e.FromConsole)
	return append(dst, '}')
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
	dst = text(dst, `{"type":"`, i.Type)
	dst = some(dst, `,"principalId":"`, i.PrincipalID)
	dst = some(dst, `,"arn":"`, i.ARN)
	dst = some(dst, `,"accountId":"`, i.AccountID)
	dst = some(dst, `,"accessKeyId":"`, i.AccessKeyID)
	dst = some(dst, `,"userName":"`, i.UserName)
	dst = some(dst, `,"identityProvider":"`, i.IdentityProvider)
	if i.SessionContext != nil {
		dst = i.SessionContext.append(append(dst, `,"sessionContext":`...))
	}
	if i.InvokedByDelegate != nil {
		dst = append(text(dst, `,"invokedByDelegate":{"accountId":"`, i.InvokedByDelegate.AccountID), '}')
	}
	dst = some(dst, `,"invokedBy":"`, i.InvokedBy)
	return append(dst, '}')
}

func (s *SessionContext) append(dst []byte) []byte {
	dst = append(dst, '{')
	if issuer := s.SessionIssuer; issuer != nil {
		dst = text(dst, `"sessionIssuer":{"type":"`, issuer.Type)
		dst = text(dst, `,"principalId":"`, issuer.PrincipalID)
		dst = text(dst, `,"arn":"`, issuer.ARN)
		dst = text(dst, `,"accountId":"`, issuer.AccountID)
		dst = text(dst, `,"userName":"`, issuer.UserName)
		dst = append(dst, `},`...)
	}
	if w := s.WebIDFederation; w != nil {
		dst = text(dst, `"webIdFederationData":{"federatedProvider":"`, w.FederatedProvider)
		dst = append(dst, `,"attributes":{}},`...)
	}
	dst = instant(dst, `"attributes":{"creationDate":"`, s.Attributes.CreationDate)
	dst = append(text(dst, `,"mfaAuthenticated":"`, s.Attributes.MFAAuthenticated), '}')
	dst = some(dst, `,"sourceIdentity":"`, s.SourceIdentity)
	dst = some(dst, `,"assumedRoot":"`, s.AssumedRoot)
	return append(dst, '}')
}

// text appends a member of a JSON object. Its name comes as it stands there, to the
// quote that its value begins with.
func text(dst []byte, name, value string) []byte {
	dst = append(dst, name...)
	if !plain(value) {
		return wire.AppendJSONString(dst[:len(dst)-1], value)
	}
	return append(append(dst, value...), '"')
}

// some is text that is left out when it is empty.
func some(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	return text(dst, name, value)
}

// instant is the text of a time.
func instant(dst []byte, name string, value time.Time) []byte {
	return append(value.UTC().AppendFormat(append(dst, name...), time.RFC3339), '"')
}

// raw is JSON already; nil, or too much, is null. Its name ends with the colon.
func raw(dst []byte, name string, value []byte) []byte {
	dst = append(dst, name...)
	if value == nil || len(value) > maxParameters {
		return append(dst, "null"...)
	}
	return append(dst, value...)
}

// clip bounds what a client says of itself.
func clip(s string) string {
	const most = 512
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}
