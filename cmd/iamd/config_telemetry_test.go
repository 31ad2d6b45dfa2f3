package main

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"iamd/server"
)

// TestOperating: what the file and OpenTelemetry's own variables say reaches the
// server.
func TestOperating(t *testing.T) {
	take := func(text string, env map[string]string) (server.Config, error) {
		c, err := load(write(t, text), nil)
		if err != nil {
			return server.Config{}, err
		}
		return c.server(func(name string) string { return env[name] }, slog.New(slog.DiscardHandler))
	}
	got, err := take(`
log: {requests: true}
metrics: {listen: "127.0.0.1:9464"}
telemetry: {otlp_endpoint: "http://127.0.0.1:4318", sampling_ratio: 0.25}
shutdown_delay: 5s
`, nil)
	if err != nil || !got.LogRequests || got.MetricsListen != "127.0.0.1:9464" || got.ShutdownDelay != 5*time.Second ||
		got.Telemetry.Endpoint != "http://127.0.0.1:4318" || *got.Telemetry.Ratio != 0.25 || got.Telemetry.Environment {
		t.Errorf("%+v, %v", got, err)
	}
	const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
	for _, c := range []struct {
		text string
		env  map[string]string
		want string
	}{
		{"", nil, "off"},
		{"", map[string]string{"OTEL_SERVICE_NAME": "x"}, "off"},
		{"", map[string]string{endpoint: "http://h"}, "by the environment, all"},
		{"", map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://h"}, "by the environment, all"},
		{"", map[string]string{endpoint: "http://h", "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.5"}, "by the environment, 0.5"},
		{"", map[string]string{endpoint: "http://h", "OTEL_TRACES_SAMPLER": "always_off"}, "by the environment, 0"},
		{"telemetry: {sampling_ratio: 0.1}", map[string]string{endpoint: "http://h", "OTEL_TRACES_SAMPLER": "always_off"}, "by the environment, 0.1"},
		{"telemetry: {otlp_endpoint: http://h}", map[string]string{"OTEL_SDK_DISABLED": "true"}, "off"},
		{"", map[string]string{endpoint: "http://h", "OTEL_TRACES_EXPORTER": "none"}, "off"},
		{"", map[string]string{endpoint: "http://h", "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "NaN"}, "OTEL_TRACES_SAMPLER_ARG"},
		{"", map[string]string{endpoint: "http://h", "OTEL_TRACES_SAMPLER": "traceidratio"}, "OTEL_TRACES_SAMPLER_ARG"},
		{"shutdown_delay: -1s", nil, "shutdown_delay"},
		{"telemetry: {otlp_endpoints: x}", nil, "unknown field"},
	} {
		got, err := take(c.text, c.env)
		told := "off"
		switch on := got.Telemetry; {
		case err != nil:
			if told = c.want; !strings.Contains(err.Error(), c.want) {
				told = err.Error()
			}
		case on.Environment && on.Ratio == nil:
			told = "by the environment, all"
		case on.Environment:
			told = "by the environment, " + strings.TrimSuffix(strings.TrimRight(slog.Float64Value(*on.Ratio).String(), "0"), ".")
			if *on.Ratio == 0 {
				told = "by the environment, 0"
			}
		case on.Endpoint != "":
			told = on.Endpoint
		}
		if told != c.want {
			t.Errorf("%s %v: %s, want %s", c.text, c.env, told, c.want)
		}
	}
}
