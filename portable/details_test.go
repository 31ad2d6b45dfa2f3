package portable_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"

	"iamd/iam"
	"iamd/server"
)

const real = "731234567890"

func refused(t testing.TB, err error, code, part string) {
	t.Helper()
	var refusal *iam.Error
	if !errors.As(err, &refusal) || refusal.Code != code || !strings.Contains(refusal.Message, part) {
		t.Errorf("%v, want %s: …%s…", err, code, part)
	}
}

func recorded(t testing.TB) string {
	t.Helper()
	return string(took[[]byte](t)(os.ReadFile("testdata/authorization-details.json")))
}

// bringReal brings the recorded account.
func bringReal(t testing.TB, w *world, text string) (*sdk.Client, server.ImportedAccount) {
	t.Helper()
	done := took[*server.Imported](t)(w.Import(t.Context(), strings.NewReader(text), server.ImportOptions{}))
	a := done.Accounts[0]
	return sdk.NewFromConfig(w.config(a.AccessKeyID, a.SecretAccessKey)), a
}

// TestDetails: an account of AWS is brought, what is not is told, and questions
// about it are answered as AWS would.
func TestDetails(t *testing.T) {
	c, a := bringReal(t, begin(t, first, newRing()), recorded(t))
	if a.ID != real || !a.Made || a.Users != 3 || a.Groups != 2 || a.Roles != 4 || a.Policies != 3 {
		t.Errorf("brought %+v", a)
	}
	var told []string
	for _, n := range a.Notes {
		told = append(told, n.What)
	}
	if diff := cmp.Diff([]string{
		"user auditor@example.com, AWS managed policy arn:aws:iam::aws:policy/AWSExampleRetiredReadOnly",
		"role PartnerAccess, trust policy trusts arn:aws:iam::998877665544:role/Importer",
		"AWS managed policy arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
	}, told); diff != "" {
		t.Error(diff)
	}
	for _, ask := range []struct{ who, action, on, want string }{
		{"user/alice", "s3:GetObject", "arn:aws:s3:::reports/a", "allowed"},
		{"user/alice", "s3:GetObject", "arn:aws:s3:::reports/secret/a", "explicitDeny"}, // by a group
		{"user/alice", "s3:PutObject", "arn:aws:s3:::reports/a", "implicitDeny"},
		{"user/ci/deployer", "s3:GetObject", "arn:aws:s3:::reports/a", "allowed"},
		{"user/ci/deployer", "s3:PutObject", "arn:aws:s3:::reports/a", "implicitDeny"}, // the boundary
		{"user/ci/deployer", "s3:DeleteObject", "arn:aws:s3:::reports/a", "implicitDeny"},
		{"user/ci/deployer", "sts:AssumeRole", "arn:aws:iam::" + real + ":role/partner/SellingPartner", "allowed"},
		{"role/partner/SellingPartner", "execute-api:Invoke", "arn:aws:execute-api:eu-west-1:" + real + ":x/prod/GET/orders", "allowed"},
		{"role/PartnerAccess", "s3:PutObject", "arn:aws:s3:::reports/a", "allowed"},
		{"role/WebServer", "s3:ListAllMyBuckets", "*", "allowed"},
		{"user/auditor@example.com", "example:GetThing", "*", "implicitDeny"},
	} {
		out := took[*sdk.SimulatePrincipalPolicyOutput](t)(c.SimulatePrincipalPolicy(t.Context(), &sdk.SimulatePrincipalPolicyInput{
			PolicySourceArn: aws.String("arn:aws:iam::" + real + ":" + ask.who), ActionNames: []string{ask.action}, ResourceArns: []string{ask.on},
		}))
		if got := string(out.EvaluationResults[0].EvalDecision); got != ask.want {
			t.Errorf("%s %s %s: %s, want %s", ask.who, ask.action, ask.on, got, ask.want)
		}
	}
}

// TestDetailsAgain: the account tells of itself as AWS told.
func TestDetailsAgain(t *testing.T) {
	c, _ := bringReal(t, begin(t, first, newRing()), recorded(t))
	out := took[*sdk.GetAccountAuthorizationDetailsOutput](t)(c.GetAccountAuthorizationDetails(t.Context(), &sdk.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(1000)}))
	got := map[string]any{"UserDetailList": out.UserDetailList, "GroupDetailList": out.GroupDetailList, "RoleDetailList": out.RoleDetailList, "Policies": out.Policies}
	if diff := cmp.Diff(plain(t, recorded(t)), plain(t, string(took[[]byte](t)(json.Marshal(got))))); diff != "" {
		t.Errorf("-recorded +told\n%s", diff)
	}
}

