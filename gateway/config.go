package gateway

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"iamd/guard"
	"iamd/policy"
	"iamd/sigv4"
)

// Config says which APIs are guarded and within what bounds. Zero values are
// the defaults that the comments name.
type Config struct {
	// Listen is the address that the program serves the gateway on; the
	// package itself does not listen.
	Listen string
	APIs   []API

	MaxBody    int64 // bytes of a request's body; 10 MiB
	MemoryBody int64 // bytes of a body kept in memory, the rest goes to disk; 64 KiB
	// MaxSpool bounds the bytes of all bodies on disk together; 1 GiB. One
	// client's address may hold a quarter of it, or one body where that is more.
	MaxSpool int64
	// MaxHeader bounds the request line and the values of all headers, in bytes;
	// 10,240, as API Gateway.
	MaxHeader int64
	SpoolDir  string // where bodies go on disk; the system's directory for temporary files
	// BodyTimeout is how long a client may take to send a body; 1 minute.
	BodyTimeout time.Duration
	// UpstreamTimeout is how long an upstream may take to begin its answer;
	// 29 seconds, as API Gateway's integrations.
	UpstreamTimeout time.Duration
}

// API is one guarded service.
type API struct {
	ID      string // such as "a1b2c3d4e5"
	Account string // twelve digits: who owns it
	Region  string // the signature's scope must name it; "us-east-1" if empty
	Stage   string // "prod" if empty
	// Hosts are the names by which clients call it, without port. An API
	// without hosts answers under every name that no other API claims.
	Hosts []string
	// PathPrefix tells APIs with the same host apart, as a base path mapping
	// does: "/shop" takes /shop and everything below; /Shop, which some servers
	// take for the same, is refused. It is no part of the resource, nor of the
	// path that the upstream sees.
	PathPrefix string
	// Upstream is an http or https URL; its path comes before the request's.
	Upstream string
	// Backend answers in place of an upstream. An API that has neither is decided
	// for other proxies (Ask), and not served.
	Backend Backend
	// AcceptUncheckedBodies lets requests through whose body a proxy in front keeps
	// to itself, if their signature covers the hash that they declare: whether the
	// body has that hash nobody checks.
	AcceptUncheckedBodies bool
	// PreserveHost sends the client's Host header to the upstream, instead of
	// the upstream URL's.
	PreserveHost bool
	// Authorization is AWS_IAM, also if empty, AWS_IAM+LWA, LWA or NONE. With the
	// last two nobody is asked for a signature, and of policies only ResourcePolicy
	// decides, if there is one.
	Authorization string
	// CORS is for callers in web pages; nil: what the upstream says passes.
	CORS *CORS
	// NoUsagePlans lets callers send any number of requests to a Backend's
	// operations.
	NoUsagePlans bool
	// DisableExecuteAPIEndpoint takes away the name that every API has beside
	// Hosts: ID.execute-api.REGION.amazonaws.com, where the path begins with the
	// stage.
	DisableExecuteAPIEndpoint bool
	// ResourcePolicy is a policy document in JSON. Resources may be written in
	// API Gateway's short form, execute-api:/STAGE/METHOD/path.
	ResourcePolicy string
	// Timeout overrides Config.UpstreamTimeout.
	Timeout time.Duration
}

const (
	defaultMaxBody    = 10 << 20
	defaultMemoryBody = 64 << 10
	defaultMaxSpool   = 1 << 30
	defaultBodyTime   = time.Minute
	defaultUpstream   = 29 * time.Second
	defaultStage      = "prod"
	defaultRegion     = "us-east-1"
)

var (
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
	nameForm    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
	regionForm  = regexp.MustCompile(`^[a-z]{2,}(-[a-z0-9]+)*$`)
	prefixForm  = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)
)

// settle fills in defaults and checks what does not belong to one API.
func (c Config) settle() (Config, error) {
	for _, n := range []struct {
		key   string
		value int64
	}{{"max_body", c.MaxBody}, {"memory_body", c.MemoryBody}, {"max_spool", c.MaxSpool}, {"max_header", c.MaxHeader},
		{"body_timeout", int64(c.BodyTimeout)}, {"upstream_timeout", int64(c.UpstreamTimeout)}} {
		if n.value < 0 {
			return c, fmt.Errorf("gateway: %s is negative: leave it out for the default", n.key)
		}
	}
	c.MaxBody = cmp.Or(c.MaxBody, defaultMaxBody)
	c.MemoryBody = min(cmp.Or(c.MemoryBody, defaultMemoryBody), c.MaxBody)
	c.MaxSpool = cmp.Or(c.MaxSpool, defaultMaxSpool)
	c.MaxHeader = cmp.Or(c.MaxHeader, defaultMaxHeader)
	c.BodyTimeout = cmp.Or(c.BodyTimeout, defaultBodyTime)
	c.UpstreamTimeout = cmp.Or(c.UpstreamTimeout, defaultUpstream)
	c.SpoolDir = cmp.Or(c.SpoolDir, os.TempDir())
	// Found now, a directory that cannot be written to is a start that fails;
	// found later, it would be every upload that fails.
	probe, err := os.CreateTemp(c.SpoolDir, spoolPattern)
	if err != nil {
		return c, fmt.Errorf("gateway: spool_dir %s cannot be written to: make it, or name another: %w", c.SpoolDir, err)
	}
	return c, errors.Join(probe.Close(), os.Remove(filepath.Clean(probe.Name())))
}

