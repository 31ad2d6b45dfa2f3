package gateway_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"iamd/gateway"
	"iamd/guard"
)

// TestDataElements: whoever answers hears what a restricted data token grants, from
// the gateway alone.
func TestDataElements(t *testing.T) {
	w := newWorld(t, partners)
	for token, want := range map[string][]string{
		"Atz.sprdt|buyerInfo shippingAddress": {"buyerInfo,shippingAddress"}, "Atz.sprdt|*": {"*"}, "Atz.sprdt|": nil, "Atza|alice/A1": nil,
	} {
		for _, host := range []string{"both.example.com", "token.example.com"} {
			request := func() *http.Request {
				r := w.ask(t, host, &alice, token)
				r.Header["X-Iamd-Data-Elements"] = []string{"buyerTaxInformation"}
				r.Header["X_iamd_data_elements"] = []string{"buyerTaxInformation"}
				return r
			}
			if got := do(t, request()); got.status != http.StatusAccepted {
				t.Errorf("%s %q: %d %s", host, token, got.status, got.body)
				continue
			}
			if h := w.last(t).Header; !slices.Equal(h["X-Iamd-Data-Elements"], want) || h["X_iamd_data_elements"] != nil {
				t.Errorf("%s %q: %v", host, token, h)
			}
			r := request()
			r.RequestURI = r.URL.RequestURI()
			r.URL = &url.URL{Path: r.URL.Path}
			asked := w.gateway.Ask(t.Context(), gateway.Asked{Request: r, Body: gateway.BodyNone, From: guard.Origin{SourceIP: "192.0.2.1", Time: noon}})
			if !asked.Allowed || !slices.Equal(asked.Set["X-Iamd-Data-Elements"], want) || !slices.Contains(asked.Remove, "X_iamd_data_elements") {
				t.Errorf("%s %q, asked: %+v", host, token, asked)
			}
		}
	}
}
