package policy

import "strings"

// iamPaths are what the resource part of an IAM ARN may start with.
var iamPaths = []string{
	"user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/",
	"sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/",
}

// legacyResource tells whether AWS's older parser refuses a resource: no service, or an empty part before there are six.
// What has no valid partition is for the later, plainer sentence.
func legacyResource(r string) bool {
	prefix, rest, _ := strings.Cut(r, ":")
	partition, rest, ok := strings.Cut(rest, ":")
	if r == "*" || prefix != "arn" || !ok || !isPartition(partition) {
		return false
	}
	return strings.HasPrefix(rest, ":") || rest == "" || strings.Count(r, ":") < 5 && strings.Contains(r, "::")
}

// resourceForm refuses resources that are no ARNs of AWS's.
func (c *checker) resourceForm() *Malformed {
	if c.k == Trust {
		return nil // they may not be there at all
	}
	return c.each(func(s *Statement) *Malformed {
		for _, list := range [][]string{s.Resource, s.NotResource} {
			for _, r := range list {
				if message := resourceFault(r); message != "" {
					return refuse(message, "")
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
	region, rest, _ := strings.Cut(rest, ":")
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

func iamPath(path string) bool {
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
