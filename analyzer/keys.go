package analyzer

import (
	"strings"

	"iamd/catalog"
	"iamd/policy"
)

// keyChecks are those of whether the condition keys exist.
var keyChecks = []func(*document){conditionKeys}

// moreGlobalKeys are global keys that the service reference lacks: one that the IAM User Guide has, one that AWS's own
// managed policies use, and one that Amazon SNS puts into the policies of new topics.
var moreGlobalKeys = map[string]bool{
	"aws:signinsessionarn": true, "aws:principalorgmasteraccountid": true, "aws:sourceowner": true,
}

// moreServiceKeys are keys that the service reference lacks and AWS's own managed policies use.
var moreServiceKeys = map[string]bool{"lakeformation:gluearn": true}

// knownKey tells whether some service has a condition key.
func knownKey(key string) bool {
	_, ok := catalog.ConditionKeyType(key)
	folded := policy.FoldKey(key)
	return ok || moreGlobalKeys[folded] || moreServiceKeys[folded]
}

// conditionKeys finds keys that no service has. Those of identity providers, whose prefix is a domain, are the provider's
// business.
func conditionKeys(d *document) {
	for i := range d.statement {
		for j := range d.statement[i].conditions {
			d.conditionKey(&d.statement[i].conditions[j])
		}
	}
}

func (d *document) conditionKey(c *condition) {
	at := []place{c.keyAt}
	prefix, name, ok := strings.Cut(c.key, ":")
	switch tag := tagKey(c.key); {
	case !ok || prefix == "" || name == "" || strings.ContainsAny(prefix, " *?"):
		d.report("INVALID_CONDITION_KEY_FORMAT", at)
	case tag != "":
		d.report("MISSING_TAG_KEY_IN_CONDITION", at, "conditionKeyName", tag)
	case knownKey(c.key) || strings.ContainsAny(prefix, "./") || closedServices[strings.ToLower(prefix)]:
	case strings.EqualFold(c.key, "aws:ARN"):
		// AWS has an error and a warning about this key and does not say which is for what. The error speaks of
		// aws:SourceArn, so it is taken to be about policies of resources, and the warning about the others.
		if d.principled() {
			d.report("UNSUPPORTED_GLOBAL_CONDITION_KEY", at)
		}
	case strings.EqualFold(prefix, "aws"):
		d.report("INVALID_GLOBAL_CONDITION_KEY", at, "key", c.key)
	default:
		if _, ok := catalog.Service(prefix); ok || strings.EqualFold(prefix, "saml") {
			d.report("INVALID_SERVICE_CONDITION_KEY", at, "key", c.key, "service", prefix)
		} else {
			d.report("INVALID_SERVICE", at, "service", prefix)
		}
	}
}

// tagKey is the key up to where the name of a tag should stand, for a key of tags that has none; else "".
func tagKey(key string) string {
	base := strings.TrimSuffix(key, "/")
	if len(base) < 3 || !strings.EqualFold(base[len(base)-3:], "tag") {
		return ""
	}
	if _, ok := catalog.ConditionKeyType(key); ok {
		return ""
	}
	if _, ok := catalog.ConditionKeyType(base + "/x"); !ok {
		return ""
	}
	return base + "/"
}
