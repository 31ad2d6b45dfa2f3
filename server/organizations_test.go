package server

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/gateway"

	"iamd/server/servertest"
	"iamd/sigv4"
)

const owner = "210987654321"

// organized starts a server that guards three APIs of a member account: one for
// those who sign, one for everybody, and one with a policy that lets everybody in.
type organized struct {
	*Server
	front, gate *httptest.Server
	manager     *sdk.Client
	root        string // the organization's
	member      *Credentials
	config      aws.Config // of the member's root user
}

func newOrganized(t testing.TB, control bool) *organized {
	t.Helper()
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }))
	t.Cleanup(upstream.Close)
	guarded := func(id, authorization, policy string) gateway.API {
		return gateway.API{
			ID: id, Account: owner, Region: "us-east-1", Stage: "prod", PathPrefix: "/" + id, Upstream: upstream.URL,
			Authorization: authorization, ResourcePolicy: policy,
		}
	}
	ctx := context.Background()
	s, err := New(ctx, Config{
		DataDir: t.TempDir(), Root: Root{AccountID: owner}, ControlExecuteAPI: control,
		Gateway: gateway.Config{APIs: []gateway.API{
			guarded("signed", "", ""), guarded("open", gateway.AuthorizationNone, ""),
			guarded("public", gateway.AuthorizationNone, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}}`),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	o := &organized{Server: s, front: httptest.NewServer(s.Handler()), gate: httptest.NewServer(s.Gateway()), member: s.FirstStart()}
	t.Cleanup(func() {
		o.front.Close()
		o.gate.Close()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	o.config = servertest.Config(o.front.URL, "us-east-1", o.member.AccessKeyID, o.member.SecretAccessKey, "")
	manager, err := s.CreateAccount(ctx, "manager", "")
	if err != nil {
		t.Fatal(err)
	}
	o.manager = sdk.NewFromConfig(servertest.Config(o.front.URL, "us-east-1", manager.AccessKeyID, manager.SecretAccessKey, ""))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = o.manager.CreateOrganization(ctx, &sdk.CreateOrganizationInput{})
	must(err)
	roots, err := o.manager.ListRoots(ctx, &sdk.ListRootsInput{})
	must(err)
	o.root = *roots.Roots[0].Id
	_, err = o.manager.EnablePolicyType(ctx, &sdk.EnablePolicyTypeInput{RootId: &o.root, PolicyType: types.PolicyTypeResourceControlPolicy})
	must(err)
	invited, err := o.manager.InviteAccountToOrganization(ctx, &sdk.InviteAccountToOrganizationInput{
		Target: &types.HandshakeParty{Type: types.HandshakePartyTypeAccount, Id: aws.String(owner)},
	})
	must(err)
	_, err = sdk.NewFromConfig(o.config).AcceptHandshake(ctx, &sdk.AcceptHandshakeInput{HandshakeId: invited.Handshake.Id})
	must(err)
	return o
}

// control makes a policy and attaches it to the root of the organization; it
// gives the way back.
func (o *organized) control(t testing.TB, name string, kind types.PolicyType, statement string) (undo func()) {
	t.Helper()
	ctx := context.Background()
	p, err := o.manager.CreatePolicy(ctx, &sdk.CreatePolicyInput{
		Name: &name, Description: aws.String(""), Type: kind, Content: aws.String(`{"Version":"2012-10-17","Statement":` + statement + `}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	id := p.Policy.PolicySummary.Id
	if _, err := o.manager.AttachPolicy(ctx, &sdk.AttachPolicyInput{PolicyId: id, TargetId: &o.root}); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := o.manager.DetachPolicy(ctx, &sdk.DetachPolicyInput{PolicyId: id, TargetId: &o.root}); err != nil {
			t.Fatal(err)
		}
	}
}

// call invokes an API, signed by the member's root user or by nobody.
func (o *organized) call(t *testing.T, api string, signed bool) string {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, o.gate.URL+"/"+api+"/orders", nil)
	if err != nil {
		t.Fatal(err)
	}
	if signed {
		key := sigv4.Credentials{KeyID: o.member.AccessKeyID, Secret: o.member.SecretAccessKey}
		if err := sigv4.Sign(r, sha256.Sum256(nil), key, time.Now(), sigv4.Options{Service: "execute-api", Region: "us-east-1", DoubleEncode: true}); err != nil {
			t.Fatal(err)
		}
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(resp.StatusCode, " ", string(body))
}

// TestControlledGateway: service control policies bind who calls a guarded API;
// resource control policies bind the API where the configuration says so, and
// nobody else's word counts against them.
func TestControlledGateway(t *testing.T) {
	const (
		scp, rcp = types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy
		deny     = `{"Effect":"Deny","Action":"execute-api:*","Resource":"*"}`
		denyAll  = `{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}`
		others   = `{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalAccount":"` + owner + `"}}}`
		ok       = "202"
		bySCP    = "explicit deny in a service control policy"
		byRCP    = "explicit deny in a resource control policy"
	)
	o := newOrganized(t, true)
	for name, c := range map[string]struct {
		kind                                  types.PolicyType
		statement                             string
		signed, open, public, unsignedRefused string
	}{
		"nothing":           {signed: ok, open: ok, public: ok},
		"who calls":         {kind: scp, statement: deny, signed: bySCP, open: ok, public: ok},
		"what is called":    {kind: rcp, statement: denyAll, signed: byRCP, open: byRCP, public: byRCP},
		"called by nobody":  {kind: rcp, statement: others, signed: ok, open: byRCP, public: byRCP},
		"something of else": {kind: rcp, statement: strings.Replace(denyAll, "execute-api:Invoke", "sts:AssumeRole", 1), signed: ok, open: ok, public: ok},
	} {
		undo := func() {}
		if c.statement != "" {
			undo = o.control(t, name, c.kind, c.statement)
		}
		for api, want := range map[string]string{"signed": c.signed, "open": c.open, "public": c.public} {
			if got := o.call(t, api, api == "signed"); !strings.Contains(got, want) {
				t.Errorf("%s: %s: got %s, want %s", name, api, got, want)
			}
		}
		undo()
	}
	plain := newOrganized(t, false)
	_, err := plain.manager.CreatePolicy(t.Context(), &sdk.CreatePolicyInput{
		Name: aws.String("P"), Description: aws.String(""), Type: rcp, Content: aws.String(`{"Version":"2012-10-17","Statement":` + denyAll + `}`),
	})
	if err == nil || !strings.Contains(err.Error(), "MalformedPolicyDocumentException") {
		t.Errorf("a policy for what it doesn't reach: %v", err)
	}
}

// BenchmarkStanding is what it costs to find out where an account stands: one
// of no organization, and one of three levels of policies.
func BenchmarkStanding(b *testing.B) {
	o := newOrganized(b, false)
	alone, err := o.CreateAccount(context.Background(), "alone", "")
	if err != nil {
		b.Fatal(err)
	}
	o.control(b, "P", types.PolicyTypeServiceControlPolicy, `{"Effect":"Deny","Action":"s3:*","Resource":"*"}`)
	for name, account := range map[string]string{"alone": alone.AccountID, "member": owner} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				in, err := o.joined.Organization(account)
				if err != nil || (in.ID == "") != (name == "alone") {
					b.Fatal(in, err)
				}
			}
		})
	}
}
