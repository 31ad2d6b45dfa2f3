package server

import (
	"context"
	"encoding/json"
	"strings"

	"iamd/audit"
	"iamd/gateway"
	"iamd/guard"
	"iamd/policy"
)

// gatewayDeps gives the gateway its parts: the same guard as the APIs have, and
// the same audit.
func (s *Server) gatewayDeps(gate *guard.Guard, from *origin) gateway.Deps {
	return gateway.Deps{
		Guard: gate, Account: s.accounts.View, Origin: from.of, Arrive: s.throttle.arrive, Record: s.invoked,
		Now: s.cfg.Now, Log: s.cfg.Log, Applications: s.lwa, Span: s.tracing.part(), Propagate: s.tracing.propagate(),
	}
}

// invoked notes a request at the gateway: for last-used data when its caller is
// known, and as an event when a known caller was refused. Calls that were let through are data events, which
// CloudTrail does not keep unless asked to; the upstream's own log has them.
func (s *Server) invoked(ctx context.Context, e gateway.Event) {
	s.metrics.invoked(&e)
	s.visitedGateway(ctx, &e)
	if e.API == nil || e.Caller == nil {
		return // strangers are counted, and fill no store
	}
	caller := e.Caller
	if caller.Kind != policy.Anonymous {
		s.audit.Attempted(context.Background(), caller.Attempt("execute-api:Invoke"))
	}
	if t := e.Trace; t != nil {
		s.audit.Keep(t.Holder(), e.RequestID, e.Time, t.Pack)
	}
	if e.Allowed || caller.Kind == policy.Anonymous {
		return
	}
	s.audit.Record(&audit.Event{
		EventVersion: "1.11", UserIdentity: caller.Identity(), EventTime: e.Time.UTC(),
		EventSource: "execute-api.amazonaws.com", EventName: "Invoke", AWSRegion: e.API.Region,
		SourceIPAddress: e.From.SourceIP, UserAgent: e.From.UserAgent,
		ErrorCode: e.ErrorType, ErrorMessage: e.Message,
		RequestParameters: invocation(e),
		RequestID:         e.RequestID, EventID: e.RequestID, EventType: "AwsApiCall",
		EventCategory: "Data", RecipientAccountID: e.API.Account,
	})
}

// visitedGateway tells of a request at the gateway. Of one that a proxy asked for
// by gRPC nobody else does.
func (s *Server) visitedGateway(ctx context.Context, e *gateway.Event) {
	if !s.visits {
		return
	}
	v := s.visitOf(ctx)
	asked := v == nil
	if asked {
		v = &visit{method: e.Method, status: e.Status, source: e.From.SourceIP}
	}
	v.action, v.code = "execute-api:Invoke", e.ErrorType
	if e.Path != "" {
		v.path = shown(e.Path, maxSegments)
	}
	v.by(e.Caller)
	if asked {
		s.log(v, e.RequestID, e.Duration)
	}
}

// maxSegments of a guarded API's path are told.
const maxSegments = 64

// clip bounds what an event keeps of a client's words.
func clip(s string) string {
	const most = 1024
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}

func invocation(e gateway.Event) json.RawMessage {
	told := map[string]string{
		"method": clip(e.Method), "host": clip(e.Host), "path": clip(e.Path), "resource": clip(e.Resource),
	}
	for name, value := range map[string]string{"application": e.Application, "sellingPartner": e.SellingPartner, "operation": e.Operation} {
		if value != "" {
			told[name] = value
		}
	}
	b, err := json.Marshal(told)
	if err != nil {
		panic("server: " + err.Error()) // strings always marshal
	}
	return b
}
