package iam

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const ghActions = "https://token.actions.githubusercontent.com"

func mustOpenIDProvider(t *testing.T, d *Draft, url string) string {
	t.Helper()
	p, err := d.CreateOpenIDProvider(NewOpenIDProvider{
		URL: url, ClientIDs: []string{"sts.amazonaws.com"}, Thumbprints: []string{strings.Repeat("A", 40)}, Tags: []Tag{{"team", "red"}},
	})
	must(t, err)
	return d.OpenIDProviderARN(p)
}

func TestCreateOpenIDProvider(t *testing.T) {
	d := policyDraft()
	arn := mustOpenIDProvider(t, d, ghActions)
	if want := "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"; arn != want {
		t.Errorf("ARN %s", arn)
	}
	got, err := d.OpenIDProvider(arn)
	must(t, err)
	want := &OpenIDProvider{
		Name: "token.actions.githubusercontent.com", CreateDate: d.now(), ClientIDs: []string{"sts.amazonaws.com"},
		Thumbprints: []string{strings.Repeat("a", 40)}, Tags: []Tag{{"team", "red"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	_, err = d.CreateOpenIDProvider(NewOpenIDProvider{URL: ghActions})
	refused(t, err, CodeEntityAlreadyExists, "Provider with url "+ghActions+" already exists.")
	if other := mustOpenIDProvider(t, d, ghActions+"/"); other != arn+"/" {
		t.Errorf("a slash at the end makes another: %s", other)
	}
	if n := d.Summary()["Providers"]; n != 2 {
		t.Errorf("%d providers", n)
	}
	d.env.Quotas.OpenIDProviders = 2
	_, err = d.CreateOpenIDProvider(NewOpenIDProvider{URL: "https://id.example.com"})
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for OpenIdConnectProvidersPerAccount: 2")

	account, changes := d.Seal()
	loaded, err := Load(d.env, d.ID, changes.Rows)
	must(t, err)
	for name, p := range account.OpenIDProvidersAfter("") {
		again, err := loaded.OpenIDProvider(loaded.OpenIDProviderARN(p))
		must(t, err)
		if diff := cmp.Diff(p, again); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if loaded.OpenIDProviderCount() != 2 {
		t.Errorf("loaded %d", loaded.OpenIDProviderCount())
	}
}

// TestOpenIDProviderURLs are AWS's refusals, and those of paths that could be
// read in two ways.
func TestOpenIDProviderURLs(t *testing.T) {
	const invalid = "Invalid Open ID Connect Provider URL"
	for url, want := range map[string]*Error{
		"example.com":                       Errorf(CodeValidation, invalid),
		"https://":                          Errorf(CodeValidation, invalid),
		"https:///path":                     Errorf(CodeValidation, invalid),
		"https://exa mple.com":              Errorf(CodeValidation, invalid),
		"http://example.com":                Errorf(CodeInvalidInput, invalid+". The URL must begin with https://."),
		"HTTPS://example.com":               Errorf(CodeInvalidInput, invalid+". The URL must begin with https://."),
		"https://user:pass@example.com":     Errorf(CodeInvalidInput, invalid+"."),
		"https://example.com?foo=1":         Errorf(CodeInvalidInput, invalid+"."),
		"https://example.com?":              Errorf(CodeInvalidInput, invalid+"."),
		"https://example.com#frag":          Errorf(CodeInvalidInput, invalid+"."),
		"https://example.com#":              Errorf(CodeInvalidInput, invalid+"."),
		"https://example.com:8443":          Errorf(CodeInvalidInput, invalid+"."),
		"https://example.com:443/a":         Errorf(CodeInvalidInput, invalid+"."),
		"https://exa_mple.com":              Errorf(CodeInvalidInput, invalid+"."),
		"https://example..com":              Errorf(CodeInvalidInput, invalid+"."),
		"https://-example.com":              Errorf(CodeInvalidInput, invalid+"."),
		"https://[::1]/":                    Errorf(CodeInvalidInput, invalid+"."),
		"https://example.com/a/../b":        Errorf(CodeInvalidInput, invalid+"."),
		"https://example.com/./b":           Errorf(CodeInvalidInput, invalid+"."),
		"https://example.com/a%2fb":         Errorf(CodeInvalidInput, invalid+"."),
		`https://example.com/a\b`:           Errorf(CodeInvalidInput, invalid+"."),
		"https://example.com/a b":           Errorf(CodeInvalidInput, invalid+"."),
		"https://example.com/ä":             Errorf(CodeInvalidInput, invalid+"."),
		"https://example.com":               nil,
		"https://example.com/":              nil,
		"https://Example.com/realms/A.b_c":  nil,
		"https://192.0.2.7/id":              nil,
		"https://oidc.eks.example.com/id/0": nil,
	} {
		name, err := OpenIDName(url)
		if want == nil {
			if err != nil || "https://"+name != url {
				t.Errorf("%s: %q, %v", url, name, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%s: taken for %q", url, name)
			continue
		}
		refused(t, err, want.Code, want.Message)
	}
}

func TestOpenIDProviderLimits(t *testing.T) {
	d := policyDraft()
	many := make([]string, 0, 202)
	for i := range 101 {
		many = append(many, fmt.Sprint("client-", i), "client-0")
	}
	of := NewOpenIDProvider{URL: ghActions, ClientIDs: many}
	_, err := d.CreateOpenIDProvider(of)
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
	of.ClientIDs = many[:200] // each but the first twice: a hundred
	for n, want := range map[int]string{
		39: "Thumbprint must be exactly 40 characters.", 41: "Thumbprint must be exactly 40 characters.", 0: "Thumbprint must be exactly 40 characters.",
	} {
		of.Thumbprints = []string{strings.Repeat("a", n)}
		_, err = d.CreateOpenIDProvider(of)
		refused(t, err, CodeInvalidInput, want)
	}
	of.Thumbprints = nil
	for i := range 6 {
		of.Thumbprints = append(of.Thumbprints, strings.Repeat(fmt.Sprint(i), 40))
	}
	_, err = d.CreateOpenIDProvider(of)
	refused(t, err, CodeInvalidInput, "Thumbprint list must contain fewer than 5 entries.")
	of.Thumbprints = of.Thumbprints[:5]
	of.Tags = []Tag{{"a", "1"}, {"a", "2"}}
	_, err = d.CreateOpenIDProvider(of)
	refused(t, err, CodeInvalidInput, "Duplicate tag keys found.")
	if d.Changed() || d.OpenIDProviderCount() != 0 {
		t.Error("a refusal left something")
	}
	of.Tags = nil
	p, err := d.CreateOpenIDProvider(of)
	must(t, err)
	arn := d.OpenIDProviderARN(p)
	refused(t, d.AddClientID(arn, "one more"), CodeLimitExceeded, "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
	must(t, d.AddClientID(arn, "client-0")) // there already
	refused(t, d.UpdateThumbprints(arn, []string{"short"}), CodeInvalidInput, "Thumbprint must be exactly 40 characters.")
}

func TestChangeOpenIDProvider(t *testing.T) {
	d := policyDraft()
	arn := mustOpenIDProvider(t, d, "https://id.example.com/a")
	before, err := d.OpenIDProvider(arn)
	must(t, err)
	must(t, d.AddClientID(arn, "app"))
	must(t, d.RemoveClientID(arn, "sts.amazonaws.com"))
	must(t, d.RemoveClientID(arn, "never there"))
	must(t, d.UpdateThumbprints(arn, []string{strings.Repeat("B", 40), strings.Repeat("b", 40)}))
	must(t, d.TagOpenIDProvider(arn, []Tag{{"Team", "blue"}}))
	must(t, d.UntagOpenIDProvider(arn, []string{"team", "none"}))
	got, err := d.OpenIDProvider(arn)
	must(t, err)
	want := &OpenIDProvider{
		Name: "id.example.com/a", CreateDate: d.now(), ClientIDs: []string{"app"},
		Thumbprints: []string{strings.Repeat("b", 40)}, Tags: []Tag{{"Team", "blue"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"sts.amazonaws.com"}, before.ClientIDs); diff != "" {
		t.Error("what was read before changed:", diff)
	}
	must(t, d.DeleteOpenIDProvider(arn))
	refused(t, d.DeleteOpenIDProvider(arn), CodeNoSuchEntity, "OpenId connect Provider "+arn+" cannot be found.")
}

// TestNoOpenIDProvider: what is no provider's ARN, or one of another account's,
// finds none.
func TestNoOpenIDProvider(t *testing.T) {
	d := policyDraft()
	mustOpenIDProvider(t, d, "https://id.example.com")
	for arn, want := range map[string]*Error{
		"long-enough-but-no-arn":                                   Errorf(CodeValidation, "Invalid ARN:  Could not be parsed!"),
		"arn:aws:iam::123456789012:role/id.example.com":            Errorf(CodeValidation, "ARN arn:aws:iam::123456789012:role/id.example.com is not valid."),
		"arn:aws:iam::123456789012:oidc-provider/":                 Errorf(CodeValidation, "ARN arn:aws:iam::123456789012:oidc-provider/ is not valid."),
		"arn:aws:sts::123456789012:oidc-provider/id.example.com":   Errorf(CodeValidation, "ARN arn:aws:sts::123456789012:oidc-provider/id.example.com is not valid."),
		"arn:aws:iam::123456789012:oidc-provider/ID.example.com":   noOpenIDProvider("arn:aws:iam::123456789012:oidc-provider/ID.example.com"),
		"arn:aws:iam::210987654321:oidc-provider/id.example.com":   noOpenIDProvider("arn:aws:iam::210987654321:oidc-provider/id.example.com"),
		"arn:aws:iam::123456789012:oidc-provider/id.example.com/x": Errorf(CodeNoSuchEntity, "OpenIDConnect Provider not found for arn arn:aws:iam::123456789012:oidc-provider/id.example.com/x"),
	} {
		_, err := d.OpenIDProvider(arn)
		refused(t, err, want.Code, want.Message)
		refused(t, d.AddClientID(arn, "app"), want.Code, want.Message)
		refused(t, d.RemoveClientID(arn, "app"), want.Code, want.Message)
		refused(t, d.UpdateThumbprints(arn, nil), want.Code, want.Message)
		refused(t, d.TagOpenIDProvider(arn, []Tag{{"a", "b"}}), want.Code, want.Message)
		refused(t, d.UntagOpenIDProvider(arn, []string{"a"}), want.Code, want.Message)
	}
}
