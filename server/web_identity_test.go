package server

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/api"
	"iamd/server/servertest"
	"iamd/store"
)

// TestWebIdentityEvents: the role's account hears of who came by a provider and of
// whom the role refused, and of strangers nothing; no event has a token.
func TestWebIdentityEvents(t *testing.T) {
	ctx := context.Background()
	issuer := servertest.NewIssuer(t)
	s := start(t, Config{DataDir: t.TempDir(), Outside: api.Outside{Dial: issuer.Dial, Roots: issuer.Roots}})
	front := httptest.NewServer(s.Handler())
	defer front.Close()
	first := s.FirstStart()
	admin := sdk.NewFromConfig(root(first, front.URL))
	provider, err := admin.CreateOpenIDConnectProvider(ctx, &sdk.CreateOpenIDConnectProviderInput{Url: aws.String(servertest.IssuerURL), ClientIDList: []string{"app"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.CreateRole(ctx, &sdk.CreateRoleInput{RoleName: aws.String("R"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"` + *provider.OpenIDConnectProviderArn + `"},"Action":"sts:AssumeRoleWithWebIdentity"}}`)}); err != nil {
		t.Fatal(err)
	}
	cfg := servertest.Config(front.URL, "eu-west-1", "", "", "")
	cfg.Credentials = aws.AnonymousCredentials{}
	token := issuer.Token(t, "me", "app")
	take := func(role, token string) (*sts.AssumeRoleWithWebIdentityOutput, error) {
		return sts.NewFromConfig(cfg).AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{
			RoleArn: aws.String("arn:aws:iam::" + first.AccountID + ":role/" + role), RoleSessionName: aws.String("session"), WebIdentityToken: aws.String(token),
		})
	}
	out, err := take("R", token)
	if err != nil {
		t.Fatal(err)
	}
	for role, stranger := range map[string]string{"R": token[:len(token)-6] + "AAAAAA", "none": token} {
		if _, err := take(role, stranger); err == nil {
			t.Errorf("%s is given out", role)
		}
	}
	session := servertest.Config(front.URL, "eu-west-1", *out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	if _, err := sts.NewFromConfig(session).GetCallerIdentity(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.audit.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	list, err := s.backend.Events(ctx, accountPrefix+first.AccountID, store.EventQuery{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]int{}
	for _, e := range list {
		text := string(e.Data)
		for _, secret := range []string{token, strings.Split(token, ".")[2], *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken} {
			if strings.Contains(text, secret) {
				t.Errorf("a secret stands in %s", text)
			}
		}
		var event struct {
			EventName, ErrorCode, RecipientAccountID string
			UserIdentity                             struct {
				Type, PrincipalID, UserName, IdentityProvider string
				SessionContext                                struct {
					WebIDFederationData struct{ FederatedProvider string }
				}
			}
			RequestParameters struct{ WebIdentityToken string }
		}
		if err := json.Unmarshal(e.Data, &event); err != nil {
			t.Fatal(err)
		}
		who := event.UserIdentity
		switch event.EventName {
		case "AssumeRoleWithWebIdentity":
			codes[event.ErrorCode]++
			if who.Type != "WebIdentityUser" || who.PrincipalID != *provider.OpenIDConnectProviderArn+":app:me" || who.UserName != "me" ||
				who.IdentityProvider != *provider.OpenIDConnectProviderArn || event.RecipientAccountID != first.AccountID ||
				event.RequestParameters.WebIdentityToken != "HIDDEN_DUE_TO_SECURITY_REASONS" {
				t.Errorf("event %s", text)
			}
		case "GetCallerIdentity":
			if who.SessionContext.WebIDFederationData.FederatedProvider != *provider.OpenIDConnectProviderArn {
				t.Errorf("event %s", text)
			}
		}
	}
	if len(codes) != 2 || codes[""] != 1 || codes["AccessDenied"] != 1 {
		t.Errorf("outcomes %v", codes)
	}
}
