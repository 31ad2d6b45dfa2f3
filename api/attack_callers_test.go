package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"iamd/api"
	"iamd/org"
)

// callable are the actions of Organizations, by who may call them as AWS's
// reference has it, and a request of each that finds nothing, or does nothing.
// «self» is the caller's account.
var callable = map[string]map[string]string{
	"anybody": {
		"CreateOrganization": `{}`, "DescribeHandshake": `{"HandshakeId":"h-aaaaaaaaaa"}`, "AcceptHandshake": `{"HandshakeId":"h-aaaaaaaaaa"}`,
		"DeclineHandshake": `{"HandshakeId":"h-aaaaaaaaaa"}`, "CancelHandshake": `{"HandshakeId":"h-aaaaaaaaaa"}`, "ListHandshakesForAccount": `{}`,
	},
	"members": {
		"DescribeOrganization": `{}`, "LeaveOrganization": `{}`, "DescribeEffectivePolicy": `{"PolicyType":"TAG_POLICY"}`,
	},
	"readers": {
		"DescribeAccount": `{"AccountId":"999999999999"}`, "DescribeCreateAccountStatus": `{"CreateAccountRequestId":"car-aaaaaaaaaa"}`,
		"DescribeOrganizationalUnit": `{"OrganizationalUnitId":"ou-aaaa-aaaaaaaa"}`, "DescribePolicy": `{"PolicyId":"p-aaaaaaaa"}`, "DescribeResourcePolicy": `{}`,
		"ListAWSServiceAccessForOrganization": `{}`, "ListAccounts": `{}`, "ListAccountsForParent": `{"ParentId":"r-aaaa"}`,
		"ListAccountsWithInvalidEffectivePolicy": `{"PolicyType":"TAG_POLICY"}`, "ListChildren": `{"ParentId":"r-aaaa","ChildType":"ACCOUNT"}`,
		"ListCreateAccountStatus": `{}`, "ListDelegatedAdministrators": `{}`, "ListDelegatedServicesForAccount": `{"AccountId":"999999999999"}`,
		"ListEffectivePolicyValidationErrors": `{"AccountId":"999999999999","PolicyType":"TAG_POLICY"}`, "ListHandshakesForOrganization": `{}`,
		"ListOrganizationalUnitsForParent": `{"ParentId":"r-aaaa"}`, "ListParents": `{"ChildId":"999999999999"}`, "ListPolicies": `{"Filter":"TAG_POLICY"}`,
		"ListPoliciesForTarget": `{"TargetId":"999999999999","Filter":"TAG_POLICY"}`, "ListRoots": `{}`, "ListTagsForResource": `{"ResourceId":"999999999999"}`,
		"ListTargetsForPolicy": `{"PolicyId":"p-aaaaaaaa"}`,
	},
	"the management account, or whom its delegation policy names": {
		"AttachPolicy": `{"PolicyId":"p-aaaaaaaa","TargetId":"r-aaaa"}`, "DetachPolicy": `{"PolicyId":"p-aaaaaaaa","TargetId":"r-aaaa"}`,
		"CreatePolicy": `{"Name":"P","Description":"","Type":"TAG_POLICY","Content":"no"}`, "UpdatePolicy": `{"PolicyId":"p-aaaaaaaa"}`, "DeletePolicy": `{"PolicyId":"p-aaaaaaaa"}`,
		"EnablePolicyType": `{"RootId":"r-aaaa","PolicyType":"TAG_POLICY"}`, "DisablePolicyType": `{"RootId":"r-aaaa","PolicyType":"TAG_POLICY"}`,
		"TagResource": `{"ResourceId":"999999999999","Tags":[]}`, "UntagResource": `{"ResourceId":"999999999999","TagKeys":[]}`,
		"DescribeResponsibilityTransfer": `{"Id":"rt-aaaaaaaa"}`, "ListInboundResponsibilityTransfers": `{"Type":"BILLING"}`, "ListOutboundResponsibilityTransfers": `{"Type":"BILLING"}`,
	},
	"the management account": {
		"CloseAccount": `{"AccountId":"999999999999"}`, "CreateAccount": `{"AccountName":"A","Email":"no%good@example.com"}`,
		"CreateGovCloudAccount": `{"AccountName":"A","Email":"no%good@example.com"}`, "CreateOrganizationalUnit": `{"ParentId":"r-aaaa","Name":"U"}`,
		"DeleteOrganization": `{}`, "DeleteOrganizationalUnit": `{"OrganizationalUnitId":"ou-aaaa-aaaaaaaa"}`, "UpdateOrganizationalUnit": `{"OrganizationalUnitId":"ou-aaaa-aaaaaaaa"}`,
		"PutResourcePolicy": `{"Content":"no"}`, "RegisterDelegatedAdministrator": `{"AccountId":"999999999999","ServicePrincipal":"no.amazonaws.com"}`,
		"DeregisterDelegatedAdministrator": `{"AccountId":"999999999999","ServicePrincipal":"no.amazonaws.com"}`,
		"EnableAWSServiceAccess":           `{"ServicePrincipal":"no.amazonaws.com"}`, "DisableAWSServiceAccess": `{"ServicePrincipal":"no.amazonaws.com"}`,
		"EnableAllFeatures": `{}`, "InviteAccountToOrganization": `{"Target":{"Type":"EMAIL","Id":"no good@example.com"}}`,
		"InviteOrganizationToTransferResponsibility": `{"Type":"BILLING","Target":{"Type":"EMAIL","Id":"no good@example.com"},"StartTimestamp":4102444800,"SourceName":"T"}`,
		"MoveAccount":                     `{"AccountId":"999999999999","SourceParentId":"r-aaaa","DestinationParentId":"r-aaaa"}`,
		"RemoveAccountFromOrganization":   `{"AccountId":"999999999999"}`,
		"TerminateResponsibilityTransfer": `{"Id":"rt-aaaaaaaa"}`, "UpdateResponsibilityTransfer": `{"Id":"rt-aaaaaaaa","Name":"N"}`,
		"DeleteResourcePolicy": `{}`,
	},
}

