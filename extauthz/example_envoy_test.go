package extauthz_test

import (
	"os"
	"testing"

	bootstrapv3 "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	authzv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_authz/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3" // named by the example
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3" // likewise
	"github.com/goccy/go-yaml"
	"google.golang.org/protobuf/encoding/protojson"
)

// TestEnvoyExample: the example is a configuration by Envoy's own definitions, and
// what iamd.yaml says of it is so.
func TestEnvoyExample(t *testing.T) {
	text, err := os.ReadFile("../examples/envoy/envoy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if text, err = yaml.YAMLToJSON(text); err != nil {
		t.Fatal(err)
	}
	var whole bootstrapv3.Bootstrap
	if err := protojson.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	if err := whole.ValidateAll(); err != nil {
		t.Fatal(err)
	}
	var manager hcmv3.HttpConnectionManager
	if err := whole.GetStaticResources().GetListeners()[0].GetFilterChains()[0].GetFilters()[0].GetTypedConfig().UnmarshalTo(&manager); err != nil {
		t.Fatal(err)
	}
	if err := manager.ValidateAll(); err != nil {
		t.Fatal(err)
	}
	if !manager.GetUseRemoteAddress().GetValue() || manager.GetNormalizePath() == nil || manager.GetNormalizePath().GetValue() || manager.GetMergeSlashes() {
		t.Error("Envoy would believe the client, or pass on another path than it told of")
	}
	var filter authzv3.ExtAuthz
	if err := manager.GetHttpFilters()[0].GetTypedConfig().UnmarshalTo(&filter); err != nil {
		t.Fatal(err)
	}
	if err := filter.ValidateAll(); err != nil {
		t.Fatal(err)
	}
	if body := filter.GetWithRequestBody(); body == nil || body.GetAllowPartialMessage() || !body.GetPackAsBytes() || filter.GetFailureModeAllow() {
		t.Errorf("ext_authz %v", &filter)
	}
	var ours struct {
		Envoy struct{ Listen, Bodies string }
	}
	if text, err = os.ReadFile("../examples/envoy/iamd.yaml"); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &ours); err != nil {
		t.Fatal(err)
	}
	at := whole.GetStaticResources().GetClusters()[0].GetLoadAssignment().GetEndpoints()[0].GetLbEndpoints()[0].GetEndpoint().GetAddress().GetSocketAddress()
	if ours.Envoy.Bodies != "whole" || at.GetPortValue() != 4571 || ours.Envoy.Listen != "127.0.0.1:4571" {
		t.Errorf("iamd.yaml says %+v, envoy.yaml asks at %v", ours.Envoy, at)
	}
}
