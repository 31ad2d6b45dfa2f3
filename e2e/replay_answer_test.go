package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// placeholder is a value that varies, as the recordings write it.
var placeholder = regexp.MustCompile(`<[a-z-]+(?::\d+)?>`)

// kinds are the rules for what varies, by the placeholder's name without its
// number. What is in no rule is a name that the test chose.
var kinds = map[string]*regexp.Regexp{
	"role-id":                        regexp.MustCompile(`^AROA[A-Z0-9]{17}$`),
	"user-id":                        regexp.MustCompile(`^AIDA[A-Z0-9]{17}$`),
	"policy-id":                      regexp.MustCompile(`^ANPA[A-Z0-9]{17}$`),
	"service-specific-credential-id": regexp.MustCompile(`^ACCA[A-Z0-9]{17}$`),
	"access-key-id":                  regexp.MustCompile(`^ASIA[A-Z0-9]{16}$`),
	"secret-access-key":              regexp.MustCompile(`^[A-Za-z0-9+/]{40}$`),
	"session-token":                  regexp.MustCompile(`^[A-Za-z0-9+/=]{100,}$`),
	"service-password":               regexp.MustCompile(`^[A-Za-z0-9+/]{59}=$`),
	"uuid":                           regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`),
}

// comparison holds an answer against the recorded one.
type comparison struct {
	*player
	found []difference
}

// difference is a place where they are not equal; path is "Role.Tags.0.Key", or
// empty for the answer as a whole.
type difference struct{ path, what string }

func (d difference) String() string { return d.path + ": " + d.what }

func (c *comparison) differ(path, format string, args ...any) {
	c.found = append(c.found, difference{path, fmt.Sprintf(format, args...)})
}

// envelope holds the names of what is around an answer: nothing but the two
// children, of which the first may be missing.
func (c *comparison) envelope(root *element, name, result, metadata string) {
	if root.XMLName.Local != name {
		c.differ("", "the answer is a %s, not a %s", root.XMLName.Local, name)
	}
	for i := range root.Children {
		if n := root.Children[i].XMLName.Local; n != result && n != metadata {
			c.differ("", "%s has a %s", name, n)
		}
	}
	if root.child(metadata) == nil {
		c.differ("", "%s has no %s", name, metadata)
	}
}

// value holds one value. The recorded one says its type.
func (c *comparison) value(path string, want any, got *element) {
	switch want := want.(type) {
	case map[string]any:
		c.object(path, want, got)
	case []any:
		if len(got.Children) != len(want) || strings.TrimSpace(got.Text) != "" && len(want) == 0 {
			c.differ(path, "%d members, recorded %d: %s", len(got.Children), len(want), got)
			return
		}
		for i := range want {
			if n := got.Children[i].XMLName.Local; n != "member" {
				c.differ(path, "a list with a %s", n)
			}
			c.value(fmt.Sprintf("%s.%d", path, i), want[i], &got.Children[i])
		}
	default:
		if len(got.Children) > 0 {
			c.differ(path, "%s, recorded %v", got, want)
			return
		}
		c.text(path, fmt.Sprint(want), got.Text)
	}
}

// object holds members: the same names, each once. Policy documents were
// recorded decoded.
func (c *comparison) object(path string, want map[string]any, got *element) {
	if got.XMLName.Local == "Error" && path == "" {
		want = want["Error"].(map[string]any)
	}
	seen := map[string]bool{}
	for i := range got.Children {
		child := &got.Children[i]
		name := child.XMLName.Local
		at := strings.TrimPrefix(path+"."+name, ".")
		w, ok := want[name]
		switch document, isObject := w.(map[string]any); {
		case !ok:
			c.differ(at, "is there, and was not recorded: %s", child)
		case seen[name]:
			c.differ(at, "stands twice")
		case isObject && strings.HasSuffix(name, "PolicyDocument"):
			c.document(at, document, child.Text)
		default:
			c.value(at, w, child)
		}
		seen[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !seen[name] {
			c.differ(strings.TrimPrefix(path+"."+name, "."), "is missing; recorded %v", want[name])
		}
	}
	if strings.TrimSpace(got.Text) != "" {
		c.differ(path, "text among members: %q", got.Text)
	}
}

// document holds a policy document, which comes percent-encoded.
func (c *comparison) document(path string, want map[string]any, got string) {
	plain, err := url.PathUnescape(got)
	if err != nil {
		c.differ(path, "not percent-encoded: %v", err)
		return
	}
	if strings.ContainsAny(got, `{}[]" :/+`) {
		c.differ(path, "has bytes that are reserved: %s", got)
	}
	var have any
	decoder := json.NewDecoder(strings.NewReader(plain))
	decoder.UseNumber()
	if err := decoder.Decode(&have); err != nil {
		c.differ(path, "%v: %s", err, plain)
		return
	}
	c.json(path, want, have)
}

