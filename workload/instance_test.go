package workload_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"iamd/iam"
	"iamd/sts"
	"iamd/workload"
)

const (
	imds        = "http://169.254.169.254"
	tokenHeader = "X-aws-ec2-metadata-token"
	ttlHeader   = "X-aws-ec2-metadata-token-ttl-seconds"
)

func (w *world) metadata() *workload.Metadata {
	w.t.Helper()
	m, err := workload.NewMetadata(workload.Instance{Profile: profile, ID: id, Region: "eu-west-1"}, w.deps)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

func metadataToken(t *testing.T, m http.Handler, ttl string) string {
	t.Helper()
	a := ask(m, "PUT", imds+"/latest/api/token", ttlHeader, ttl)
	if a.Code != http.StatusOK || a.Header().Get(ttlHeader) != ttl || a.Header().Get("Content-Type") != "text/plain" {
		t.Fatalf("a token for %s: %d %s %v", ttl, a.Code, a.Body, a.Header())
	}
	return a.Body.String()
}

// TestInstanceKeys: the role in the instance profile, by the way that SDKs go, and
// condition keys that tell how its keys came.
func TestInstanceKeys(t *testing.T) {
	w := newWorld(t)
	m := w.metadata()
	token := metadataToken(t, m, "21600")
	get := func(path string) *httptest.ResponseRecorder {
		t.Helper()
		a := ask(m, "GET", imds+"/latest/"+path, tokenHeader, token)
		if a.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, a.Code, a.Body)
		}
		return a
	}
	if role := get("meta-data/iam/security-credentials/").Body.String(); role != "Worker" {
		t.Fatalf("the role %q", role)
	}
	a := get("meta-data/iam/security-credentials/Worker")
	var first struct{ Code, LastUpdated, Type, AccessKeyId, SecretAccessKey, Token, Expiration string }
	if err := json.Unmarshal(a.Body.Bytes(), &first); err != nil {
		t.Fatal(err)
	}
	if first.Code != "Success" || first.Type != "AWS-HMAC" || first.LastUpdated != "2026-11-01T12:00:00Z" || first.Expiration != "2026-11-01T18:00:00Z" {
		t.Errorf("%s", a.Body)
	}
	if a.Header().Get("Server") != "EC2ws" || a.Header().Get(ttlHeader) != "21600" {
		t.Errorf("%v", a.Header())
	}
	s := w.session(first.AccessKeyId, first.Token)
	if s.Kind != sts.AssumedRole || s.Name != id || s.Secret != first.SecretAccessKey {
		t.Errorf("%+v", s)
	}
	for condition, want := range map[string]bool{
		`{"NumericGreaterThanEquals":{"ec2:RoleDelivery":"2.0"}}`:                                                             true,
		`{"NumericLessThan":{"ec2:RoleDelivery":"2.0"}}`:                                                                      false,
		`{"ArnEquals":{"ec2:SourceInstanceARN":"arn:aws:ec2:eu-west-1:` + account + `:instance/` + id + `"}}`:                 true,
		`{"ArnEquals":{"ec2:SourceInstanceARN":"arn:aws:ec2:eu-west-1:` + account + `:instance/i-00000000000000000"}}`:        false,
		`{"StringLike":{"aws:userid":"*:` + id + `"},"ArnEquals":{"aws:PrincipalArn":"` + worker + `"}}`:                      true,
		`{"StringEquals":{"ec2:SourceInstanceARN":"${ec2:SourceInstanceARN}"},"Bool":{"aws:MultiFactorAuthPresent":"false"}}`: true,
	} {
		w.change(func(d *iam.Draft) error { return allow(d, "s3:ListAllMyBuckets", condition) })
		if got := w.may(s, "s3:ListAllMyBuckets"); got != want {
			t.Errorf("%s: %v", condition, got)
		}
	}
	w.pass(5*time.Hour + 45*time.Minute)
	if again := get("meta-data/iam/security-credentials/Worker").Body.String(); again != a.Body.String() {
		t.Errorf("a quarter of an hour before the end: %s", again)
	}
	w.pass(time.Minute)
	second := get("meta-data/iam/security-credentials/Worker").Body.String()
	if second == a.Body.String() || !strings.Contains(second, `"Expiration": "2026-11-01T23:46:00Z"`) || len(w.events) != 2 {
		t.Errorf("later: %s", second)
	}
	if e := string(w.events[1].AppendJSON(nil)); !strings.Contains(e, `"invokedBy":"ec2.amazonaws.com"`) || !strings.Contains(e, `"roleSessionName":"`+id+`"`) {
		t.Errorf("%s", e)
	}
}

