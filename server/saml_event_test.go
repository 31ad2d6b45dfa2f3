package server

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/saml/samltest"
	"iamd/server/servertest"
	"iamd/store"
)

// TestSAMLEvents: who came by SAML is told as CloudTrail tells it, without the
// assertion; of strangers an account hears nothing.
func TestSAMLEvents(t *testing.T) {
	ctx := t.Context()
	s := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, s)
	front := httptest.NewServer(s.Handler())
	defer front.Close()
	first := s.FirstStart()
	idp, admin := samltest.New(t, "https://idp.example.com/"), iam.NewFromConfig(root(first, front.URL))
	provider, err := admin.CreateSAMLProvider(ctx, &iam.CreateSAMLProviderInput{Name: aws.String("Corp"), SAMLMetadataDocument: aws.String(idp.Metadata(""))})
	if err != nil {
		t.Fatal(err)
	}
	role, err := admin.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("reader"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"` + *provider.SAMLProviderArn + `"},"Action":"sts:AssumeRoleWithSAML"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	cfg := servertest.Config(front.URL, "us-east-1", "", "", "")
	cfg.Credentials = aws.AnonymousCredentials{}
	good := idp.Assertion(time.Now(), *role.Role.Arn, *provider.SAMLProviderArn)
	call := func(how samltest.How) (string, *sts.AssumeRoleWithSAMLOutput) {
		response := samltest.Encode(idp.Response(good, how))
		out, err := sts.NewFromConfig(cfg).AssumeRoleWithSAML(ctx, &sts.AssumeRoleWithSAMLInput{
			RoleArn: role.Role.Arn, PrincipalArn: provider.SAMLProviderArn, SAMLAssertion: aws.String(response),
		})
		if (err == nil) != how.Assertion {
			t.Fatal(err)
		}
		return response, out
	}
	call(samltest.How{}) // a stranger's
	response, out := call(samltest.How{Assertion: true})
	if err := s.audit.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	list, err := s.backend.Events(ctx, accountPrefix+first.AccountID, store.EventQuery{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var told []map[string]any
	for _, e := range list {
		for _, secret := range []string{response, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken} {
			if strings.Contains(string(e.Data), secret) {
				t.Errorf("a secret stands in %s", e.Data)
			}
		}
		event := map[string]any{}
		if err := json.Unmarshal(e.Data, &event); err != nil {
			t.Fatal(err)
		}
		if event["eventName"] == "AssumeRoleWithSAML" {
			told = append(told, event)
		}
	}
	if len(told) != 1 {
		t.Fatalf("%d events", len(told))
	}
	who, ok := told[0]["userIdentity"].(map[string]any)
	qualifier := *out.NameQualifier
	if !ok || who["type"] != "SAMLUser" || who["principalId"] != qualifier+":ada@example.com" || who["userName"] != "ada@example.com" ||
		who["identityProvider"] != qualifier || told[0]["readOnly"] != true || told[0]["recipientAccountId"] != first.AccountID {
		t.Errorf("%v", told[0])
	}
}
