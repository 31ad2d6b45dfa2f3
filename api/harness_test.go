package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"iamd/api"
	"iamd/catalog"
	rules "iamd/iam"
	"iamd/server"
	"iamd/server/servertest"
)

// world is a whole server that a test starts for itself.
type world struct {
	server *server.Server
	url    string
	made   int
	issuer *openIDIssuer // nil, but in the world of the cases
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return worldOf(t, server.Config{DataDir: t.TempDir()})
}

// newCaseWorld is the world of the cases: there are identity providers in it.
func newCaseWorld(t *testing.T) *world {
	t.Helper()
	issuer := newOpenIDIssuer(t)
	w := worldOf(t, server.Config{DataDir: t.TempDir(), Outside: issuer.outside()})
	w.issuer = issuer
	return w
}

func worldOf(t testing.TB, cfg server.Config) *world {
	t.Helper()
	ctx := context.Background()
	cfg.Templates, cfg.Topics = testTemplates(), heard
	cfg.PasswordCost = rules.PasswordCost{Memory: 64, Passes: 1} // nobody guesses here
	s, err := server.New(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		front.Close()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return &world{server: s, url: front.URL}
}

// account makes another account and gives its root user's clients.
func (w *world) account(t testing.TB) *clients {
	t.Helper()
	w.made++
	c, err := w.server.CreateAccount(context.Background(), fmt.Sprintf("test-%d", w.made), "")
	if err != nil {
		t.Fatal(err)
	}
	return w.as(c.AccountID, c.AccessKeyID, c.SecretAccessKey, "")
}

// as gives clients that sign with a key.
func (w *world) as(account, id, secret, token string) *clients {
	cfg := servertest.Config(w.url, "us-east-1", id, secret, token)
	return &clients{
		Account: account, IAM: iam.NewFromConfig(cfg), STS: sts.NewFromConfig(cfg),
		Analyzer: accessanalyzer.NewFromConfig(cfg), Organizations: organizations.NewFromConfig(cfg), CloudTrail: cloudtrail.NewFromConfig(cfg), issuer: w.issuer, world: w,
	}
}

// caller makes a user with these statements as its only policy.
func (w *world) caller(t testing.TB, root *clients, statements ...statement) *clients {
	t.Helper()
	ctx := context.Background()
	const name = "caller"
	if _, err := root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(name)}); err != nil {
		t.Fatal(err)
	}
	if len(statements) > 0 {
		document, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := root.IAM.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
			UserName: aws.String(name), PolicyName: aws.String("grants"), PolicyDocument: aws.String(string(document)),
		}); err != nil {
			t.Fatal(err)
		}
	}
	key, err := root.IAM.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String(name)})
	if err != nil {
		t.Fatal(err)
	}
	return w.as(root.Account, *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
}

// callerOf is the caller of a case.
func (w *world) callerOf(t *testing.T, c actionCase, root *clients, made map[string]string, statements ...statement) *clients {
	t.Helper()
	if c.unsigned != nil {
		c.unsigned(t, root, made, statements)
		return w.unsigned(root.Account)
	}
	caller := w.caller(t, root, statements...)
	if c.ready != nil {
		c.ready(t, root)
	}
	return caller
}

// unsigned gives clients that sign nothing.
func (w *world) unsigned(account string) *clients {
	cfg := servertest.Config(w.url, "us-east-1", "", "", "")
	cfg.Credentials = aws.AnonymousCredentials{}
	return &clients{Account: account, STS: sts.NewFromConfig(cfg), issuer: w.issuer}
}

// trustOf is a trust policy of these statements for a federated principal, beside
// one that lets nobody in without keys, since a policy must have one.
func trustOf(account, provider string, statements []statement) string {
	list := []any{map[string]any{"Effect": "Allow", "Principal": map[string]string{"AWS": account}, "Action": "sts:AssumeRole"}}
	for _, s := range statements {
		one := map[string]any{"Effect": s.Effect, "Principal": map[string]string{"Federated": provider}, "Action": s.Action}
		if len(s.Condition) > 0 {
			one["Condition"] = s.Condition
		}
		list = append(list, one)
	}
	document, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": list})
	if err != nil {
		panic(err) // texts
	}
	return string(document)
}

