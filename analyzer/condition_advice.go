package analyzer

import (
	"slices"
	"strings"

	"iamd/catalog"
)

// conditionAdviceChecks are those of conditions that say less, or other things, than they seem to.
var conditionAdviceChecks = []func(*document){
	deprecatedKeys,
	untrustworthyKeys,
	pairedKeys,
	everyValue,
	attributesWithoutSelect,
	prefixInNegative,
	vpcEndpointKeys,
}

// deprecatedKeys: aws:ARN is the caller's ARN, where a policy is the caller's own. In the policy of a resource it may be
// either's, and an error.
func deprecatedKeys(d *document) {
	if d.principled() {
		return
	}
	for i := range d.statement {
		for _, c := range d.statement[i].conditions {
			if strings.EqualFold(c.key, "aws:ARN") {
				d.report("DEPRECATED_GLOBAL_CONDITION_KEY", []place{c.keyAt})
			}
		}
	}
}

// callerKeys are headers, which hold whatever the caller writes into them (IAM User Guide, "AWS global condition context
// keys").
var callerKeys = []string{"aws:Referer", "aws:UserAgent"}

// untrustworthyKeys leaves to servicePrincipals what it has better advice for.
func untrustworthyKeys(d *document) {
	for i := range d.statement {
		s := &d.statement[i]
		if d.weakSource(s) != nil {
			continue
		}
		for _, c := range s.conditions {
			if foldIn(callerKeys, c.key) {
				d.report("UNTRUSTWORTHY_CONDITION_KEY", []place{c.keyAt}, "key", c.key)
			}
		}
	}
}

// pairedKeys: an address in a VPC is one in anybody's VPC, and an ARN without an account is anybody's. The names of the
// keys are as AWS's findings write them; any one of them does.
func pairedKeys(d *document) {
	for i := range d.statement {
		s := &d.statement[i]
		if len(s.conditions) == 0 {
			continue
		}
		for _, p := range [...]struct {
			key      string
			with     []string
			spelling string
			open     func(value) bool
		}{
			{"aws:VpcSourceIp", []string{"aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn"}, "aws:SourceVPC, aws:SourceVPCE", func(value) bool { return true }},
			{"aws:SourceArn", []string{"aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"}, "aws:SourceAccount", func(v value) bool { return s.allow() && noAccount(v.text) }},
		} {
			if c := s.conditioned([]string{p.key}); c != nil && s.conditioned(p.with) == nil && slices.ContainsFunc(c.list, p.open) {
				d.report("MISSING_PAIRED_CONDITION_KEYS", []place{c.value.place}, "conditionKeyName", p.key, "recommendedKeys", p.spelling)
			}
		}
	}
}

// noAccount tells whether an ARN names no account.
func noAccount(arn string) bool {
	part := strings.SplitN(arn, ":", 6)
	return len(part) == 6 && strings.Trim(part[4], "*?") == ""
}

// everyValue: a * matches every value, so that the condition asks for no more than whether there is one, or for nothing
// at all.
func everyValue(d *document) {
	d.eachCondition(func(_ *statement, c *condition, op operator) {
		if op.family != opString || !op.like {
			return
		}
		i := slices.IndexFunc(c.list, func(v value) bool { return v.text != "" && strings.Trim(v.text, "*") == "" })
		if i < 0 {
			return
		}
		code := "EQUIVALENT_TO_NULL_FALSE" // true if there is a value
		switch present, missing := !op.negated, op.ifExists || op.set == "ForAllValues" || op.negated && op.set == ""; {
		case op.set == "ForAnyValue" && op.ifExists:
			return // AWS does not say what IfExists does here
		case present && missing:
			code = "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION"
		case !present && missing:
			code = "EQUIVALENT_TO_NULL_TRUE"
		case !present:
			code = "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION"
		}
		d.report(code, []place{c.list[i].place}, "key", c.key, "operator", c.operator.key, "recommendedKey", c.key)
	})
}

// attributesWithoutSelect: a read that names no attributes returns them all.
func attributesWithoutSelect(d *document) {
	for i := range d.statement {
		s := &d.statement[i]
		c := s.conditioned([]string{"dynamodb:Attributes"})
		if c == nil || !s.allow() || !s.reads() {
			continue
		}
		if sel := s.conditioned([]string{"dynamodb:Select"}); sel == nil || len(sel.list) != 1 || sel.list[0].text != "SPECIFIC_ATTRIBUTES" {
			d.report("DYNAMODB_ATTRIBUTES_WITHOUT_SELECT", []place{c.value.place})
		}
	}
}

// reads tells whether a statement is about an action that has dynamodb:Select.
func (s *statement) reads() bool {
	table, ok := catalog.Service("dynamodb")
	if !ok {
		return false
	}
	var selecting []string
	for a := range table.Actions() {
		if foldIn(a.ConditionKeys, "dynamodb:Select") ||
			slices.ContainsFunc(a.ResourceTypes, func(r catalog.ActionResourceType) bool { return foldIn(r.ConditionKeys, "dynamodb:Select") }) {
			selecting = append(selecting, "dynamodb:"+strings.ToLower(a.Name))
		}
	}
	list, not := s.actions()
	return not || slices.ContainsFunc(list, func(v value) bool {
		pattern := strings.ToLower(v.text)
		return slices.ContainsFunc(selecting, func(action string) bool { return covers(pattern, action) })
	})
}

// prefixInNegative: what is kept out by its prefix comes in by a shorter one.
func prefixInNegative(d *document) {
	d.eachCondition(func(s *statement, c *condition, op operator) {
		if strings.EqualFold(c.key, "s3:prefix") && op.family == opString && (s.deny() && !op.negated || s.allow() && op.negated) {
			d.report("S3_PREFIX_IN_NEGATIVE_CONTEXT", []place{c.keyAt})
		}
	})
}

// vpcEndpointKeysOf are the keys of a VPC endpoint's owner that only some services know, and vpcEndpointServices those
// that know one of them at least (IAM User Guide, "AWS global condition context keys"). The list grows.
var (
	vpcEndpointKeysOf   = []string{"aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths"}
	vpcEndpointServices = strings.Fields(`acm-pca applicationinsights apprunner athena b2bi cassandra cloudformation
		cognito-identity comprehendmedical compute-optimizer datasync discovery dms ds-data dynamodb ebs ecr ecs firehose
		gamelift healthlake iam identitystore iotfleetwise iottwinmaker iotwireless kinesisanalytics kms lambda
		medical-imaging network-firewall omics payment-cryptography polly pricing rbin rekognition route53 s3 scheduler
		servicediscovery servicequotas ses shield sms-voice sqs ssm-contacts storagegateway textract transcribe transfer
		workmail`)
)

func vpcEndpointKeys(d *document) {
	for i := range d.statement {
		s := &d.statement[i]
		c := s.conditioned(vpcEndpointKeysOf)
		if c == nil {
			continue
		}
		list, not := s.actions()
		if not || slices.ContainsFunc(list, func(v value) bool {
			service, _, _ := strings.Cut(strings.ToLower(v.text), ":")
			return !slices.Contains(vpcEndpointServices, service)
		}) {
			d.report("USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES", []place{c.keyAt}, "key", c.key)
		}
	}
}
