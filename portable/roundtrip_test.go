package portable_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	organizationtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"iamd/server"
)

func tags(key, value string) []types.Tag {
	return []types.Tag{{Key: aws.String(key), Value: aws.String(value)}}
}

func orgTags(key, value string) []organizationtypes.Tag {
	return []organizationtypes.Tag{{Key: aws.String(key), Value: aws.String(value)}}
}

const (
	first  = "111122223333"
	second = "999988887777"
)

// without leaves lines away that match.
func without(text, pattern string) string {
	match := regexp.MustCompile(pattern)
	var kept []string
	for line := range strings.Lines(text) {
		if !match.MatchString(line) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// TestRoundTrip: with secrets and the same keyring, everything comes back as it
// was: accounts, the organization, the applications. Keys work.
func TestRoundTrip(t *testing.T) {
	ring := newRing()
	from := begin(t, first, ring)
	fill(t, from, from.root(), first)
	organize(t, from.root())
	text := from.export(t, server.ExportOptions{Secrets: true})
	if again := from.export(t, server.ExportOptions{Secrets: true}); again != text {
		t.Error("two exports of the same differ")
	}

	to := begin(t, second, ring)
	dry := took[*server.Imported](t)(to.Import(t.Context(), strings.NewReader(text), server.ImportOptions{DryRun: true}))
	if len(dry.Accounts) != 2 || len(dry.Organizations) != 1 || dry.Accounts[0].SecretAccessKey != "" {
		t.Errorf("a dry run tells %+v", dry)
	}
	if list := took[[]server.AccountInfo](t)(to.ListAccounts(t.Context())); len(list) != 1 {
		t.Fatalf("a dry run made accounts: %v", list)
	}
	done := took[*server.Imported](t)(to.Import(t.Context(), strings.NewReader(text), server.ImportOptions{}))
	for _, a := range done.Accounts {
		// The member's root user has no key of its own: it gets one here.
		if len(a.Notes) > 0 || !a.Made || (a.SecretAccessKey != "") == (a.ID == first) {
			t.Errorf("brought %+v", a)
		}
	}
	for _, id := range []string{first, done.Accounts[1].ID} {
		before := from.export(t, server.ExportOptions{Account: id, Secrets: true})
		after := to.export(t, server.ExportOptions{Account: id, Secrets: true})
		if id != first { // the new key
			after = regexp.MustCompile(`(?s)"RootUser": \{\n.*?\n  \},\n`).ReplaceAllString(after, "")
			before = regexp.MustCompile(`(?s)"RootUser": \{\n.*?\n  \},\n`).ReplaceAllString(before, "")
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("account %s: -before +after\n%s", id, diff)
		}
	}
	organizations := func(text string) string { return text[strings.Index(text, `"organizations"`):] }
	if diff := cmp.Diff(organizations(text), organizations(to.export(t, server.ExportOptions{Secrets: true}))); diff != "" {
		t.Errorf("the organization: -before +after\n%s", diff)
	}
	root := from.FirstStart()
	who := took[*sts.GetCallerIdentityOutput](t)(sts.NewFromConfig(to.config(root.AccessKeyID, root.SecretAccessKey)).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}))
	if *who.Account != first {
		t.Errorf("the key is of account %s", *who.Account)
	}
	_, err := to.Import(t.Context(), strings.NewReader(text), server.ImportOptions{})
	refused(t, err, "EntityAlreadyExists", "holds more than its root user")
}

// secrets are the members that only an export with secrets has.
var secrets = regexp.MustCompile(`"(Sealed\w+|\w*Hash(es)?|PasswordGeneration|SecretHashes)"`)

