package sigv4

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"testing"
	"time"
)

const authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/iam/aws4_request, " +
	"SignedHeaders=host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"

// TestRefusals asks for AWS's words, for each thing that can be wrong.
func TestRefusals(t *testing.T) {
	const date = "X-Amz-Date: 20260102T030405Z\n"
	const iam = "Credential should be scoped to correct service: 'iam'. "
	auth := func(from, to string) string {
		if !strings.Contains(authorization, from) {
			t.Fatalf("%q is not in the header", from)
		}
		return date + "Authorization: " + strings.Replace(authorization, from, to, 1) + "\n"
	}
	query := "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fus-east-1%2Fiam%2Faws4_request" +
		"&X-Amz-Date=20260102T030405Z&X-Amz-SignedHeaders=host&X-Amz-Signature=" + strings.Repeat("0", 64)
	hashed := " (Hashed with SHA-256 and encoded with Base64) Authorization="
	for name, c := range map[string]struct {
		target, headers string
		later           time.Duration
		kind            Kind
		message         string // its beginning
	}{
		"none":      {"/", date, 0, Missing, "Request is missing Authentication Token"},
		"both":      {"/" + query, auth("", ""), 0, Incomplete, "Found both"},
		"two":       {"/", auth("", "") + auth("", ""), 0, Incomplete, "Found more than one 'Authorization'"},
		"two dates": {"/", auth("", "") + date, 0, Incomplete, "Found more than one 'X-Amz-Date'"},
		"two tokens": {"/", auth("", "") + "X-Amz-Security-Token: a\nX-Amz-Security-Token: b\n", 0, Incomplete,
			"Found more than one 'X-Amz-Security-Token'"},
		"bearer":    {"/", date + "Authorization: Bearer abc\n", 0, Incomplete, "Invalid key=value pair (missing equal-sign) in Authorization header (hashed"},
		"algorithm": {"/", auth("SHA256", "SHA512"), 0, Incomplete, "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'"},
		"empty": {"/", "Authorization: AWS4-HMAC-SHA256\n", 0, Incomplete,
			"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
				"Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header." + hashed},
		"no signature": {"/", auth("Signature=", "Signature=,"), 0, Incomplete, "Invalid key=value pair"},
		"no equals":    {"/", auth("Signature=", "Signature"), 0, Incomplete, "Invalid key=value pair"},
		"twice":        {"/", auth("Signature=", "Signature=0, Signature="), 0, Incomplete, "Authorization header has more than one 'Signature'"},
		"unknown":      {"/", auth("Signature=", "Colour=0, Signature="), 0, Incomplete, "Authorization header has an unknown parameter: 'Colour'"},
		"no date":      {"/", "Authorization: " + authorization + "\n", 0, Incomplete, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header." + hashed},
		"bad date": {"/", "X-Amz-Date: 2026-01-02\nAuthorization: " + authorization + "\n", 0, Incomplete,
			"Date must be in ISO-8601 'basic format'. Got '2026-01-02'. See http://en.wikipedia.org/wiki/ISO_8601"},
		"31 April": {"/", "X-Amz-Date: 20260431T000000Z\nAuthorization: " + authorization + "\n", 0, Incomplete, "Date must be"},
		"credential": {"/", auth("/iam", ""), 0, Incomplete,
			"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIDEXAMPLE/20260102/us-east-1/aws4_request'"},
		"six":       {"/", auth("/iam", "/iam/iam"), 0, Incomplete, "Credential must have exactly 5"},
		"order":     {"/", auth("host;x-amz-date", "x-amz-date;host"), 0, Incomplete, "'SignedHeaders' must be"},
		"case":      {"/", auth("host;x-amz-date", "Host;x-amz-date"), 0, Incomplete, "'SignedHeaders' must be"},
		"repeat":    {"/", auth("host;x-amz-date", "host;host;x-amz-date"), 0, Incomplete, "'SignedHeaders' must be"},
		"host":      {"/", auth("host;x-amz-date", "x-amz-date"), 0, Unsigned, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
		"amz date":  {"/", auth("host;x-amz-date", "host"), 0, Unsigned, "'x-amz-date' must be a 'SignedHeader' in the AWS Authorization."},
		"http date": {"/", "Date: Fri, 02 Jan 2026 03:04:05 GMT\nAuthorization: " + strings.Replace(authorization, ";x-amz-date", "", 1) + "\n", 0, Unsigned, "'date' must be"},
		"token":     {"/", auth("", "") + "X-Amz-Security-Token: stolen\n", 0, Unsigned, "'x-amz-security-token' must be a 'SignedHeader'"},
		"target":    {"/", auth("", "") + "x-AMZ-target: Other\n", 0, Unsigned, "'x-amz-target' must be a 'SignedHeader'"},
		"cloudfront": {"/", auth("", "") + "X-Amz-Cf-Id: 1\n", 0, Mismatch,
			"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."},
		"absent header": {"/", auth("host;x-amz-date", "host;x-amz-date;x-amz-target"), 0, Mismatch, "The request signature we"},
		"expired": {"/", auth("", ""), 16 * time.Minute, Expired,
			"Signature expired: 20260102T030405Z is now earlier than 20260102T030505Z (20260102T032005Z - 15 min.)"},
		"at the limit": {"/", auth("", ""), 15 * time.Minute, Mismatch, "The request"},
		"future": {"/", auth("", ""), -16 * time.Minute, NotYetCurrent,
			"Signature not yet current: 20260102T030405Z is still later than 20260102T030305Z (20260102T024805Z + 15 min.)"},
		"service":    {"/", auth("/iam/", "/sts/"), 0, Scope, iam},
		"region":     {"/", auth("us-east-1", "mars"), 0, Scope, "Credential should be scoped to a valid region. "},
		"terminator": {"/", auth("aws4_request", "aws5_request"), 0, Scope, "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. "},
		"day": {"/", auth("20260102", "20260103"), 0, Scope,
			"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260103' != '20260102', from '20260102T030405Z'."},
		"upper-case signature": {"/", auth("5d672d", "5D672D"), 0, Mismatch, "The request"},
		"short signature":      {"/", auth("5d672d", ""), 0, Mismatch, "The request"},
		"semicolon":            {"/?a;b", auth("", ""), 0, Malformed, "The query string holds a semicolon"},
		"escape":               {"/?a=%zz", auth("", ""), 0, Malformed, "The query string holds a broken % escape."},
		"params":               {"/?" + strings.Repeat("a&", 4097), auth("", ""), 0, Malformed, "The query string has more than 4096"},
		"presigned none":       {"/?X-Amz-Signature=1", "", 0, Incomplete, "AWS query-string parameters must include 'X-Amz-Algorithm'. AWS query-string parameters must include 'X-Amz-Credential'. "},
		"presigned hidden":     {"/?X%2DAmz%2dSignature=1", auth("", ""), 0, Incomplete, "Found both"},
		"presigned twice":      {"/" + query + "&X-Amz-%53ignature=1", "", 0, Incomplete, "AWS query-string parameters must include 'X-Amz-Signature' only once."},
		"presigned token":      {"/" + query, "X-Amz-Security-Token: a\n", 0, Incomplete, "A presigned request takes its 'X-Amz-Security-Token' from the query string"},
		"presigned expires":    {"/" + query + "&X-Amz-Expires=604801", "", 0, Incomplete, "X-Amz-Expires must be less than a week"},
		"presigned negative":   {"/" + query + "&X-Amz-Expires=-1", "", 0, Incomplete, "X-Amz-Expires should be a number"},
		"presigned late":       {"/" + query + "&X-Amz-Expires=604800", "", 16 * time.Minute, Expired, "Signature expired"},
		"presigned mismatch":   {"/" + query + "&X-Amz-Expires=60", "", 14 * time.Minute, Mismatch, "The request"},
	} {
		t.Run(name, func(t *testing.T) {
			r, body := wire(t, "GET "+c.target+" HTTP/1.1\r\nHost: iam.amazonaws.com\r\n"+strings.ReplaceAll(c.headers, "\n", "\r\n")+"\r\n")
			err := verify(r, body, signedAt.Add(c.later), Options{Service: "iam", Region: "us-east-1", DoubleEncode: true, NormalizePath: true})
			if err == nil {
				t.Fatal("verified")
			}
			if kindOf(err) != c.kind {
				t.Fatalf("kind %d, want %d: %v", kindOf(err), c.kind, err)
			}
			if e := err.(*Error); !strings.HasPrefix(e.Message, c.message) || e.Code == "" || e.Status < 400 {
				t.Fatalf("%d %s: %s", e.Status, e.Code, e.Message)
			}
			if strings.Contains(err.Error(), "5d672d79c15b13162d92") {
				t.Fatalf("repeats the signature: %v", err)
			}
		})
	}
}

func TestPayload(t *testing.T) {
	body := sha256.Sum256([]byte("a body"))
	for name, c := range map[string]struct {
		declared string
		signed   Options // the signer's
		opt      Options // the verifier's
		want     Kind
	}{
		"declared":         {"true", Options{}, Options{}, 0},
		"unsigned":         {UnsignedPayload, Options{AllowUnsigned: true}, Options{AllowUnsigned: true}, 0},
		"unsigned, denied": {UnsignedPayload, Options{AllowUnsigned: true}, Options{}, Payload},
	} {
		r, err := http.NewRequest("PUT", "https://example.com/key", strings.NewReader("a body"))
		if err != nil {
			t.Fatal(err)
		}
		if c.declared == "true" {
			c.declared = hexOf(body)
		}
		r.Header.Set("X-Amz-Content-Sha256", c.declared)
		c.signed.Service, c.signed.Region = "s3", "us-east-1"
		if err := Sign(r, body, Credentials{"AKIDEXAMPLE", exampleSecret, ""}, signedAt, c.signed); err != nil {
			t.Fatal(name, err)
		}
		got, hash, _ := sent(t, r)
		if err := verify(got, hash, signedAt, c.opt); kindOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
		if c.want != 0 || c.opt.AllowUnsigned {
			continue
		}
		hash[0] ^= 1
		if err := verify(got, hash, signedAt, c.opt); kindOf(err) != Payload {
			t.Errorf("%s, another body: %v", name, err)
		}
		got.Header.Set("X-Amz-Content-Sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
		if err := verify(got, hash, signedAt, c.opt); kindOf(err) != Payload {
			t.Errorf("%s, streaming: %v", name, err)
		}
	}
}

// TestExpires takes a presigned URL of a minute to services that heed that and
// to those that do not.
func TestExpires(t *testing.T) {
	body := sha256.Sum256(nil)
	opt := Options{Service: "s3", Region: "us-east-1"}
	r, err := http.NewRequest("GET", "https://example.com/?b=1&&a=x+y", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := Presign(r, body, Credentials{"AKIDEXAMPLE", exampleSecret, "t"}, time.Minute, signedAt, opt); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		later, most time.Duration
		want        Kind
	}{
		{time.Minute, time.Hour, 0}, {61 * time.Second, time.Hour, Expired}, {31 * time.Second, 30 * time.Second, Expired},
		{61 * time.Second, 0, 0}, {901 * time.Second, 0, Expired}, {-901 * time.Second, time.Hour, NotYetCurrent},
	} {
		opt.MaxExpires = c.most
		if err := verify(r, body, signedAt.Add(c.later), opt); kindOf(err) != c.want {
			t.Errorf("%v: %v", c, err)
		}
	}
	if err := Presign(r, body, Credentials{"AKIDEXAMPLE", exampleSecret, ""}, time.Minute, signedAt, opt); err == nil {
		t.Error("presigned twice")
	}
}

// TestRegions: where any region will do it must still have the form of one,
// whoever signed.
func TestRegions(t *testing.T) {
	for region, want := range map[string]Kind{
		"us-east-1": 0, "eu-isoe-west-1": 0, "local": 0, strings.Repeat("a", 64): 0,
		"x:999999999999:y": Scope, "*": Scope, "us-east-?": Scope, "US-EAST-1": Scope, "us_east_1": Scope, "${aws:username}": Scope,
		strings.Repeat("a", 65): Scope,
	} {
		r, err := http.NewRequest("GET", "https://example.com/", nil)
		if err != nil {
			t.Fatal(err)
		}
		body := sha256.Sum256(nil)
		if err := Sign(r, body, Credentials{"AKIDEXAMPLE", exampleSecret, ""}, signedAt, Options{Service: "s3", Region: region}); err != nil {
			t.Fatal(region, err)
		}
		err = verify(r, body, signedAt, Options{})
		if kindOf(err) != want || err != nil && err.Error() != "SignatureDoesNotMatch: Credential should be scoped to a valid region. " {
			t.Errorf("%s: %v", region, err)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	good := Credentials{"AKIDEXAMPLE", exampleSecret, ""}
	for name, c := range map[string]struct {
		cred    Credentials
		expires time.Duration
		opt     Options
	}{
		"no secret":   {Credentials{"AKIDEXAMPLE", "", ""}, time.Minute, Options{Service: "s3", Region: "r"}},
		"slash":       {Credentials{"AKID/EXAMPLE", "x", ""}, time.Minute, Options{Service: "s3", Region: "r"}},
		"no region":   {good, time.Minute, Options{Service: "s3"}},
		"no expiry":   {good, 0, Options{Service: "s3", Region: "r"}},
		"half second": {good, 1500 * time.Millisecond, Options{Service: "s3", Region: "r"}},
	} {
		r, err := http.NewRequest("GET", "https://example.com/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := Presign(r, sha256.Sum256(nil), c.cred, c.expires, signedAt, c.opt); err == nil || isPresigned(r.URL.RawQuery) {
			t.Errorf("%s: %v %s", name, err, r.URL)
		}
	}
}
