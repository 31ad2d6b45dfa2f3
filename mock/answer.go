package mock

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// answer is a response of the document, made ready.
type answer struct {
	key        string // as the document has it: "200", "2XX", "default"
	status     int
	extensions map[string]any
	headers    [][2]string
	media      []*media // the one that answers who asks for none stands first
}

// media is what an answer's body is in one media type.
type media struct {
	name     string
	json     bool
	example  any
	has      bool
	examples map[string]any
	made     func() ([]byte, error)
}

// addAnswers makes the responses ready, and finds the one for success: the
// lowest 2xx, else "default", else the lowest 3xx.
func (op *operation) addAnswers(responses *openapi3.Responses) error {
	all := responses.Map()
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if all[key] == nil || all[key].Value == nil {
			return fmt.Errorf("response %s is empty", key)
		}
		a := &answer{key: key, extensions: all[key].Value.Extensions}
		switch {
		case key == "default":
			a.status = http.StatusOK
		case len(key) == 3 && strings.EqualFold(key[1:], "XX"):
			a.status, _ = strconv.Atoi(key[:1] + "00")
		default:
			a.status, _ = strconv.Atoi(key)
		}
		if a.status < 100 || a.status > 599 {
			return fmt.Errorf("response %q is no status", key)
		}
		if a.status < 200 {
			continue // those that come before the answer
		}
		a.addHeaders(all[key].Value.Headers)
		a.addMedia(op.document.rules, all[key].Value.Content)
		op.answers = append(op.answers, a)
	}
	slices.SortStableFunc(op.answers, func(a, b *answer) int { return cmp.Compare(a.rank(), b.rank()) })
	if len(op.answers) > 0 && op.answers[0].rank() < 400 {
		op.success = op.answers[0]
	}
	return nil
}

// rank orders answers as success is looked for; "2XX" comes after its statuses.
func (a *answer) rank() int {
	switch n, err := strconv.Atoi(a.key); {
	case a.key == "default":
		return 300
	case err == nil && n >= 300:
		return n + 1
	case err == nil:
		return n
	case a.status >= 300:
		return a.status + 100
	default:
		return a.status + 99
	}
}

func (a *answer) addMedia(r rules, content openapi3.Content) {
	for _, name := range slices.Sorted(maps.Keys(content)) {
		if content[name] == nil {
			continue
		}
		m := newMedia(r, name, content[name])
		a.media = append(a.media, m)
	}
	slices.SortStableFunc(a.media, func(x, y *media) int {
		switch {
		case x.json == y.json:
			return 0
		case x.json:
			return -1
		default:
			return 1
		}
	})
}

func newMedia(r rules, name string, in *openapi3.MediaType) *media {
	m := &media{name: name, examples: map[string]any{}}
	kind, _, err := mime.ParseMediaType(name)
	if err != nil {
		kind = strings.ToLower(strings.TrimSpace(name))
	}
	if m.json = isJSON(kind); m.json && strings.Contains(kind, "*") {
		m.name = "application/json"
	} else if strings.Contains(kind, "*") {
		m.name = "application/octet-stream"
	}
	var schema *openapi3.Schema
	if in.Schema != nil {
		schema = in.Schema.Value
	}
	for _, key := range slices.Sorted(maps.Keys(in.Examples)) {
		if e := in.Examples[key]; e != nil && e.Value != nil && e.Value.Value != nil {
			m.examples[key] = e.Value.Value
			if !m.has {
				m.example, m.has = e.Value.Value, true
			}
		}
	}
	switch {
	case in.Example != nil:
		m.example, m.has = in.Example, true
	case m.has || schema == nil:
	case schema.Example != nil:
		m.example, m.has = schema.Example, true
	case len(schema.Examples) > 0:
		m.example, m.has = schema.Examples[0], true
	}
	// Most answers are never asked for, and each is the same every time.
	m.made = sync.OnceValues(func() ([]byte, error) {
		if schema == nil {
			return nil, nil
		}
		v, err := r.make(schema)
		if err != nil {
			return nil, err
		}
		return m.encode(v)
	})
	return m
}

// encode writes a value in the media type.
func (m *media) encode(v any) ([]byte, error) {
	if m.json {
		return encode(v), nil
	}
	switch v.(type) {
	case map[string]any, []any:
		return nil, fmt.Errorf("the document has no text for an answer of %s", m.name)
	default:
		return []byte(text(v)), nil
	}
}

