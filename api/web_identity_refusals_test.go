package api_test

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/go-jose/go-jose/v4"
)

const (
	notAJWT     = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
	notGood     = "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements."
	noKey       = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
	invalid     = "InvalidIdentityToken"
	notAllowed  = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
	badTime     = "Invalid timestamp in token claims."
	badTags     = "principal_tags passed in claim is not in correct format."
	notListed   = "The target role ARN is not present in the roles claim of the identity token"
	noAuthority = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"
)

// TestWebIdentityClaims are refusals for what a good signature is under.
func TestWebIdentityClaims(t *testing.T) {
	w, i, root, role := newWebWorld(t)
	now := claimsOf("", nil)["iat"].(int64)
	const tags = "https://aws.amazon.com/tags"
	missing := func(claim string) string { return "Missing a required claim: " + claim }
	for name, c := range map[string]struct {
		with    map[string]any
		message string
	}{
		"no issuer":                {map[string]any{"iss": nil}, missing("iss")},
		"no subject":               {map[string]any{"sub": nil}, missing("sub")},
		"no audience":              {map[string]any{"aud": nil}, missing("aud")},
		"no birth":                 {map[string]any{"iat": nil}, missing("iat")},
		"no end":                   {map[string]any{"exp": nil}, missing("exp")},
		"no audience but a party":  {map[string]any{"aud": nil, "azp": "app"}, missing("aud")},
		"another audience":         {map[string]any{"aud": "another"}, notGood},
		"an audience in capitals":  {map[string]any{"aud": "APP"}, notGood},
		"an empty audience":        {map[string]any{"aud": ""}, notGood},
		"an audience of numbers":   {map[string]any{"aud": []int{1}}, notGood},
		"no audience in the list":  {map[string]any{"aud": []string{}}, "Claim is not allowed to be empty: aud"},
		"two audiences":            {map[string]any{"aud": []string{"app", "app"}}, "Token audience contains more than one audience while authorized party is not present"},
		"another party":            {map[string]any{"azp": "another"}, notGood},
		"an empty party":           {map[string]any{"azp": ""}, notGood},
		"a party in a list":        {map[string]any{"azp": []string{"app"}}, notGood},
		"a subject in a list":      {map[string]any{"sub": []string{"me"}}, notGood},
		"an issuer that is an org": {map[string]any{"iss": map[string]string{}}, notGood},
		"born later":               {map[string]any{"iat": now + 3600}, fmt.Sprintf("Token issued in the future: %d", now+3600)},
		"a birth in halves":        {map[string]any{"iat": 1.5}, badTime},
		"an end in words":          {map[string]any{"exp": "never"}, badTime},
		"an end beyond numbers":    {map[string]any{"exp": 1e300}, badTime},
		"a beginning of nothing":   {map[string]any{"nbf": []int{}}, badTime},
		"another slash":            {map[string]any{"iss": issuerURL + "/"}, "No OpenIDConnect provider found in your account for " + issuerURL + "/"},
		"another letter":           {map[string]any{"iss": "https://ID.example.com"}, "No OpenIDConnect provider found in your account for https://ID.example.com"},
		"no https":                 {map[string]any{"iss": "http://id.example.com"}, "No OpenIDConnect provider found in your account for http://id.example.com"},
		"no scheme":                {map[string]any{"iss": "id.example.com"}, "No OpenIDConnect provider found in your account for id.example.com"},
		"nobody's issuer":          {map[string]any{"iss": "https://x.example.com"}, "No OpenIDConnect provider found in your account for https://x.example.com"},
		"a long issuer":            {map[string]any{"iss": "https://" + strings.Repeat("x", 900)}, "No OpenIDConnect provider found in your account for https://" + strings.Repeat("x", 120) + "..."},
		"tags that are texts":      {map[string]any{tags: map[string]any{"principal_tags": map[string]string{"team": "blue"}}}, badTags},
		"tags of two values":       {map[string]any{tags: map[string]any{"principal_tags": map[string][]string{"team": {"a", "b"}}}}, badTags},
		"tags of no value":         {map[string]any{tags: map[string]any{"principal_tags": map[string][]string{"team": {}}}}, badTags},
		"a tag in two places":      {map[string]any{tags: map[string]any{"principal_tags": map[string][]string{"team": {"a"}}}, tags + "/principal_tags/team": "b"}, badTags},
		"no tags":                  {map[string]any{tags: 7}, badTags},
		"a flat tag of a list":     {map[string]any{tags + "/principal_tags/team": []string{"b"}}, badTags},
		"transitive keys as text":  {map[string]any{tags: map[string]any{"transitive_tag_keys": "team"}}, "transitive_tag_keys passed in claim is not in correct format."},
		"a source in a list":       {map[string]any{"https://aws.amazon.com/source_identity": []string{"a"}}, notGood},
		"another role":             {map[string]any{"https://aws.amazon.com/roles": []string{role + "x", "webber", "*"}}, notListed},
		"no role":                  {map[string]any{"https://aws.amazon.com/roles": []string{}}, notListed},
		"roles of nothing":         {map[string]any{"https://aws.amazon.com/roles": map[string]string{}}, notListed},
	} {
		_, err := w.webIdentity(t, webCall(role, i.token(t, issuerURL, c.with)))
		refusedAs(t, name, err, invalid, c.message)
	}
	for name, c := range map[string]struct {
		with                map[string]any
		code, before, after string
	}{
		"expired": {map[string]any{"exp": now - 301}, "ExpiredTokenException", "Token expired: current date/time ", fmt.Sprintf(" must be before the expiration date/time %d", now-301)},
		"to come": {map[string]any{"nbf": now + 3600}, invalid, "Token not yet valid: current date/time ", fmt.Sprintf(" must be after or equal to the not-before date/time %d", now+3600)},
	} {
		_, err := w.webIdentity(t, webCall(role, i.token(t, issuerURL, c.with)))
		code, message := apiError(err)
		if code != c.code || !strings.HasPrefix(message, c.before) || !strings.HasSuffix(message, c.after) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]map[string]any{
		"a tag key of AWS":      {tags: map[string]any{"principal_tags": map[string][]string{"aws:x": {"a"}}}},
		"a tag key of no sort":  {tags: map[string]any{"principal_tags": map[string][]string{"a<b": {"a"}}}},
		"a source of no sort":   {"https://aws.amazon.com/source_identity": "a b"},
		"a source of nothing":   {"https://aws.amazon.com/source_identity": ""},
		"a tag value too long":  {tags: map[string]any{"principal_tags": map[string][]string{"a": {strings.Repeat("x", 257)}}}},
		"a transitive stranger": {tags: map[string]any{"principal_tags": map[string][]string{"a": {"b"}}, "transitive_tag_keys": []string{"c"}}},
	} {
		all := trustsWeb(t, root, "all-"+strings.ReplaceAll(name, " ", "-"), "arn:aws:iam::"+root.Account+":oidc-provider/"+issuerName,
			letIn, statement{Effect: "Allow", Action: "sts:TagSession"}, statement{Effect: "Allow", Action: "sts:SetSourceIdentity"})
		if _, err := w.webIdentity(t, webCall(all, i.token(t, issuerURL, c))); err == nil {
			t.Errorf("%s is let in", name)
		}
	}
}

