package e2e_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// hand is a client written from the specifications alone: Signature Version 4,
// OAuth 2, the query protocol. It calls AWS and Amazon by their own names; only
// where these lead is told to it, and which authority to trust.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
type hand struct {
	http *http.Client
	now  func() time.Time
	// direct is the client for calls to another address, without TLS.
	direct *http.Client
}

// handKey is what a call is signed with.
type handKey struct{ id, secret, token string }

func newHand(t *testing.T, dir, tlsAt, plainAt string, now func() time.Time) *hand {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		t.Fatal("ca.pem holds no certificate")
	}
	to := func(address string) func(context.Context, string, string) (net.Conn, error) {
		return func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}
	}
	secure := &http.Transport{DialContext: to(tlsAt), TLSClientConfig: &tls.Config{RootCAs: roots, Time: now}, ForceAttemptHTTP2: true}
	plain := &http.Transport{DialContext: to(plainAt)}
	t.Cleanup(secure.CloseIdleConnections)
	t.Cleanup(plain.CloseIdleConnections)
	return &hand{http: &http.Client{Transport: secure}, direct: &http.Client{Transport: plain}, now: now}
}

// signWith adds x-amz-date and Authorization for everything that is in the request
// by then.
func signWith(r *http.Request, body string, key handKey, service, region string, at time.Time) {
	stamp := at.UTC().Format("20060102T150405Z")
	r.Header.Set("X-Amz-Date", stamp)
	if key.token != "" {
		r.Header.Set("X-Amz-Security-Token", key.token)
	}
	// 1. The canonical request.
	headers := map[string]string{"host": r.URL.Host}
	names := []string{"host"}
	for name, values := range r.Header {
		name = strings.ToLower(name)
		headers[name] = strings.Join(values, ",")
		names = append(names, name)
	}
	slices.Sort(names)
	var canonical strings.Builder
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	fmt.Fprintf(&canonical, "%s\n%s\n%s\n", r.Method, twice(path), canonicalQuery(r.URL.Query()))
	for _, name := range names {
		fmt.Fprintf(&canonical, "%s:%s\n", name, strings.Join(strings.Fields(headers[name]), " "))
	}
	hash := sha256.Sum256([]byte(body))
	signed := strings.Join(names, ";")
	fmt.Fprintf(&canonical, "\n%s\n%s", signed, hex.EncodeToString(hash[:]))
	// 2. and 3. Its hash, and the string to sign.
	scope := stamp[:8] + "/" + region + "/" + service + "/aws4_request"
	hash = sha256.Sum256([]byte(canonical.String()))
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + hex.EncodeToString(hash[:])
	// 4. and 5. The key of the day, and the signature.
	k := []byte("AWS4" + key.secret)
	for part := range strings.SplitSeq(scope, "/") {
		k = mac(k, part)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key.id+"/"+scope+", SignedHeaders="+signed+", Signature="+hex.EncodeToString(mac(k, text)))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// encoded is the specification's UriEncode.
func encoded(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// twice encodes a path that is encoded already once more, as all services but S3
// want it.
func twice(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = encoded(parts[i])
	}
	return strings.Join(parts, "/")
}

func canonicalQuery(q url.Values) string {
	var pairs []string
	for name, values := range q {
		for _, v := range values {
			pairs = append(pairs, encoded(name)+"="+encoded(v))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// send sends a request and reads the answer whole.
func (h *hand) send(t *testing.T, r *http.Request) answer {
	t.Helper()
	client := h.http
	if r.URL.Scheme == "http" {
		client = h.direct
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}

func request(t *testing.T, method, target, body string, header ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// query calls an action of a query service by the service's own name, and reads
// into out what stands under its Result.
func (h *hand) query(t *testing.T, key handKey, host, region, version string, params []string, out any) {
	t.Helper()
	form := url.Values{"Version": {version}}
	for i := 0; i < len(params); i += 2 {
		form.Set(params[i], params[i+1])
	}
	service, _, _ := strings.Cut(host, ".")
	body := form.Encode()
	r := request(t, "POST", "https://"+host+"/", body, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	signWith(r, body, key, service, region, h.now())
	got := h.send(t, r)
	if got.status != http.StatusOK {
		t.Fatalf("%s at %s: %d %s", form.Get("Action"), host, got.status, got.body)
	}
	if err := xml.Unmarshal([]byte(got.body), out); err != nil {
		t.Fatalf("%s: %v\n%s", form.Get("Action"), err, got.body)
	}
}

// byHand is what calls of IAM and STS answer, as far as it is wanted.
type byHand struct {
	Role    string `xml:"CreateRoleResult>Role>Arn"`
	UserKey struct {
		ID     string `xml:"AccessKeyId"`
		Secret string `xml:"SecretAccessKey"`
	} `xml:"CreateAccessKeyResult>AccessKey"`
	Session struct {
		ID     string `xml:"AccessKeyId"`
		Secret string `xml:"SecretAccessKey"`
		Token  string `xml:"SessionToken"`
	} `xml:"AssumeRoleResult>Credentials"`
	Caller string `xml:"GetCallerIdentityResult>Arn"`
}

func (h *hand) iam(t *testing.T, key handKey, params ...string) (out byHand) {
	t.Helper()
	h.query(t, key, "iam.amazonaws.com", "us-east-1", "2010-05-08", params, &out)
	return out
}

func (h *hand) sts(t *testing.T, key handKey, host, region string, params ...string) (out byHand) {
	t.Helper()
	h.query(t, key, host, region, "2011-06-15", params, &out)
	return out
}

// role takes a role, as the Selling Partner API's developers do.
func (h *hand) role(t *testing.T, key handKey, arn string) handKey {
	t.Helper()
	s := h.sts(t, key, "sts.us-east-1.amazonaws.com", "us-east-1", "Action", "AssumeRole", "RoleArn", arn, "RoleSessionName", "by-hand").Session
	return handKey{s.ID, s.Secret, s.Token}
}

// answered reads an answer that must have a status.
func answered[T any](t *testing.T, got answer, status int) (out T) {
	t.Helper()
	if got.status != status {
		t.Fatalf("%d %s; want %d", got.status, got.body, status)
	}
	d := json.NewDecoder(bytes.NewReader([]byte(got.body)))
	if err := d.Decode(&out); err != nil {
		t.Fatalf("%v: %s", err, got.body)
	}
	return out
}
