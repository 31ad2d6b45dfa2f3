package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	variable = regexp.MustCompile(`\$[a-zA-Z][a-zA-Z0-9]*`)
	document = regexp.MustCompile(`(Document|Content|Policy)$`) // members that are texts of JSON
)

// complete puts in what was kept, and writes documents.
func complete(v any, kept map[string]any) (any, error) {
	switch v := v.(type) {
	case string:
		if value, ok := kept[strings.TrimPrefix(v, "$")].(map[string]any); ok && strings.HasPrefix(v, "$") {
			return value, nil
		}
		var failed error
		text := variable.ReplaceAllStringFunc(v, func(name string) string {
			switch value := kept[name[1:]].(type) {
			case string:
				return value
			case func(map[string]any) (string, error):
				text, err := value(kept)
				failed = errors.Join(failed, err)
				return text
			}
			failed = errors.Join(failed, fmt.Errorf("no text was kept as %s", name))
			return ""
		})
		return text, failed
	case []any:
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = complete(v[i], kept); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		m := make(map[string]any, len(v))
		for name, value := range v {
			value, err := complete(value, kept)
			if err != nil {
				return nil, err
			}
			if _, object := value.(map[string]any); object && document.MatchString(name) {
				text, err := json.Marshal(value)
				if err != nil {
					return nil, err
				}
				value = string(text)
			}
			m[name] = value
		}
		return m, nil
	}
	return v, nil
}

// follow gives what is at a path; nil when it leads nowhere.
func follow(v any, at string) any {
	for name := range strings.SplitSeq(at, ".") {
		switch value := v.(type) {
		case map[string]any:
			v = value[name]
		case []any:
			n, err := strconv.Atoi(name)
			switch {
			case name == "#":
				v = len(value)
			case err != nil || n >= len(value):
				v = nil
			default:
				v = value[n]
			}
		default:
			if v = nil; name == "#" {
				v = 0
			}
		}
	}
	return v
}

// matches holds a value against a pattern or an equal. Documents are compared by
// what they say: clients give them as texts, escaped or not, or as values.
func matches(got, want any) error {
	text, isText := got.(string)
	if pattern, ok := want.(string); ok && strings.HasPrefix(pattern, "~") {
		if match, err := regexp.MatchString(pattern[1:], text); !isText || !match || err != nil {
			return fmt.Errorf("%v does not match %s", got, pattern[1:])
		}
		return nil
	}
	if _, ok := want.(map[string]any); ok && isText {
		if plain, err := url.QueryUnescape(text); err == nil && !strings.HasPrefix(text, "{") {
			text = plain
		}
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			return err
		}
	}
	want, err := plain(want)
	if err != nil {
		return err
	}
	if got, err = plain(got); err != nil {
		return err
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%v, not %v", got, want)
	}
	return nil
}

// plain gives a value as JSON reads it.
func plain(v any) (out any, err error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return out, json.Unmarshal(text, &out)
}

// together adds one page's lists to those of the pages before.
func together(all map[string]any, page any) map[string]any {
	m, _ := page.(map[string]any)
	if all == nil {
		return m
	}
	for name, value := range m {
		if list, ok := value.([]any); ok {
			before, _ := all[name].([]any)
			all[name] = slices.Concat(before, list)
		}
	}
	return all
}

func readJSON(text []byte) (v any, err error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, nil
	}
	return v, json.Unmarshal(text, &v)
}
