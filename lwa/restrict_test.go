package lwa_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"iamd/iam"
	"iamd/lwa"
)

// inMemory answers views without making them of rows.
type inMemory struct {
	*world
	kept *lwa.Applications
}

func (m inMemory) View(context.Context, string) (*lwa.Applications, error) { return m.kept, nil }

func (w *world) restrict(t testing.TB, a app, target string, list ...lwa.Resource) string {
	t.Helper()
	token, err := w.Restrict(t.Context(), a.ClientID, "A2EXAMPLE12345", target, list)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestRestricted(t *testing.T) {
	w := newWorld(t)
	a := w.orders(t)
	seller := w.AccessToken(a.Client, &a.Authorizations[0])
	one := w.restrict(t, a, "", lwa.Resource{Method: "GET", Path: address})
	all := w.restrict(t, a, a.ApplicationID, lwa.Resource{Method: "GET", Path: "/orders/v0/orders/%7BorderId%7D/address"},
		lwa.Resource{Method: "GET", Path: orders, DataElements: []string{"shippingAddress", "buyerInfo", "buyerInfo"}},
		lwa.Resource{Method: "GET", Path: orders, DataElements: []string{"buyerTaxInformation"}})
	slash := w.restrict(t, a, "", lwa.Resource{Method: "GET", Path: address + "/"})
	if !strings.HasPrefix(one, "Atz.sprdt|") {
		t.Errorf("%s", one)
	}
	for _, c := range []struct {
		what, token, method, path string
		good, pii                 bool
	}{
		{"an address by a seller's token", seller, "GET", address, false, false},
		{"with a slash", seller, "GET", address + "/", false, false},
		{"in capitals", seller, "GET", "/ORDERS/v0/orders/902-1/Address", false, false},
		{"its head", seller, "HEAD", address, false, false},
		{"orders by a seller's token", seller, "GET", orders, true, false},
		{"an address by its token", one, "GET", address, true, true},
		{"its head by it", one, "HEAD", address, false, false},
		{"with a slash by it", one, "GET", address + "/", false, false},
		{"another's by it", one, "GET", "/orders/v0/orders/902-2/address", false, false},
		{"orders by it", one, "GET", orders, false, false},
		{"what is not restricted by it", one, "GET", participations, false, false},
		{"an address by the token for all", all, "GET", address, true, true},
		{"orders by the token for all", all, "GET", orders, true, true},
		{"below it", all, "GET", address + "/x", false, false},
		{"without an order", all, "GET", "/orders/v0/orders//address", false, false},
		{"by another method", all, "POST", orders, false, false},
		{"another operation of the order", all, "GET", "/orders/v0/orders/902-1/buyerInfo", false, false},
		{"asked for with a slash, used with it", slash, "GET", address + "/", true, true},
		{"asked for with a slash, used without", slash, "GET", address, false, false},
	} {
		in, err := w.Admit(t.Context(), lwa.Call{Token: c.token, Signer: w.signer(home), Method: c.method, Path: c.path})
		kind, _ := kindOf(err)
		if (err == nil) != c.good || err != nil && kind != lwa.Restricted || err == nil && in.PII != c.pii {
			t.Errorf("%s: %+v, %v", c.what, in, err)
		}
		if c.token == all && c.path == orders && err == nil && !slices.Equal(in.DataElements, []string{"buyerInfo", "shippingAddress", "buyerTaxInformation"}) {
			t.Errorf("%s: %v", c.what, in.DataElements)
		}
	}
	w.now = w.now.Add(time.Hour)
	if kind, ok := kindOf(second(w.Admit(t.Context(), lwa.Call{Token: one, Method: "GET", Path: address}))); !ok || kind != lwa.ExpiredToken {
		t.Errorf("after an hour: kind %d", kind)
	}
}

// addresses are those of n orders, whose ids are random and have so many digits.
func addresses(n, digits int) []lwa.Resource {
	list := make([]lwa.Resource, n)
	for i := range list {
		id := make([]byte, digits)
		for j := range id {
			id[j] = byte('0' + rand.IntN(10))
		}
		list[i] = lwa.Resource{Method: "GET", Path: "/orders/v0/orders/" + string(id) + "/address"}
	}
	return list
}

// TestFiftyResources: as many as may be named, with ids as long as Amazon's, fit
// where clients have room for 2048 bytes.
func TestFiftyResources(t *testing.T) {
	w := newWorld(t)
	a := w.orders(t)
	list := addresses(lwa.MaxResources, 19)
	token := w.restrict(t, a, "", list...)
	if len(token) > 2048 {
		t.Errorf("a token of %d bytes", len(token))
	}
	for _, r := range list {
		if _, err := w.Admit(t.Context(), lwa.Call{Token: token, Method: r.Method, Path: r.Path}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDelegatee: access that one application hands to another is that one's to
// use, and ends with the first one's authorization.
func TestDelegatee(t *testing.T) {
	w := newWorld(t)
	a := w.orders(t)
	b := w.register(t, other, lwa.Registration{Name: "labels", IAMARN: arn(other, "role/apps/seller")})
	call := lwa.Call{Token: w.restrict(t, a, b.ApplicationID, lwa.Resource{Method: "GET", Path: address}), Signer: w.signer(other), Method: "GET", Path: address}
	in, err := w.Admit(t.Context(), call)
	if err != nil || in.ClientID != b.ClientID || in.Account != other || in.SellingPartner != "A2EXAMPLE12345" {
		t.Errorf("%+v, %v", in, err)
	}
	mine := call
	mine.Signer = w.signer(home)
	if kind, ok := kindOf(second(w.Admit(t.Context(), mine))); !ok || kind != lwa.OtherSigner {
		t.Errorf("by who handed it on: kind %d", kind)
	}
	w.write(t, home, func(d *lwa.Draft) error { return d.Revoke(a.ClientID, "A2EXAMPLE12345") })
	if kind, ok := kindOf(second(w.Admit(t.Context(), call))); !ok || kind != lwa.BadToken {
		t.Errorf("revoked: kind %d", kind)
	}
}

func TestRestrictRefused(t *testing.T) {
	w := newWorld(t)
	a := w.orders(t)
	b := w.register(t, other, lwa.Registration{Name: "labels", IAMARN: arn(other, "role/apps/seller")})
	const none = "Application do not have access to some or all requested resource"
	good := lwa.Resource{Method: "GET", Path: address}
	for _, c := range []struct {
		what, target, message string
		list                  []lwa.Resource
	}{
		{"nothing", "", "Empty target resource arguement found", nil},
		{"too much", "", "Invalid Input", slices.Repeat([]lwa.Resource{good}, 51)},
		{"too long", "", "The restricted data token would be too long. Ask for fewer resources, or for generic paths.",
			addresses(50, 200)},
		{"no method", "", "Invalid Input", []lwa.Resource{{Path: address}}},
		{"another method", "", "Invalid Input", []lwa.Resource{{Method: "PATCH", Path: address}}},
		{"no path", "", none, []lwa.Resource{{Method: "GET"}}},
		{"a long path", "", "Invalid Input", []lwa.Resource{{Method: "GET", Path: "/orders/v0/orders/" + strings.Repeat("9", 2000)}}},
		{"a query", "", "Invalid Input", []lwa.Resource{{Method: "GET", Path: orders + "?x=1"}}},
		{"an escape", "", "Invalid Input", []lwa.Resource{{Method: "GET", Path: "/orders/v0/orders/%zz"}}},
		{"an escaped line", "", "Invalid Input", []lwa.Resource{{Method: "GET", Path: "/orders/v0/orders/%0a"}}},
		{"not restricted", "", none, []lwa.Resource{good, {Method: "GET", Path: participations}}},
		{"everything", "", none, []lwa.Resource{{Method: "GET", Path: "/{a}/{b}/{c}/{d}/address"}}},
		{"all reports", "", none, []lwa.Resource{{Method: "GET", Path: "/reports/2021-06-30/documents/{reportDocumentId}"}}},
		{"data of another kind", "", "Application does not have access to one or more requested data elements: [shippingAddress, everything]",
			[]lwa.Resource{{Method: "GET", Path: orders, DataElements: []string{"shippingAddress", "everything"}}}},
		{"data that items have not", "", "Application does not have access to one or more requested data elements: [shippingAddress]",
			[]lwa.Resource{{Method: "GET", Path: "/orders/v0/orders/9/orderItems", DataElements: []string{"shippingAddress"}}}},
		{"an application that is none", "amzn1.sellerapps.app.target-application", none, []lwa.Resource{good}},
		{"nobody's application", "amzn1.sp.solution.00000000-0000-0000-0000-000000000000", none, []lwa.Resource{good}},
	} {
		token, err := w.Restrict(t.Context(), a.ClientID, "A2EXAMPLE12345", c.target, c.list)
		var rule *iam.Error
		if !errors.As(err, &rule) || rule.Code != "InvalidInput" || rule.Message != c.message || token != "" {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	for what, who := range map[string][2]string{
		"another partner": {a.ClientID, "A3EXAMPLE12345"}, "another client": {b.ClientID, "A2EXAMPLE12345"}, "nobody": {"", ""},
	} {
		if kind, ok := kindOf(second(w.Restrict(t.Context(), who[0], who[1], "", []lwa.Resource{good}))); !ok || kind != lwa.BadToken {
			t.Errorf("%s: kind %d, %v", what, kind, ok)
		}
	}
	if _, err := w.Restrict(t.Context(), a.ClientID, "A2EXAMPLE12345", "", []lwa.Resource{{Method: "GET", Path: "/reports/2021-06-30/documents/x"}}); err != nil {
		t.Errorf("one report: %v", err)
	}
}
