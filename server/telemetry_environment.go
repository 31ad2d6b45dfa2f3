package server

import (
	"fmt"
	"net/url"
	"strings"
)

// receiverURL reads where traces go to. What is wrong is not repeated: a password may
// stand in it.
func receiverURL(name, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%s: write the receiver's URL, such as http://127.0.0.1:4318, with neither a password nor a query", name)
	}
	return u, nil
}

// checkVariables refuses what stands in OpenTelemetry's variables and is not understood
// there: its library would go on without, and write it to the standard error, secrets
// too.
func checkVariables(getenv func(string) string) error {
	for _, name := range []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"} {
		if text := strings.TrimSpace(getenv(name)); text != "" {
			if _, err := receiverURL(name, text); err != nil {
				return err
			}
		}
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"} {
		text := strings.TrimSpace(getenv(name))
		if text == "" {
			continue
		}
		n := 0
		for pair := range strings.SplitSeq(text, ",") {
			n++
			header, value, ok := strings.Cut(pair, "=")
			if _, err := url.PathUnescape(value); !ok || err != nil || !isToken(strings.TrimSpace(header)) {
				return fmt.Errorf("%s: number %d is no header: write NAME=VALUE,NAME=VALUE, with each comma and %% of a value as %%2C and %%25", name, n)
			}
		}
	}
	return nil
}

// isToken tells whether a text is a header's name.
// https://datatracker.ietf.org/doc/html/rfc9110#section-5.6.2
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return c <= ' ' || c > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
	})
}
