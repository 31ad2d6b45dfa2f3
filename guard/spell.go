package guard

import (
	"strings"

	"iamd/policy"
)

// spellings are the condition keys that a request here may have, as AWS writes
// them; those that end in a slash go on with a tag's key.
var spellings = [...]string{
	"aws:AssumedRoot", "aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:CurrentTime", "aws:EpochTime",
	"aws:FederatedProvider", "aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:PrincipalAccount",
	"aws:PrincipalArn", "aws:PrincipalIsAWSService", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths",
	"aws:PrincipalServiceName", "aws:PrincipalServiceNamesList", "aws:PrincipalTag/", "aws:PrincipalType",
	"aws:referer", "aws:RequestedRegion", "aws:RequestTag/", "aws:ResourceAccount", "aws:ResourceOrgID",
	"aws:ResourceOrgPaths", "aws:ResourceTag/", "aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn",
	"aws:SourceIdentity", "aws:SourceIp", "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:TagKeys", "aws:TokenIssueTime",
	"aws:UserAgent", "aws:userid", "aws:username", "aws:ViaAWSService",
	"iam:AssociatedResourceArn", "iam:AWSServiceName", "iam:DelegationDuration", "iam:DelegationRequestOwner",
	"iam:NotificationChannel", "iam:OrganizationsPolicyId", "iam:PassedToService",
	"iam:PermissionsBoundary", "iam:PolicyARN", "iam:ResourceTag/", "iam:RoleTemplateARN", "iam:TemplateArn",
	"sts:ExternalId", "sts:RoleAuthorizedByIdp", "sts:RoleSessionName", "sts:SourceIdentity", "sts:TaskPolicyArn", "sts:TransitiveTagKeys",
}

// spelled finds a spelling by the key as policy.FoldKey gives it.
var spelled = func() map[string]string {
	m := make(map[string]string, len(spellings))
	for _, s := range spellings {
		m[policy.FoldKey(s)] = s
	}
	return m
}()

// spell writes a folded key as AWS does, but for the key of a tag.
func spell(key string) string {
	name, tag := key, ""
	if i := strings.IndexByte(key, '/'); i >= 0 {
		name, tag = key[:i+1], key[i+1:]
	}
	if s, ok := spelled[name]; ok {
		return s + tag
	}
	return key
}
