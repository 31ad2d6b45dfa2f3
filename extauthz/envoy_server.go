package extauthz

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"time"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"golang.org/x/net/netutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
)

// Bounds that a proxy meets. Each worker of an Envoy has a connection; what a
// connection's checks may hold at once is their number times a message's size.
const (
	maxConnections = 256
	maxStreams     = 128
	maxTold        = 1 << 20 // bytes of a message beside the body
	maxMetadata    = 64 << 10
	connectTimeout = 10 * time.Second
	pingAfter      = time.Minute
	pingTimeout    = 20 * time.Second
	pingNoOftener  = 10 * time.Second // Envoy's own keepalive
)

// NewEnvoy makes the door, with grpc.health.v1.Health beside it.
func NewEnvoy(cfg EnvoyConfig) (*Envoy, error) {
	switch {
	case cfg.Ask == nil || cfg.Origin == nil:
		return nil, errors.New("extauthz: Ask and Origin are required")
	case cfg.Bodies != "" && cfg.Bodies != EnvoyWhole && cfg.Bodies != EnvoyPartial:
		return nil, fmt.Errorf("envoy: bodies %q is unknown: write %s or %s, or leave it out", cfg.Bodies, EnvoyWhole, EnvoyPartial)
	case cfg.MaxBody < 0 || cfg.MaxBody > math.MaxInt32-maxTold:
		return nil, fmt.Errorf("envoy: bodies of %d bytes do not fit into a message", cfg.MaxBody)
	}
	cfg.MaxBody = cmp.Or(cfg.MaxBody, defaultMaxBody)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	e := &Envoy{cfg: cfg}
	e.server = grpc.NewServer(
		grpc.MaxRecvMsgSize(int(cfg.MaxBody)+maxTold), grpc.MaxConcurrentStreams(maxStreams),
		grpc.MaxHeaderListSize(maxMetadata), grpc.ConnectionTimeout(connectTimeout),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: pingAfter, Timeout: pingTimeout}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: pingNoOftener, PermitWithoutStream: true}),
	)
	authv3.RegisterAuthorizationServer(e.server, e)
	healthv1.RegisterHealthServer(e.server, health.NewServer()) // it says SERVING for the whole
	return e, nil
}

// Serve answers on l until Shutdown.
func (e *Envoy) Serve(l net.Listener) error {
	return e.server.Serve(netutil.LimitListener(l, maxConnections))
}

// Shutdown lets checks under way finish until ctx ends.
func (e *Envoy) Shutdown(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		e.server.GracefulStop()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		e.server.Stop()
		<-done
		return ctx.Err()
	}
}
