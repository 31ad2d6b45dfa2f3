package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
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
			"the configured address (listen), on this machine, unless --url names another. If it answers by TLS\n" +
			"it must show the configured certificate. One that asks clients for certificates cannot be asked.",
		Example: "  iamd health\n  iamd health --url https://iam.example.com",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var trust *tls.Config
			if base == "" {
				c, err := f.config()
				if err != nil {
					return err
				}
				scheme := "http"
				if c.TLS.CertFile != "" {
					scheme = "https"
					if trust, err = only(c.TLS.CertFile); err != nil {
						return err
					}
				}
				if base, err = nearby(scheme, c.Listen); err != nil {
					return err
				}
			}
			at, err := url.Parse(base)
			if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
				return usagef("--url %q is no URL such as http://127.0.0.1:4566", base)
			}
			said, err := askReady(cmd.Context(), at.JoinPath("readyz").String(), trust)
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
func nearby(scheme, listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", usagef("listen: %w", err)
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port), nil
}

// only believes the first certificate of a file, whatever names it is for: on its own
// machine a server goes by another name than in its certificate.
func only(file string) (*tls.Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("tls.cert_file: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("tls.cert_file: %s holds no certificate", file)
	}
	return &tls.Config{
		InsecureSkipVerify: true, // the certificate itself is compared
		VerifyConnection: func(s tls.ConnectionState) error {
			if !bytes.Equal(s.PeerCertificates[0].Raw, block.Bytes) {
				return errors.New("it shows another certificate than that of tls.cert_file")
			}
			return nil
		},
	}, nil
}

// askReady is the line that a server which is ready answers.
func askReady(ctx context.Context, readyz string, trust *tls.Config) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, readyz, nil)
	if err != nil {
		return "", err
	}
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, TLSClientConfig: trust}, // and no proxy: it would answer for the server
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