// encode writes a sandbox case's response: JSON, unless the answer is declared
// as something else and the response is its text.
func (a *answer) encode(v any) (body []byte, isText bool) {
	if s, ok := v.(string); ok && a != nil && len(a.media) > 0 && !a.media[0].json {
		return []byte(s), true
	}
	return encode(v), false
}

// choose gives the media type that the client asks for by name, else the first.
func (a *answer) choose(accept []string) *media {
	if len(a.media) == 0 {
		return nil
	}
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		name, _, _ := strings.Cut(part, ";")
		for _, m := range a.media {
			declared, _, _ := strings.Cut(m.name, ";")
			if strings.EqualFold(strings.TrimSpace(name), declared) {
				return m
			}
		}
	}
	return a.media[0]
}

// answer sends an example, or what can be made.
func (op *operation) answer(w http.ResponseWriter, r *http.Request, want preference, withheld []string) *fault {
	a := op.success
	if want.status != 0 {
		if i := slices.IndexFunc(op.answers, func(a *answer) bool { return a.status == want.status }); i >= 0 {
			a = op.answers[i]
			w.Header().Set("Preference-Applied", "code="+strconv.Itoa(want.status))
		}
	}
	if a == nil {
		return unmade("It has no response for success.")
	}
	m := a.choose(r.Header.Values("Accept"))
	if m == nil || bodiless(a.status) {
		a.head(w.Header())
		send(w, a.status, "", nil)
		return nil
	}
	body, err := m.body(want.example)
	if first := a.media[0]; err != nil && m != first {
		m = first // what is asked for can't be made
		body, err = m.body(want.example)
	}
	if err != nil {
		w.Header().Del("Preference-Applied")
		return unmade(fmt.Sprintf("Its response %s: %v; an example in the document would be sent.", a.key, err))
	}
	if !m.json && len(withheld) > 0 {
		w.Header().Del("Preference-Applied")
		return unheld(withheld, m.name)
	}
	a.head(w.Header())
	send(w, a.status, m.name, without(body, withheld))
	return nil
}

func (m *media) body(example string) ([]byte, error) {
	if v, ok := m.examples[example]; ok {
		return m.encode(v)
	}
	if m.has {
		return m.encode(m.example)
	}
	body, err := m.made()
	if err != nil {
		return nil, err
	}
	if body == nil && m.json {
		return nil, errors.New("it has neither a schema nor an example")
	}
	return body, nil
}

// contentType is that of the answer's first media type.
func (a *answer) contentType() string {
	if a == nil || len(a.media) == 0 {
		return "application/json"
	}
	return a.media[0].name
}

func send(w http.ResponseWriter, status int, kind string, body []byte) {
	h := w.Header()
	if len(body) > 0 {
		h.Set("Content-Type", kind)
	}
	if !bodiless(status) {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(status)
	// A client that does not read its answer is no concern of ours.
	_, _ = w.Write(body)
}

// notOurs are headers that HTTP or the gateway sets.
var notOurs = []string{
	"Connection", "Content-Encoding", "Content-Length", "Content-Type", "Date", "Keep-Alive", "Set-Cookie", "Trailer",
	"Transfer-Encoding", "Upgrade", "X-Amzn-Ratelimit-Limit", "X-Amzn-Requestid",
}

// addHeaders finds the values that the document has for its headers: an example,
// a default, the one that is allowed, or for those it requires one that can be made.
func (a *answer) addHeaders(headers openapi3.Headers) {
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		key := http.CanonicalHeaderKey(name)
		if headers[name] == nil || headers[name].Value == nil || slices.Contains(notOurs, key) {
			continue
		}
		h := headers[name].Value
		v := h.Example
		for _, e := range slices.Sorted(maps.Keys(h.Examples)) {
			if ref := h.Examples[e]; v == nil && ref != nil && ref.Value != nil {
				v = ref.Value.Value
			}
		}
		if s := h.Schema; v == nil && s != nil && s.Value != nil {
			for _, known := range slices.Concat([]any{s.Value.Example}, s.Value.Examples, []any{s.Value.Default}, s.Value.Enum) {
				if v == nil {
					v = known
				}
			}
			if v == nil && h.Required {
				v, _ = rules{}.make(s.Value)
			}
		}
		if v != nil {
			a.headers = append(a.headers, [2]string{key, clip(text(v))})
		}
	}
}

// head writes the answer's own headers.
func (a *answer) head(h http.Header) {
	if a == nil {
		return
	}
	for _, f := range a.headers {
		h.Set(f[0], f[1])
	}
}