// settle fills in defaults and checks an API.
func (a API) settle(timeout time.Duration) (*route, error) {
	fail := func(format string, args ...any) (*route, error) {
		return nil, fmt.Errorf("gateway: api %q: "+format, append([]any{a.ID}, args...)...)
	}
	a.Stage = cmp.Or(a.Stage, defaultStage)
	a.Region = cmp.Or(a.Region, defaultRegion)
	a.Authorization = cmp.Or(a.Authorization, AuthorizationIAM)
	switch {
	case !nameForm.MatchString(a.ID):
		return fail("id must be letters, digits, - and _")
	case !accountForm.MatchString(a.Account):
		return fail("account %q must be the twelve digits of the account that owns the API", a.Account)
	case !regionForm.MatchString(a.Region):
		return fail("region %q must be a region's name, such as us-east-1", a.Region)
	case !nameForm.MatchString(a.Stage):
		return fail("stage %q must be letters, digits, - and _", a.Stage)
	case !signs(a.Authorization) && !tokens(a.Authorization) && a.Authorization != AuthorizationNone:
		return fail("authorization %q is unknown: write %s, %s, %s or %s", a.Authorization,
			AuthorizationIAM, AuthorizationIAMLWA, AuthorizationLWA, AuthorizationNone)
	case a.CORS != nil && a.Upstream == "" && a.Backend == nil:
		return fail("cors is for APIs that are served here: let the proxy in front answer preflights")
	case a.PathPrefix != "" && (!prefixForm.MatchString(a.PathPrefix) || dotted(a.PathPrefix)):
		return fail("path_prefix %q must look like /orders or /shop/v1, without a slash at its end", a.PathPrefix)
	case a.Timeout < 0:
		return fail("timeout is negative: leave it out for the default")
	}
	var upstream *url.URL
	if a.Upstream != "" {
		if a.Backend != nil {
			return fail("has an upstream and a backend: choose one")
		}
		var err error
		if upstream, err = parseUpstream(a.Upstream); err != nil {
			return fail("%w", err)
		}
	}
	r := &route{
		API: a, upstream: upstream, timeout: cmp.Or(a.Timeout, timeout),
		arn:   "arn:aws:execute-api:" + a.Region + ":" + a.Account + ":" + a.ID + "/" + a.Stage + "/",
		named: "arn:aws:execute-api:" + a.Region + ":" + "********" + a.Account[8:] + ":" + a.ID + "/" + a.Stage + "/",
	}
	for _, h := range a.Hosts {
		if bare, _, err := net.SplitHostPort(h); err == nil {
			return fail("host %q must be written without its port: %s", h, bare)
		}
		name, ok := nameOf(h)
		if !ok {
			return fail("host %q is no host name", h)
		}
		r.hosts = append(r.hosts, name)
	}
	var err error
	if r.policies, err = a.policies(); err != nil {
		return fail("resource_policy: %w", err)
	}
	if r.sharing, err = a.CORS.settle(); err != nil {
		return fail("cors: %w", err)
	}
	r.looks = guard.Door{Options: sigv4.Options{
		Service: service, Region: a.Region, DoubleEncode: true, WireToo: true, NormalizePath: true,
		MaxSkew: guard.SkewExecuteAPI, MaxExpires: guard.SkewExecuteAPI, Loose: loose,
	}}
	if tokens(a.Authorization) {
		r.looks.Options.Loose = looseWithToken
	}
	return r, nil
}

func parseUpstream(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, fmt.Errorf("upstream: %w", err)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("upstream %q must be a URL such as http://127.0.0.1:8080", s)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("upstream %q must have neither a user, a query nor a fragment", u.Redacted())
	}
	if u.Path, u.RawPath = strings.TrimSuffix(u.Path, "/"), ""; dotted(u.Path) || strings.Contains(u.Path, "//") {
		return nil, fmt.Errorf("upstream %q has dot or empty segments in its path", s)
	}
	return u, nil
}

func dotted(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

// openToAll is the resource policy of an API that asks for no signature and
// has none: the configuration's own word, which only a resource control policy
// may go against.
const openToAll = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}}`

// policies reads the resource policy. The API's own ARN stands in for the short
// form's missing part.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
func (a API) policies() ([]policy.Attached, error) {
	text := a.ResourcePolicy
	if text == "" && !signs(a.Authorization) {
		text = openToAll
	}
	if text == "" {
		return nil, nil
	}
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	prefix := "arn:aws:execute-api:" + a.Region + ":" + a.Account + ":" + a.ID + "/"
	for i := range doc.Statements {
		s := &doc.Statements[i]
		for _, list := range [][]string{s.Resource, s.NotResource} {
			for j, resource := range list {
				if rest, short := strings.CutPrefix(resource, "execute-api:/"); short {
					list[j] = prefix + rest
				}
			}
		}
	}
	if err := policy.Check(doc, policy.Resource, policy.CheckOptions{}); err != nil {
		return nil, err
	}
	return []policy.Attached{{
		ID: a.ID, Type: "Resource Policy", Policy: policy.Compile(doc, policy.CompileOptions{}),
	}}, nil
}
