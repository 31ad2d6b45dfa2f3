package server

import (
	"strings"
	"testing"
)

// TestTelemetryVariables: what cannot be understood of OpenTelemetry's variables ends
// the start, and is not repeated.
func TestTelemetryVariables(t *testing.T) {
	const endpoint, headers = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"
	for _, c := range []struct {
		name, value string
		ok          bool
	}{
		{endpoint, "http://127.0.0.1:4318", true},
		{endpoint, " https://collector.example/under ", true},
		{endpoint, "http://user:hidden@127.0.0.1:4318", false},
		{endpoint, "http://127.0.0.1:4318/%zz?hidden", false},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "hidden:4318", false},
		{headers, "Authorization=Bearer%20one, x-team = two", true},
		{headers, "Bearer hidden", false},
		{headers, "Bearer hidden=", false},
		{headers, "x-team=two,hidden", false},
		{headers, "x-team=two,authorization=hidden%", false},
		{"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "(hidden)=1", false},
	} {
		err := checkVariables(func(name string) string {
			return map[string]string{c.name: c.value}[name]
		})
		if (err == nil) != c.ok || err != nil && (strings.Contains(err.Error(), "hidden") || !strings.Contains(err.Error(), c.name)) {
			t.Errorf("%s=%s: %v", c.name, c.value, err)
		}
	}
}

// TestTelemetryRefusesVariables: the server asks before OpenTelemetry's library does.
func TestTelemetryRefusesVariables(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "Bearer hidden")
	_, err := New(t.Context(), Config{DataDir: t.TempDir(), Telemetry: Telemetry{Endpoint: "http://127.0.0.1:1"}})
	if err == nil || strings.Contains(err.Error(), "hidden") {
		t.Error(err)
	}
}
