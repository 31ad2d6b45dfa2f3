package extauthz

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"iamd/gateway"
)

// EnvoyConfig is what the door for Envoy needs.
type EnvoyConfig struct {
	Ask    Asker
	Origin Origin
	// Bodies is how Envoy's with_request_body is set, on every route: EnvoyWhole,
	// EnvoyPartial, or empty if that is not known.
	Bodies string
	// MaxBody is how many bytes of a body Envoy may send; zero: 10 MiB.
	MaxBody int64
	Log     *slog.Logger
}

// Envoy answers envoy.service.auth.v3.Authorization. It serves any number of
// checks at once.
type Envoy struct {
	authv3.UnimplementedAuthorizationServer
	cfg    EnvoyConfig
	server *grpc.Server
}

// Check answers for one request. It fails for none: Envoy may be told to let
// requests through on errors.
func (e *Envoy) Check(ctx context.Context, in *authv3.CheckRequest) (out *authv3.CheckResponse, _ error) {
	defer func() {
		if p := recover(); p != nil {
			e.cfg.Log.Error("extauthz: panic in a check", "panic", p)
			out = denied(misled("Internal server error").answer())
		}
	}()
	asked, no := e.asked(in)
	if no != nil {
		e.cfg.Log.Warn("extauthz: Envoy's request refused", "status", no.status, "reason", no.message)
		return denied(no.answer()), nil
	}
	answer := e.cfg.Ask.Ask(ctx, asked)
	if !answer.Allowed {
		return denied(answer), nil
	}
	return allowed(answer, asked.Request.RequestURI), nil
}

// ours are headers that a client must never set for the upstream. They are taken
// out unseen too: Envoy may be told not to show all headers (allowed_headers).
var ours = []string{
	"x-iamd-principal-arn", "x-iamd-account", "x-iamd-user-id", "x-iamd-request-id", "x-iamd-client-id",
	"x-iamd-selling-partner-id", "x-iamd-lwa-scope", "x-iamd-data-elements", "x-iamd-operation", "x-iamd-body", "x-iamd-uri",
	"x-amz-security-token", "x-amz-date", "x-amz-content-sha256",
}

// envoys are headers that Envoy itself answers for: it has written over what the
// client sent, or was told to keep it.
func envoys(name string) bool {
	return name == "host" || name == "x-forwarded-for" || name == "x-forwarded-proto" || strings.HasPrefix(name, "x-envoy-")
}

// allowed sets who calls in place of whatever the client sent.
func allowed(answer gateway.Answer, uri string) *authv3.CheckResponse {
	ok := &authv3.OkHttpResponse{}
	remove := slices.Clone(ours)
	for _, name := range answer.Remove {
		if name = strings.ToLower(name); !envoys(name) {
			remove = append(remove, name)
		}
	}
	set := map[string]bool{}
	for name, values := range answer.Set {
		// One value each, and none is empty: an empty one would leave the client's.
		if len(values) == 1 && values[0] != "" {
			set[strings.ToLower(name)] = true
			ok.Headers = append(ok.Headers, option(name, values[0]))
		}
	}
	slices.Sort(remove)
	for _, name := range slices.Compact(remove) {
		if !set[name] { // Envoy sets first, and removes then
			ok.HeadersToRemove = append(ok.HeadersToRemove, name)
		}
	}
	_, ok.QueryParametersToRemove = presigned(uri)
	for name, values := range answer.Header {
		for _, v := range values {
			ok.ResponseHeadersToAdd = append(ok.ResponseHeadersToAdd, option(name, v))
		}
	}
	return &authv3.CheckResponse{
		Status:       &rpcstatus.Status{Code: int32(codes.OK)},
		HttpResponse: &authv3.CheckResponse_OkResponse{OkResponse: ok},
	}
}

// denied is a refusal as the gateway words it, or what it answers by itself.
func denied(answer gateway.Answer) *authv3.CheckResponse {
	status := typev3.StatusCode(answer.Status) // #nosec G115 -- a status that is none becomes 403 below
	if _, known := typev3.StatusCode_name[int32(status)]; !known || status == 0 {
		status = typev3.StatusCode_Forbidden
	}
	no := &authv3.DeniedHttpResponse{Status: &typev3.HttpStatus{Code: status}, Body: string(answer.Text)}
	header := answer.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Del("Content-Length") // Envoy's to count
	if answer.RequestID != "" {
		header.Set("X-Amzn-Requestid", answer.RequestID)
	}
	for name, values := range header {
		for _, v := range values {
			no.Headers = append(no.Headers, option(name, v))
		}
	}
	return &authv3.CheckResponse{
		Status:       &rpcstatus.Status{Code: int32(codes.PermissionDenied)},
		HttpResponse: &authv3.CheckResponse_DeniedResponse{DeniedResponse: no},
	}
}

// option replaces what stands under the name. Envoys that know no append_action
// take a missing append for that too.
func option(name, value string) *corev3.HeaderValueOption {
	return &corev3.HeaderValueOption{
		Header:       &corev3.HeaderValue{Key: strings.ToLower(name), Value: value},
		AppendAction: corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD,
	}
}
