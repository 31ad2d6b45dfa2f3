package server_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"crypto/sha256"

	"iamd/api"
	"iamd/server"
	"iamd/server/servertest"
	"iamd/sigv4"
)

// BenchmarkHTTP measures actions over HTTP beside a bare net/http handler that
// reads the same body and answers as many bytes: both are asked in turns in the
// one run, and of-bare is the share of the bare handler's throughput.
func BenchmarkHTTP(b *testing.B) {
	ctx := context.Background()
	issuer := servertest.NewIssuer(b)
	s, err := server.New(ctx, server.Config{DataDir: b.TempDir(), Outside: api.Outside{Dial: issuer.Dial, Roots: issuer.Roots}})
	if err != nil {
		b.Fatal(err)
	}
	front := httptest.NewServer(s.Handler())
	defer func() {
		front.Close()
		if err := s.Close(ctx); err != nil {
			b.Error(err)
		}
	}()
	root := s.FirstStart()
	rootKey := sigv4.Credentials{KeyID: root.AccessKeyID, Secret: root.SecretAccessKey}
	ask := func(key sigv4.Credentials, service string, form ...string) []byte {
		return signed(b, front.Listener.Addr().String(), key, service, form...)
	}
	must := func(raw []byte) string { return once(b, front.Listener.Addr().String(), raw) }
	must(ask(rootKey, "iam", "Action", "CreateUser", "UserName", "Bob"))
	must(ask(rootKey, "iam", "Action", "PutUserPolicy", "UserName", "Bob", "PolicyName", "p",
		"PolicyDocument", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole","iam:GetUser"],"Resource":"*"}]}`))
	must(ask(rootKey, "iam", "Action", "CreateRole", "RoleName", "R", "AssumeRolePolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+root.AccountID+`"},"Action":"sts:AssumeRole"}]}`))
	provider := "arn:aws:iam::" + root.AccountID + ":oidc-provider/example.com"
	must(ask(rootKey, "iam", "Action", "CreateOpenIDConnectProvider", "Url", servertest.IssuerURL, "ClientIDList.member.1", "app"))
	must(ask(rootKey, "iam", "Action", "CreateRole", "RoleName", "W", "AssumeRolePolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"`+provider+`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"example.com:sub":"me"}}}]}`))
	answer := must(ask(rootKey, "iam", "Action", "CreateAccessKey", "UserName", "Bob"))
	bob := sigv4.Credentials{KeyID: between(answer, "<AccessKeyId>"), Secret: between(answer, "<SecretAccessKey>")}

	for _, op := range []struct {
		name string
		raw  []byte
	}{
		{"GetCallerIdentity", ask(bob, "sts", "Action", "GetCallerIdentity")},
		{"GetUser", ask(bob, "iam", "Action", "GetUser")},
		{"AssumeRole", ask(bob, "sts", "Action", "AssumeRole", "RoleArn", "arn:aws:iam::"+root.AccountID+":role/R", "RoleSessionName", "session")},
		{"AssumeRoleWithWebIdentity", ask(bob, "sts", "Action", "AssumeRoleWithWebIdentity", "RoleArn", "arn:aws:iam::"+root.AccountID+":role/W",
			"RoleSessionName", "session", "WebIdentityToken", issuer.Token(b, "me", "app"))},
	} {
		size := len(must(op.raw))
		bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				b.Error(err)
			}
			w.Header().Set("Content-Type", "text/xml")
			_, _ = w.Write(bytes.Repeat([]byte{'x'}, size))
		}))
		for _, clients := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("%s/clients=%d", op.name, clients), func(b *testing.B) {
				ours := dial(b, front.Listener.Addr().String(), clients)
				theirs := dial(b, bare.Listener.Addr().String(), clients)
				var ourTime, bareTime time.Duration
				b.ResetTimer()
				const turn = 2000
				for done := 0; done < b.N; done += turn {
					n := min(turn, b.N-done)
					ourTime += ours.run(b, op.raw, n)
					b.StopTimer()
					bareTime += theirs.run(b, op.raw, n)
					b.StartTimer()
				}
				b.ReportMetric(float64(bareTime)/float64(ourTime), "of-bare")
				b.ReportMetric(float64(b.N)/ourTime.Seconds(), "req/s")
			})
		}
		bare.Close()
	}
}

// signed makes the bytes of a query request; they may be sent again until the
// signature is 15 minutes old.
func signed(b *testing.B, addr string, key sigv4.Credentials, service string, form ...string) []byte {
	b.Helper()
	values := url.Values{"Version": {map[string]string{"iam": "2010-05-08", "sts": "2011-06-15"}[service]}}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	body := values.Encode()
	r, err := http.NewRequest(http.MethodPost, "http://"+addr+"/", strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("User-Agent", "bench")
	opt := sigv4.Options{Service: service, Region: "us-east-1", DoubleEncode: true}
	if err := sigv4.Sign(r, sha256.Sum256([]byte(body)), key, time.Now(), opt); err != nil {
		b.Fatal(err)
	}
	var raw bytes.Buffer
	if err := r.Write(&raw); err != nil {
		b.Fatal(err)
	}
	return raw.Bytes()
}

// once sends a request on a connection of its own and wants a 200.
func once(b *testing.B, addr string, raw []byte) string {
	b.Helper()
	c := dial(b, addr, 1)
	if _, err := c[0].conn.Write(raw); err != nil {
		b.Fatal(err)
	}
	answer, err := http.ReadResponse(c[0].in, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatalf("%s: %s %v", answer.Status, body, err)
	}
	return string(body)
}

func between(text, tag string) string {
	_, rest, _ := strings.Cut(text, tag)
	value, _, _ := strings.Cut(rest, "<")
	return value
}

// wires are open connections; the client does as little as it can, as it shares
// the processors with the server.
type wires []*line

type line struct {
	conn   net.Conn
	in     *bufio.Reader
	status string // that every answer has
}

func dial(b *testing.B, addr string, n int) wires {
	b.Helper()
	var all wires
	for range n {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = conn.Close() })
		all = append(all, &line{conn, bufio.NewReader(conn), "200"})
	}
	return all
}

// run sends n requests over all connections.
func (w wires) run(b *testing.B, raw []byte, n int) time.Duration {
	began := time.Now()
	var all sync.WaitGroup
	for i, l := range w {
		share := n / len(w)
		if i < n%len(w) {
			share++
		}
		all.Go(func() {
			for range share {
				if err := l.exchange(raw); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return time.Since(began)
}

func (l *line) exchange(raw []byte) error {
	if _, err := l.conn.Write(raw); err != nil {
		return err
	}
	status, err := l.in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 "+l.status)) {
		return fmt.Errorf("answer %q", status)
	}
	length := 0
	for {
		header, err := l.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(header) <= 2 {
			break
		}
		if value, ok := bytes.CutPrefix(header, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
	}
	_, err = l.in.Discard(length)
	return err
}
