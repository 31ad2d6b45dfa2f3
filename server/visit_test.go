package server

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/gateway"
	"iamd/server/servertest"
)

// requestLines are the log's lines of requests.
func requestLines(t *testing.T, log *shelf) (lines []map[string]any) {
	t.Helper()
	for text := range strings.SplitSeq(strings.TrimSpace(log.String()), "\n") {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if line["msg"] == "request" {
			lines = append(lines, line)
		}
	}
	return lines
}

// TestRequestLines: each request has one line, with what the door knows of it.
func TestRequestLines(t *testing.T) {
	ctx, log := t.Context(), new(shelf)
	s := start(t, Config{
		DataDir: t.TempDir(), Root: Root{AccountID: "123456789012"}, LogRequests: true, Log: slog.New(slog.NewJSONHandler(log, nil)),
		Gateway: gateway.Config{APIs: []gateway.API{{ID: "shop", Account: "123456789012", Region: "us-east-1", Stage: "prod", Upstream: "http://127.0.0.1:1"}}},
	})
	front, gate := httptest.NewServer(s.Handler()), httptest.NewServer(s.Gateway())
	admin := sdk.NewFromConfig(root(s.FirstStart(), front.URL))
	if _, err := admin.CreateUser(ctx, &sdk.CreateUserInput{UserName: aws.String("Bob")}); err != nil {
		t.Fatal(err)
	}
	key, err := admin.CreateAccessKey(ctx, &sdk.CreateAccessKeyInput{UserName: aws.String("Bob")})
	if err != nil {
		t.Fatal(err)
	}
	bob := servertest.Config(front.URL, "us-east-1", *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
	id := invoke(t, gate.URL+"/orders/1/items", bob)
	for _, path := range []string{"/healthz", "/console/api/reference/services/none", "/nonsense/of/three"} {
		res, err := http.Get(front.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	front.Close()
	gate.Close()
	lines := requestLines(t, log)
	closed(t, s)
	if len(lines) != 6 {
		t.Fatalf("%d lines: %s", len(lines), log.String())
	}
	for i, want := range []map[string]any{
		{"level": "INFO", "method": "POST", "path": "/", "status": 200.0, "source": "127.0.0.1", "action": "iam:CreateUser", "code": "", "account": "123456789012", "principal": "arn:aws:iam::123456789012:root"},
		{"action": "iam:CreateAccessKey"},
		{"request": id, "method": "GET", "path": "/orders/1/items", "status": 403.0, "action": "execute-api:Invoke", "code": "AccessDeniedException", "account": "123456789012", "principal": "arn:aws:iam::123456789012:user/Bob"},
		{"request": "", "path": "/healthz", "status": 200.0, "bytes": 3.0, "action": "", "account": ""},
		{"path": "/console/api/…", "status": 404.0, "action": "console:reference/services/{prefix}", "code": "NotFound"},
		{"path": "/nonsense/of/…", "status": 404.0},
	} {
		for name, value := range want {
			if lines[i][name] != value {
				t.Errorf("line %d: %s is %v, want %v", i, name, lines[i][name], value)
			}
		}
		if lines[i]["duration"] == nil || lines[i]["bytes"].(float64) <= 0 {
			t.Errorf("line %d: %v", i, lines[i])
		}
	}
	if id, ok := lines[0]["request"].(string); !ok || len(id) != 36 {
		t.Errorf("request id %v", lines[0]["request"])
	}
}

// TestRequestLinesForDebugging: unless they are asked for, requests are told to who
// debugs alone.
func TestRequestLinesForDebugging(t *testing.T) {
	for level, want := range map[slog.Level]int{slog.LevelInfo: 0, slog.LevelDebug: 1} {
		log := new(shelf)
		s := start(t, Config{DataDir: t.TempDir(), Log: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: level}))})
		s.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/healthz", nil))
		if got := strings.Count(log.String(), `"msg":"request"`); got != want {
			t.Errorf("%v: %d lines", level, got)
		}
		closed(t, s)
	}
}

