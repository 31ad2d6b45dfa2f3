package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"iamd/server"
)

// personal are the members of an answer that hold personal data, wherever they stand.
func personal(t *testing.T, got answer) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(got.body), &v); err != nil || got.status != http.StatusOK {
		t.Fatalf("%d %s: %v", got.status, got.body, err)
	}
	found := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				if slices.Contains([]string{"BuyerInfo", "ShippingAddress", "BuyerTaxInfo", "GiftMessageText"}, name) {
					found[name] = true
				}
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(v)
	var names []string
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// TestPersonalData: an ordinary token gets orders without personal data, a
// restricted data token what it was asked for, and a sandbox tells all.
func TestPersonalData(t *testing.T) {
	s := newSellers(t, server.StandIn{})
	token := s.access(t, s.app, "")
	restricted := func(path string, elements ...string) string {
		t.Helper()
		body, err := json.Marshal(map[string]any{"restrictedResources": []any{map[string]any{"method": "GET", "path": path, "dataElements": elements}}})
		if err != nil {
			t.Fatal(err)
		}
		return answered[struct{ RestrictedDataToken string }](t,
			s.call(t, s.session, token, "POST", "/tokens/2021-03-01/restrictedDataToken", string(body)), http.StatusOK).RestrictedDataToken
	}
	const list, one, sample = "/orders/v0/orders", "/orders/v0/orders/{orderId}", "/orders/v0/orders/701-0000001-0000001"
	const items, everything = sample + "/orderItems", "BuyerInfo BuyerTaxInfo ShippingAddress"
	for i, c := range []struct{ token, target, want string }{
		{token, ordersQuery, ""},
		{token, sample, ""},
		{token, items, ""},
		{restricted(list, "buyerInfo"), ordersQuery, "BuyerInfo"},
		{restricted(list, "shippingAddress"), ordersQuery, "ShippingAddress"},
		{restricted(list, "buyerInfo", "buyerTaxInformation"), ordersQuery, "BuyerInfo BuyerTaxInfo"},
		{restricted(list, "buyerInfo", "shippingAddress", "buyerTaxInformation"), ordersQuery, everything},
		{restricted(list), ordersQuery, ""},
		{restricted(one, "buyerInfo"), sample, "BuyerInfo"},
		{restricted(sample, "shippingAddress"), sample, "ShippingAddress"},
		{restricted("/orders/v0/orders/{orderId}/orderItems", "buyerInfo"), items, "BuyerInfo GiftMessageText"},
		// A case of the sandbox, asked for elsewhere.
		{token, "/orders/v0/orders/TEST_CASE_200", ""},
		{token, "https://sandbox." + ordersHost + "/orders/v0/orders/TEST_CASE_200", everything},
		{token, "https://sandbox." + ordersHost + "/orders/v0/orders/TEST_CASE_200/orderItems", "BuyerInfo GiftMessageText"},
	} {
		got := s.call(t, s.session, c.token, "GET", c.target, "")
		if have := personal(t, got); have != c.want || !strings.Contains(got.body, `"AmazonOrderId":"70`) {
			t.Errorf("%d: %s: %q; want %q: %s", i, c.target, have, c.want, got.body)
		}
	}
	// Who says so for themselves gains nothing.
	for _, name := range []string{"X-Iamd-Data-Elements", "x_iamd_data_elements", "X-Iamd-Client-Id"} {
		r := request(t, "GET", fmt.Sprintf("https://%s%s", ordersHost, sample), "", "X-Amz-Access-Token", token, name, "buyerInfo,shippingAddress")
		signWith(r, "", s.session, "execute-api", "us-east-1", s.now())
		if have := personal(t, s.send(t, r)); have != "" {
			t.Errorf("with %s: %q", name, have)
		}
	}
}
