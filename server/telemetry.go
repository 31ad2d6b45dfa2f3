package server

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Telemetry says where traces go, by OTLP over HTTP. The zero value: nowhere.
type Telemetry struct {
	// Endpoint is the receiver's URL, as OTEL_EXPORTER_OTLP_ENDPOINT has it: what is
	// sent goes to /v1/traces under it.
	Endpoint string
	// Environment sends traces to where the OTEL_ variables of the process say, where
	// Endpoint doesn't. Headers and certificates come from there in either case.
	Environment bool
	// Ratio is the share of requests that are followed; nil: all.
	Ratio *float64
}

// flushing bounds how long a stop waits for the receiver.
const flushing = 5 * time.Second

// tracing follows requests. A nil one follows none.
type tracing struct {
	provider         *sdktrace.TracerProvider
	tracer           trace.Tracer
	ratio            float64
	random           io.Reader
	log              *slog.Logger
	exported, failed atomic.Uint64 // spans
}

func newTracing(ctx context.Context, cfg Config) (*tracing, error) {
	t := &tracing{ratio: 1, random: cfg.Rand, log: cfg.Log}
	if r := cfg.Telemetry.Ratio; r != nil {
		t.ratio = *r
	}
	if !(t.ratio >= 0 && t.ratio <= 1) {
		return nil, fmt.Errorf("telemetry.sampling_ratio: %v is no share: write a number from 0 to 1", t.ratio)
	}
	var options []otlptracehttp.Option
	switch at := cfg.Telemetry.Endpoint; {
	case at != "":
		u, err := receiverURL("telemetry.otlp_endpoint", at)
		if err != nil {
			return nil, err
		}
		options = append(options, otlptracehttp.WithEndpointURL(u.JoinPath("v1/traces").String()))
	case !cfg.Telemetry.Environment:
		return nil, nil
	}
	// Headers and certificates come from the environment in either case.
	if err := checkVariables(os.Getenv); err != nil {
		return nil, err
	}
	sink, err := otlptracehttp.New(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	// What the environment says of the resource, such as OTEL_SERVICE_NAME, comes last.
	of, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		attribute.String("service.name", "iamd"), attribute.String("service.version", cfg.Console.Version)), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("telemetry: OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	t.provider = sdktrace.NewTracerProvider(sdktrace.WithBatcher(&exporter{SpanExporter: sink, t: t}), sdktrace.WithResource(of),
		sdktrace.WithSampler(sdktrace.AlwaysSample())) // begin has chosen
	t.tracer = t.provider.Tracer("iamd")
	return t, nil
}

// close sends what waits, for a while.
func (t *tracing) close(ctx context.Context) {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, flushing)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		t.log.Warn("the last traces not sent", "error", clip(err.Error()))
	}
}

// begin follows a request, or not: then the span is nil. A traceparent that comes
// with it is its parent, whoever sent it: what a stranger can do by that is to put
// spans beside their own. Whether it is followed is theirs to say only for trusted
// proxies; for others it is chance, and not by the trace's id, which they choose.
func (t *tracing) begin(ctx context.Context, r *http.Request, believed bool) (context.Context, trace.Span) {
	if t == nil || r.URL.Path == "/healthz" || r.URL.Path == "/readyz" || r.URL.Path == "/metrics" {
		return ctx, nil
	}
	parent := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header)))
	follow := false
	if believed && parent.IsValid() {
		follow = parent.IsSampled()
	} else {
		follow = t.chosen()
	}
	if !follow {
		return ctx, nil
	}
	if parent.IsValid() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, parent)
	}
	return t.tracer.Start(ctx, "request", trace.WithSpanKind(trace.SpanKindServer))
}

// chosen throws the dice.
func (t *tracing) chosen() bool {
	switch t.ratio {
	case 0:
		return false
	case 1:
		return true
	}
	var b [8]byte
	if _, err := io.ReadFull(t.random, b[:]); err != nil {
		return false
	}
	return float64(binary.LittleEndian.Uint64(b[:]))/math.MaxUint64 < t.ratio
}

// part is span, or nil where nobody follows requests: doors then do without.
func (t *tracing) part() func(context.Context, string) (context.Context, func(error)) {
	if t == nil {
		return nil
	}
	return t.span
}

// span begins a part of a request that is followed. Of an error its type is told,
// not its words: they are the log's.
func (t *tracing) span(ctx context.Context, name string) (context.Context, func(error)) {
	if t == nil || !trace.SpanFromContext(ctx).IsRecording() {
		return ctx, unfollowed
	}
	ctx, s := t.tracer.Start(ctx, name)
	return ctx, func(err error) {
		if err != nil {
			s.SetStatus(codes.Error, "")
			s.SetAttributes(attribute.String("error.type", fmt.Sprintf("%T", err)))
		}
		s.End()
	}
}

func unfollowed(error) {}

// propagate gives an upstream's request the headers by which it goes on. What is
// not followed here passes with the client's.
func (t *tracing) propagate() func(ctx context.Context, set func(name, value string)) {
	if t == nil {
		return nil
	}
	return func(ctx context.Context, set func(name, value string)) {
		if trace.SpanFromContext(ctx).IsRecording() {
			propagation.TraceContext{}.Inject(ctx, setter(set))
		}
	}
}

// setter is a carrier that is written only.
type setter func(name, value string)

func (set setter) Set(name, value string) { set(http.CanonicalHeaderKey(name), value) }
func (set setter) Get(string) string      { return "" }
func (set setter) Keys() []string         { return nil }

// tell says what became of the request.
func (v *visit) tell(id string) {
	service, name := v.operation()
	if name != "" {
		v.span.SetName(v.action)
	}
	method := v.method
	if !strings.Contains(" GET HEAD POST PUT PATCH DELETE OPTIONS ", " "+method+" ") {
		method = "_OTHER"
	}
	v.span.SetAttributes(
		attribute.String("rpc.system", "aws-api"), attribute.String("rpc.service", service), attribute.String("rpc.method", name),
		attribute.String("aws.request_id", id), attribute.String("iamd.action", v.action), attribute.String("iamd.code", v.code),
		attribute.String("iamd.account", v.account), attribute.String("iamd.principal", v.principal),
		attribute.String("http.request.method", method), attribute.String("url.path", v.path),
		attribute.Int("http.response.status_code", v.status), attribute.String("client.address", v.source))
	if v.status >= http.StatusInternalServerError {
		v.span.SetStatus(codes.Error, "")
	}
}

// exporter counts what the receiver takes, and logs when that changes.
type exporter struct {
	sdktrace.SpanExporter
	t      *tracing
	broken atomic.Bool
}

// ExportSpans implements sdktrace.SpanExporter. It does not fail: nobody else is to
// hear of it.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	if err != nil {
		e.t.failed.Add(uint64(len(spans)))
		if !e.broken.Swap(true) {
			e.t.log.Warn("traces are not taken: those of now are lost", "error", clip(err.Error()))
		}
		return nil
	}
	e.t.exported.Add(uint64(len(spans)))
	if e.broken.Swap(false) {
		e.t.log.Info("traces are taken again")
	}
	return nil
}
