package policy

import "strings"

// iamPaths are what the resource part of an IAM ARN may start with.
var iamPaths = []string{
	"user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/",
	"sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/",
}

// legacyResource tells whether AWS's older parser refuses a resource: an ARN without a service, with fewer than six parts
// and no star at the end to stand for the rest, or with what is no account in the account's place. What has no valid
// partition, or nothing after it, is for the later, plainer sentences.
func legacyResource(r string) bool {
	rest, ok := strings.CutPrefix(r, "arn:")
	if !ok {
		return false
	}
	partition, rest, ok := strings.Cut(rest, ":")
	if !ok {
		return false
	}
	if rest == "" || rest[0] == ':' {
		return true
	}
	if !isPartition(partition) {
		return false
	}
	a, ok := cutARN(r)
	if !ok {
		return !strings.HasSuffix(r, "*")
	}
	return !accountForm(a[4])
}

// accountForm tells whether s may stand in the account's place of a resource: nothing, 12 digits, digits with wildcards,
// the start of a variable, or the name of an owner such as "aws" or "aws-marketplace". That such names are in lower case
// is what the documents of AWS's and those that it was seen to refuse have in common.
func accountForm(s string) bool {
	if s == "" || isAccount(s) || strings.HasPrefix(s, "${") {
		return true
	}
	digits, letters, wild := 0, 0, 0
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case '0' <= b && b <= '9':
			digits++
		case 'a' <= b && b <= 'z' || b == '-':
			letters++
		case b == '*' || b == '?':
			wild++
		default:
			return false
		}
	}
	return wild > 0 || digits == 0 && letters > 0
}

// resourceForm refuses resources that are no ARNs of AWS's.
func (c *checker) resourceForm() *Malformed {
	return c.each(func(s *Statement) *Malformed {
		for _, list := range [][]string{s.Resource, s.NotResource} {
			for _, r := range list {
				if message := resourceFault(r); message != "" {
					return refuse(message, "").in("Resource", r)
				}
			}
		}
		return nil
	})
}

// resourceFault returns AWS's sentence for a malformed resource, "" for a good one.
func resourceFault(r string) string {
	if r == "*" {
		return ""
	}
	prefix, rest, ok := strings.Cut(r, ":")
	if !ok {
		return "Resource " + r + ` must be in ARN format or "*".`
	}
	partition, rest, more := strings.Cut(rest, ":")
	if !isPartition(partition) {
		// AWS names the ARN as it understood it, with stars for what is not there.
		parts := strings.Split(rest, ":")
		if !more {
			parts = nil
		}
		for len(parts) < 4 {
			parts = append(parts, "*")
		}
		return `Partition "` + partition + `" is not valid for resource "arn:` + partition + ":" + strings.Join(parts, ":") + `".`
	}
	if prefix != "arn" {
		return "Resource " + r + ` must be in ARN format or "*".`
	}
	service, rest, _ := strings.Cut(rest, ":")
	if !more || service == "" || strings.ContainsAny(service, "*?") {
		return "Resource vendor must be fully qualified and cannot contain regexes."
	}
	region, rest, more := strings.Cut(rest, ":")
	if region == "*" && !more {
		region = "" // the star stands for the rest of the ARN
	}
	_, path, six := strings.Cut(rest, ":")
	switch {
	case service == "iam" && region != "":
		return "IAM resource " + r + " cannot contain region information."
	case service == "s3" && region != "" && !s3Regional(path):
		return "Resource " + r + " can not contain region information."
	case service == "iam" && six && path != "*" && !iamPath(path):
		return `IAM resource path must either be "*" or start with ` + strings.Join(iamPaths, ", ") + "."
	}
	return ""
}

// iamPath tells whether the resource part of an IAM ARN is one of IAM's. AWS's sentence leaves the root user out, whom
// policies of AWS's name, and IAM's newer resources.
func iamPath(path string) bool {
	if path == "root" || strings.HasPrefix(path, "delegation-request/") || strings.HasPrefix(path, "role-template/") {
		return true
	}
	for _, p := range iamPaths {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}

// s3Regional tells whether an S3 resource is of a type that lives in a region, as buckets and objects do not.
func s3Regional(path string) bool {
	for _, p := range []string{"accesspoint/", "job/", "storage-lens/", "storage-lens-group/", "access-grants/", "*"} {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}
