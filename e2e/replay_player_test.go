package e2e_test

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

// player makes the calls of one scenario, on the wire, as a user who may do
// everything: the recorded calls were such a user's, and the root user may not
// assume roles.
type player struct {
	url     string
	account string
	began   time.Time
	key     aws.Credentials
	session aws.Credentials
	values  map[string]string // placeholder, without <>, → value
}

// versions are those of the query APIs.
var versions = map[string]string{"iam": "2010-05-08", "sts": "2011-06-15"}

func newPlayer(t *testing.T, w *world) *player {
	t.Helper()
	id, root := w.account(t, "replay")
	caller, _ := user(t, w.url, root, "replaying")
	putUserPolicy(t, root, "replaying", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	return &player{
		url: w.url, account: id, key: caller.key, began: time.Now().Truncate(time.Second),
		values: map[string]string{"partition": "aws", "region": region, "path": "/path-of-its-own/", "path:1": "/replayed/", "path-prefix": "prefix"},
	}
}

// prepare makes a call whose answer was not recorded.
func (p *player) prepare(t *testing.T, a turn) {
	t.Helper()
	status, root := p.call(t, a)
	if status != http.StatusOK {
		t.Fatalf("%s: %d %s", a.action, status, root)
	}
	p.keep(a, root)
}

// replay makes a call and tells where the answer is not the recorded one.
func (p *player) replay(t *testing.T, a turn, want recordedStep) []difference {
	t.Helper()
	status, root := p.call(t, a)
	p.keep(a, root)
	c := comparison{player: p}
	if status != want.Status {
		c.differ("", "HTTP status %d, recorded %d: %s", status, want.Status, root)
		return c.found
	}
	members := want.Answer.(map[string]any)
	name := a.action[strings.IndexByte(a.action, ':')+1:]
	if _, failed := members["Error"]; failed {
		c.envelope(root, "ErrorResponse", "Error", "RequestId")
		c.object("", members, root.only("Error"))
		return c.found
	}
	c.envelope(root, name+"Response", name+"Result", "ResponseMetadata")
	switch result := root.child(name + "Result"); {
	case result != nil:
		c.object("", members, result)
	case len(members) > 0:
		c.differ("", "no %sResult", name)
	}
	return c.found
}

// call makes a signed call and gives the status and the answer.
func (p *player) call(t *testing.T, a turn) (status int, root *element) {
	t.Helper()
	service, name, _ := strings.Cut(a.action, ":")
	form := url.Values{"Action": {name}, "Version": {versions[service]}}
	for i := 0; i < len(a.in); i += 2 {
		form.Set(a.in[i], p.fill(a.in[i+1]))
	}
	body := form.Encode()
	r, err := http.NewRequest(http.MethodPost, p.url+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	key, hash := p.key, sha256.Sum256([]byte(body))
	if a.session {
		key = p.session
	}
	if err := v4.NewSigner().SignHTTP(context.Background(), key, r, hex.EncodeToString(hash[:]), service, region, time.Now()); err != nil {
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
	root = new(element)
	if err := xml.Unmarshal(text, root); err != nil {
		t.Fatalf("%s: %v: %s", a.action, err, text)
	}
	return answer.StatusCode, root
}

// keep remembers the credentials of an assumed role.
func (p *player) keep(a turn, root *element) {
	if a.action != "sts:AssumeRole" {
		return
	}
	if c := root.only("AssumeRoleResult").only("Credentials"); c.child("AccessKeyId") != nil {
		p.session = aws.Credentials{
			AccessKeyID: c.only("AccessKeyId").Text, SecretAccessKey: c.only("SecretAccessKey").Text, SessionToken: c.only("SessionToken").Text,
		}
	}
}

// recordedAccount stands in the recordings for the account's number.
const recordedAccount = "111111111111"

// fill puts values for the placeholders of a request.
func (p *player) fill(text string) string {
	text = strings.ReplaceAll(text, recordedAccount, p.account)
	return placeholder.ReplaceAllStringFunc(text, func(m string) string {
		name := m[1 : len(m)-1]
		if _, ok := p.values[name]; !ok {
			p.values[name] = "replayed-" + strings.ReplaceAll(name, ":", "-")
		}
		return p.values[name]
	})
}

// element is any XML element. Text is what stands in one without children.
type element struct {
	XMLName  xml.Name
	Text     string    `xml:",chardata"`
	Children []element `xml:",any"`
}

func (e *element) child(name string) *element {
	for i := range e.Children {
		if e.Children[i].XMLName.Local == name {
			return &e.Children[i]
		}
	}
	return nil
}

// only gives an element with nothing but this child; with nothing at all when
// there is none, which no recorded answer equals.
func (e *element) only(name string) *element {
	if c := e.child(name); c != nil {
		return c
	}
	return &element{}
}

func (e *element) String() string {
	if len(e.Children) == 0 {
		return e.XMLName.Local + "=" + e.Text
	}
	parts := []string{}
	for i := range e.Children {
		parts = append(parts, e.Children[i].String())
	}
	return e.XMLName.Local + "{" + strings.Join(parts, " ") + "}"
}