// asked makes a call of Organizations on the wire, and gives the error's code, or
// nothing.
func asked(t *testing.T, c *clients, action, body string) string {
	t.Helper()
	opt := c.Organizations.Options()
	key, err := opt.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, aws.ToString(opt.BaseEndpoint)+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSOrganizationsV20161128."+action)
	hash := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), key, r, hex.EncodeToString(hash[:]), "organizations", "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var out struct {
		Code string `json:"__type"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil && answer.StatusCode != http.StatusOK {
		t.Fatal(answer.Status, err)
	}
	return out.Code
}

// TestWhoMayCall tries every action as each kind of account there is.
func TestWhoMayCall(t *testing.T) {
	w := newWorld(t)
	ctx, root, made := t.Context(), w.account(t), map[string]string{}
	inNewOrganization(t, root, made)
	admin := w.admin(t, root)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	member := func() *clients {
		t.Helper()
		must(create(ctx, root, made, &organizations.CreateAccountInput{AccountName: aws.String("A"), Email: aws.String(newEmail())}))
		inside, err := w.into(t, admin, *created(t, root, made["request"]).Id, org.AccessRole)
		must(err)
		return inside
	}
	plain, administrator, delegate, closed, outsider := member(), member(), member(), member(), w.admin(t, w.account(t))
	service := aws.String("config.amazonaws.com")
	_, err := root.Organizations.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: service})
	must(err)
	_, err = root.Organizations.RegisterDelegatedAdministrator(ctx, &organizations.RegisterDelegatedAdministratorInput{AccountId: &administrator.Account, ServicePrincipal: service})
	must(err)
	_, err = root.Organizations.PutResourcePolicy(ctx, &organizations.PutResourcePolicyInput{Content: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow",
		"Principal":{"AWS":"` + delegate.Account + `"},"Resource":"*","Action":["organizations:Describe*","organizations:List*","organizations:AttachPolicy","organizations:CreatePolicy",
		"organizations:DeletePolicy","organizations:DetachPolicy","organizations:DisablePolicyType","organizations:EnablePolicyType","organizations:TagResource",
		"organizations:UntagResource","organizations:UpdatePolicy"]}}`)})
	must(err)
	_, err = root.Organizations.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: &closed.Account})
	must(err)

	const through, denied, alone, out = "let through", "AccessDeniedException", "AWSOrganizationsNotInUseException", "UnrecognizedClientException"
	kinds := []struct {
		name string
		*clients
		want map[string]string // by who may call; denied unless given
	}{
		{"the management account", admin, map[string]string{"anybody": through, "members": through, "readers": through,
			"the management account, or whom its delegation policy names": through, "the management account": through}},
		{"a delegated administrator", administrator, map[string]string{"anybody": through, "members": through, "readers": through}},
		{"a member", plain, map[string]string{"anybody": through, "members": through}},
		{"whom the delegation policy names", delegate, map[string]string{"anybody": through, "members": through, "readers": through,
			"the management account, or whom its delegation policy names": through}},
		{"an outsider", outsider, map[string]string{"anybody": through, "members": alone, "readers": alone,
			"the management account, or whom its delegation policy names": alone, "the management account": alone}},
		{"a closed account", closed, map[string]string{"anybody": out, "members": out, "readers": out,
			"the management account, or whom its delegation policy names": out, "the management account": out}},
	}
	var rows []string
	for _, row := range api.Actions() {
		if row.Service == "organizations" && row.Name != "DeleteResourcePolicy" && row.Name != "CreateOrganization" {
			rows = append(rows, row.Name)
		}
	}
	rows = append(rows, "DeleteResourcePolicy", "CreateOrganization") // these would change who is who
	for _, name := range rows {
		who, body := "", ""
		for group, list := range callable {
			if text, ok := list[name]; ok {
				who, body = group, text
			}
		}
		if who == "" {
			t.Errorf("%s: nobody said who may call it", name)
			continue
		}
		for _, kind := range slices.Backward(kinds) { // the management account last
			want, code := kind.want[who], asked(t, kind.clients, name, body)
			if want == "" {
				want = denied
			}
			got := through
			if slices.Contains([]string{denied, alone, out, "ValidationException", "InternalFailure", "SerializationException"}, code) {
				got = code
			}
			if got != want {
				t.Errorf("%s by %s: %s (%s), want %s", name, kind.name, got, code, want)
			}
		}
	}
	if len(rows) != 63 {
		t.Errorf("%d rows", len(rows))
	}
}

// TestMemberNeedsItsOwn: what AWS gives members of the organization's their own
// account must allow them too.
func TestMemberNeedsItsOwn(t *testing.T) {
	w := newWorld(t)
	root, guest := w.account(t), w.account(t)
	inNewOrganization(t, root, map[string]string{})
	join(t, root, guest)
	user := w.caller(t, guest)
	for _, action := range []string{"DescribeOrganization", "LeaveOrganization", "DescribeEffectivePolicy", "ListRoots"} {
		body := callable["members"][action] + callable["readers"][action]
		if got := asked(t, user, action, body); got != "AccessDeniedException" {
			t.Errorf("%s: %q", action, got)
		}
	}
	if got := asked(t, guest, "DescribeOrganization", `{}`); got != "" {
		t.Errorf("the root user: %s", got)
	}
}
