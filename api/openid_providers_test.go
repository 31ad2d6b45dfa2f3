package api_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/api"
	"iamd/server"
)

var aThumbprint = strings.Repeat("a1", 20)

func openIDProviderARN(account string) *string {
	return aws.String("arn:aws:iam::" + account + ":oidc-provider/id.example.com/realm")
}

// makeOpenIDProvider makes that of https://id.example.com/realm for app, whose
// team is blue.
func makeOpenIDProvider(t *testing.T, root *clients, _ map[string]string) {
	t.Helper()
	_, err := root.IAM.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String("https://id.example.com/realm"), ClientIDList: []string{"app"}, ThumbprintList: []string{aThumbprint},
		Tags: []types.Tag{tag("team", "blue")},
	})
	if err != nil {
		t.Fatalf("CreateOpenIDConnectProvider: %v", err)
	}
}

func getOpenIDProvider(t *testing.T, c *clients, arn *string) *iam.GetOpenIDConnectProviderOutput {
	t.Helper()
	out, err := c.IAM.GetOpenIDConnectProvider(t.Context(), &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
	if err != nil {
		t.Fatalf("GetOpenIDConnectProvider: %v", err)
	}
	return out
}

func openIDProviderCases() []actionCase {
	const (
		provider    = "arn:aws:iam::«ACCOUNT»:oidc-provider/id.example.com/realm"
		newProvider = "arn:aws:iam::«ACCOUNT»:oidc-provider/token.example.com"
		blue        = "aws:ResourceTag/team"
	)
	create := func(tags ...types.Tag) func(context.Context, *clients, map[string]string) error {
		return func(ctx context.Context, c *clients, made map[string]string) error {
			out, err := c.IAM.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
				Url: aws.String("https://token.example.com"), ClientIDList: []string{"a", "b", "a"},
				ThumbprintList: []string{strings.ToUpper(aThumbprint)}, Tags: tags,
			})
			if err == nil {
				made["arn"], made["tags"] = aws.ToString(out.OpenIDConnectProviderArn), tagText(out.Tags)
			}
			return err
		}
	}
	created := func(t *testing.T, root *clients, made map[string]string) {
		same(t, "ARN", made["arn"], "arn:aws:iam::"+root.Account+":oidc-provider/token.example.com")
		got := getOpenIDProvider(t, root, aws.String(made["arn"]))
		same(t, "URL", aws.ToString(got.Url), "token.example.com")
		same(t, "clients", strings.Join(got.ClientIDList, " "), "a b")
		same(t, "thumbprints", strings.Join(got.ThumbprintList, " "), aThumbprint)
		same(t, "tags", tagText(got.Tags), made["tags"])
		same(t, "has a date", got.CreateDate != nil, true)
	}
	clientIDs := func(want string) func(*testing.T, *clients, map[string]string) {
		return func(t *testing.T, root *clients, _ map[string]string) {
			same(t, "clients", strings.Join(getOpenIDProvider(t, root, openIDProviderARN(root.Account)).ClientIDList, " "), want)
		}
	}
	tagged := func(want string) func(*testing.T, *clients, map[string]string) {
		return func(t *testing.T, root *clients, _ map[string]string) {
			same(t, "tags", tagText(getOpenIDProvider(t, root, openIDProviderARN(root.Account)).Tags), want)
		}
	}
	return []actionCase{
		{
			action: "CreateOpenIDConnectProvider", call: create(tag("team", "blue")), effect: created,
			grants: []grant{{"iam:CreateOpenIDConnectProvider", newProvider}, {"iam:TagOpenIDConnectProvider", newProvider}},
			key:    "aws:RequestTag/team", holds: "blue", other: "red", tagKeys: "team",
		},
		{
			action: "CreateOpenIDConnectProvider", call: create(), effect: created,
			grants: []grant{{"iam:CreateOpenIDConnectProvider", newProvider}},
		},
		{
			action: "GetOpenIDConnectProvider", setup: makeOpenIDProvider,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: openIDProviderARN(c.Account)})
				if err == nil {
					made["got"] = aws.ToString(out.Url)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				out, err := root.IAM.ListOpenIDConnectProviders(t.Context(), &iam.ListOpenIDConnectProvidersInput{})
				if err != nil {
					t.Fatal(err)
				}
				same(t, "ARN", "arn:aws:iam::"+root.Account+":oidc-provider/"+made["got"], aws.ToString(out.OpenIDConnectProviderList[0].Arn))
			},
			grants: []grant{{"iam:GetOpenIDConnectProvider", provider}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "ListOpenIDConnectProviders", setup: makeOpenIDProvider,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListOpenIDConnectProviders(ctx, &iam.ListOpenIDConnectProvidersInput{})
				if err == nil {
					for _, p := range out.OpenIDConnectProviderList {
						made["listed"] += aws.ToString(p.Arn)
					}
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "listed", made["listed"], aws.ToString(openIDProviderARN(root.Account)))
				same(t, "URL", aws.ToString(getOpenIDProvider(t, root, aws.String(made["listed"])).Url), "id.example.com/realm")
			},
			grants: []grant{{"iam:ListOpenIDConnectProviders", "*"}},
		},
		{
			action: "DeleteOpenIDConnectProvider", setup: makeOpenIDProvider,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.DeleteOpenIDConnectProvider(ctx, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: openIDProviderARN(c.Account)})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				arn := openIDProviderARN(root.Account)
				_, err := root.IAM.GetOpenIDConnectProvider(t.Context(), &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
				refusedAs(t, "the deleted provider", err, "NoSuchEntity", "OpenIDConnect Provider not found for arn "+*arn)
				_, err = root.IAM.DeleteOpenIDConnectProvider(t.Context(), &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
				refusedAs(t, "deleting again", err, "NoSuchEntity", "OpenId connect Provider "+*arn+" cannot be found.")
			},
			grants: []grant{{"iam:DeleteOpenIDConnectProvider", provider}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "AddClientIDToOpenIDConnectProvider", setup: makeOpenIDProvider,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.AddClientIDToOpenIDConnectProvider(ctx, &iam.AddClientIDToOpenIDConnectProviderInput{
					OpenIDConnectProviderArn: openIDProviderARN(c.Account), ClientID: aws.String("another"),
				})
				return err
			},
			effect: clientIDs("app another"),
			grants: []grant{{"iam:AddClientIDToOpenIDConnectProvider", provider}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "RemoveClientIDFromOpenIDConnectProvider", setup: makeOpenIDProvider,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.RemoveClientIDFromOpenIDConnectProvider(ctx, &iam.RemoveClientIDFromOpenIDConnectProviderInput{
					OpenIDConnectProviderArn: openIDProviderARN(c.Account), ClientID: aws.String("app"),
				})
				return err
			},
			effect: clientIDs(""),
			grants: []grant{{"iam:RemoveClientIDFromOpenIDConnectProvider", provider}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "UpdateOpenIDConnectProviderThumbprint", setup: makeOpenIDProvider,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.UpdateOpenIDConnectProviderThumbprint(ctx, &iam.UpdateOpenIDConnectProviderThumbprintInput{
					OpenIDConnectProviderArn: openIDProviderARN(c.Account), ThumbprintList: []string{strings.Repeat("B2", 20)},
				})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				got := getOpenIDProvider(t, root, openIDProviderARN(root.Account))
				same(t, "thumbprints", strings.Join(got.ThumbprintList, " "), strings.Repeat("b2", 20))
			},
			grants: []grant{{"iam:UpdateOpenIDConnectProviderThumbprint", provider}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "TagOpenIDConnectProvider", setup: makeOpenIDProvider,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.TagOpenIDConnectProvider(ctx, &iam.TagOpenIDConnectProviderInput{
					OpenIDConnectProviderArn: openIDProviderARN(c.Account), Tags: []types.Tag{tag("cost", "1")},
				})
				return err
			},
			effect: tagged("cost=1 team=blue"),
			grants: []grant{{"iam:TagOpenIDConnectProvider", provider}}, key: "aws:RequestTag/cost", holds: "1", other: "2", tagKeys: "cost",
		},
		{
			action: "UntagOpenIDConnectProvider", setup: makeOpenIDProvider,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.UntagOpenIDConnectProvider(ctx, &iam.UntagOpenIDConnectProviderInput{
					OpenIDConnectProviderArn: openIDProviderARN(c.Account), TagKeys: []string{"team"},
				})
				return err
			},
			effect: tagged(""),
			grants: []grant{{"iam:UntagOpenIDConnectProvider", provider}}, key: blue, holds: "blue", other: "red", tagKeys: "team",
		},
		{
			action: "ListOpenIDConnectProviderTags", setup: makeOpenIDProvider,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListOpenIDConnectProviderTags(ctx, &iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: openIDProviderARN(c.Account)})
				if err == nil {
					made["tags"] = tagText(out.Tags)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "tags", made["tags"], tagText(getOpenIDProvider(t, root, openIDProviderARN(root.Account)).Tags))
			},
			grants: []grant{{"iam:ListOpenIDConnectProviderTags", provider}}, key: blue, holds: "blue", other: "red",
		},
	}
}

