package analyzer

import (
	"strconv"
	"unicode/utf8"

	"iamd/policy"
)

var sizeChecks = []func(*document){tooLong}

// The lengths from which AWS warns, in characters (IAM User Guide, "IAM and AWS STS quotas"). It cannot know whether
// an identity policy will be managed or inline, and takes the longest that any may be, an inline policy of a role: so
// say AWS's findings for its own policies. White space does not count for IAM's policies.
const (
	identityQuota = 10240
	trustQuota    = 2048  // unless raised, to 8,192 at most
	resourceQuota = 20480 // a bucket's; other services have others, and a policy does not say which it is for
)

func tooLong(d *document) {
	code, size, quota := "", policy.Size(d.text), 0
	switch {
	case d.opt.Type == IdentityPolicy:
		code, quota = "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", identityQuota
	case d.trust():
		code, quota = "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", trustQuota
	case d.opt.Type == ResourcePolicy:
		code, quota = "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", resourceQuota
		size = utf8.RuneCountInString(d.text)
	}
	if quota > 0 && size > quota {
		d.report(code, []place{d.root}, "policySize", strconv.Itoa(size), "policySizeQuota", strconv.Itoa(quota))
	}
}
