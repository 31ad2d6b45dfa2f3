package analyzer

import (
	"strings"

	"iamd/catalog"
)

// valueChecks are those of the values of particular condition keys.
var valueChecks = []func(*document){keyValues, permissiveValues}

// regionKeys have a region for their value; vpcKeys and vpceKeys have an id.
var (
	regionKeys = []string{"aws:RequestedRegion", "ec2:Region"}
	vpcKeys    = []string{"aws:SourceVpc", "ec2:SourceVpc"}
	vpceKeys   = []string{"aws:SourceVpce"}
)

// serviceKeys have a service principal for their value, and viaServiceKeys one with a region in it.
var (
	serviceKeys = []string{
		"aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:PrincipalServiceName",
		"aws:PrincipalServiceNamesList", "iam:AWSServiceName", "iam:PassedToService",
	}
	viaServiceKeys = []string{"kms:ViaService"}
)

// keyValues looks at values that are written out. What is left to a wildcard or a variable can't be judged.
func keyValues(d *document) {
	d.eachCondition(func(_ *statement, c *condition, op operator) {
		if op.family != opString && op.family != opARN {
			return
		}
		kms := kmsKey(c.key)
		for i := range c.list {
			v := &c.list[i]
			if strings.Contains(v.text, "${") || op.like && wild(v.text) {
				continue
			}
			at := []place{v.place}
			switch {
			case foldIn(regionKeys, c.key) && !regions[v.text]:
				d.report("INVALID_REGION", at, "region", v.text)
			case foldIn(vpcKeys, c.key) && !resourceID(v.text, "vpc-"):
				d.report("INVALID_VPC_FORMAT", at)
			case foldIn(vpceKeys, c.key) && !resourceID(v.text, "vpce-"):
				d.report("INVALID_VPCE_FORMAT", at)
			case foldIn(serviceKeys, c.key) && !servicePrincipal(v.text):
				d.report("INVALID_SERVICE_PRINCIPAL_FORMAT", at, "expectedFormat", "service-name.amazonaws.com")
			case foldIn(viaServiceKeys, c.key) && !viaService(v.text):
				d.report("INVALID_SERVICE_PRINCIPAL_FORMAT", at, "expectedFormat", "service-name.AWS_region.amazonaws.com")
			case kms && !kmsKeyARN(v.text):
				d.report("INVALID_KMS_KEY_VALUE", at, "key", c.key)
			}
		}
	})
}

// resourceID tells whether s is the prefix and 8 or 17 letters and digits.
func resourceID(s, prefix string) bool {
	id, ok := strings.CutPrefix(s, prefix)
	if !ok || len(id) != 8 && len(id) != 17 {
		return false
	}
	for i := range len(id) {
		if !alphanumeric(id[i]) {
			return false
		}
	}
	return true
}

// serviceDomains are what service principals end in.
var serviceDomains = []string{
	".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".aws.internal", ".c2s.ic.gov", ".sc2s.sgov.gov", ".cloud.adc-e.uk", ".csp.hci.ic.gov",
}

// servicePrincipal tells whether s looks like one: lower case, in one of the domains.
func servicePrincipal(s string) bool {
	name := serviceName(s)
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == "" &&
		!strings.HasPrefix(name, ".") && !strings.HasSuffix(name, ".") && !strings.Contains(name, "..")
}

// serviceName is what stands before the domain, or "".
func serviceName(s string) string {
	for _, domain := range serviceDomains {
		if name, ok := strings.CutSuffix(s, domain); ok {
			return name
		}
	}
	return ""
}

// viaService tells whether s is a service principal whose name ends in a region.
func viaService(s string) bool {
	name := serviceName(s)
	i := strings.LastIndexByte(name, '.')
	return servicePrincipal(s) && i > 0 && regions[name[i+1:]]
}

// kmsKey tells whether the value of a key is the ARN of a KMS key.
func kmsKey(key string) bool {
	_, name, _ := strings.Cut(strings.ToLower(key), ":")
	kind, _ := catalog.ConditionKeyType(key)
	return strings.Contains(name, "kms") && strings.HasSuffix(kind, "ARN")
}

func kmsKeyARN(s string) bool {
	a, n := readARN(s)
	id, ok := strings.CutPrefix(a.field[arnResource], "key/")
	return n == len(a.field) && a.field[arnPrefix] == "arn" && a.field[arnService] == "kms" && a.field[arnRegion] != "" &&
		(isAccount(a.field[arnAccount]) || open(a.field[arnAccount])) && ok && id != ""
}

