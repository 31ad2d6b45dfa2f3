package console

import (
	"strings"

	"iamd/catalog"
)

// spelledKeys are the global condition keys as AWS writes them; the catalog has
// their types, and knows them by letters of one case.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
var spelledKeys = []string{
	"aws:AssumedRoot", "aws:CalledVia", "aws:CalledViaAWSMCP", "aws:CalledViaFirst", "aws:CalledViaLast",
	"aws:ChatbotSourceArn", "aws:CurrentTime", "aws:Ec2InstanceSourcePrivateIPv4", "aws:Ec2InstanceSourceVpc",
	"aws:EpochTime", "aws:FederatedProvider", "aws:IsMcpServiceAction", "aws:MultiFactorAuthAge",
	"aws:MultiFactorAuthPresent", "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalIsAWSService",
	"aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList",
	"aws:PrincipalTag/${TagKey}", "aws:PrincipalType", "aws:referer", "aws:RequestedRegion",
	"aws:RequestTag/${TagKey}", "aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths",
	"aws:ResourceTag/${TagKey}", "aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn",
	"aws:SourceIdentity", "aws:SourceIp", "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceOwner",
	"aws:SourceVpc", "aws:SourceVpcArn", "aws:SourceVpce", "aws:TagKeys", "aws:TokenIssueTime", "aws:UserAgent",
	"aws:userid", "aws:username", "aws:ViaAWSMCPService", "aws:ViaAWSService", "aws:VpceAccount",
	"aws:VpceOrgID", "aws:VpceOrgPaths", "aws:VpcSourceIp",
}

// globalKeys are those with their types. One that the catalog does not know is
// left out.
func globalKeys() []keyReference {
	list := make([]keyReference, 0, len(spelledKeys))
	for _, name := range spelledKeys {
		if kind, ok := catalog.ConditionKeyType(strings.Replace(name, "${TagKey}", "key", 1)); ok {
			list = append(list, keyReference{name, kind})
		}
	}
	return list
}
