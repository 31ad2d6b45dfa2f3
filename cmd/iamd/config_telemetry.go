package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"iamd/server"
)

// metricsConfig says where metrics are shown.
type metricsConfig struct {
	Listen string `yaml:"listen"`
}

// telemetryConfig says where traces go.
type telemetryConfig struct {
	Endpoint string   `yaml:"otlp_endpoint"`
	Ratio    *float64 `yaml:"sampling_ratio"` // nil: as the environment has it, or 1
}

func (c *config) operatingSettings() []setting {
	return []setting{
		{"log.requests", &c.Log.Requests},
		{"metrics.listen", &c.Metrics.Listen},
		{"telemetry.otlp_endpoint", &c.Telemetry.Endpoint},
		{"telemetry.sampling_ratio", &c.Telemetry.Ratio},
		{"shutdown_delay", &c.ShutdownDelay},
	}
}

// operating hands to the server how it is operated.
func (c *config) operating(out *server.Config, getenv func(string) string) (err error) {
	out.LogRequests, out.MetricsListen, out.ShutdownDelay = c.Log.Requests, c.Metrics.Listen, c.ShutdownDelay
	if c.ShutdownDelay < 0 {
		return usagef("shutdown_delay: %s is no time to wait", c.ShutdownDelay)
	}
	out.Telemetry, err = c.Telemetry.server(getenv)
	return err
}

// server is where traces go: as configured, or as OpenTelemetry's own variables say.
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
func (c *telemetryConfig) server(getenv func(string) string) (server.Telemetry, error) {
	out := server.Telemetry{
		Endpoint: c.Endpoint, Ratio: c.Ratio,
		Environment: getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != "",
	}
	if strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") || getenv("OTEL_TRACES_EXPORTER") == "none" {
		return server.Telemetry{}, nil
	}
	if out.Endpoint == "" && !out.Environment || out.Ratio != nil {
		return out, nil
	}
	switch name, text := getenv("OTEL_TRACES_SAMPLER"), getenv("OTEL_TRACES_SAMPLER_ARG"); strings.TrimPrefix(name, "parentbased_") {
	case "always_off":
		out.Ratio = new(0.0)
	case "traceidratio":
		ratio, err := strconv.ParseFloat(text, 64)
		if err != nil || !(ratio >= 0 && ratio <= 1) {
			return out, usagef("OTEL_TRACES_SAMPLER_ARG: %q is no share: write a number from 0 to 1", text)
		}
		out.Ratio = &ratio
	}
	return out, nil
}

// greetMetrics tells where metrics are shown, when that is a place of their own.
func greetMetrics(w io.Writer, at server.Addresses) {
	if at.Metrics != nil {
		fmt.Fprintf(w, "Metrics   %s/metrics\n", address(at.Metrics))
	}
}
