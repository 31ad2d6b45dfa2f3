package guard

import (
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"iamd/iam"
	"iamd/policy"
	"iamd/sts"
)

// setting is what the condition keys of one question are taken from.
type setting struct {
	caller *Caller
	tags   []iam.Tag // of the user or role
	// Where the caller, the resource's owner and, for the call of a service, the
	// owner of what it calls for stand.
	principal, resource, source Organization
}

// fill sets every global condition key that a server can know, then the
// check's own; docs/condition-keys.md is the table. Keys are the same in any
// case; in lower case they cost nothing to set.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (s *setting) fill(ctx *policy.Context, check *Check) {
	c := s.caller
	fillPrincipal(ctx, c, s.tags)
	s.principal.set(ctx, "aws:principalorgid", "aws:principalorgpaths")
	service, _ := split(check.Action)
	fillRequest(ctx, c, service)
	fillService(ctx, c)
	s.source.set(ctx, "aws:sourceorgid", "aws:sourceorgpaths")
	if owner := check.owner(c); owner != "" {
		ctx.SetFolded("aws:resourceaccount", owner)
	}
	s.resource.set(ctx, "aws:resourceorgid", "aws:resourceorgpaths")
	own := ownTag(service, check.Resource)
	for _, t := range check.Tags {
		setTag(ctx, "aws:resourcetag/"+t.Key, t.Value)
		if own != "" {
			setTag(ctx, own+t.Key, t.Value)
		}
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

// ownTag is the service's own key of a resource's tags, in front of theirs; ""
// when it has none. IAM's is for users and roles, by whichever service they are
// acted on.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
func ownTag(service, resource string) string {
	if service != "iam" && service != "sts" {
		return service + ":resourcetag/"
	}
	for range 5 { // to the sixth part of the ARN
		_, resource, _ = strings.Cut(resource, ":")
	}
	if strings.HasPrefix(resource, "user/") || strings.HasPrefix(resource, "role/") {
		return "iam:resourcetag/"
	}
	return ""
}

func requestTags(ctx *policy.Context, check *Check) []string {
	keys := check.TagKeys
	for _, t := range check.RequestTags {
		setTag(ctx, "aws:requesttag/"+t.Key, t.Value)
		keys = append(keys[:len(keys):len(keys)], t.Key)
	}
	return keys
}

// setTag sets the key of one of several tags. Tags of many resources may differ in
// the case of their keys alone, which are one condition key: of different values
// neither is the one that is meant, and a condition that asks for one is unclear.
func setTag(ctx *policy.Context, key, value string) {
	if have, _, ok := ctx.Get(key); ok && !slices.Contains(have, value) {
		ctx.SetList(key, append(have, value)...)
	} else if !ok {
		ctx.Set(key, value)
	}
}

// fillPrincipal sets what is known of the caller. What AWS does not tell of a
// service (the type of its principal, an account, an id) stays away.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
func fillPrincipal(ctx *policy.Context, c *Caller, tags []iam.Tag) {
	ctx.SetFolded("aws:viaawsservice", strconv.FormatBool(c.OnBehalf != nil && len(c.OnBehalf.Via) > 0))
	switch c.Kind {
	case policy.Anonymous:
		ctx.SetFolded("aws:principaltype", "Anonymous")
		ctx.SetFolded("aws:principalaccount", "anonymous")
		ctx.SetFolded("aws:userid", "anonymous")
		return
	case policy.WebIdentity:
		fillWebIdentity(ctx, c.Federated)
		return
	case policy.SAML:
		return // what is known of them, the provider's own keys say
	case policy.Service:
		ctx.SetFolded("aws:principalisawsservice", "true")
		ctx.SetFolded("aws:principalservicename", c.Principal.Service)
		return
	}
	ctx.SetFolded("aws:principalisawsservice", "false")
	ctx.SetFolded("aws:principalaccount", c.Account)
	ctx.SetFolded("aws:userid", c.UserID)
	ctx.SetFolded("aws:principalarn", c.ARN)
	switch c.Kind {
	case policy.Root:
		ctx.SetFolded("aws:principaltype", "Account")
	case policy.Role:
		ctx.SetFolded("aws:principaltype", "AssumedRole")
		ctx.SetFolded("aws:principalarn", c.RoleARN)
	case policy.FederatedUser:
		ctx.SetFolded("aws:principaltype", "FederatedUser")
	default:
		ctx.SetFolded("aws:principaltype", "User")
		ctx.SetFolded("aws:username", c.UserName)
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
	ctx.SetFolded("aws:tokenissuetime", s.Issued.UTC().Format(time.RFC3339))
	if !s.Kind.Federated() { // of them AWS never tells a second factor
		ctx.SetFolded("aws:multifactorauthpresent", strconv.FormatBool(!s.MFA.IsZero()))
		if !s.MFA.IsZero() {
			ctx.SetFolded("aws:multifactorauthage", strconv.FormatInt(int64(c.Time.Sub(s.MFA)/time.Second), 10))
		}
	}
	if s.SourceIdentity != "" {
		ctx.SetFolded("aws:sourceidentity", s.SourceIdentity)
	}
	if s.Provider != "" {
		ctx.SetFolded("aws:federatedprovider", s.Provider)
	}
	for _, k := range s.Keys {
		if k.Many || len(k.Values) != 1 {
			ctx.SetList(k.Name, k.Values...)
		} else {
			ctx.Set(k.Name, k.Values[0])
		}
	}
	if s.Kind == sts.AssumedRoot {
		ctx.SetFolded("aws:assumedroot", "true")
	}
}

func fillRequest(ctx *policy.Context, c *Caller, service string) {
	now := secondOf(c.Time)
	ctx.SetFolded("aws:currenttime", now.date)
	ctx.SetFolded("aws:epochtime", now.epoch)
	ctx.SetFolded("aws:securetransport", strconv.FormatBool(c.Secure))
	if c.SourceIP != "" && c.OnBehalf == nil { // a service's own address tells nothing
		ctx.SetFolded("aws:sourceip", c.SourceIP)
	}
	if c.UserAgent != "" {
		ctx.SetFolded("aws:useragent", c.UserAgent)
	}
	if c.Referer != "" {
		ctx.SetFolded("aws:referer", c.Referer)
	}
	switch {
	case service == "iam": // one for all regions, wherever a client signs
		ctx.SetFolded("aws:requestedregion", "us-east-1")
	case c.Region != "":
		ctx.SetFolded("aws:requestedregion", c.Region)
	}
}

// second is a time as condition keys have it.
type second struct {
	unix        int64
	date, epoch string
}

// lastSecond is the one that was asked for last: under load the next is the same.
var lastSecond atomic.Pointer[second]

func secondOf(t time.Time) *second {
	unix := t.Unix()
	if s := lastSecond.Load(); s != nil && s.unix == unix {
		return s
	}
	s := &second{unix, t.UTC().Format(time.RFC3339), strconv.FormatInt(unix, 10)}
	lastSecond.Store(s)
	return s
}

// fillService sets what a service makes known of itself and of whom it calls
// for.
func fillService(ctx *policy.Context, c *Caller) {
	s := c.OnBehalf
	if s == nil {
		return
	}
	if c.Kind == policy.Service {
		if len(s.Names) > 0 {
			ctx.SetList("aws:principalservicenameslist", s.Names...)
		}
		if s.SourceARN != "" {
			ctx.SetFolded("aws:sourcearn", s.SourceARN)
		}
		if s.SourceAccount != "" {
			ctx.SetFolded("aws:sourceaccount", s.SourceAccount)
		}
	}
	if n := len(s.Via); n > 0 {
		ctx.SetList("aws:calledvia", s.Via...)
		ctx.SetFolded("aws:calledviafirst", s.Via[0])
		ctx.SetFolded("aws:calledvialast", s.Via[n-1])
	}
}