func (c *comparison) json(path string, want, have any) {
	switch want := want.(type) {
	case map[string]any:
		h, ok := have.(map[string]any)
		if !ok || !slices.Equal(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(h))) {
			c.differ(path, "%v, recorded %v", have, want)
			return
		}
		for k := range want {
			c.json(path+"."+k, want[k], h[k])
		}
	case []any:
		h, ok := have.([]any)
		if !ok || len(h) != len(want) {
			c.differ(path, "%v, recorded %v", have, want)
			return
		}
		for i := range want {
			c.json(fmt.Sprintf("%s.%d", path, i), want[i], h[i])
		}
	case string:
		h, ok := have.(string)
		if !ok {
			c.differ(path, "%v, recorded %v", have, want)
			return
		}
		c.text(path, want, h)
	default:
		if have != want {
			c.differ(path, "%v, recorded %v", have, want)
		}
	}
}

// text holds a text with placeholders. Those that are known must have their
// value; the others get what stands there, if their rule allows it and no other
// placeholder of their kind has it.
func (c *comparison) text(path, want, got string) {
	if want == "<datetime>" {
		c.time(path, got)
		return
	}
	want = strings.ReplaceAll(want, recordedAccount, c.account)
	pattern, fresh, rest := "", []string{}, want
	for rest != "" {
		at := placeholder.FindStringIndex(rest)
		if at == nil {
			pattern += regexp.QuoteMeta(rest)
			break
		}
		name := rest[at[0]+1 : at[1]-1]
		pattern += regexp.QuoteMeta(rest[:at[0]])
		if value, ok := c.values[name]; ok {
			pattern += regexp.QuoteMeta(value)
		} else {
			pattern += "(.+)"
			fresh = append(fresh, name)
		}
		rest = rest[at[1]:]
	}
	match := regexp.MustCompile(`(?s)^` + pattern + `$`).FindStringSubmatch(got)
	if match == nil {
		c.differ(path, "%q, recorded %q", got, want)
		return
	}
	for i, name := range fresh {
		kind, _, _ := strings.Cut(name, ":")
		rule, ok := kinds[kind]
		if !ok || !rule.MatchString(match[i+1]) {
			c.differ(path, "%q is no %s", match[i+1], kind)
		}
		for other, value := range c.values {
			if k, _, _ := strings.Cut(other, ":"); k == kind && value == match[i+1] {
				c.differ(path, "%q is <%s> already", value, other)
			}
		}
		c.values[name] = match[i+1]
	}
}

// time holds a date: now for what was made now, later for what expires.
func (c *comparison) time(path, got string) {
	at, err := time.Parse(time.RFC3339, got)
	now := time.Now()
	switch {
	case err != nil || at.Format("2006-01-02T15:04:05Z") != got:
		c.differ(path, "%s is not written as AWS writes a time", got)
	case strings.HasSuffix(path, ".Expiration"):
		if at.Before(now) || at.After(now.Add(36*time.Hour)) {
			c.differ(path, "%s is no time to expire at", got)
		}
	case at.Before(c.began) || at.After(now):
		c.differ(path, "%s is not when the scenario was played", got)
	}
}
