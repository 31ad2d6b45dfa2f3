package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	orgsdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"

	"iamd/server/servertest"
)

// remembering sends seen with each call, unless it is empty, and puts into it what
// came back.
func remembering(seen *string) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("seen", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			if r, ok := in.Request.(*smithyhttp.Request); ok && *seen != "" {
				r.Header.Set(versionHeader, *seen)
			}
			out, meta, err := next.HandleDeserialize(ctx, in)
			if r, ok := out.RawResponse.(*smithyhttp.Response); ok {
				*seen = r.Header.Get(versionHeader)
			}
			return out, meta, err
		}), middleware.After)
	}
}

// TestSeenVersion: who sends back what a node told is never answered from before.
func TestSeenVersion(t *testing.T) {
	list := nodes(t, 2, nil)
	c := first(t, list)
	seen := ""
	a, b := list[0].client(c.AccessKeyID, c.SecretAccessKey, &seen), list[1].client(c.AccessKeyID, c.SecretAccessKey, &seen)
	forgetful := list[1].client(c.AccessKeyID, c.SecretAccessKey, nil)
	get := &sdk.GetUserInput{UserName: aws.String("ann")}
	if _, err := forgetful.GetUser(t.Context(), get); code(err) != "NoSuchEntity" { // it has the account in memory
		t.Fatal(err)
	}
	list[1].way.Quiet(true)
	if _, err := a.CreateUser(t.Context(), &sdk.CreateUserInput{UserName: aws.String("ann")}); err != nil {
		t.Fatal(err)
	}
	if seen == "" {
		t.Fatal("no version was told")
	}
	if _, err := forgetful.GetUser(t.Context(), get); code(err) != "NoSuchEntity" {
		t.Errorf("a node that has no news, without a version: %v", err)
	}
	kept := seen
	if _, err := b.GetUser(t.Context(), get); err != nil {
		t.Errorf("with the version: %v", err)
	}
	if _, err := forgetful.GetUser(t.Context(), get); err != nil {
		t.Errorf("after that: %v", err)
	}
	if _, err := a.DeleteUser(t.Context(), &sdk.DeleteUserInput{UserName: aws.String("ann")}); err != nil {
		t.Fatal(err)
	}
	list[1].way.Cut(true)
	if _, err := b.GetUser(t.Context(), get); err == nil || code(err) == "NoSuchEntity" {
		t.Errorf("a node that cannot get the version answers: %v", err)
	}
	list[1].way.Cut(false)
	list[1].way.Quiet(false)
	seen = kept
	soon(t, "the node serves again", func() bool {
		_, err := b.GetUser(t.Context(), get)
		return code(err) == "NoSuchEntity"
	})
	for what, header := range map[string]string{
		"nonsense": "42", "another's": strings.Repeat("A", 100), "changed": kept[:len(kept)-4] + "AAAA", "empty": ",",
		"too many": strings.Repeat(kept+",", 8) + kept,
	} {
		r, err := http.NewRequest("GET", list[1].url+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(versionHeader, header)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %s", what, answer.Status)
		}
	}
}

// TestSignedVersion: a client may have the header signed with the others.
func TestSignedVersion(t *testing.T) {
	list := nodes(t, 2, nil)
	c := first(t, list)
	seen := ""
	a := list[0].client(c.AccessKeyID, c.SecretAccessKey, &seen)
	if _, err := a.CreateGroup(t.Context(), &sdk.CreateGroupInput{GroupName: aws.String("g")}); err != nil || seen == "" {
		t.Fatal(err)
	}
	b := sdk.NewFromConfig(servertest.Config(list[1].url, "eu-west-1", c.AccessKeyID, c.SecretAccessKey, ""), func(o *sdk.Options) {
		o.APIOptions = append(o.APIOptions, smithyhttp.SetHeaderValue(versionHeader, seen))
	})
	if _, err := b.GetGroup(t.Context(), &sdk.GetGroupInput{GroupName: aws.String("g")}); err != nil {
		t.Error(err)
	}
}

