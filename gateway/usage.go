package gateway

import (
	"hash/maphash"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"iamd/policy"
)

// Amazon's sandboxes have one plan for all operations.
// https://developer-docs.amazon.com/sp-api/docs/the-selling-partner-api-sandbox
const (
	sandboxPrefix = "sandbox."
	sandboxRate   = 5
	sandboxBurst  = 15
)

// headerLimit tells an operation's rate.
const headerLimit = "X-Amzn-Ratelimit-Limit"

// plan is what one caller may send to one operation; a rate of zero is no bound.
func (c *call) plan(host string) (plan Operation, sandbox bool) {
	plan = c.operation
	// Not whatever name a caller makes up for an API that answers to all.
	if name, ok := hostName(host); ok && plan.Rate > 0 && strings.HasPrefix(name, sandboxPrefix) && slices.Contains(c.route.hosts, name) {
		plan.Rate, plan.Burst, sandbox = sandboxRate, sandboxBurst, true
	}
	return plan, sandbox
}

// within takes one request from the caller's bucket, or refuses.
func (g *Gateway) within(c *call, r *http.Request) error {
	plan, sandbox := c.plan(r.Host)
	if plan.Rate <= 0 || c.route.NoUsagePlans {
		return nil
	}
	if !g.buckets.take(c.bucket(sandbox), plan, g.deps.Now()) {
		return &refusal{status: http.StatusTooManyRequests, kind: kindQuota, text: "Too Many Requests"}
	}
	return nil
}

// tellLimit tells the rate of the operation; of the refusals, only the one for want of
// quota does.
func (c *call) tellLimit(h http.Header, host string) {
	if plan, _ := c.plan(host); plan.Rate > 0 {
		text := strconv.FormatFloat(plan.Rate, 'f', -1, 64)
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		h.Set(headerLimit, text)
	}
}

// bucketName says whose requests count together: an application's for one
// selling partner, else an account's, else an address's. It holds nothing of the
// request's spelling.
type bucketName struct {
	api, operation, path, who, partner string
	sandbox                            bool
}

func (c *call) bucket(sandbox bool) bucketName {
	b := bucketName{api: c.route.arn, operation: c.operation.Name, path: c.operation.Path, sandbox: sandbox}
	switch {
	case c.admission != nil:
		b.who, b.partner = c.admission.ClientID, c.admission.SellingPartner
	case c.caller.Kind != policy.Anonymous:
		b.who = c.caller.Account
	default:
		b.who = clientOf(c.origin.SourceIP)
	}
	return b
}

const (
	bucketShards = 16
	// maxBuckets is how many are kept at most, of some 300 bytes each. Beyond it
	// those are forgotten that were not used for the longest time, and are full
	// again when they are next asked for. All are of callers who were admitted.
	maxBuckets = 32768
)

// buckets are token buckets by name, in two generations a shard: when the young
// one is full the old one is forgotten. Whatever is used stays.
type buckets struct {
	seed  maphash.Seed
	limit int // of one generation of one shard
	shard [bucketShards]bucketShard
}

type bucketShard struct {
	mu         sync.Mutex
	young, old map[bucketName]*rate.Limiter
}

func newBuckets(most int) *buckets {
	return &buckets{seed: maphash.MakeSeed(), limit: max(1, most/bucketShards/2)}
}

func (b *buckets) take(name bucketName, plan Operation, now time.Time) bool {
	s := &b.shard[maphash.Comparable(b.seed, name)%bucketShards]
	s.mu.Lock()
	bucket, ok := s.young[name]
	if !ok {
		if bucket, ok = s.old[name]; !ok {
			bucket = rate.NewLimiter(rate.Limit(plan.Rate), max(1, plan.Burst))
		}
		if s.young == nil || len(s.young) >= b.limit {
			s.old, s.young = s.young, make(map[bucketName]*rate.Limiter)
		}
		s.young[name] = bucket
	}
	s.mu.Unlock()
	return bucket.AllowN(now, 1)
}
