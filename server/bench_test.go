package server_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"iamd/api"
	"iamd/server"
	"iamd/server/servertest"
	"iamd/sigv4"
)

// BenchmarkHTTP measures actions over HTTP, as iamd serves them, beside a bare
// net/http handler within the same bounds, in the same process, that reads the same
// body and answers as many bytes, made beforehand: both are asked in turns in the
// one run, by the same clients, who sign nothing meanwhile. of-bare is the share of
// the bare handler's throughput; cpu-ns/op and bare-cpu-ns/op are what a request
// took of the processors, clients and background work included.
func BenchmarkHTTP(b *testing.B) {
	ctx, stop := context.WithCancel(context.Background())
	issuer := servertest.NewIssuer(b)
	s, err := server.New(ctx, server.Config{Listen: "127.0.0.1:0", DataDir: b.TempDir(), Outside: api.Outside{Dial: issuer.Dial, Roots: issuer.Roots}})
	if err != nil {
		b.Fatal(err)
	}
	ready, ended := make(chan server.Addresses, 1), make(chan error, 1)
	go func() { ended <- s.Serve(ctx, func(at server.Addresses) { ready <- at }) }()
	defer func() {
		stop()
		if err := errors.Join(<-ended, s.Close(context.Background())); err != nil {
			b.Error(err)
		}
	}()
	var addr string
	select {
	case at := <-ready:
		addr = at.API.String()
	case err := <-ended:
		ended <- err
		b.Fatal(err)
	}
	root := s.FirstStart()
	rootKey := sigv4.Credentials{KeyID: root.AccessKeyID, Secret: root.SecretAccessKey}
	ask := func(key sigv4.Credentials, service string, form ...string) []byte {
		return signed(b, addr, key, service, form...)
	}
	must := func(raw []byte) string { return once(b, addr, raw) }
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
		bare := bareServer(b, len(must(op.raw)))
		for _, clients := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("%s/clients=%d", op.name, clients), func(b *testing.B) {
				ours, theirs := dial(b, addr, clients), dial(b, bare, clients)
				var our, their spent
				b.ResetTimer()
				const turn = 2000
				for done := 0; done < b.N; done += turn {
					n := min(turn, b.N-done)
					our.add(func() { ours.run(b, op.raw, n) })
					b.StopTimer()
					their.add(func() { theirs.run(b, op.raw, n) })
					b.StartTimer()
				}
				b.ReportMetric(float64(their.time)/float64(our.time), "of-bare")
				b.ReportMetric(float64(b.N)/our.time.Seconds(), "req/s")
				if our.cpu > 0 {
					b.ReportMetric(float64(our.cpu)/float64(b.N), "cpu-ns/op")
					b.ReportMetric(float64(their.cpu)/float64(b.N), "bare-cpu-ns/op")
				}
			})
		}
	}
}

// bareServer answers every request with so many bytes, within the bounds that
// iamd sets strangers, and gives its address.
func bareServer(b *testing.B, size int) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	body := bytes.Repeat([]byte{'x'}, size)
	bare := &http.Server{
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				b.Error(err)
			}
			w.Header().Set("Content-Type", "text/xml")
			_, _ = w.Write(body)
		}),
	}
	go func() { _ = bare.Serve(l) }() // until it is closed
	b.Cleanup(func() { _ = bare.Close() })
	return l.Addr().String()
}

// spent is what turns took, by the clock and of the processors.
type spent struct{ time, cpu time.Duration }

func (s *spent) add(turn func()) {
	began, used := time.Now(), processorTime()
	turn()
	s.time += time.Since(began)
	s.cpu += processorTime() - used
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
func (w wires) run(b *testing.B, raw []byte, n int) {
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