// plain makes values of JSON that are equal for equal answers: documents are read,
// lists without an order are sorted, what AWS alone knows is left away.
func plain(t testing.TB, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return plainValue(t, v)
}

func plainValue(t testing.TB, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, of := range v {
			if s, ok := of.(string); ok && strings.HasSuffix(name, "Document") {
				out[name] = plain(t, took[string](t)(url.PathUnescape(s)))
				continue
			}
			if next := plainValue(t, of); next != nil {
				out[name] = next
			}
		}
		delete(out, "RoleLastUsed")
		delete(out, "ResultMetadata")
		if arn, _ := out["Arn"].(string); strings.HasPrefix(arn, "arn:aws:iam::aws:") || out["PolicyArn"] == "arn:aws:iam::aws:policy/AWSExampleRetiredReadOnly" {
			return nil // as the catalog has them
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case []any:
		var out []any
		for _, item := range v {
			if next := plainValue(t, item); next != nil {
				out = append(out, next)
			}
		}
		sort.SliceStable(out, func(i, j int) bool { return nameOf(out[i]) < nameOf(out[j]) })
		if len(out) == 0 {
			return nil
		}
		return out
	case string:
		return strings.Replace(v, "+00:00", "Z", 1)
	}
	return v
}

func nameOf(v any) string {
	m, _ := v.(map[string]any)
	for _, name := range []string{"UserName", "GroupName", "RoleName", "PolicyName", "InstanceProfileName", "VersionId"} {
		if s, ok := m[name].(string); ok {
			return s
		}
	}
	return ""
}

// ofTheImport are lines that differ from one import to the next: the root key's id, and
// the dates of what was made by it. What was recorded is older than 2025.
const ofTheImport = `AccessKeyId|"CreateDate": "2(02[5-9]|0[3-9]|[1-9])`

// TestPages: several files, an array of pages, and documents percent-encoded as the
// API answers come to the same.
func TestPages(t *testing.T) {
	var whole map[string]json.RawMessage
	if err := json.Unmarshal([]byte(recorded(t)), &whole); err != nil {
		t.Fatal(err)
	}
	var pages []string
	for name, list := range whole {
		pages = append(pages, `{"`+name+`":`+string(list)+`,"IsTruncated":true,"Marker":"m"}`)
	}
	slices.Sort(pages)
	w := begin(t, first, newRing())
	bringReal(t, w, recorded(t))
	want := w.export(t, server.ExportOptions{Account: real})
	for name, text := range map[string]string{"files": strings.Join(pages, "\n"), "array": "[" + strings.Join(pages, ",") + "]"} {
		w := begin(t, first, newRing())
		bringReal(t, w, text)
		if diff := cmp.Diff(without(want, ofTheImport), without(w.export(t, server.ExportOptions{Account: real}), ofTheImport)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	c, _ := bringReal(t, another(t), recorded(t))
	out := took[*sdk.GetAccountAuthorizationDetailsOutput](t)(c.GetAccountAuthorizationDetails(t.Context(), &sdk.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(1000)}))
	raw := took[[]byte](t)(json.Marshal(map[string]any{"UserDetailList": out.UserDetailList, "GroupDetailList": out.GroupDetailList, "RoleDetailList": out.RoleDetailList, "Policies": out.Policies}))
	encoded := another(t)
	bringReal(t, encoded, string(raw))
	if diff := cmp.Diff(without(want, ofTheImport), without(encoded.export(t, server.ExportOptions{Account: real}), ofTheImport)); diff != "" {
		t.Errorf("percent-encoded: %s", diff)
	}
}

func another(t testing.TB) *world { return begin(t, first, newRing()) }

// TestIntoOnlyRoot: an account that holds nothing but its root user is filled, and
// its root user stays.
func TestIntoOnlyRoot(t *testing.T) {
	w := begin(t, real, newRing())
	done := took[*server.Imported](t)(w.Import(t.Context(), strings.NewReader(recorded(t)), server.ImportOptions{Account: real}))
	if a := done.Accounts[0]; a.Made || a.AccessKeyID != "" || a.Name != "Main" {
		t.Errorf("filled %+v", a)
	}
	took[*sdk.GetUserOutput](t)(sdk.NewFromConfig(w.root()).GetUser(t.Context(), &sdk.GetUserInput{UserName: aws.String("alice")}))
	_, err := w.Import(t.Context(), strings.NewReader(recorded(t)), server.ImportOptions{})
	refused(t, err, iam.CodeEntityAlreadyExists, "holds more than its root user")
	_, err = w.Import(t.Context(), strings.NewReader(recorded(t)), server.ImportOptions{Account: second})
	refused(t, err, iam.CodeInvalidInput, "is of account "+real)
}
