package analyzer

import (
	"fmt"
	"slices"
	"testing"

	"iamd/catalog"
)

// recorded are the findings, errors aside, that AWS gave for some of its managed policies as they are now.
var recorded = []struct {
	policy   string
	findings []string // type, places, details
}{
	{"AdministratorAccess", []string{
		"SECURITY_WARNING [Statement[0].Action Statement[0].Resource] Using wildcards (*) in the action and the resource can be overly permissive because it allows iam:PassRole permissions on all resources. We recommend that you specify resource ARNs or add the iam:PassedToService condition key to your statement.",
		"WARNING [Statement[0].Action Statement[0].Resource] Using wildcards (*) in the action and the resource can allow creation of unintended service-linked roles because it allows iam:CreateServiceLinkedRole permissions on all resources. We recommend that you specify resource ARNs instead.",
	}},
	{"AWSEC2VssSnapshotPolicy", []string{
		"SUGGESTION [Statement[1].Condition.StringLike.aws:RequestTag/AwsVssConfig] We recommend replacing the key aws:RequestTag/AwsVssConfig in the condition block of StringLike with {aws:RequestTag/AwsVssConfig: false} to ensure better enforcement of the condition.",
		"SUGGESTION [Statement[4].Condition.StringLike.aws:RequestTag/AwsVssConfig] We recommend replacing the key aws:RequestTag/AwsVssConfig in the condition block of StringLike with {aws:RequestTag/AwsVssConfig: false} to ensure better enforcement of the condition.",
		"SUGGESTION [Statement[7].Condition.StringLike.ec2:ResourceTag/AwsVssConfig] We recommend replacing the key ec2:ResourceTag/AwsVssConfig in the condition block of StringLike with {ec2:ResourceTag/AwsVssConfig: false} to ensure better enforcement of the condition.",
	}},
	{"AWSGlueDataBrewServiceRole", []string{
		"SUGGESTION [Statement[4].Condition.StringLike.aws:ResourceTag/aws-glue-service-resource] We recommend replacing the key aws:ResourceTag/aws-glue-service-resource in the condition block of StringLike with {aws:ResourceTag/aws-glue-service-resource: false} to ensure better enforcement of the condition.",
	}},
	{"AWSElasticBeanstalkService", []string{
		"SECURITY_WARNING [Statement[6].Action[73] Statement[6].Resource[0]] Using the iam:PassRole action with wildcards (*) in the resource can be overly permissive because it allows iam:PassRole permissions on multiple resources. We recommend that you specify resource ARNs or add the iam:PassedToService condition key to your statement.",
		"SUGGESTION [Statement[3].Resource[0] Statement[3].Resource[1]] The 2 resource ARN(s) are redundant because they reference the same resource. Review the use of wildcards (*), or remove the resource arn:aws:s3:::elasticbeanstalk-*/* to remove the redundancy.",
	}},
	{"AmazonEKSLoadBalancingPolicy", []string{
		"SUGGESTION [Statement[8].Action[13] Statement[8].Condition.StringEquals<aws:ResourceTag/eks:eks-cluster-name>] Using the effect Allow with the condition key aws:ResourceTag/eks:eks-cluster-name and actions for services with the following prefixes does not affect the policy: elasticloadbalancing. The actions for the listed service are not allowed by this statement. We recommend that you move these actions to a different statement without this condition key.",
	}},
	{"AWSCloud9User", []string{
		"SUGGESTION [Statement[5].Condition.StringLike.ssm:resourceTag/aws:cloud9:environment] We recommend replacing the key ssm:resourceTag/aws:cloud9:environment in the condition block of StringLike with {ssm:resourceTag/aws:cloud9:environment: false} to ensure better enforcement of the condition.",
	}},
	{"AWSEC2SqlHaInstancePolicy", []string{
		"SUGGESTION [Statement[1].Condition.StringLike.aws:ResourceTag/AWSEc2SqlHa] We recommend replacing the key aws:ResourceTag/AWSEc2SqlHa in the condition block of StringLike with {aws:ResourceTag/AWSEc2SqlHa: false} to ensure better enforcement of the condition.",
	}},
	{"AWSMigrationHubRefactorSpaces-EnvironmentsWithoutBridgesFullAccess", []string{
		"SUGGESTION [Statement[7].Condition.StringLike.aws:ResourceTag/refactor-spaces:route-id[0]] We recommend replacing the key aws:ResourceTag/refactor-spaces:route-id in the condition block of StringLike with {aws:ResourceTag/refactor-spaces:route-id: false} to ensure better enforcement of the condition.",
	}},
	{"IAMFullAccess", []string{
		"SECURITY_WARNING [Statement[0].Action[0] Statement[0].Resource] Using wildcards (*) in the action and the resource can be overly permissive because it allows iam:PassRole permissions on all resources. We recommend that you specify resource ARNs or add the iam:PassedToService condition key to your statement.",
		"WARNING [Statement[0].Action[0] Statement[0].Resource] Using wildcards (*) in the action and the resource can allow creation of unintended service-linked roles because it allows iam:CreateServiceLinkedRole permissions on all resources. We recommend that you specify resource ARNs instead.",
	}},
	{"AWS-SSM-DiagnosisAutomation-AdministrationRolePolicy", []string{
		"WARNING [Statement[2].Condition.ArnLike<kms:EncryptionContext:aws:s3:arn>] Use the operator type String instead of operator ARN for the condition key kms:EncryptionContext:aws:s3:arn.",
	}},
}

func TestRecorded(t *testing.T) {
	for _, r := range recorded {
		p := policyNamed(r.policy)
		if p == nil {
			t.Errorf("no policy %s", r.policy)
			continue
		}
		var got []string
		for _, f := range Validate(p.Document, Options{Type: IdentityPolicy}) {
			if f.Type == Error {
				continue
			}
			var at []string
			for _, l := range f.Locations {
				at = append(at, shown(l.Path))
			}
			got = append(got, fmt.Sprint(f.Type, " ", at, " ", f.Details))
		}
		for _, f := range got {
			if !slices.Contains(r.findings, f) {
				t.Errorf("%s: AWS does not say %s", r.policy, f)
			}
		}
		for _, f := range r.findings {
			if !slices.Contains(got, f) {
				t.Errorf("%s: AWS says %s", r.policy, f)
			}
		}
	}
}

func policyNamed(name string) *catalog.ManagedPolicy {
	for p := range catalog.ManagedPolicies() {
		if p.Name == name {
			return p
		}
	}
	return nil
}