// TestWebIdentityForged are tokens that nobody signed who may.
func TestWebIdentityForged(t *testing.T) {
	w, i, root, role := newWebWorld(t)
	good := i.token(t, issuerURL, nil)
	piece := strings.Split(good, ".")
	payload := func(text string) []byte { return []byte(text) }
	strangers := signingKeys(t)
	kid := func(id string) map[jose.HeaderKey]any { return map[jose.HeaderKey]any{"kid": id} }
	claims, err := jose.ParseSignedCompact(good, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	body := claims.UnsafePayloadWithoutVerification()
	der, err := x509.MarshalPKIXPublicKey(i.keys["rsa"].Public())
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	twice := strings.Replace(string(body), `"aud":"app"`, `"aud":"another","aud":"app"`, 1)
	inside := strings.Replace(string(body), `"aud":"app"`, `"aud":"app","https://aws.amazon.com/tags":{"principal_tags":{"team":["a"],"team":["b"]}}`, 1)
	var packed bytes.Buffer
	z, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = z.Write(body) // to memory
	_ = z.Close()
	encrypter, err := jose.NewEncrypter(jose.A128GCM, jose.Recipient{Algorithm: jose.RSA_OAEP, Key: i.keys["rsa"].Public()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	encrypted, err := encrypter.Encrypt([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	jwe, err := encrypted.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ token, message string }{
		"an access token":         {"ya29.a0AfH6SMBx", notAJWT},
		"words":                   {"not a token", notAJWT},
		"four letters":            {"a.b.", notAJWT},
		"no signature":            {piece[0] + "." + piece[1] + ".", notGood},
		"another signature":       {good[:len(good)-6] + "AAAAAA", notGood},
		"another payload":         {piece[0] + "." + part(strings.Replace(string(body), "me", "you", 1)) + "." + piece[2], notGood},
		"a padded part":           {piece[0] + "=." + piece[1] + "." + piece[2], notAJWT},
		"white space":             {piece[0] + ". " + piece[1] + "." + piece[2], notAJWT},
		"a stranger's key":        {signedBy(t, strangers["rsa"], jose.RS256, kid("rsa"), body), notGood},
		"algorithm none":          {part(`{"alg":"none","kid":"rsa"}`) + "." + piece[1] + ".", notAJWT},
		"algorithm None":          {part(`{"alg":"None","kid":"rsa"}`) + "." + piece[1] + "." + piece[2], notAJWT},
		"no algorithm":            {part(`{"kid":"rsa"}`) + "." + piece[1] + "." + piece[2], notAJWT},
		"the public key, secret":  {signedBy(t, public, jose.HS256, kid("rsa"), body), notAJWT},
		"PSS":                     {signedBy(t, i.keys["rsa"], jose.PS256, kid("rsa"), body), notAJWT},
		"RSA said to be a curve":  {part(`{"alg":"ES256","kid":"rsa"}`) + "." + piece[1] + "." + piece[2], noKey},
		"a curve said to be RSA":  {part(`{"alg":"RS256","kid":"ES256"}`) + "." + piece[1] + "." + piece[2], noKey},
		"one curve for another":   {part(`{"alg":"ES256","kid":"ES384"}`) + "." + piece[1] + "." + piece[2], noKey},
		"another key's name":      {signedBy(t, i.keys["ES256"], jose.ES256, kid("ES512"), body), noKey},
		"another hash":            {part(`{"alg":"RS512","kid":"rsa"}`) + "." + piece[1] + "." + piece[2], notGood},
		"nobody's key":            {signedBy(t, i.keys["rsa"], jose.RS256, kid("unknown"), body), noKey},
		"a name like a path":      {signedBy(t, i.keys["rsa"], jose.RS256, kid("../../rsa"), body), noKey},
		"no key's name":           {signedBy(t, i.keys["rsa"], jose.RS256, nil, body), noKey},
		"an empty name":           {signedBy(t, i.keys["rsa"], jose.RS256, kid(""), body), noKey},
		"a key of its own":        {signedBy(t, strangers["rsa"], jose.RS256, map[jose.HeaderKey]any{"kid": "rsa", "jwk": jose.JSONWebKey{Key: strangers["rsa"].Public()}}, body), notGood},
		"a key elsewhere":         {signedBy(t, strangers["rsa"], jose.RS256, map[jose.HeaderKey]any{"kid": "rsa", "jku": "https://evil.example.com/keys"}, body), notGood},
		"a critical header":       {signedBy(t, i.keys["rsa"], jose.RS256, map[jose.HeaderKey]any{"kid": "rsa", "crit": []string{"x"}, "x": 1}, body), notAJWT},
		"an unencoded payload":    {part(`{"alg":"RS256","kid":"rsa","b64":false}`) + "." + piece[1] + "." + piece[2], notAJWT},
		"a compressed one":        {signedBy(t, i.keys["rsa"], jose.RS256, map[jose.HeaderKey]any{"kid": "rsa", "zip": "DEF"}, packed.Bytes()), notAJWT},
		"an encrypted one":        {jwe, notAJWT},
		"a header with twins":     {part(`{"alg":"RS256","kid":"rsa","kid":"ES256"}`) + "." + piece[1] + "." + piece[2], notAJWT},
		"claims with twins":       {signedBy(t, i.keys["rsa"], jose.RS256, kid("rsa"), payload(twice)), notAJWT},
		"tags with twins":         {signedBy(t, i.keys["rsa"], jose.RS256, kid("rsa"), payload(inside)), badTags},
		"claims in a list":        {signedBy(t, i.keys["rsa"], jose.RS256, kid("rsa"), payload("["+string(body)+"]")), notAJWT},
		"claims and more":         {signedBy(t, i.keys["rsa"], jose.RS256, kid("rsa"), payload(string(body)+"{}")), notAJWT},
		"claims that break off":   {signedBy(t, i.keys["rsa"], jose.RS256, kid("rsa"), body[:len(body)-1]), notAJWT},
		"no text":                 {signedBy(t, i.keys["rsa"], jose.RS256, kid("rsa"), payload(strings.Replace(string(body), "me", "\xff\xfe", 1))), notAJWT},
		"a token in JSON":         {claims.FullSerialize(), notAJWT},
		"claims in other letters": {signedBy(t, i.keys["rsa"], jose.RS256, kid("rsa"), payload(strings.Replace(string(body), `"sub"`, `"SUB"`, 1))), "Missing a required claim: sub"},
	} {
		_, err := w.webIdentity(t, webCall(role, c.token))
		refusedAs(t, name, err, invalid, c.message)
	}
	same(t, "asked elsewhere", i.times("evil.example.com/keys"), 0)
	_, err = w.webIdentity(t, webCall(role, good+strings.Repeat("A", 20000)))
	wantError(t, "a huge one", err, "ValidationError", "Value at 'webIdentityToken' failed to satisfy constraint: Member must have length less than or equal to 20000")
	_, err = w.webIdentity(t, webCall("arn:aws:iam::"+root.Account+":user/webber", good))
	refusedAs(t, "no role's ARN", err, "ValidationError", "arn:aws:iam::"+root.Account+":user/webber is invalid")
	if _, err := w.webIdentity(t, webCall(role, good)); err != nil {
		t.Errorf("after all that: %v", err)
	}
}

// TestWebIdentityTrust: whom a provider vouches for, the trust policy may still
// refuse; another account's provider is none of this one's.
func TestWebIdentityTrust(t *testing.T) {
	w, i, root, role := newWebWorld(t)
	provider := "arn:aws:iam::" + root.Account + ":oidc-provider/" + issuerName
	when := func(name string, condition map[string]map[string]string, principal string) string {
		s := letIn
		s.Condition = condition
		return trustsWeb(t, root, name, principal, s)
	}
	other := w.account(t)
	provides(t, other, "elsewhere.example.com")
	for name, c := range map[string]struct {
		role    string
		with    map[string]any
		message string
	}{
		"another subject":        {when("sub", map[string]map[string]string{"StringEquals": {issuerName + ":sub": "you"}}, provider), nil, notAllowed},
		"another audience":       {when("aud", map[string]map[string]string{"StringEquals": {issuerName + ":aud": "x"}}, provider), nil, notAllowed},
		"the aud that is no azp": {when("oaud", map[string]map[string]string{"StringEquals": {issuerName + ":aud": "x"}}, provider), map[string]any{"aud": "x", "azp": "app"}, notAllowed},
		"another issuer's key":   {when("foreign", map[string]map[string]string{"StringEquals": {"elsewhere.example.com:sub": "me"}}, provider), nil, notAllowed},
		"not authorized by it":   {when("idp", map[string]map[string]string{"Bool": {"sts:RoleAuthorizedByIdp": "true"}}, provider), nil, notAllowed},
		"another provider":       {when("other", nil, "arn:aws:iam::"+root.Account+":oidc-provider/other.example.com"), nil, notAllowed},
		"another account's":      {when("theirs", nil, "arn:aws:iam::"+other.Account+":oidc-provider/"+issuerName), nil, notAllowed},
		"the name alone":         {when("named", nil, "accounts.google.com"), nil, notAllowed},
		"no such role":           {role + "x", nil, notAllowed},
		"another letter's role":  {strings.Replace(role, "webber", "Webber", 1), nil, notAllowed},
		"a source":               {role, map[string]any{"https://aws.amazon.com/source_identity": "Ann"}, "Not authorized to perform sts:SetSourceIdentity"},
		"tags":                   {role, map[string]any{"https://aws.amazon.com/tags": map[string]any{"principal_tags": map[string][]string{"a": {"b"}}}}, "Not authorized to perform sts:TagSession"},
	} {
		_, err := w.webIdentity(t, webCall(c.role, i.token(t, issuerURL, c.with)))
		refusedAs(t, name, err, "AccessDenied", c.message)
	}
	for name, number := range map[string]string{"an account without it": other.Account, "no account": "999999999999"} {
		_, err := w.webIdentity(t, webCall("arn:aws:iam::"+number+":role/webber", i.token(t, issuerURL, nil)))
		refusedAs(t, name, err, invalid, "No OpenIDConnect provider found in your account for "+issuerURL)
	}
	_, err := w.webIdentity(t, webCall(role, i.token(t, "https://elsewhere.example.com", nil)))
	refusedAs(t, "another account's provider", err, invalid, "No OpenIDConnect provider found in your account for https://elsewhere.example.com")

	long := webCall(role, i.token(t, issuerURL, nil))
	long.DurationSeconds = aws.Int32(7201)
	_, err = w.webIdentity(t, long)
	refusedAs(t, "for long", err, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	long.DurationSeconds, long.Policy = nil, aws.String("{}")
	_, err = w.webIdentity(t, long)
	wantError(t, "a bad policy", err, "MalformedPolicyDocument", "")
	long.Policy, long.PolicyArns = nil, []types.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::aws:policy/None")}}
	_, err = w.webIdentity(t, long)
	refusedAs(t, "no such policy", err, "InvalidParameterValue", "Policy arn:aws:iam::aws:policy/None does not exist or is not attachable.")
	noise := make([]byte, 4000)
	_, _ = rand.Read(noise) // never fails
	_, err = w.webIdentity(t, webCall(role, i.token(t, issuerURL, map[string]any{"sub": hex.EncodeToString(noise)})))
	wantError(t, "a subject of 8,000 letters", err, "PackedPolicyTooLarge", "Packed policy consumes ")
	for id, want := range map[string][3]string{
		"www.amazon.com":      {"eyJ", invalid, "Provided Token is not a Login With Amazon token"},
		"www.amazon.com ":     {"eyJ", "AccessDenied", notAllowed},
		"graph.facebook.com":  {"EAAB", "IDPRejectedClaim", "graph.facebook.com: access tokens of this provider can't be verified by this server"},
		"accounts.google.com": {"eyJ", "AccessDenied", notAllowed},
	} {
		in := webCall(role, want[0]+i.token(t, issuerURL, nil))
		in.ProviderId = aws.String(id)
		_, err := w.webIdentity(t, in)
		refusedAs(t, id, err, want[1], want[2])
	}
	amazon := webCall(role, "Atza|IQEBLjAsAhRFiXuWpUXuRvQ9PZL3GMFcYevydwIUFAHZwXZXX")
	amazon.ProviderId = aws.String("www.amazon.com")
	_, err = w.webIdentity(t, amazon)
	refusedAs(t, "Login with Amazon", err, "IDPRejectedClaim", "www.amazon.com: access tokens of this provider can't be verified by this server")
	_, err = w.unsigned(root.Account).STS.AssumeRole(t.Context(), nil)
	if err == nil {
		t.Error("AssumeRole without a signature")
	}
}

// TestWebIdentityIssuers are issuers that do not say as they should which keys
// they sign with.
func TestWebIdentityIssuers(t *testing.T) {
	w, i, root, _ := newWebWorld(t)
	text := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	to := func(url string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, url, http.StatusFound) }
	}
	says := func(host, keys string) http.HandlerFunc {
		return text(http.StatusOK, `{"issuer":"https://`+host+`","jwks_uri":"`+keys+`"}`)
	}
	for host, c := range map[string]struct {
		discovery, keys http.HandlerFunc
		message         string
	}{
		"away.example.com":     {nil, nil, noKey},
		"gone.example.com":     {text(http.StatusNotFound, "no"), nil, noKey},
		"words.example.com":    {text(http.StatusOK, "no"), nil, noKey},
		"liar.example.com":     {says("other.example.com", "https://liar.example.com/keys"), nil, noKey},
		"slash.example.com":    {says("slash.example.com/", "https://slash.example.com/keys"), nil, noKey},
		"inward.example.com":   {to("https://169.254.169.254/latest/meta-data"), nil, noKey},
		"onward.example.com":   {to("https://id.example.com/.well-known/openid-configuration"), nil, noKey},
		"keys-in.example.com":  {says("keys-in.example.com", "https://169.254.169.254/keys"), nil, noKey},
		"plain.example.com":    {says("plain.example.com", "http://plain.example.com/keys"), nil, noKey},
		"file.example.com":     {says("file.example.com", "file:///etc/passwd"), nil, noKey},
		"port.example.com":     {says("port.example.com", "https://port.example.com:8443/keys"), nil, noKey},
		"user.example.com":     {says("user.example.com", "https://a:b@user.example.com/keys"), nil, noKey},
		"nowhere.example.com":  {says("nowhere.example.com", ""), nil, noKey},
		"turn.example.com":     {nil, to("https://id.example.com/keys"), noKey},
		"empty.example.com":    {nil, text(http.StatusOK, `{"keys":[]}`), noKey},
		"list.example.com":     {nil, text(http.StatusOK, `[]`), noKey},
		"broken.example.com":   {nil, text(http.StatusInternalServerError, `{"keys":[]}`), noKey},
		"large.example.com":    {nil, text(http.StatusOK, `{"keys":[],"x":"`+strings.Repeat("x", 10<<20)+`"}`), noKey},
		"long.example.com":     {text(http.StatusOK, `{"issuer":"https://long.example.com","x":"`+strings.Repeat("x", 10<<20)+`"}`), nil, noKey},
		"ours.example.com":     {says("ours.example.com", "https://id.example.com/keys"), nil, ""}, // another host's, as Google has it
		"half.example.com":     {says("half.example.com", "https://x.example.net/keys"), nil, noAuthority},
		"mine.example.net":     {nil, nil, noAuthority},
		"path.example.com/a/b": {nil, nil, ""},
		"tail.example.com/a/":  {says("tail.example.com/a/", "https://tail.example.com/keys"), nil, ""},
	} {
		name, _, _ := strings.Cut(host, "/")
		if c.discovery != nil {
			i.when(strings.TrimSuffix(host, "/")+"/.well-known/openid-configuration", c.discovery)
		}
		if c.keys != nil {
			i.when(name+"/keys", c.keys)
		}
		role := trustsWeb(t, root, strings.NewReplacer(".", "-", "/", "_").Replace(host), provides(t, root, host), letIn)
		_, err := w.webIdentity(t, webCall(role, i.token(t, "https://"+host, nil)))
		if c.message == "" {
			if err != nil {
				t.Errorf("%s: %v", host, err)
			}
			continue
		}
		refusedAs(t, host, err, invalid, c.message)
	}
	same(t, "sent elsewhere", i.times("id.example.com/.well-known/openid-configuration"), 0)
}

// TestWebIdentitySlowIssuer: an issuer that does not answer holds up nobody else,
// and one account's are not asked without end.
func TestWebIdentitySlowIssuer(t *testing.T) {
	w, i, root, role := newWebWorld(t)
	release, reached := make(chan struct{}), make(chan string, 16)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	const slow = 4
	for n := range slow + 1 {
		host := fmt.Sprintf("slow%d.example.com", n)
		i.when(host+"/keys", func(w http.ResponseWriter, r *http.Request) {
			reached <- r.Host
			<-release
			i.answer(w, i.keySet())
		})
		slowRole := trustsWeb(t, root, fmt.Sprintf("slow%d", n), provides(t, root, host), letIn)
		token := i.token(t, "https://"+host, nil)
		if n == slow {
			_, err := w.webIdentity(t, webCall(slowRole, token))
			refusedAs(t, "one too many", err, "IDPCommunicationError", "Too many identity providers are being asked for their keys. Try again.")
			break
		}
		go func() {
			_, _ = w.unsigned("").STS.AssumeRoleWithWebIdentity(ctx, webCall(slowRole, token))
			done <- struct{}{}
		}()
		<-reached
	}
	other := w.account(t)
	if _, err := w.webIdentity(t, webCall(trustsWeb(t, other, "webber", provides(t, other, issuerName), letIn), i.token(t, issuerURL, nil))); err != nil {
		t.Errorf("another account: %v", err)
	}
	// What another account's provider made known is no reason to ask again.
	if _, err := w.webIdentity(t, webCall(role, i.token(t, issuerURL, nil))); err != nil {
		t.Errorf("the same issuer: %v", err)
	}
	if _, err := root.IAM.ListUsers(t.Context(), &iam.ListUsersInput{}); err != nil {
		t.Error(err)
	}
	cancel()
	for range slow {
		<-done // who asked is gone before the issuer answers
	}
	close(release)
}

// TestWebIdentityElsewhere: by itself a server calls no loopback address and none
// of a link, whoever registers it.
func TestWebIdentityElsewhere(t *testing.T) {
	w, i := newWorld(t), newOpenIDIssuer(t)
	root := w.account(t)
	for n, host := range []string{"127.0.0.1", "169.254.169.254", "0.0.0.0"} {
		role := trustsWeb(t, root, fmt.Sprint("inward", n), provides(t, root, host, i.thumbprint), letIn)
		_, err := w.webIdentity(t, webCall(role, i.token(t, "https://"+host, nil)))
		refusedAs(t, host, err, invalid, noKey)
	}
}
