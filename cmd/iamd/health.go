package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// healthTime is how long a server may take to say whether it is ready.
const healthTime = 3 * time.Second

func healthCommand() *cobra.Command {
	var f flags
	var base string
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a running server whether it takes requests",
		Long: "Ask /readyz of a running server, and say what it answers. The exit code is 0 if the server takes\n" +
			"requests, and 1 if it does not, or does not answer within three seconds. The server is the one at\n" +
			"the configured address (listen), on this machine, unless --url names another.",
		Example: "  iamd health\n  iamd health --url https://iam.example.com",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if base == "" {
				c, err := f.config()
				if err != nil {
					return err
				}
				if base, err = nearby(c.Listen); err != nil {
					return err
				}
			}
			at, err := url.Parse(base)
			if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
				return usagef("--url %q is no URL such as http://127.0.0.1:4566", base)
			}
			said, err := askReady(cmd.Context(), at.JoinPath("readyz").String())
			if err != nil {
				return err
			}
			return printf(cmd.OutOrStdout(), "%s\n", said)
		},
	}
	f.bind(cmd.Flags(), false)
	cmd.Flags().StringVar(&base, "url", "", "URL of the AWS APIs; empty: the configured address")
	return cmd
}

// nearby is the URL by which a server is reached that listens there, from its own
// machine: one that listens to every address has no address itself.
func nearby(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", usagef("listen: %w", err)
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port), nil
}

// askReady is the line that a server which is ready answers.
func askReady(ctx context.Context, readyz string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, readyz, nil)
	if err != nil {
		return "", err
	}
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true}, // and no proxy: it would answer for the server
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(r)
	if err != nil {
		return "", fmt.Errorf("not ready: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err != nil {
		return "", fmt.Errorf("not ready: %w", err)
	}
	said := strings.TrimSpace(string(body))
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("not ready: %d %s", resp.StatusCode, said)
	}
	return said, nil
}