// TestMetadataTree: what there is, with and without a slash at the end, and what
// there is not.
func TestMetadataTree(t *testing.T) {
	w := newWorld(t)
	m := w.metadata()
	token := metadataToken(t, m, "60")
	for path, want := range map[string]string{
		"/": "latest", "/latest": "dynamic\nmeta-data", "/latest/": "dynamic\nmeta-data",
		"/latest/meta-data": "iam/\ninstance-id\nplacement/\nservices/", "/latest/meta-data/iam/": "info\nsecurity-credentials/",
		"/latest/meta-data/iam/security-credentials": "Worker", "/latest/meta-data/instance-id": id,
		"/latest/meta-data/placement/": "availability-zone\nregion", "/latest/meta-data/placement/region": "eu-west-1",
		"/latest/meta-data/placement/availability-zone": "eu-west-1a", "/latest/meta-data/services/": "domain\npartition",
		"/latest/meta-data/services/domain": "amazonaws.com", "/latest/meta-data/services/partition": "aws",
		"/latest/dynamic/": "instance-identity/", "/latest/dynamic/instance-identity/": "document",
		"/latest/user-data": "", "/latest/meta-data/instance-id/": "", "/latest/meta-data/iam/info/": "", "/2016-09-02/meta-data/": "",
		"/latest/meta-data/iam/security-credentials/worker": "", "/latest/meta-data/iam/security-credentials/Worker/": "",
		"/latest/meta-data/iam/security-credentials/Other": "", "/latest/meta-data/iamx": "", "/latest//meta-data/": "",
		"/latest/meta-data/x/../instance-id": "", "/latest/meta-data%2Finstance-id": "",
	} {
		a := ask(m, "GET", imds+path, tokenHeader, token)
		if want == "" {
			if a.Code != http.StatusNotFound || !strings.Contains(a.Body.String(), "<h1>404 - Not Found</h1>") {
				t.Errorf("%s: %d %s", path, a.Code, a.Body)
			}
			continue
		}
		if a.Code != http.StatusOK || a.Body.String() != want {
			t.Errorf("%s: %d %q, want %q", path, a.Code, a.Body, want)
		}
		head := ask(m, "HEAD", imds+path, tokenHeader, token)
		if head.Code != http.StatusOK || head.Body.Len() != 0 || head.Header().Get("Content-Length") != strconv.Itoa(len(want)) {
			t.Errorf("HEAD %s: %d %v", path, head.Code, head.Header())
		}
	}
	var is map[string]any
	if err := json.Unmarshal(ask(m, "GET", imds+"/latest/dynamic/instance-identity/document", tokenHeader, token).Body.Bytes(), &is); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"accountId": account, "instanceId": id, "region": "eu-west-1", "availabilityZone": "eu-west-1a", "version": "2017-09-30",
		"pendingTime": "2026-11-01T12:00:00Z", "imageId": nil, "billingProducts": nil,
	} {
		if got, ok := is[key]; !ok || got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
}

// TestProfile: what the info document says when profile, role or trust are gone, in
// AWS's codes.
func TestProfile(t *testing.T) {
	w := newWorld(t)
	m := w.metadata()
	token := metadataToken(t, m, "3600")
	get := func(path string) (int, string) {
		a := ask(m, "GET", imds+"/latest/meta-data/iam"+path, tokenHeader, token)
		return a.Code, a.Body.String()
	}
	want := func(what, path string, status int, parts ...string) {
		t.Helper()
		got, body := get(path)
		for _, part := range parts {
			if got != status || !strings.Contains(body, part) {
				t.Errorf("%s, %s: %d %s; want %d with %s", what, path, got, body, status, part)
			}
		}
	}
	carried, err := w.account.InstanceProfile("Web")
	if err != nil {
		t.Fatal(err)
	}
	want("as it is", "/info", 200, `"Code": "Success"`, `"InstanceProfileArn": "`+profile+`"`, `"InstanceProfileId": "`+carried.ID+`"`)
	w.change(func(d *iam.Draft) error {
		return d.UpdateAssumeRolePolicy("Worker", trusting("ecs-tasks.amazonaws.com"))
	})
	want("without trust", "/security-credentials/", 200, "Worker")
	want("without trust", "/security-credentials/Worker", 200, `"Code": "AssumeRoleUnauthorizedAccess"`, `"Message": "EC2 cannot assume the role Worker. `)
	if len(w.events) != 1 || w.events[0].ErrorCode != "AccessDenied" {
		t.Errorf("%d events", len(w.events))
	}
	w.change(func(d *iam.Draft) error { return d.RemoveRoleFromInstanceProfile("Web", "Worker") })
	want("without a role", "/info", 200, `"Code": "Success"`, `"Message": "Instance Profile does not contain a role. `, `"InstanceProfileId": "`+carried.ID+`"`)
	want("without a role", "/", 200, "info")
	want("without a role", "/security-credentials/", 404, "404 - Not Found")
	want("without a role", "/security-credentials/Worker", 404, "404 - Not Found")
	w.change(func(d *iam.Draft) error { return d.DeleteInstanceProfile("Web") })
	want("without a profile", "/info", 200, `"Code": "InstanceProfileNotFound"`)
	want("without a profile", "/security-credentials/Worker", 404, "404 - Not Found")
	w.change(func(d *iam.Draft) error {
		_, err := d.CreateInstanceProfile("Web", "/other/", nil)
		return err
	})
	want("under another path", "/info", 200, `"Code": "InstanceProfileNotFound"`)
}