// TestNobodyWritesOurLog: whatever a client sends makes one line, which begins as
// ours do, and holds no secret that it sent.
func TestNobodyWritesOurLog(t *testing.T) {
	const forged = "\ntime=2025-01-01T00:00:00Z level=ERROR msg=forged\r\n{\"msg\":\"forged\"}\u2028\x1b[2J"
	const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	for name, handler := range map[string]func(*shelf) slog.Handler{
		"text": func(w *shelf) slog.Handler {
			return slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug})
		},
		"json": func(w *shelf) slog.Handler {
			return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug})
		},
	} {
		log := new(shelf)
		s := start(t, Config{
			DataDir: t.TempDir(), Log: slog.New(handler(log)),
			Gateway: gateway.Config{APIs: []gateway.API{{ID: "shop", Account: "123456789012", Upstream: "http://127.0.0.1:1"}}},
		})
		before, sent := strings.Count(log.String(), "\n"), 0
		for i, h := range []http.Handler{s.Handler(), s.Gateway()} {
			for _, path := range []string{
				"/" + url.PathEscape(forged), "/a/b/" + url.PathEscape(forged), "/" + url.PathEscape(secret), "/spapi/applications/" + secret, "/?X-Amz-Signature=" + secret,
				"/console/api/x/" + secret, "/" + strings.Repeat("a/", 9000),
			} {
				if i == 1 && strings.HasSuffix(path, "/"+secret) {
					continue // a guarded API's paths are its own affair
				}
				r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("Action="+url.QueryEscape(forged)+"&Secret="+url.QueryEscape(secret)))
				target, err := url.Parse(path)
				if err != nil {
					t.Fatal(err)
				}
				r.URL, r.RequestURI = target, path
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("X-Amz-Security-Token", secret)
				r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+secret+forged)
				r.Header.Set("User-Agent", forged)
				r.Method, r.Host = "POST"+forged, "h"+forged
				h.ServeHTTP(httptest.NewRecorder(), r)
				sent++
			}
		}
		closed(t, s)
		requests := 0
		for i, line := range strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n") {
			if i >= before && strings.Contains(line, "request") {
				requests++
			}
			if !strings.HasPrefix(line, "time=20") && !strings.HasPrefix(line, `{"time":"20`) || strings.Contains(line, "2025-01-01") && strings.HasPrefix(line, "time=2025") ||
				strings.ContainsAny(line, "\r\x1b\u2028") || len(line) > 8<<10 {
				t.Errorf("%s: a line of %d bytes: %.300q", name, len(line), line)
			}
		}
		if requests < sent {
			t.Errorf("%s: %d lines of %d requests", name, requests, sent)
		}
		for _, part := range strings.Split(secret, "/") {
			if strings.Contains(log.String(), part) {
				t.Errorf("%s: the log holds %s", name, part)
			}
		}
	}
}

// TestShownPaths: so much of a path is told.
func TestShownPaths(t *testing.T) {
	id := "0a1b2c3d-0000-0000-0000-000000000000"
	for _, c := range []struct {
		path     string
		segments int
		want     string
	}{
		{"/", 2, "/"}, {"", 2, ""}, {"*", 2, "*"}, {"/a/b", 2, "/a/b"}, {"/a/b/", 2, "/a/b/…"}, {"/a/b/c/d", 2, "/a/b/…"}, {"/a//b/c", 9, "/a//b/c"},
		{"/v1/" + id + "/x", 9, "/v1/" + id + "/x"}, {"/v1/" + id + "0/x", 9, "/v1/…/x"}, {"/%2F%0A", 9, "/%2F%0A"},
	} {
		if got := shown(c.path, c.segments); got != c.want {
			t.Errorf("%s: %s", c.path, got)
		}
	}
	if got := shown(strings.Repeat("/abcdefghi", 500), 1000); len(got) > 1100 {
		t.Errorf("%d bytes", len(got))
	}
}
