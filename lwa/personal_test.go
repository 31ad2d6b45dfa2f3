package lwa_test

import (
	"slices"
	"strings"
	"testing"

	"iamd/lwa"
)

// TestWithheld: of operations that answer either way, what was not granted; of all
// others, nothing.
func TestWithheld(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ method, path, granted, want string }{
		{"GET", orders, "", "BuyerInfo ShippingAddress BuyerTaxInformation BuyerTaxInfo"},
		{"GET", orders, "buyerInfo", "ShippingAddress BuyerTaxInformation BuyerTaxInfo"},
		{"GET", orders, "shippingAddress buyerTaxInformation", "BuyerInfo"},
		{"GET", orders, "buyerInfo shippingAddress buyerTaxInformation", ""},
		{"GET", orders, "*", "BuyerInfo ShippingAddress BuyerTaxInformation BuyerTaxInfo"},
		{"GET", orders, "BuyerInfo", "BuyerInfo ShippingAddress BuyerTaxInformation BuyerTaxInfo"},
		{"HEAD", orders, "shippingAddress buyerTaxInformation", "BuyerInfo"},
		{"GET", "/ORDERS/v0/orders/", "shippingAddress buyerTaxInformation", "BuyerInfo"},
		{"GET", "/orders/v0/orders/902-1", "buyerInfo buyerTaxInformation", "ShippingAddress"},
		{"GET", "/orders/v0/orders/902-1/orderItems", "", "BuyerInfo"},
		{"GET", "/orders/v0/orders/902-1/orderItems", "buyerInfo", ""},
		{"GET", address, "", ""},
		{"POST", orders, "", ""},
		{"GET", "/mfn/v0/shipments/1", "", "ShipToAddress Label"},
		{"GET", "/mfn/v0/shipments/1", "buyerInfo", "ShipToAddress Label"},
		{"GET", "/mfn/v0/shipments/1", lwa.AllElements, ""},
		{"GET", "/reports/2021-06-30/documents/1", "", ""},
		{"GET", participations, "", ""},
		{"GET", "", "", ""},
	} {
		if got := w.Withheld(c.method, c.path, strings.Fields(c.granted)); !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s %s, granted %q: %q; want %q", c.method, c.path, c.granted, got, c.want)
		}
	}
}

// TestDataElements: an admission has what the token's resources grant together,
// for this call, and says so where nothing was to be chosen.
func TestDataElements(t *testing.T) {
	w := newWorld(t)
	a := w.orders(t)
	const one, items, mfn = "/orders/v0/orders/902-1", "/orders/v0/orders/902-1/orderItems", "/mfn/v0/shipments/1"
	token := w.restrict(t, a, "",
		lwa.Resource{Method: "GET", Path: one, DataElements: []string{"shippingAddress"}},
		lwa.Resource{Method: "GET", Path: "/orders/v0/orders/{orderId}", DataElements: []string{"buyerInfo", "shippingAddress"}},
		lwa.Resource{Method: "GET", Path: items}, lwa.Resource{Method: "GET", Path: mfn, DataElements: []string{"buyerInfo"}},
		lwa.Resource{Method: "GET", Path: address})
	for path, want := range map[string]string{
		one: "shippingAddress buyerInfo", "/orders/v0/orders/902-2": "buyerInfo shippingAddress", items: "", mfn: "*", address: "*",
	} {
		in, err := w.Admit(t.Context(), lwa.Call{Token: token, Method: "GET", Path: path})
		if err != nil || !in.PII || !slices.Equal(in.DataElements, strings.Fields(want)) {
			t.Errorf("%s: %+v, %v; want %q", path, in, err, want)
		}
	}
	for _, path := range []string{orders, mfn} {
		in, err := w.Admit(t.Context(), lwa.Call{Token: w.AccessToken(a.Client, &a.Authorizations[0]), Method: "GET", Path: path})
		if err != nil || in.PII || in.DataElements != nil {
			t.Errorf("%s by a seller's token: %+v, %v", path, in, err)
		}
	}
}