// TestMetadataRefusals: nothing is told without a token of version 2, to proxies, or
// under a stranger's name.
func TestMetadataRefusals(t *testing.T) {
	w := newWorld(t)
	m := w.metadata()
	token := metadataToken(t, m, "60")
	const asked, secret = imds + "/latest/api/token", imds + "/latest/meta-data/iam/security-credentials/Worker"
	for name, q := range map[string]struct {
		method, target string
		header         []string
		status         int
	}{
		"version 1":           {"GET", secret, nil, 401},
		"version 1, nothing":  {"GET", imds + "/nothing", nil, 401},
		"version 1, HEAD":     {"HEAD", secret, nil, 401},
		"in the query":        {"GET", secret + "?" + tokenHeader + "=" + token, nil, 401},
		"empty":               {"GET", secret, []string{tokenHeader, ""}, 401},
		"twice":               {"GET", secret, []string{tokenHeader, token, tokenHeader, token}, 401},
		"longer":              {"GET", secret, []string{tokenHeader, token + "A"}, 401},
		"shorter":             {"GET", secret, []string{tokenHeader, token[1:]}, 401},
		"huge":                {"GET", secret, []string{tokenHeader, strings.Repeat("A", 1<<20)}, 401},
		"no TTL":              {"PUT", asked, nil, 400},
		"TTL 0":               {"PUT", asked, []string{ttlHeader, "0"}, 400},
		"TTL 21601":           {"PUT", asked, []string{ttlHeader, "21601"}, 400},
		"TTL -1":              {"PUT", asked, []string{ttlHeader, "-1"}, 400},
		"TTL +60":             {"PUT", asked, []string{ttlHeader, "+60"}, 400},
		"TTL 1e3":             {"PUT", asked, []string{ttlHeader, "1e3"}, 400},
		"TTL huge":            {"PUT", asked, []string{ttlHeader, "18446744073709551676"}, 400},
		"two TTLs":            {"PUT", asked, []string{ttlHeader, "60", ttlHeader, "60"}, 400},
		"GET of a token":      {"GET", asked, []string{ttlHeader, "60"}, 405},
		"POST":                {"POST", asked, []string{ttlHeader, "60"}, 405},
		"DELETE":              {"DELETE", secret, []string{tokenHeader, token}, 405},
		"OPTIONS":             {"OPTIONS", asked, nil, 405},
		"CONNECT":             {"CONNECT", asked, nil, 405},
		"PUT elsewhere":       {"PUT", secret, []string{tokenHeader, token, ttlHeader, "60"}, 405},
		"another version":     {"PUT", imds + "/2021-01-03/api/token", []string{ttlHeader, "60"}, 403},
		"escaped":             {"PUT", imds + "/latest/api%2Ftoken", []string{ttlHeader, "60"}, 403},
		"forwarded":           {"PUT", asked, []string{ttlHeader, "60", "X-Forwarded-For", "192.0.2.1"}, 403},
		"forwarded, empty":    {"PUT", asked, []string{ttlHeader, "60", "X-Forwarded-For", ""}, 403},
		"forwarded GET":       {"GET", secret, []string{tokenHeader, token, "X-Forwarded-For", "192.0.2.1"}, 403},
		"rebinding":           {"PUT", asked, []string{ttlHeader, "60", "Host", "metadata.example.com"}, 403},
		"rebinding GET":       {"GET", secret, []string{tokenHeader, token, "Host", "169.254.169.254.example.com"}, 403},
		"rebinding, dot":      {"GET", secret, []string{tokenHeader, token, "Host", "example."}, 403},
		"rebinding, brackets": {"GET", secret, []string{tokenHeader, token, "Host", "[example.com]:80"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			a := ask(m, q.method, q.target, q.header...)
			title := "<title>" + strconv.Itoa(q.status) + " - " + http.StatusText(q.status) + "</title>"
			if a.Code != q.status || q.method != "HEAD" && !strings.Contains(a.Body.String(), title) || a.Header().Get("Location") != "" ||
				strings.Contains(a.Body.String(), "AccessKeyId") || a.Header().Get("Content-Type") != "text/html" {
				t.Errorf("%d %s; want %d", a.Code, a.Body, q.status)
			}
			if q.status == 405 && a.Header().Get("Allow") == "" {
				t.Error("no Allow")
			}
		})
	}
	if len(w.events) != 0 {
		t.Errorf("%d events: keys were issued", len(w.events))
	}
}

