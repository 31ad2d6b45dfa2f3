package api

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"iamd/audit"
)

// filed is an event of the history, as lookups see it.
type filed struct {
	audit.Event
	resources []types.Resource
	walked    bool
}

// readFiled reads an event as it is stored. One that cannot be read has no
// members, and is shown by its text alone.
func readFiled(data []byte) (f filed, ok bool) {
	err := json.Unmarshal(data, &f.Event)
	return f, err == nil
}

// show gives the event as an answer has it.
func (f *filed) show(data []byte) types.Event {
	e := types.Event{Resources: f.names(), CloudTrailEvent: aws.String(string(data)), ReadOnly: aws.String(strconv.FormatBool(f.ReadOnly))}
	for value, to := range map[*string]**string{
		aws.String(f.EventID): &e.EventId, aws.String(f.EventName): &e.EventName, aws.String(f.EventSource): &e.EventSource,
		aws.String(f.UserIdentity.AccessKeyID): &e.AccessKeyId, aws.String(f.username()): &e.Username,
	} {
		if *value != "" {
			*to = value
		}
	}
	if !f.EventTime.IsZero() {
		e.EventTime = aws.Time(f.EventTime)
	}
	return e
}

// has tells whether the event has an attribute; every event has none.
func (f *filed) has(key, value string) bool {
	switch types.LookupAttributeKey(key) {
	case "":
		return true
	case types.LookupAttributeKeyEventId:
		return f.EventID == value
	case types.LookupAttributeKeyEventName:
		return f.EventName == value
	case types.LookupAttributeKeyEventSource:
		return f.EventSource == value
	case types.LookupAttributeKeyReadOnly:
		return strconv.FormatBool(f.ReadOnly) == value
	case types.LookupAttributeKeyAccessKeyId:
		return f.UserIdentity.AccessKeyID == value
	case types.LookupAttributeKeyUsername:
		return f.username() == value
	case types.LookupAttributeKeyResourceName:
		return slices.ContainsFunc(f.names(), func(r types.Resource) bool { return *r.ResourceName == value })
	case types.LookupAttributeKeyResourceType:
		return slices.ContainsFunc(f.names(), func(r types.Resource) bool { return *r.ResourceType == value })
	}
	return false
}

// username is who called: the user's name, the session's of a role, root.
func (f *filed) username() string {
	who := &f.UserIdentity
	switch {
	case who.Type == "Root":
		return "root"
	case who.UserName != "":
		return who.UserName
	}
	_, session, _ := strings.Cut(who.PrincipalID, ":")
	return session
}

// resourceMembers are the members of requests and answers that name a resource,
// as events have them, with the type that CloudTrail calls it. AWS publishes no
// such table; the types are CloudFormation's where it has one.
var resourceMembers = map[string]string{
	"userName": "AWS::IAM::User", "newUserName": "AWS::IAM::User", "userId": "AWS::IAM::User",
	"roleName": "AWS::IAM::Role", "roleId": "AWS::IAM::Role", "roleArn": "AWS::IAM::Role",
	"groupName": "AWS::IAM::Group", "newGroupName": "AWS::IAM::Group", "groupId": "AWS::IAM::Group",
	"policyName": "AWS::IAM::Policy", "policyArn": "AWS::IAM::Policy", "permissionsBoundary": "AWS::IAM::Policy",
	"instanceProfileName": "AWS::IAM::InstanceProfile", "instanceProfileId": "AWS::IAM::InstanceProfile",
	"accessKeyId": "AWS::IAM::AccessKey", "serialNumber": "AWS::IAM::MfaDevice",
	"sAMLProviderArn": "AWS::IAM::SAMLProvider", "openIDConnectProviderArn": "AWS::IAM::OIDCProvider",
	"serverCertificateName": "AWS::IAM::ServerCertificate", "serverCertificateId": "AWS::IAM::ServerCertificate",
	"certificateId": "AWS::IAM::SigningCertificate", "sSHPublicKeyId": "AWS::IAM::SSHPublicKey",
	"serviceSpecificCredentialId": "AWS::IAM::ServiceSpecificCredential", "accountAlias": "AWS::IAM::AccountAlias",
	"delegationRequestId": "AWS::IAM::DelegationRequest",
	"assumedRoleId":       "AWS::STS::AssumedRole", "federatedUserId": "AWS::STS::FederatedUser",
}

