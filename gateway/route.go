package gateway

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"iamd/guard"
	"iamd/policy"
	"iamd/upstream"
)

// route is an API made ready.
type route struct {
	API
	hosts    []string       // lower-case
	upstream *url.URL       // nil: there is none
	base     string         // of the upstream's paths, as on the wire
	pool     *upstream.Pool // nil: net/http's transport carries all
	timeout  time.Duration
	arn      string // of the resource, up to the slash after the stage
	named    string // the same as refusals write it: of the account, the last four digits
	policies []policy.Attached
	sharing  *sharing   // nil: no CORS
	looks    guard.Door // how it wants requests signed
	alias    bool       // of a route that is there already: its default endpoint
}

// routes are the APIs by host, those with the longest path prefix first. The
// empty host stands for every host that nobody claims.
type routes map[string][]*route

func newRoutes(apis []API, timeout time.Duration) (routes, error) {
	rs, ids := routes{}, map[string]bool{}
	for _, a := range apis {
		r, err := a.settle(timeout)
		if err != nil {
			return nil, err
		}
		key := a.Account + "/" + a.Region + "/" + a.ID + "/" + r.Stage
		if ids[key] {
			return nil, fmt.Errorf("gateway: api %q stands twice in region %s, stage %s: give each its own id", a.ID, a.Region, r.Stage)
		}
		ids[key] = true
		hosts := r.hosts
		if len(hosts) == 0 {
			hosts = []string{""}
		}
		for _, h := range hosts {
			if err := rs.add(h, r); err != nil {
				return nil, err
			}
		}
		if err := rs.addEndpoint(r); err != nil {
			return nil, err
		}
	}
	for _, list := range rs {
		slices.SortStableFunc(list, func(a, b *route) int { return cmp.Compare(len(b.PathPrefix), len(a.PathPrefix)) })
	}
	return rs, nil
}

// add lets a route answer under a host's name.
func (rs routes) add(host string, r *route) error {
	for _, other := range rs[host] {
		// Of two that resemble each other, one would never be asked for.
		if resembles(other.PathPrefix, r.PathPrefix) && resembles(r.PathPrefix, other.PathPrefix) {
			return fmt.Errorf("gateway: apis %q and %q both answer host %q with path_prefix %q: give one another host or prefix",
				other.ID, r.ID, cmp.Or(host, "(any)"), r.PathPrefix)
		}
	}
	rs[host] = append(rs[host], r)
	return nil
}

// addEndpoint lets a route answer at its default endpoint, below its stage.
func (rs routes) addEndpoint(r *route) error {
	name, ok := r.endpoint()
	if !ok {
		return nil
	}
	if r.DisableExecuteAPIEndpoint {
		if _, taken := rs[name]; !taken {
			rs[name] = nil // nobody's, also where an API answers every name
		}
		return nil
	}
	alias := *r
	alias.alias, alias.PathPrefix = true, "/"+r.Stage
	if slices.Contains(rs[name], r) && r.PathPrefix == alias.PathPrefix {
		return nil // it says so itself
	}
	if err := rs.add(name, &alias); err != nil {
		return fmt.Errorf("%w, or set disable_execute_api_endpoint", err)
	}
	return nil
}

// endpoint is the name that API Gateway gives an API; none for an id that can be
// no part of a name.
func (r *route) endpoint() (string, bool) {
	domain := ".amazonaws.com"
	if strings.HasPrefix(r.Region, "cn-") {
		domain += ".cn"
	}
	return nameOf(r.ID + "." + service + "." + r.Region + domain)
}

// pick finds the API that answers, and what of the target is below its prefix.
// It fails when the host can't be read, and when the path is another spelling
// of an API's prefix: the upstream of whoever else would answer might read it
// as that API's.
func (rs routes) pick(host string, t target) (*route, target, error) {
	name, ok := hostName(host)
	if !ok {
		return nil, t, badRequest("The Host header must hold a DNS name or an IP address, and a port if need be.")
	}
	list, ok := rs[name]
	if !ok {
		list = rs[""]
	}
	for _, r := range list {
		// The prefix has no characters that may be escaped, so it is cut off
		// both forms alike.
		raw, ok := strings.CutPrefix(t.raw, r.PathPrefix)
		if !ok || raw != "" && raw[0] != '/' {
			if resembles(t.path, r.PathPrefix) {
				return nil, t, badRequest("The path is spelled otherwise than that of the API it resembles.")
			}
			continue
		}
		below := target{path: strings.TrimPrefix(t.path, r.PathPrefix), raw: raw}
		if raw == "" {
			below = target{path: "/", raw: "/"}
		}
		return r, below, nil
	}
	return nil, t, nil
}

// resembles tells whether a lenient server may take path for one below prefix:
// one that ignores case, what follows a colon, or white space and dots at a
// segment's end.
func resembles(path, prefix string) bool {
	for prefix != "" {
		if path == "" {
			return false
		}
		var want, got string
		want, prefix = segment(prefix)
		got, path = segment(path)
		if lenient(got) != lenient(want) {
			return false
		}
	}
	return true
}

func lenient(segment string) string {
	segment, _, _ = strings.Cut(segment, ":")
	// Up and down again: letters that meet either way are one.
	segment = strings.ToLower(strings.ToUpper(segment))
	return strings.TrimRightFunc(segment, func(r rune) bool { return r == '.' || unicode.IsSpace(r) })
}

// segment cuts the first segment off a path that begins with a slash.
func segment(path string) (first, rest string) {
	path = path[1:]
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:]
	}
	return path, ""
}

// APIs are those that the gateway guards, with defaults filled in, ordered by
// account, region, id and stage. Nothing in them may be changed.
func (g *Gateway) APIs() []API {
	var list []API
	seen := map[*route]bool{}
	for _, routes := range g.routes {
		for _, r := range routes {
			if !seen[r] && !r.alias {
				seen[r] = true
				list = append(list, r.API)
			}
		}
	}
	slices.SortFunc(list, func(a, b API) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Stage, b.Stage))
	})
	return list
}