// TestMetadataTokens: each character of a token counts; one ends when it said, and
// with the process that made it.
func TestMetadataTokens(t *testing.T) {
	w := newWorld(t)
	m := w.metadata()
	token := metadataToken(t, m, "60")
	status := func(m http.Handler, token string) int {
		return ask(m, "GET", imds+"/latest/meta-data/instance-id", tokenHeader, token).Code
	}
	if metadataToken(t, m, "60") == token {
		t.Error("the same token twice")
	}
	if status(m, token) != http.StatusOK || status(w.metadata(), token) != http.StatusUnauthorized {
		t.Error("a token is good with its own process, and with it alone")
	}
	sealed, err := base64.URLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		for bit := range 8 {
			forged := append([]byte{}, sealed...)
			forged[i] ^= 1 << bit
			if got := status(m, base64.URLEncoding.EncodeToString(forged)); got != http.StatusUnauthorized {
				t.Errorf("bit %d of byte %d turned: %d", bit, i, got)
			}
		}
	}
	w.pass(59 * time.Second)
	if a := ask(m, "GET", imds+"/latest/meta-data/instance-id", tokenHeader, token); a.Code != http.StatusOK || a.Header().Get(ttlHeader) != "1" {
		t.Errorf("in its last second: %d %v", a.Code, a.Header())
	}
	w.pass(time.Second)
	if got := status(m, token); got != http.StatusUnauthorized {
		t.Errorf("after its end: %d", got)
	}
}

// FuzzMetadataToken: no text that did not come from here is a token.
func FuzzMetadataToken(f *testing.F) {
	w := newWorld(f)
	m, err := workload.NewMetadata(workload.Instance{Profile: profile}, w.deps)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("")
	f.Add(strings.Repeat("A", 64))
	f.Add(base64.URLEncoding.EncodeToString(make([]byte, 48)))
	f.Fuzz(func(t *testing.T, token string) {
		if got := ask(m, "GET", imds+"/latest/meta-data/instance-id", tokenHeader, token).Code; got != http.StatusUnauthorized {
			t.Errorf("%q: %d", token, got)
		}
	})
}

// TestInstanceConfiguration: what can't be meant is refused, by its key; what is not
// said is found.
func TestInstanceConfiguration(t *testing.T) {
	w := newWorld(t)
	for want, cfg := range map[string]workload.Instance{
		"instance_profile":  {Profile: worker},
		"instance_id":       {Profile: profile, ID: "i-1"},
		"region":            {Profile: profile, Region: "eu"},
		"availability_zone": {Profile: profile, Region: "eu-west-1", Zone: "us-east-1a"},
		"hop_limit":         {Profile: profile, HopLimit: 65},
	} {
		if _, err := workload.NewMetadata(cfg, w.deps); err == nil || !strings.HasPrefix(err.Error(), "workloads.instance."+want+": ") {
			t.Errorf("%s: %v", want, err)
		}
	}
	m, err := workload.NewMetadata(workload.Instance{Profile: profile}, w.deps)
	if err != nil {
		t.Fatal(err)
	}
	token := metadataToken(t, m, "60")
	get := func(path string) string {
		return ask(m, "GET", imds+"/latest/meta-data/"+path, tokenHeader, token).Body.String()
	}
	if got := get("instance-id"); len(got) != 19 || !strings.HasPrefix(got, "i-") {
		t.Errorf("id %s", got)
	}
	if got := get("placement/availability-zone"); got != "us-east-1a" {
		t.Errorf("zone %s", got)
	}
}
