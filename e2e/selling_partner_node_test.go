package e2e_test

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"iamd/server"
)

// partner is what a foreign client is made with, and the calls it makes.
type partner struct {
	Config map[string]any   `json:"config"`
	Calls  []map[string]any `json:"calls"`
}

// said is what came of a call.
type said struct {
	Output json.RawMessage
	Error  *struct{ Code, Message, Details string }
}

// TestForeignClient lets a client library that knows nothing of iamd call the
// Selling Partner API, in a release of each contract's time: one that signs by code
// of its own, with the keys of a role that it assumes, and one that no longer does.
func TestForeignClient(t *testing.T) {
	t.Parallel()
	for _, contract := range []string{"AWS_IAM+LWA", "LWA"} {
		t.Run(contract, func(t *testing.T) {
			t.Parallel()
			s := newSellers(t, server.StandIn{Authorization: contract})
			signed := contract != "LWA"
			got := s.foreign(t, signed, s.partners(signed))
			wantSaid(t, "getOrders", got[0], "701-0000001-0000001", "")
			wantSaid(t, "getOrderItems", got[1], "OrderItems", "")
			wantSaid(t, "createRestrictedDataToken", got[2], "Atz.sprdt|", "")
			wantSaid(t, "getDestinations, grantless", got[3], "destinationId", "")
			wantSaid(t, "no such path", got[4], "", "")
			wantSaid(t, "the sandbox", got[5], "702-0000002-0000002", "")
			wantSaid(t, "the sandbox, no such case", got[6], "", "InvalidInput")
			wantSaid(t, "a token of nobody's", got[7], "", "The access token you provided is revoked, malformed or invalid.")
			wantSaid(t, "a secret of nobody's", got[8], "", "invalid_client")
			if signed {
				wantSaid(t, "a role of nobody's", got[9], "", "AccessDenied")
			}
		})
	}
}

// partners are clients of the application: one as it should be, in production and
// in the sandbox, and such as must be refused.
func (s *sellers) partners(signed bool) []partner {
	orders := map[string]any{"operation": "orders.getOrders", "query": map[string]any{"MarketplaceIds": []string{"ATVPDKIKX0DER"}, "CreatedAfter": "2026-01-01T00:00:00Z"}}
	made := func(change func(config, credentials, options map[string]any), calls ...map[string]any) partner {
		keys := map[string]any{"SELLING_PARTNER_APP_CLIENT_ID": s.app.ClientID, "SELLING_PARTNER_APP_CLIENT_SECRET": s.app.ClientSecret}
		if signed {
			keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], keys["AWS_SELLING_PARTNER_ROLE"] = s.user.id, s.user.secret, s.seller.role
		}
		options := map[string]any{"auto_request_throttled": false}
		config := map[string]any{"region": "na", "refresh_token": s.app.RefreshToken, "credentials": keys, "options": options}
		if change != nil {
			change(config, keys, options)
		}
		return partner{config, calls}
	}
	list := []partner{
		made(nil, orders,
			map[string]any{"operation": "orders.getOrderItems", "path": map[string]any{"orderId": "701-0000001-0000001"}},
			map[string]any{"operation": "tokens.createRestrictedDataToken", "body": map[string]any{"restrictedResources": []any{
				map[string]any{"method": "GET", "path": "/orders/v0/orders/701-0000001-0000001/address"}}}},
			map[string]any{"operation": "notifications.getDestinations"},
			map[string]any{"api_path": "/orders/v0/nowhere", "method": "GET"},
		),
		made(func(_, _, options map[string]any) { options["use_sandbox"] = true },
			map[string]any{"operation": "orders.getOrders", "query": map[string]any{"MarketplaceIds": []string{"ATVPDKIKX0DER"}, "CreatedAfter": "TEST_CASE_200"}},
			map[string]any{"operation": "orders.getOrders", "query": map[string]any{"MarketplaceIds": []string{"ATVPDKIKX0DER"}, "CreatedAfter": "TEST_CASE_0"}},
		),
		made(func(config, _, options map[string]any) {
			config["access_token"], options["auto_request_tokens"] = "Atza|IwEBIMadeUp", false
			if signed {
				config["role_credentials"] = map[string]any{"id": s.session.id, "secret": s.session.secret, "security_token": s.session.token}
			}
		}, orders),
		made(func(_, keys, _ map[string]any) {
			keys["SELLING_PARTNER_APP_CLIENT_SECRET"] = strings.Repeat("0", 64)
		}, orders),
	}
	if signed {
		list = append(list, made(func(_, keys, _ map[string]any) { keys["AWS_SELLING_PARTNER_ROLE"] = s.seller.role + "2" }, orders))
	}
	return list
}

// foreign runs the library.
func (s *sellers) foreign(t *testing.T, signed bool, clients []partner) []said {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatalf("Node is not on PATH: `make test` installs it: %v", err)
	}
	if _, err := os.Stat("js/node_modules/sp-api-lwa"); err != nil {
		t.Fatalf("the client library is not there: `make test` installs it (npm ci, in e2e/js): %v", err)
	}
	_, port, err := net.SplitHostPort(s.at.TLS.String())
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(map[string]any{"port": number, "signed": signed, "clients": clients})
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	cmd := exec.Command(node, "selling_partner.mjs")
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = "js", bytes.NewReader(input), &out, &errs
	cmd.Env = append(plainEnv(), "HOME="+t.TempDir(), "NODE_EXTRA_CA_CERTS="+filepath.Join(s.dir, "ca.pem"))
	if err := cmd.Run(); err != nil {
		t.Fatalf("node: %v\n%s%s", err, &out, &errs)
	}
	var all []said
	for line := range bytes.Lines(out.Bytes()) {
		var a said
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatalf("node: %v: %s", err, line)
		}
		all = append(all, a)
	}
	calls := 0
	for _, c := range clients {
		calls += len(c.Calls)
	}
	if len(all) != calls {
		t.Fatalf("%d answers to %d calls: %s%s", len(all), calls, &out, &errs)
	}
	return all
}

// wantSaid wants an output with these words, or an error; of that, if failure is
// given, code, message or details must have it.
func wantSaid(t *testing.T, what string, got said, output, failure string) {
	t.Helper()
	switch {
	case output != "" && (got.Error != nil || !strings.Contains(string(got.Output), output)):
		t.Errorf("%s: %s %+v, want %q", what, got.Output, got.Error, output)
	case output == "" && got.Error == nil:
		t.Errorf("%s: %s, want an error", what, got.Output)
	case output == "" && !strings.Contains(got.Error.Code+got.Error.Message+got.Error.Details, failure):
		t.Errorf("%s: %+v, want %q", what, *got.Error, failure)
	}
}