// sensitiveKeys take no wildcards (IAM User Guide, "AWS global condition context keys", "Sensitive condition keys").
var sensitiveKeys = []string{
	"aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:ResourceAccount", "aws:ResourceOrgID", "aws:SourceAccount",
	"aws:SourceOrgID", "aws:SourceVpc", "aws:SourceVpce", "aws:VpceAccount", "aws:VpceOrgID",
}

// prefixedKeys take a wildcard after six characters. AWS does not list them; the paths of organizations are those whose
// first characters say which organization, and this choice is ours.
var prefixedKeys = []string{"aws:PrincipalOrgPaths", "aws:ResourceOrgPaths", "aws:SourceOrgPaths", "aws:VpceOrgPaths"}

// The texts for sensitive keys and for aws:userid, whose own text for other keys is in the table of issues.
const (
	sensitiveVariable = "The policy variable is not allowed in the condition key {{key}}. We consider the key to be sensitive and policy variables can be evaluated as effective wildcards. Therefore policy variables are not allowed to be used with sensitive keys. Refer to https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html for the list of sensitive keys."
	sensitiveWildcard = "The wildcard is not allowed in the condition key {{key}}. We consider the key to be sensitive and wildcards are not allowed to be used with sensitive keys. Refer to https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html for the list of sensitive keys."
	userIDVariable    = "Overly permissive use of policy variable with aws:userID. Use the policy variable on the right side of colon or as the only character on the left side of a colon."
	userIDWildcard    = "Overly permissive use of wildcard with aws:userID. Use the wildcard on the right side of colon or as the only character on the left side of a colon."
)

// permissiveValues finds wildcards, and variables that may hold some, in keys that say who somebody is. It looks at the
// operators that know wildcards only: under the others both are plain text. A variable that is itself one of the
// sensitive keys holds the number of an account or the like, so it is let be; AWS's own policies compare
// aws:ResourceAccount with ${aws:PrincipalAccount}.
func permissiveValues(d *document) {
	d.eachCondition(func(_ *statement, c *condition, op operator) {
		if op.family != opString || !op.like {
			return
		}
		sensitive, prefixed := foldIn(sensitiveKeys, c.key), foldIn(prefixedKeys, c.key)
		userID := strings.EqualFold(c.key, "aws:userid")
		if !sensitive && !prefixed && !userID {
			return
		}
		for i := range c.list {
			v := &c.list[i]
			from, to, variable := d.loose(v.text)
			if from < 0 {
				continue
			}
			code, details := "WILDCARD_USAGE_TOO_PERMISSIVE", [3]string{issues["WILDCARD_USAGE_TOO_PERMISSIVE"].Details, sensitiveWildcard, userIDWildcard}
			if variable {
				code, details = "VARIABLE_USAGE_TOO_PERMISSIVE", [3]string{issues["VARIABLE_USAGE_TOO_PERMISSIVE"].Details, sensitiveVariable, userIDVariable}
			}
			at := []place{v.part(from, to)}
			switch {
			case sensitive:
				d.reportAs(code, details[1], at, "key", c.key)
			case userID && !beside(v.text, from, to):
				d.reportAs(code, details[2], at)
			case prefixed && from < 6:
				d.reportAs(code, details[0], at, "key", c.key)
			}
		}
	})
}

// loose finds the first wildcard or variable of a value: its bytes and whether it is a variable. from is -1 if there
// is none.
func (d *document) loose(s string) (from, to int, variable bool) {
	at := 0
	if d.variables() {
		for _, x := range readVariables(s) {
			if i := strings.IndexAny(s[at:x.start], "*?"); i >= 0 {
				return at + i, at + i + 1, false
			}
			if !x.open && !x.literal() && !foldIn(sensitiveKeys, x.text) {
				return x.start, x.end, true
			}
			at = x.end
		}
	}
	if i := strings.IndexAny(s[at:], "*?"); i >= 0 {
		return at + i, at + i + 1, false
	}
	return -1, 0, false
}

// beside tells whether a piece of a user id is right of its colon, or alone left of it.
func beside(s string, from, to int) bool {
	a, n := readARN(s) // which knows colons from those of variables
	return n > 1 && (from >= a.at[1] || from == 0 && to == a.at[1]-1)
}
