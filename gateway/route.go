package gateway

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"iamd/policy"
)

// route is an API made ready.
type route struct {
	API
	hosts    []string // lower-case
	upstream *url.URL
	timeout  time.Duration
	arn      string // of the resource, up to the slash after the stage
	policies []policy.Attached
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
			for _, other := range rs[h] {
				if other.PathPrefix == r.PathPrefix {
					return nil, fmt.Errorf("gateway: apis %q and %q both answer host %q with path_prefix %q: give one another host or prefix",
						other.ID, r.ID, cmp.Or(h, "(any)"), r.PathPrefix)
				}
			}
			rs[h] = append(rs[h], r)
		}
	}
	for _, list := range rs {
		slices.SortStableFunc(list, func(a, b *route) int { return cmp.Compare(len(b.PathPrefix), len(a.PathPrefix)) })
	}
	return rs, nil
}

// pick finds the API that answers, and what of the target is below its prefix.
func (rs routes) pick(host string, t target) (*route, target) {
	list, ok := rs[hostName(host)]
	if !ok {
		list = rs[""]
	}
	for _, r := range list {
		// The prefix has no escapes in it, so it is cut off the wire's form
		// too: an escaped one does not match.
		raw, ok := strings.CutPrefix(t.raw, r.PathPrefix)
		if !ok || raw != "" && raw[0] != '/' {
			continue
		}
		below := target{path: strings.TrimPrefix(t.path, r.PathPrefix), raw: raw}
		if raw == "" {
			below = target{path: "/", raw: "/"}
		}
		return r, below
	}
	return nil, t
}

// hostName is a Host header's name: in lower case, without port and final dot.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