// organizationMembers are those of events of Organizations, where ids alone tell
// of what they are.
var organizationMembers = map[string]string{
	"accountId": "AWS::Organizations::Account", "organizationalUnitId": "AWS::Organizations::OrganizationalUnit",
	"policyId": "AWS::Organizations::Policy", "handshakeId": "AWS::Organizations::Handshake",
}

// resourceARNs are the types of what an ARN names: by service, and the
// resource's first part.
var resourceARNs = map[string]string{
	"iam:user": "AWS::IAM::User", "iam:role": "AWS::IAM::Role", "iam:group": "AWS::IAM::Group", "iam:policy": "AWS::IAM::Policy",
	"iam:instance-profile": "AWS::IAM::InstanceProfile", "iam:mfa": "AWS::IAM::MfaDevice", "iam:u2f": "AWS::IAM::MfaDevice",
	"iam:saml-provider": "AWS::IAM::SAMLProvider", "iam:oidc-provider": "AWS::IAM::OIDCProvider",
	"iam:server-certificate": "AWS::IAM::ServerCertificate", "iam:delegation-request": "AWS::IAM::DelegationRequest",
	"sts:assumed-role": "AWS::STS::AssumedRole", "sts:federated-user": "AWS::STS::FederatedUser",
	"organizations:account": "AWS::Organizations::Account", "organizations:ou": "AWS::Organizations::OrganizationalUnit",
	"organizations:policy": "AWS::Organizations::Policy", "organizations:organization": "AWS::Organizations::Organization",
	"organizations:root": "AWS::Organizations::Root", "organizations:handshake": "AWS::Organizations::Handshake",
}

// maxResources is how many resources an event tells of, at most: answers with
// lists are not in events, and requests name few.
const maxResources = 32

// names are the resources that a call was about, each once: by the request, then
// the answer.
func (f *filed) names() []types.Resource {
	if f.walked {
		return f.resources
	}
	f.walked, f.resources = true, []types.Resource{}
	for _, part := range []json.RawMessage{f.RequestParameters, f.ResponseElements} {
		var v any
		if json.Unmarshal(part, &v) == nil {
			f.walk("", v)
		}
	}
	return f.resources
}

// walk goes through what encoding/json has bounded in depth.
func (f *filed) walk(name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		members := make([]string, 0, len(v))
		for member := range v {
			members = append(members, member)
		}
		slices.Sort(members)
		for _, member := range members {
			f.walk(member, v[member])
		}
	case []any:
		for _, item := range v {
			f.walk(name, item)
		}
	case string:
		f.name(typeOf(f.EventSource, name, v), v)
	}
}

func (f *filed) name(kind, value string) {
	if kind == "" || value == "" || len(f.resources) == maxResources ||
		slices.ContainsFunc(f.resources, func(r types.Resource) bool { return *r.ResourceName == value && *r.ResourceType == kind }) {
		return
	}
	f.resources = append(f.resources, types.Resource{ResourceType: aws.String(kind), ResourceName: aws.String(value)})
}

// typeOf is the type of the resource that a member names; "" if it names none. An
// ARN tells by itself.
func typeOf(source, member, value string) string {
	if service, resource, ok := cutARN(value); ok {
		kind, _, _ := strings.Cut(resource, "/")
		return resourceARNs[service+":"+kind]
	}
	if source == "organizations.amazonaws.com" {
		return organizationMembers[member]
	}
	return resourceMembers[member]
}

// cutARN gives the service and the resource of an ARN.
func cutARN(s string) (service, resource string, ok bool) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return "", "", false
	}
	return parts[2], parts[5], true
}