// TestWithoutSecrets: nothing that is kept of a secret is in the file; what can't
// be brought is told, each with what to do; the rest comes back.
func TestWithoutSecrets(t *testing.T) {
	from := begin(t, first, newRing())
	fill(t, from, from.root(), first)
	text := from.export(t, server.ExportOptions{Account: first})
	if found := secrets.FindAllString(text, -1); len(found) > 0 {
		t.Errorf("the export has %q", found)
	}
	to := begin(t, second, newRing())
	done := took[*server.Imported](t)(to.Import(t.Context(), strings.NewReader(text), server.ImportOptions{}))
	var told []string
	for _, n := range done.Accounts[0].Notes {
		if n.Remedy == "" {
			t.Errorf("no remedy for %s", n.What)
		}
		told = append(told, strings.Fields(n.Remedy)[2])
	}
	want := "create-access-key reset-password create-access-key create-login-profile create-service-specific-credential create-virtual-mfa-device upload-server-certificate update-saml-provider enable-outbound-web-identity-federation rotate-secret"
	if got := strings.Join(told, " "); got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
	key := done.Accounts[0]
	took[*iam.GetUserOutput](t)(iam.NewFromConfig(to.config(key.AccessKeyID, key.SecretAccessKey)).GetUser(t.Context(), &iam.GetUserInput{UserName: aws.String("bob")}))

	// But for those, it is the same.
	again := begin(t, second, newRing())
	after := to.export(t, server.ExportOptions{Account: first})
	took[*server.Imported](t)(again.Import(t.Context(), strings.NewReader(after), server.ImportOptions{}))
	const keys = `AccessKeyId|"CreateDate": "20`
	if diff := cmp.Diff(without(after, keys), without(again.export(t, server.ExportOptions{Account: first}), keys)); diff != "" {
		t.Error(diff)
	}
	for _, member := range []string{"UserDetailList", "GroupDetailList", "RoleDetailList", "Policies", "InstanceProfiles", "OpenIDConnectProviders"} {
		cut := func(text string) string {
			_, text, _ = strings.Cut(text, "\n  \""+member+`": [`)
			text, _, _ = strings.Cut(text, "\n  ]")
			return text
		}
		before, after := cut(text), cut(after)
		if member == "UserDetailList" { // bob's key, password and credential stay behind
			gone := regexp.MustCompile(`(?s)\n      "(AccessKeys|LoginProfile|ServiceSpecificCredentials)": .*?\n      [\]}],?`)
			before = strings.TrimRight(gone.ReplaceAllString(before, ""), ", \n}")
			before = regexp.MustCompile(`,\s*$`).ReplaceAllString(before, "")
			after = strings.TrimRight(after, ", \n}")
		}
		if diff := cmp.Diff(before, after); diff != "" || before == "" {
			t.Errorf("%s: %q\n%s", member, before, diff)
		}
	}
}

// TestOtherKeyring: what another keyring sealed is told as lost, and an account is
// not taken for another's.
func TestOtherKeyring(t *testing.T) {
	from := begin(t, first, newRing())
	text := from.export(t, server.ExportOptions{Account: first, Secrets: true})
	to := begin(t, second, newRing())
	done := took[*server.Imported](t)(to.Import(t.Context(), strings.NewReader(text), server.ImportOptions{}))
	if n := done.Accounts[0].Notes; len(n) != 1 || !strings.Contains(n[0].Why, "another keyring") {
		t.Errorf("told %+v", n)
	}
	root := from.FirstStart()
	_, err := sts.NewFromConfig(to.config(root.AccessKeyID, root.SecretAccessKey)).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err == nil {
		t.Error("the old key works")
	}
}

// TestManyUsers: an account of five thousand users is one commit.
func TestManyUsers(t *testing.T) {
	from := begin(t, first, newRing())
	var b strings.Builder
	b.WriteString(`{"UserDetailList":[`)
	for i := range 5000 {
		if i > 0 {
			b.WriteByte(',')
		}
		id := strings.Repeat("0", 5)
		b.WriteString(`{"UserName":"user` + number(i) + `","UserId":"AIDAEXAMPLE` + id + number(i) + `","Path":"/","Arn":"arn:aws:iam::333344445555:user/user` + number(i) + `"}`)
	}
	b.WriteString(`]}`)
	done := took[*server.Imported](t)(from.Import(t.Context(), strings.NewReader(b.String()), server.ImportOptions{}))
	if done.Accounts[0].Users != 5000 {
		t.Errorf("%+v", done.Accounts[0])
	}
	text := from.export(t, server.ExportOptions{Account: "333344445555", Secrets: true})
	to := begin(t, second, newRing())
	done = took[*server.Imported](t)(to.Import(t.Context(), strings.NewReader(text), server.ImportOptions{}))
	if done.Accounts[0].Users != 5000 {
		t.Errorf("%+v", done.Accounts[0])
	}
}

func number(i int) string {
	const digits = "0123456789"
	return string([]byte{digits[i/1000%10], digits[i/100%10], digits[i/10%10], digits[i%10]})
}