type statement struct {
	Effect    string
	Action    string
	Resource  string
	Condition map[string]map[string]string `json:",omitempty"`
}

// cases are the tests of all actions, by noun.
func cases() []actionCase {
	return slices.Concat(
		passwordPolicyCases(), loginProfileCases(), mfaDeviceCases(),
		userCases(), accessKeyCases(), groupCases(), roleCases(),
		serverCertificateCases(), samlProviderCases(), signingCertificateCases(), sshPublicKeyCases(), serviceSpecificCredentialCases(),
		openIDProviderCases(), webIdentityCases(), samlRoleCases(),
		outboundFederationCases(), webIdentityTokenCases(),
		policyCases(), inlinePolicyCases(), attachedPolicyCases(),
		accountCases(), authorizationDetailsCases(), instanceProfileCases(),
		delegationRequestCases(), roleTemplateCases(),
		serviceLinkedRoleCases(), grantingPolicyCases(), lastAccessedEntitiesCases(),
		simulateCases(), contextKeyCases(), credentialReportCases(), lastAccessedCases(), organizationReportCases(), stsCases(), federationTokenCases(), authorizationMessageCases(), analyzerCases(), cloudTrailCases(),
		organizationCases(), organizationAccountCases(), handshakeCases(), transferCases(), organizationPolicyCases(), unitCases(), organizationTagCases(), effectivePolicyCases(),
		serviceAccessCases(), delegatedAdministratorCases(), organizationResourcePolicyCases(), rootAccessCases(), assumeRootCases(),
	)
}

// TestEveryActionHasItsCase: no action is served untested, and each row says
// what must be allowed.
func TestEveryActionHasItsCase(t *testing.T) {
	tested, conditioned := map[string][]actionCase{}, map[string]bool{}
	for _, c := range cases() {
		name := c.full()
		tested[name] = append(tested[name], c)
		conditioned[name] = conditioned[name] || c.key != "" || c.anyKey != "" || c.tagKeys != ""
	}
	for _, row := range api.Actions() {
		list := tested[row.IAMAction()]
		if len(list) == 0 {
			t.Errorf("%s has no case", row.Name)
		}
		for _, c := range list {
			if c.call == nil || c.effect == nil {
				t.Errorf("%s: a case without call or effect", row.Name)
			}
			if row.Unsigned != (c.unsigned != nil) {
				t.Errorf("%s: the case does not say whether it wants a signature", row.Name)
			}
			if row.Open != c.open || !c.open && len(c.grants) == 0 {
				t.Errorf("%s: the case does not say what must be allowed", row.Name)
			}
		}
		if !conditioned[row.IAMAction()] && knowsKeys(t, row) {
			t.Errorf("%s knows condition keys, and no case tries one", row.Name)
		}
		delete(tested, row.IAMAction())
	}
	for name := range tested {
		t.Errorf("%s has a case but is not served", name)
	}
}

// unlisted are actions that AWS serves and its Service Authorization Reference
// does not list.
var unlisted = []string{"iam:AcquireRole", "iam:UpdateDelegationRequest"}

// knowsKeys tells whether AWS lists condition keys for an action, of its own or
// of what it acts on.
func knowsKeys(t *testing.T, row api.Action) bool {
	t.Helper()
	service, ok := catalog.Service(row.Service)
	if !ok {
		t.Fatalf("no service %s", row.Service)
	}
	action, ok := service.Action(row.Name)
	if !ok && slices.Contains(unlisted, row.IAMAction()) {
		return false
	}
	if !ok {
		t.Fatalf("no action %s", row.Name)
	}
	for _, on := range action.ResourceTypes {
		if kind, ok := service.ResourceType(on.Name); len(on.ConditionKeys) > 0 || ok && len(kind.ConditionKeys) > 0 {
			return true
		}
	}
	return len(action.ConditionKeys) > 0
}

// TestActions runs every case: allowed by exactly its grants, refused without
// any one of them, for another resource and under another condition.
func TestActions(t *testing.T) {
	w := newCaseWorld(t)
	for i, c := range cases() {
		t.Run(fmt.Sprintf("%s-%d", c.action, i), func(t *testing.T) { runCase(t, w, c) })
	}
}

