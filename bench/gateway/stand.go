package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/gateway"
	"iamd/server"
	"iamd/sigv4"
)

const (
	region     = "us-east-1"
	account    = "111122223333"
	rootKey    = "AKIAIOSFODNN7EXAMPLE"
	rootSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	signedHost = "signed.example.com"
	openHost   = "open.example.com"
)

// What the roles are told.
const (
	dirVariable      = "IAMD_GATEWAY_BENCH_DIR"
	upstreamVariable = "IAMD_GATEWAY_BENCH_UPSTREAM"
	profileVariable  = "IAMD_GATEWAY_BENCH_PROFILE"
)

// stand is all servers at work.
type stand struct {
	clients  int
	caller   sigv4.Credentials
	upstream *process
	targets  []*target // signed, open, nginx, httputil, nginx as it comes
}

func newStand(ctx context.Context, dir string, l load) (*stand, error) {
	s := &stand{clients: l.clients}
	var err error
	if s.upstream, err = begin(l.upstream); err != nil {
		return s, err
	}
	up := s.upstream.told[0]
	guarded, err := begin("iamd", dirVariable+"="+dir, upstreamVariable+"="+up, profileVariable+"="+l.profile)
	s.targets = append(s.targets, &target{name: "iamd, AWS_IAM", host: signedHost, process: guarded})
	if err != nil {
		return s, err
	}
	s.targets[0].address = guarded.told[1]
	s.targets = append(s.targets, &target{name: "iamd, NONE", address: guarded.told[1], host: openHost, process: guarded, shared: true})
	front, at, err := nginx(dir, up)
	if front != nil {
		s.targets = append(s.targets, &target{name: "nginx", address: at[0], host: at[0], process: front})
	}
	if err != nil {
		return s, err
	}
	plain, err := begin("httputil", upstreamVariable+"="+up)
	s.targets = append(s.targets, &target{name: "httputil", process: plain})
	if err != nil {
		return s, err
	}
	s.targets[3].address, s.targets[3].host = plain.told[0], plain.told[0]
	s.targets = append(s.targets, &target{name: "nginx, defaults", address: at[1], host: at[1], process: front, shared: true})
	s.caller, err = assume(ctx, "http://"+guarded.told[0])
	return s, err
}

func (s *stand) stop() {
	for _, t := range s.targets {
		if !t.shared {
			t.process.stop()
		}
	}
	s.upstream.stop()
}

// beside is the CPU time of the clients and of the upstream.
func (s *stand) beside() (time.Duration, error) {
	own, err := cpuOf("self")
	if err != nil {
		return 0, err
	}
	used, err := s.upstream.cpu()
	return own + used, err
}

// assume makes a user and a role that may call the API, and becomes the role.
func assume(ctx context.Context, at string) (c sigv4.Credentials, err error) {
	config := func(id, secret string) aws.Config {
		return aws.Config{Region: region, BaseEndpoint: &at, Credentials: credentials.NewStaticCredentialsProvider(id, secret, "")}
	}
	root := iam.NewFromConfig(config(rootKey, rootSecret))
	if _, err := root.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("developer")}); err != nil {
		return c, err
	}
	made, err := root.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("selling-partner"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}]}`)})
	if err != nil {
		return c, err
	}
	if _, err := root.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("selling-partner"), PolicyName: aws.String("call"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*"}]}`)}); err != nil {
		return c, err
	}
	if _, err := root.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("developer"), PolicyName: aws.String("assume"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"` + *made.Role.Arn + `"}]}`)}); err != nil {
		return c, err
	}
	key, err := root.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("developer")})
	if err != nil {
		return c, err
	}
	in, err := sts.NewFromConfig(config(*key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey)).AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn: made.Role.Arn, RoleSessionName: aws.String("load"), DurationSeconds: aws.Int32(3600),
	})
	if err != nil {
		return c, err
	}
	return sigv4.Credentials{KeyID: *in.Credentials.AccessKeyId, Secret: *in.Credentials.SecretAccessKey, Token: *in.Credentials.SessionToken}, nil
}

// nginx starts Debian's nginx as a plain proxy, at two addresses: at the first it
// keeps its connections to the upstream and writes no log, at the second it does as
// its defaults have it.
func nginx(dir, up string) (p *process, at [2]string, err error) {
	found, err := exec.LookPath("nginx")
	if err != nil {
		return nil, at, fmt.Errorf("%w: apt-get install nginx", err)
	}
	var free [2]net.Listener
	for i := range free {
		if free[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return nil, at, err
		}
		at[i] = free[i].Addr().String()
	}
	if err := errors.Join(free[0].Close(), free[1].Close()); err != nil {
		return nil, at, err
	}
	user := ""
	if os.Getuid() == 0 {
		user = "user root;\n"
	}
	conf := filepath.Join(dir, "nginx.conf")
	text := user + `worker_processes auto;
daemon off;
pid ` + dir + `/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
	client_body_temp_path ` + dir + `; proxy_temp_path ` + dir + `; fastcgi_temp_path ` + dir + `; uwsgi_temp_path ` + dir + `; scgi_temp_path ` + dir + `;
	keepalive_requests 1000000000;
	keepalive_timeout 1h;
	upstream service { server ` + up + `; keepalive 256; keepalive_requests 1000000000; }
	server {
		listen ` + at[0] + `;
		access_log off;
		location / { proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }
	}
	server {
		listen ` + at[1] + `;
		access_log ` + dir + `/access.log;
		location / { proxy_pass http://` + up + `; }
	}
}
`
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return nil, at, err
	}
	c := exec.Command(found, "-p", dir, "-c", conf, "-e", "stderr")
	c.Stderr = os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := c.Start(); err != nil {
		return nil, at, err
	}
	p = &process{command: c}
	for range 100 {
		conn, err := net.Dial("tcp", at[0])
		if err == nil {
			return p, at, conn.Close()
		}
		time.Sleep(50 * time.Millisecond)
	}
	return p, at, errors.New("nginx does not answer")
}

// play is one of the servers, until it is told to stop.
func play(role string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if role == "iamd" {
		return guarded(ctx)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	go func() { <-ctx.Done(); os.Exit(0) }()
	switch role {
	case "lean":
		return upstream(l)
	case "plain":
		return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, answer) // a proxy that went away
		}))
	}
	target := &url.URL{Scheme: "http", Host: os.Getenv(upstreamVariable)}
	return http.Serve(l, &httputil.ReverseProxy{
		Rewrite:   func(p *httputil.ProxyRequest) { p.SetURL(target); p.SetXForwarded() },
		Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true},
	})
}

// guarded is a whole iamd.
func guarded(ctx context.Context) error {
	if path := os.Getenv(profileVariable); path != "" {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	api := gateway.API{ID: "signed", Account: account, Region: region, Hosts: []string{signedHost}, Upstream: "http://" + os.Getenv(upstreamVariable)}
	open := api
	open.ID, open.Hosts, open.Authorization = "open", []string{openHost}, gateway.AuthorizationNone
	s, err := server.New(ctx, server.Config{
		DataDir: os.Getenv(dirVariable), Listen: "127.0.0.1:0",
		Root:    server.Root{AccountID: account, AccountName: "load", AccessKeyID: rootKey, SecretAccessKey: rootSecret},
		Gateway: gateway.Config{Listen: "127.0.0.1:0", APIs: []gateway.API{api, open}},
	})
	if err != nil {
		return err
	}
	err = s.Serve(ctx, func(at server.Addresses) { fmt.Println(at.API.String() + " " + at.Gateway.String()) })
	return errors.Join(err, s.Close(context.WithoutCancel(ctx)))
}
