package guard

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"iamd/iam"
	"iamd/policy"
)

const (
	// messageLength is the length of every message before it is sealed, in bytes.
	// Encoded it has some 3,400 characters: it goes into a header, and many a proxy
	// gives all headers of an answer no more than 4 KB.
	messageLength = 2500
	// messageLife is how long a message can be decoded; AWS says only that
	// messages expire.
	messageLife = 7 * 24 * time.Hour
	// maxMessageText bounds what a caller chose in a message, in bytes.
	maxMessageText = 256
)

// message is what is sealed: short, as all of it has to fit.
type message struct {
	Made      int64      `json:"t"` // seconds since 1970
	Explicit  bool       `json:"x,omitempty"`
	ID        string     `json:"i"`
	Name      string     `json:"n,omitempty"`
	ARN       string     `json:"a"`
	UniqueID  string     `json:"u"`
	Action    string     `json:"c"`
	Resource  string     `json:"r"`
	Keys      [][]string `json:"k"` // each a name and its values
	Statement *said      `json:"s,omitempty"`
	Omitted   string     `json:"o,omitempty"`
}

// said is the statement that denied.
type said struct {
	SID                                                               string     `json:"s,omitempty"`
	Action, NotAction, Resource, NotResource, Principal, NotPrincipal []string   `json:",omitempty"`
	Condition                                                         [][]string `json:",omitempty"`
}

// Message gives the encoded authorization message of a denial, which
// DecodeMessage explains to those who may know. It tells the others nothing but
// that there was a denial: it is sealed, and as long whatever it says. Of another
// account's resource it tells no more than the denial's sentence: nothing of its
// policies, tags, owner and organization. Empty when the guard has no seal, and
// for a caller without an account to decode it in.
func (g *Guard) Message(t *Trace) string {
	if g.cfg.Seal == nil || t == nil || t.Principal.Account == "" {
		return ""
	}
	m := message{
		Made: g.cfg.Now().Unix(), Explicit: t.Explicit, ID: t.Principal.ID, Name: t.Principal.Name, ARN: t.Principal.ARN,
		UniqueID: t.Principal.UniqueID, Action: t.Action, Resource: t.Resource, Statement: t.statement(),
	}
	if t.CrossAccount {
		m.Resource = t.named
	}
	m.Resource = shorten(m.Resource, 2*maxMessageText)
	for _, k := range t.Context {
		if t.CrossAccount && ofResource(k.Key) {
			continue
		}
		key := append(make([]string, 0, 1+len(k.Values)), k.Key)
		for _, v := range k.Values {
			key = append(key, shorten(v, maxMessageText))
		}
		m.Keys = append(m.Keys, key)
	}
	return base64.RawURLEncoding.EncodeToString(g.cfg.Seal(t.Principal.Account, m.fit(messageLength)))
}

// ofResource tells whether a condition key says something of the resource that
// the request does not.
func ofResource(key string) bool {
	name, _, _ := strings.Cut(policy.FoldKey(key), "/")
	return strings.HasPrefix(name, "aws:resource") || strings.HasSuffix(name, ":resourcetag")
}

// fit writes the message in exactly so many bytes, with white space at its end.
// What does not fit is left out, values of condition keys first, the longest
// before the others.
func (m *message) fit(room int) []byte {
	plain := marshal(m)
	if len(plain) > room {
		m.Omitted = "values of condition keys"
		m.shed(len(marshal(m)) - room)
		plain = marshal(m)
	}
	if len(plain) > room {
		m.Keys, m.Omitted = nil, "condition keys"
		plain = marshal(m)
	}
	if len(plain) > room {
		m.Statement, m.Omitted = nil, "condition keys and the statement"
		plain = marshal(m)
	}
	if len(plain) > room {
		m.Resource, m.Omitted = "", "condition keys, the statement and the resource"
		plain = marshal(m)
	}
	for len(plain) < room {
		plain = append(plain, ' ')
	}
	return plain
}

// shed leaves out values of condition keys, of at least so many bytes together
// if there are.
func (m *message) shed(over int) {
	type values struct{ key, length int }
	longest := make([]values, len(m.Keys))
	for i, k := range m.Keys {
		longest[i] = values{i, len(marshal(k[1:])) - len("[]")}
	}
	slices.SortStableFunc(longest, func(a, b values) int { return b.length - a.length })
	for _, v := range longest {
		if over <= 0 {
			return
		}
		over -= v.length
		m.Keys[v.key] = m.Keys[v.key][:1]
	}
}

// marshal writes JSON as short as it goes.
func marshal(v any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("guard: " + err.Error()) // texts, numbers and truths
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// statement reads the statement that denied out of its document; nil when none
// did, or where the document is not known.
func (t *Trace) statement() *said {
	if t.denied == nil || t.denied.text == "" || t.Statement < 0 {
		return nil
	}
	doc, err := policy.Parse([]byte(t.denied.text))
	if err != nil || t.Statement >= len(doc.Statements) || doc.Statements[t.Statement].Effect == "Allow" {
		return nil
	}
	s := &doc.Statements[t.Statement]
	out := &said{
		SID: s.SID, Action: s.Action, NotAction: s.NotAction, Resource: s.Resource, NotResource: s.NotResource,
		Principal: named(s.Principal), NotPrincipal: named(s.NotPrincipal),
	}
	for _, c := range s.Condition {
		out.Condition = append(out.Condition, append([]string{c.Key}, c.Values...))
	}
	return out
}

func named(p *policy.Principals) (list []string) {
	if p == nil {
		return nil
	}
	if p.Everyone {
		return []string{"*"}
	}
	for _, n := range p.Named {
		list = append(list, n.Value)
	}
	return list
}

// shorten cuts a text to so many bytes.
func shorten(s string, most int) string {
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// DecodeMessage explains an encoded message to a caller of an account, in the
// JSON that AWS documents. InvalidAuthorizationMessageException for whatever was
// not made here for this very account, or too long ago.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
func (g *Guard) DecodeMessage(account, encoded string) (string, error) {
	if g.cfg.Unseal == nil {
		return "", invalidMessage(nil)
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || strings.ContainsAny(encoded, "\r\n") { // which base64 would pass over
		return "", invalidMessage(err)
	}
	plain, err := g.cfg.Unseal(account, sealed)
	if err != nil {
		return "", invalidMessage(err)
	}
	var m message
	if err := json.Unmarshal(plain, &m); err != nil {
		return "", invalidMessage(err)
	}
	if g.cfg.Now().Sub(time.Unix(m.Made, 0)) > messageLife {
		return "", invalidMessage(nil)
	}
	return m.decoded(), nil
}

// invalidMessage is one refusal for all that does not open, so that nobody
// learns from it. The text is believed to be AWS's; its documents have none.
func invalidMessage(err error) error {
	return &iam.Error{Code: iam.CodeInvalidAuthorizationMessage, Message: "Message is not valid", Err: err}
}