// TestOpenIDProviderRefusals are AWS's, as clients hear them.
func TestOpenIDProviderRefusals(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	makeOpenIDProvider(t, root, nil)
	create := func(in iam.CreateOpenIDConnectProviderInput) error {
		if in.ThumbprintList == nil {
			in.ThumbprintList = []string{aThumbprint}
		}
		_, err := root.IAM.CreateOpenIDConnectProvider(ctx, &in)
		return err
	}
	refusedAs(t, "the same URL", create(iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://id.example.com/realm")}),
		"EntityAlreadyExists", "Provider with url https://id.example.com/realm already exists.")
	refusedAs(t, "no https", create(iam.CreateOpenIDConnectProviderInput{Url: aws.String("http://id.example.com")}),
		"InvalidInput", "Invalid Open ID Connect Provider URL. The URL must begin with https://.")
	many := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprint("client-", i)
	}
	refusedAs(t, "101 clients", create(iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://many.example.com"), ClientIDList: many}),
		"LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
	nowhere := aws.String("arn:aws:iam::" + root.Account + ":oidc-provider/nowhere.example.com")
	missing := "OpenIDConnect Provider not found for arn " + *nowhere
	_, err := root.IAM.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: nowhere})
	refusedAs(t, "Get", err, "NoSuchEntity", missing)
	_, err = root.IAM.AddClientIDToOpenIDConnectProvider(ctx, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: nowhere, ClientID: aws.String("a")})
	refusedAs(t, "AddClientID", err, "NoSuchEntity", missing)
	_, err = root.IAM.RemoveClientIDFromOpenIDConnectProvider(ctx, &iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: nowhere, ClientID: aws.String("a")})
	refusedAs(t, "RemoveClientID", err, "NoSuchEntity", missing)
	_, err = root.IAM.UpdateOpenIDConnectProviderThumbprint(ctx, &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: nowhere, ThumbprintList: []string{aThumbprint}})
	refusedAs(t, "UpdateThumbprint", err, "NoSuchEntity", missing)
	_, err = root.IAM.TagOpenIDConnectProvider(ctx, &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: nowhere, Tags: []types.Tag{tag("a", "b")}})
	refusedAs(t, "Tag", err, "NoSuchEntity", missing)
	_, err = root.IAM.UntagOpenIDConnectProvider(ctx, &iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: nowhere, TagKeys: []string{"a"}})
	refusedAs(t, "Untag", err, "NoSuchEntity", missing)
	_, err = root.IAM.ListOpenIDConnectProviderTags(ctx, &iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: nowhere})
	refusedAs(t, "ListTags", err, "NoSuchEntity", missing)
	_, err = w.caller(t, root).IAM.ListOpenIDConnectProviders(ctx, &iam.ListOpenIDConnectProvidersInput{})
	wantError(t, "List", err, "AccessDenied", "iam:ListOpenIDConnectProviders on resource: arn:aws:iam::"+root.Account+":oidc-provider/* because")
}

