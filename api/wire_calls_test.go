package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// answered is what a call on the wire was answered. An error has a code.
type answered struct {
	action        string
	code, message string
	body          string
}

// find gives the text of the first element of this name, or nothing.
func (a answered) find(name string) string {
	decoder := xml.NewDecoder(strings.NewReader(a.body))
	for {
		token, err := decoder.Token()
		if err != nil {
			return ""
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == name {
			var text string
			if decoder.DecodeElement(&text, &start) != nil {
				return ""
			}
			return text
		}
	}
}

// versions are those of the services that speak the query protocol.
var versions = map[string]string{"iam": "2010-05-08", "sts": "2011-06-15"}

// onWire makes a call of the query protocol without the SDK's own checks: "iam" or
// "sts", the action, then wire names and values in turn.
func onWire(t *testing.T, c *clients, service, action string, in ...string) answered {
	t.Helper()
	return onWireAt(t, time.Now(), c, service, action, in...)
}

// onWireAt is onWire by another clock.
func onWireAt(t *testing.T, now time.Time, c *clients, service, action string, in ...string) answered {
	t.Helper()
	opt := c.IAM.Options()
	key, err := opt.Credentials.Retrieve(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"Action": {action}, "Version": {versions[service]}}
	for i := 0; i < len(in); i += 2 {
		form.Set(in[i], in[i+1])
	}
	body := form.Encode()
	r, err := http.NewRequest(http.MethodPost, aws.ToString(opt.BaseEndpoint)+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	hash := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(context.Background(), key, r, hex.EncodeToString(hash[:]), service, "us-east-1", now); err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := answered{action: action, body: string(text)}
	if answer.StatusCode != http.StatusOK {
		if out.code, out.message = out.find("Code"), out.find("Message"); out.code == "" {
			t.Fatalf("%s: %s: %s", action, answer.Status, text)
		}
	}
	return out
}
