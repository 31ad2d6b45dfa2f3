package api_test

import (
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"iamd/sigv4"
)

// TestJSONRefusals: what is no call of the awsJson protocol is refused in its
// words, whoever sends it.
func TestJSONRefusals(t *testing.T) {
	w := newWorld(t)
	first := w.server.FirstStart()
	key := sigv4.Credentials{KeyID: first.AccessKeyID, Secret: first.SecretAccessKey}
	const target, media = "AWSOrganizationsV20161128.DescribeOrganization", "application/x-amz-json-1.1"
	type call struct {
		method, query, body, target, media, service string
		unsigned, twice                             bool
	}
	for name, c := range map[string]struct {
		in      call
		status  int
		code    string
		message string
	}{
		"served":            {call{body: "{}"}, 400, "AWSOrganizationsNotInUseException", "Your account is not a member of an organization."},
		"no body":           {call{}, 400, "AWSOrganizationsNotInUseException", ""},
		"unsigned":          {call{body: "{}", unsigned: true}, 403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
		"another scope":     {call{body: "{}", service: "iam"}, 403, "InvalidSignatureException", "Credential should be scoped to correct service: 'organizations'. "},
		"another target":    {call{body: "{}", target: "DynamoDB_20120810.ListTables"}, 400, "UnknownOperationException", ""},
		"an unknown action": {call{body: "{}", target: "AWSOrganizationsV20161128.Nonsense"}, 400, "UnknownOperationException", ""},
		"two targets":       {call{body: "{}", twice: true}, 400, "UnknownOperationException", ""},
		"parameters":        {call{body: "{}", query: "?Action=ListUsers"}, 400, "UnknownOperationException", ""},
		"GET":               {call{method: http.MethodGet}, 405, "MethodNotAllowed", ""},
		"a form":            {call{body: "Action=ListUsers", media: "application/x-www-form-urlencoded"}, 415, "UnsupportedMediaTypeException", ""},
		"broken JSON":       {call{body: `{"a":`}, 400, "SerializationException", ""},
		"a wrong type":      {call{body: `{"MaxResults":"many"}`, target: "AWSOrganizationsV20161128.ListAccounts"}, 400, "SerializationException", ""},
		"twice a member":    {call{body: `{"MaxResults":1,"MaxResults":2}`, target: "AWSOrganizationsV20161128.ListAccounts"}, 400, "SerializationException", ""},
		"too large":         {call{body: `{"a":"` + strings.Repeat("a", 1<<20) + `"}`}, 413, "RequestEntityTooLargeException", ""},
	} {
		if c.in.method == "" {
			c.in.method = http.MethodPost
		}
		if c.in.target == "" {
			c.in.target = target
		}
		if c.in.media == "" {
			c.in.media = media
		}
		if c.in.service == "" {
			c.in.service = "organizations"
		}
		r, err := http.NewRequest(c.in.method, w.url+"/"+c.in.query, strings.NewReader(c.in.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", c.in.media)
		r.Header.Set("X-Amz-Target", c.in.target)
		if c.in.twice {
			r.Header.Add("X-Amz-Target", "AWSOrganizationsV20161128.ListRoots")
		}
		if !c.in.unsigned {
			if err := sigv4.Sign(r, sha256.Sum256([]byte(c.in.body)), key, time.Now(), sigv4.Options{Service: c.in.service, Region: "us-east-1", DoubleEncode: true}); err != nil {
				t.Fatal(err)
			}
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(name, err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		var got struct {
			Type    string `json:"__type"`
			Message string
		}
		if err != nil || json.Unmarshal(body, &got) != nil {
			t.Errorf("%s: %s, %v", name, body, err)
		}
		if answer.StatusCode != c.status || got.Type != c.code || !strings.Contains(got.Message, c.message) {
			t.Errorf("%s: %d %s, want %d %s %s", name, answer.StatusCode, body, c.status, c.code, c.message)
		}
		if answer.Header.Get("Content-Type") != media || answer.Header.Get("X-Amzn-Requestid") == "" {
			t.Errorf("%s: headers %v", name, answer.Header)
		}
	}
}
