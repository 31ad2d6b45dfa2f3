package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"iamd/policy"
)

// decisions count what the guard decides, by outcome and kind of policy.
type decisions struct {
	allowed, explicit, implicit [len(decidedBy)]prometheus.Counter
}

// decidedBy are the kinds of policies, as labels have them.
var decidedBy = [...]string{
	0:                  "none",
	policy.Identity:    "identity",
	policy.Boundary:    "boundary",
	policy.Session:     "session",
	policy.Resource:    "resource",
	policy.Trust:       "trust",
	policy.SCP:         "scp",
	policy.RCP:         "rcp",
	policy.VPCEndpoint: "vpc_endpoint",
}

func newDecisions(registry *prometheus.Registry) (d decisions) {
	all := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "iamd_decisions_total",
		Help: "Decisions by policies, for the APIs and the gateway, by outcome (allowed, explicit_deny, implicit_deny) and the kind of policy that decidedBy. " +
			"A call may ask for several.",
	}, []string{"outcome", "policy"})
	registry.MustRegister(all)
	for i, kind := range decidedBy {
		d.allowed[i] = all.WithLabelValues("allowed", kind)
		d.explicit[i] = all.WithLabelValues("explicit_deny", kind)
		d.implicit[i] = all.WithLabelValues("implicit_deny", kind)
	}
	return d
}

// count is told of every decision.
func (d *decisions) count(of policy.Decision) {
	kind := int(of.Type)
	if kind >= len(decidedBy) {
		kind = 0
	}
	switch {
	case of.Allowed:
		d.allowed[kind].Inc()
	case of.Explicit:
		d.explicit[kind].Inc()
	default:
		d.implicit[kind].Inc()
	}
}