// TestVersionAtProxyDoors: proxies that ask get no decision of an older state either.
func TestVersionAtProxyDoors(t *testing.T) {
	list := nodes(t, 2, func(c *Config) {
		c.Root, c.TrustedProxies = Root{AccountID: "111122223333"}, []string{"127.0.0.1"}
		c.Gateway, c.Envoy, c.ForwardAuth = decided(), Envoy{Listen: "127.0.0.1:0"}, ForwardAuth{Listen: "127.0.0.1:0"}
	})
	c := first(t, list)
	seen := ""
	a, b := list[0].client(c.AccessKeyID, c.SecretAccessKey, &seen), list[1]
	header := func(version string) http.Header {
		return http.Header{
			"X-Forwarded-Method": {"GET"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"orders.example.com"}, "X-Forwarded-Uri": {"/orders"},
			"X-Forwarded-For": {"203.0.113.9"}, "X-Iamd-Body": {"HTTP/1.1 /"}, versionHeader: {version},
		}
	}
	forward := func(version string) int {
		r, w := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
		r.RemoteAddr, r.Header = "127.0.0.1:999", header(version)
		b.forward.ServeHTTP(w, r)
		return w.Code
	}
	envoy := func(version string) int {
		out, err := b.envoy.Check(t.Context(), &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
			Request: &authv3.AttributeContext_Request{Http: &authv3.AttributeContext_HttpRequest{
				Method: "GET", Path: "/orders", Host: "orders.example.com", Headers: map[string]string{strings.ToLower(versionHeader): version},
			}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		return int(out.GetDeniedResponse().GetStatus().GetCode())
	}
	b.way.Quiet(true)
	for what, ask := range map[string]func(string) int{"forward-auth": forward, "Envoy": envoy} {
		if _, err := a.CreateGroup(t.Context(), &sdk.CreateGroupInput{GroupName: aws.String(what)}); err != nil {
			t.Fatal(err)
		}
		if status := ask(seen); status != http.StatusForbidden || b.accounts.Version(c.AccountID) < list[0].accounts.Version(c.AccountID) {
			t.Errorf("%s: %d by version %d", what, status, b.accounts.Version(c.AccountID))
		}
		if status := ask("x" + seen); status != http.StatusBadRequest {
			t.Errorf("%s, a version that nobody gave: %d", what, status)
		}
	}
	if _, err := a.CreateGroup(t.Context(), &sdk.CreateGroupInput{GroupName: aws.String("cut")}); err != nil {
		t.Fatal(err)
	}
	b.way.Cut(true)
	for what, ask := range map[string]func(string) int{"forward-auth": forward, "Envoy": envoy} {
		if status := ask(seen); status != http.StatusServiceUnavailable {
			t.Errorf("%s, a version that cannot be had: %d", what, status)
		}
	}
	b.way.Cut(false)
}

// TestSeenOrganization: what a node told stands for the account's organization too,
// which changes without the account.
func TestSeenOrganization(t *testing.T) {
	list := nodes(t, 2, nil)
	c := first(t, list)
	seen := ""
	client := func(n *node, seen *string) *orgsdk.Client {
		return orgsdk.NewFromConfig(servertest.Config(n.url, "us-east-1", c.AccessKeyID, c.SecretAccessKey, ""), func(o *orgsdk.Options) {
			if seen != nil {
				o.APIOptions = append(o.APIOptions, remembering(seen))
			}
		})
	}
	a, b, forgetful := client(list[0], &seen), client(list[1], &seen), client(list[1], nil)
	describe := &orgsdk.DescribeOrganizationInput{}
	if _, err := forgetful.DescribeOrganization(t.Context(), describe); code(err) != "AWSOrganizationsNotInUseException" {
		t.Fatal(err)
	}
	list[1].way.Quiet(true)
	if _, err := a.CreateOrganization(t.Context(), &orgsdk.CreateOrganizationInput{}); err != nil {
		t.Fatal(err)
	}
	if _, err := forgetful.DescribeOrganization(t.Context(), describe); code(err) != "AWSOrganizationsNotInUseException" {
		t.Errorf("a node that has no news, without a version: %v", err)
	}
	if _, err := b.DescribeOrganization(t.Context(), describe); err != nil {
		t.Errorf("with the version: %v", err)
	}
	roots, err := a.ListRoots(t.Context(), &orgsdk.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	root := roots.Roots[0].Id
	units := func(of *orgsdk.Client) int {
		t.Helper()
		out, err := of.ListOrganizationalUnitsForParent(t.Context(), &orgsdk.ListOrganizationalUnitsForParentInput{ParentId: root})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.OrganizationalUnits)
	}
	if n := units(forgetful); n != 0 {
		t.Fatalf("%d units", n)
	}
	if _, err := a.CreateOrganizationalUnit(t.Context(), &orgsdk.CreateOrganizationalUnitInput{ParentId: root, Name: aws.String("Unit")}); err != nil {
		t.Fatal(err)
	}
	if n := units(forgetful); n != 0 {
		t.Errorf("a node that has no news, without a version: %d units", n)
	}
	if n := units(b); n != 1 {
		t.Errorf("with the version: %d units", n)
	}
}
