package guard

import (
	"strconv"
	"time"

	"iamd/iam"
	"iamd/policy"
	"iamd/sts"
)

// fill sets every global condition key that a server can know, then the
// check's own. Keys are the same in any case; in lower case they cost nothing
// to set.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func fill(ctx *policy.Context, c *Caller, tags []iam.Tag, check *Check) {
	fillPrincipal(ctx, c, tags)
	service, _ := split(check.Action)
	fillRequest(ctx, c, service)
	account := check.Account
	if account == "" {
		account = c.Account
	}
	if account != "" {
		ctx.Set("aws:resourceaccount", account)
	}
	for _, t := range check.Tags {
		ctx.Set("aws:resourcetag/"+t.Key, t.Value)
		ctx.Set(tagService(service)+":resourcetag/"+t.Key, t.Value)
	}
	if keys := requestTags(ctx, check); len(keys) > 0 {
		ctx.SetList("aws:tagkeys", keys...)
	}
	for _, k := range check.Keys {
		if k.Many || len(k.Values) != 1 {
			ctx.SetList(k.Name, k.Values...)
		} else {
			ctx.Set(k.Name, k.Values[0])
		}
	}
}

// tagService is whose ResourceTag key an action knows: what STS acts on are
// IAM's roles, and it has no key of its own.
func tagService(service string) string {
	if service == "sts" {
		return "iam"
	}
	return service
}

func requestTags(ctx *policy.Context, check *Check) []string {
	keys := check.TagKeys
	for _, t := range check.RequestTags {
		ctx.Set("aws:requesttag/"+t.Key, t.Value)
		keys = append(keys[:len(keys):len(keys)], t.Key)
	}
	return keys
}

func fillPrincipal(ctx *policy.Context, c *Caller, tags []iam.Tag) {
	ctx.Set("aws:principalisawsservice", "false")
	ctx.Set("aws:viaawsservice", "false")
	if c.Kind == policy.Anonymous {
		ctx.Set("aws:principaltype", "Anonymous")
		ctx.Set("aws:principalaccount", "anonymous")
		ctx.Set("aws:userid", "anonymous")
		return
	}
	ctx.Set("aws:principalaccount", c.Account)
	ctx.Set("aws:userid", c.UserID)
	switch c.Kind {
	case policy.Root:
		ctx.Set("aws:principaltype", "Account")
		ctx.Set("aws:principalarn", c.ARN)
	case policy.Role:
		ctx.Set("aws:principaltype", "AssumedRole")
		ctx.Set("aws:principalarn", c.RoleARN)
	default:
		ctx.Set("aws:principaltype", "User")
		ctx.Set("aws:principalarn", c.ARN)
		ctx.Set("aws:username", c.UserName)
	}
	for _, t := range tags {
		ctx.Set("aws:principaltag/"+t.Key, t.Value)
	}
	if s := c.Session; s != nil {
		fillSession(ctx, c, s)
	}
}

func fillSession(ctx *policy.Context, c *Caller, s *sts.Session) {
	for _, t := range s.Tags { // over the role's own
		ctx.Set("aws:principaltag/"+t.Key, t.Value)
	}
	ctx.Set("aws:tokenissuetime", s.Issued.Format(time.RFC3339))
	ctx.Set("aws:multifactorauthpresent", strconv.FormatBool(!s.MFA.IsZero()))
	if !s.MFA.IsZero() {
		ctx.Set("aws:multifactorauthage", strconv.FormatInt(int64(c.Time.Sub(s.MFA)/time.Second), 10))
	}
	if s.SourceIdentity != "" {
		ctx.Set("aws:sourceidentity", s.SourceIdentity)
	}
}

func fillRequest(ctx *policy.Context, c *Caller, service string) {
	ctx.Set("aws:currenttime", c.Time.UTC().Format(time.RFC3339))
	ctx.Set("aws:epochtime", strconv.FormatInt(c.Time.Unix(), 10))
	ctx.Set("aws:securetransport", strconv.FormatBool(c.Secure))
	if c.SourceIP != "" {
		ctx.Set("aws:sourceip", c.SourceIP)
	}
	if c.UserAgent != "" {
		ctx.Set("aws:useragent", c.UserAgent)
	}
	if c.Referer != "" {
		ctx.Set("aws:referer", c.Referer)
	}
	switch {
	case service == "iam": // one for all regions, wherever a client signs
		ctx.Set("aws:requestedregion", "us-east-1")
	case c.Region != "":
		ctx.Set("aws:requestedregion", c.Region)
	}
}
