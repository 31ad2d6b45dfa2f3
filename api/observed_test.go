package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// observed holds what is answered against what AWS was seen to answer, in
// September 2026. Calls go out as they are written, without the SDK's own checks.
// Ids have names, <policy1> being the first policy that an answer showed.
type observed struct {
	t     *testing.T
	names map[string]string // by what they stand for
	real  map[string]string
	made  map[string]int
}

func newObserved(t *testing.T, names map[string]string) *observed {
	r := &observed{t: t, names: map[string]string{}, real: map[string]string{}, made: map[string]int{}}
	for name, id := range names {
		r.name(name, id)
	}
	return r
}

func (r *observed) name(name, id string) { r.names[id], r.real["<"+name+">"] = "<"+name+">", id }

var (
	anID       = regexp.MustCompile(`\b(p|rp|ou|h|car)-[a-z0-9][a-z0-9-]{7,31}\b`)
	aName      = regexp.MustCompile(`<[a-z0-9]+>`)
	kindsOfIDs = map[string]string{"p": "policy", "rp": "delegation", "ou": "unit", "h": "handshake", "car": "request"}
)

// call is an answer: JSON, or an exception's code, reason and text.
func (r *observed) call(by *clients, action, in string) string {
	r.t.Helper()
	status, body := organizationsOnWire(r.t, by, action, r.actual(in))
	var answer map[string]any
	if err := json.Unmarshal(body, &answer); err != nil {
		r.t.Fatalf("%s: %d %s", action, status, body)
	}
	if status != http.StatusOK {
		if status != http.StatusBadRequest {
			r.t.Errorf("%s: status %d", action, status)
		}
		text := fmt.Sprint(answer["__type"], ": ", answer["Message"])
		if reason, ok := answer["Reason"]; ok {
			text = fmt.Sprint(answer["__type"], " ", reason, ": ", answer["Message"])
		}
		return text
	}
	shown, err := json.Marshal(r.plain(answer, ""))
	if err != nil {
		r.t.Fatal(err)
	}
	return readable(string(shown))
}

// actual is a text with ids for their names.
func (r *observed) actual(text string) string {
	return aName.ReplaceAllStringFunc(text, func(name string) string {
		if id, ok := r.real[name]; ok {
			return id
		}
		return name
	})
}

// plain gives ids their names and takes away what time it is.
func (r *observed) plain(v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		for k, sub := range v {
			v[k] = r.plain(sub, k)
		}
	case []any:
		for i, sub := range v {
			v[i] = r.plain(sub, key)
		}
	case float64:
		if strings.HasSuffix(key, "Timestamp") {
			return 0
		}
	case string:
		if key == "NextToken" {
			return "a token"
		}
		s := anID.ReplaceAllStringFunc(v, func(id string) string {
			name, known := r.names[id]
			if !known {
				kind := kindsOfIDs[id[:strings.Index(id, "-")]]
				r.made[kind]++
				r.name(fmt.Sprint(kind, r.made[kind]), id)
				name = r.names[id]
			}
			return name
		})
		for id, name := range r.names {
			s = strings.ReplaceAll(s, id, name)
		}
		return s
	}
	return v
}

// readable is JSON with < and > as they are.
func readable(text string) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(text)
}

// a call, and what it was answered. "" is an answer without members.
type exchange struct{ action, in, want string }

func (r *observed) hold(by *clients, list ...exchange) {
	r.t.Helper()
	for _, e := range list {
		want := e.want
		if want == "" {
			want = "{}"
		}
		if got := r.call(by, e.action, e.in); got != want {
			r.t.Errorf("%s %s\n got %s\nwant %s", e.action, clipped(e.in), got, want)
		}
	}
}

func clipped(s string) string {
	if len(s) > 300 {
		return s[:300] + "…"
	}
	return s
}

func organizationsOnWire(t *testing.T, c *clients, action, in string) (status int, body []byte) {
	t.Helper()
	opt := c.Organizations.Options()
	key, err := opt.Credentials.Retrieve(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, aws.ToString(opt.BaseEndpoint)+"/", strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSOrganizationsV20161128."+action)
	hash := sha256.Sum256([]byte(in))
	if err := v4.NewSigner().SignHTTP(context.Background(), key, r, hex.EncodeToString(hash[:]), "organizations", "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err = io.ReadAll(answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, body
}

// What refusals say; those that begin with a colon have a reason of their own.
const (
	toldDenied   = "AccessDeniedException: You don't have permissions to access this resource."
	toldPattern  = ": You provided a value that does not match the required pattern."
	toldRequired = ": You must provide a value for the parameter."
	toldShort    = ": You provided a string parameter that is shorter than allowed."
	toldLong     = ": You provided a string that exceeds that maximum length."
	toldToken    = "InvalidInputException INVALID_NEXT_TOKEN: You specified an invalid value for nextToken. You must get the value from the response to a previous call to the API."
	toldBelow    = "InvalidInputException MIN_VALUE_EXCEEDED:MAX_RESULTS: You provided a value that is below the minimum allowed."
	toldAbove    = "InvalidInputException MAX_VALUE_EXCEEDED:MAX_RESULTS: You provided a value that exceeds the maximum allowed."
	toldDocument = "MalformedPolicyDocumentException: The provided policy document does not meet the requirements of the specified policy type."
)
