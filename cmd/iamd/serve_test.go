package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
)

// command runs iamd in this process.
func command(ctx context.Context, out io.Writer, args ...string) error {
	cmd := rootCommand()
	cmd.SetArgs(args)
	cmd.SetOut(out)
	cmd.SetErr(io.Discard)
	return cmd.ExecuteContext(ctx)
}

// serving starts iamd serve and gives the URLs of its doors. The server has
// stopped, without an error, when the test is done.
func serving(t *testing.T, args ...string) (aws, gateway string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := command(ctx, w, append([]string{"serve"}, args...)...)
		_ = w.CloseWithError(err)
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	in := bufio.NewReader(r)
	for _, field := range []struct {
		name string
		to   *string
	}{{"AWS APIs", &aws}, {"Gateway", &gateway}} {
		line, err := in.ReadString('\n')
		if err != nil || !strings.HasPrefix(line, field.name) {
			t.Fatalf("%q %v", line, err)
		}
		*field.to = strings.Fields(line)[len(strings.Fields(line))-1]
	}
	go func() { _, _ = io.Copy(io.Discard, in) }()
	return aws, gateway
}

// TestWorkflow is the whole job: serve, set up, assume the role with the
// profile that was written, and call the API behind the gateway.
func TestWorkflow(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s", r.Header.Get("X-Iamd-Principal-Arn"))
	}))
	defer upstream.Close()
	dir := t.TempDir()
	file := write(t, `
listen: 127.0.0.1:0
gateway:
  listen: 127.0.0.1:0
  apis:
    - {id: orders, account: 000000000012, region: us-east-1, upstream: "`+upstream.URL+`"}
`)
	data := filepath.Join(dir, "d")
	t.Setenv("IAMD_ACCOUNT_ID", "000000000012")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "credentials"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL"} {
		t.Setenv(name, "") // so that it comes back
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
	aws, gateway := serving(t, "--config", file, "--data-dir", data)

	// The commands ask the server that runs.
	var list bytes.Buffer
	if err := command(t.Context(), io.Discard, "account", "create", "second", "--data-dir", data); err != nil {
		t.Fatal(err)
	}
	if err := command(t.Context(), &list, "account", "list", "--data-dir", data); err != nil {
		t.Fatal(err)
	}
	if got := list.String(); !strings.Contains(got, "000000000012") || !strings.Contains(got, "second") {
		t.Errorf("accounts: %s", got)
	}
	if err := command(t.Context(), io.Discard, "account", "create", strings.Repeat("x", 51), "--data-dir", data); err == nil || !strings.Contains(err.Error(), "50 characters") {
		t.Errorf("a long name: %v", err)
	}

	if err := command(t.Context(), io.Discard, "setup", "sp-api", "--endpoint", aws, "--out", dir,
		"--credentials-file", filepath.Join(data, "root-credentials.csv")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "sp-api-user_accessKeys.csv")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file: %v %v", info, err)
	}
	for profile, want := range map[string]string{
		"sp-api-role": "200 hello arn:aws:sts::000000000012:assumed-role/SellingPartnerAPIRole/",
		"sp-api":      `403 {"Message":"User: arn:aws:iam::000000000012:user/sp-api-user is not authorized to perform: execute-api:Invoke`,
	} {
		if got := call(t, profile, gateway+"/orders/v0/orders?MarketplaceIds=A"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", profile, got, want)
		}
	}
}

// call asks the gateway as a profile of the AWS files.
func call(t *testing.T, profile, url string) string {
	t.Helper()
	cfg, err := awsconfig.LoadDefaultConfig(t.Context(), awsconfig.WithSharedConfigProfile(profile))
	if err != nil {
		t.Fatal(err)
	}
	cred, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if err := v4.NewSigner().SignHTTP(t.Context(), cred, r, empty, "execute-api", cfg.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(resp.StatusCode, " ", string(body))
}