// TestFetchedThumbprint: a provider without a thumbprint is asked for its
// certificate, and believed only when an authority vouches for it.
func TestFetchedThumbprint(t *testing.T) {
	authority, chain, _ := issued(t, tls.Certificate{})
	block, _ := pem.Decode([]byte(chain))
	issuer := httptest.NewUnstartedServer(http.NotFoundHandler())
	leaf := issuedFor(t, authority, "id.example.com")
	leaf.Certificate = append(leaf.Certificate, block.Bytes)
	issuer.TLS = &tls.Config{Certificates: []tls.Certificate{leaf}}
	issuer.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that clients break off
	issuer.StartTLS()
	t.Cleanup(issuer.Close)
	roots := x509.NewCertPool()
	roots.AddCert(authority.Leaf)

	var reached []string
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		reached = append(reached, address)
		if strings.HasPrefix(address, "away.") {
			return nil, errors.New("nobody there")
		}
		return (&net.Dialer{}).DialContext(ctx, network, issuer.Listener.Addr().String())
	}
	believing := worldOf(t, server.Config{DataDir: t.TempDir(), Outside: api.Outside{Dial: dial, Roots: roots}})
	doubting := worldOf(t, server.Config{DataDir: t.TempDir(), Outside: api.Outside{Dial: dial, Roots: x509.NewCertPool()}})
	root := believing.account(t)
	create := func(c *clients, url string) (*string, error) {
		out, err := c.IAM.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: aws.String(url)})
		if err != nil {
			return nil, err
		}
		return out.OpenIDConnectProviderArn, nil
	}
	arn, err := create(root, "https://id.example.com/realm")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum(block.Bytes)
	same(t, "thumbprints", strings.Join(getOpenIDProvider(t, root, arn).ThumbprintList, " "), hex.EncodeToString(sum[:]))
	if !slices.Equal(reached, []string{"id.example.com:443"}) {
		t.Errorf("reached %q", reached)
	}
	for name, try := range map[string]struct {
		as  *clients
		url string
	}{
		"nobody there":            {root, "https://away.example.com"},
		"another's certificate":   {root, "https://other.example.com"},
		"no authority vouches":    {doubting.account(t), "https://id.example.com/realm"},
		"who may not is not sent": {believing.caller(t, root), "https://denied.example.com"},
	} {
		_, err := create(try.as, try.url)
		if strings.Contains(try.url, "denied") {
			wantError(t, name, err, "AccessDenied", "iam:CreateOpenIDConnectProvider on resource")
			continue
		}
		refusedAs(t, name, err, "OpenIdIdpCommunicationError", "Could not connect to "+try.url)
	}
	if slices.Contains(reached, "denied.example.com:443") {
		t.Error("a caller without rights made the server call somebody")
	}
}

// issuedFor is a certificate of a host by an authority.
func issuedFor(t *testing.T, by tls.Certificate, host string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}, by.Leaf, key.Public(), by.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// TestOutsideIsElsewhere: requests lead to no loopback, link or group address.
func TestOutsideIsElsewhere(t *testing.T) {
	w := newWorld(t)
	root := w.account(t)
	for _, host := range []string{"127.0.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1"} {
		_, err := root.IAM.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + host)})
		refusedAs(t, host, err, "OpenIdIdpCommunicationError", "Could not connect to https://"+host)
	}
}