func runCase(t *testing.T, w *world, c actionCase) {
	allowed(t, w, c, "", "", "")
	if c.open {
		return
	}
	for i := range c.grants {
		denied(t, w, c, "without "+c.grants[i].action, func(s []statement) []statement { return slices.Delete(s, i, i+1) }, c.grants[i].action)
		if c.grants[i].resource != "*" {
			denied(t, w, c, c.grants[i].action+" on another resource", func(s []statement) []statement {
				s[i].Resource = another(s[i].Resource)
				return s
			}, c.grants[i].action)
		}
	}
	for _, when := range []struct{ operator, key, holds, other string }{
		{"StringEquals", c.key, c.holds, c.other},
		{"ForAnyValue:StringEquals", c.anyKey, c.holds, c.other},
		{"ForAnyValue:StringEquals", "aws:TagKeys", c.tagKeys, "of-another"},
	} {
		if when.key == "" || when.holds == "" {
			continue
		}
		allowed(t, w, c, when.operator, when.key, when.holds)
		denied(t, w, c, "under another "+when.key, func(s []statement) []statement {
			s[0].Condition = map[string]map[string]string{when.operator: {when.key: when.other}}
			return s
		}, c.grants[0].action)
	}
}

// another is a resource that is not that one: policies can't name any beside a
// root user.
func another(resource string) string {
	if strings.HasSuffix(resource, ":root") {
		return "arn:aws:iam::000000000000:root"
	}
	return resource + "-another"
}

func allowed(t *testing.T, w *world, c actionCase, operator, key, value string) {
	t.Helper()
	root, made := w.account(t), map[string]string{}
	if c.setup != nil {
		c.setup(t, root, made)
	}
	statements := c.statements(root.Account, made)
	if key != "" {
		statements[0].Condition = map[string]map[string]string{operator: {key: value}}
	}
	if err := c.call(context.Background(), w.callerOf(t, c, root, made, statements...), made); err != nil {
		t.Errorf("%s with just its grants (%s %s): %v", c.action, key, value, err)
		return
	}
	c.effect(t, root, made)
}

func denied(t *testing.T, w *world, c actionCase, how string, change func([]statement) []statement, action string) {
	t.Helper()
	root, made := w.account(t), map[string]string{}
	if c.setup != nil {
		c.setup(t, root, made)
	}
	caller := w.callerOf(t, c, root, made, change(c.statements(root.Account, made))...)
	err := c.call(context.Background(), caller, made)
	part := " is not authorized to perform: " + action + " on resource: "
	if c.unsigned != nil {
		part = "Not authorized to perform " + action
	}
	if c.unnamed {
		part = " is not authorized to perform: " + action + " because no "
	}
	if strings.HasPrefix(c.full(), "organizations:") { // one sentence for all, and the trace knows more
		part = "You don't have permissions to access this resource."
		if err != nil && w.traceOf(t, err).Action != action {
			t.Errorf("%s %s: refused for %s", c.action, how, w.traceOf(t, err).Action)
		}
	}
	wantError(t, c.action+" "+how, err, denialCode(c.full()), part)
}

// denialCode is how the action's protocol writes AccessDenied.
func denialCode(action string) string {
	for _, row := range api.Actions() {
		if row.IAMAction() == action && (row.Path != "" || row.Service == "organizations" || row.Service == "cloudtrail") {
			return "AccessDeniedException"
		}
	}
	return "AccessDenied"
}

// apiError gives the code and the text of an AWS error.
func apiError(err error) (code, message string) {
	var refused smithy.APIError
	if errors.As(err, &refused) {
		return refused.ErrorCode(), refused.ErrorMessage()
	}
	return "", ""
}

// statements are the grants as a policy has them.
func (c *actionCase) statements(account string, made map[string]string) []statement {
	var list []statement
	for _, g := range c.grants {
		resource := strings.ReplaceAll(g.resource, "«ACCOUNT»", account)
		for k, v := range made {
			resource = strings.ReplaceAll(resource, "«"+k+"»", v)
		}
		list = append(list, statement{Effect: "Allow", Action: g.action, Resource: resource})
	}
	return list
}
