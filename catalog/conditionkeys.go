package catalog

import (
	"slices"
	"strings"
	"sync"

	"iamd/catalog/internal/layout"
)

// conditionKeys is the table of all condition keys, read on first use.
var conditionKeys = sync.OnceValue(func() keys {
	k, _ := readKeys(conditionKeysFile) // unreadable: no key is known
	return k
})

// ConditionKeyType returns the type of the value of a condition key as it
// stands in a policy, in whatever case, prefix included: "String", "ARN",
// "Bool", "Date", "IPAddress", "Numeric", or one of these after "ArrayOf" when
// the key has many values. Keys with a variable part, such as
// aws:RequestTag/team, are known by their template. Not known are keys of
// identity providers that AWS does not list. aws:EpochTime is a "Date"; the
// numeric operators read it too.
func ConditionKeyType(key string) (string, bool) {
	return conditionKeys().typeOf(key)
}

// keys is layout.ConditionKeys in use.
type keys layout.ConditionKeys

func readKeys(member string) (keys, error) {
	var k layout.ConditionKeys
	if err := layout.Unpack(member, &k); err != nil {
		return keys{}, err
	}
	return keys(k), nil
}

func (k keys) typeOf(key string) (string, bool) {
	key = layout.Fold(key)
	i, ok := slices.BinarySearchFunc(k.Exact, key, func(e layout.Key, key string) int {
		return strings.Compare(e.Name, key)
	})
	if ok {
		return k.Exact[i].Type, true
	}
	for _, t := range k.Templates {
		if matches(t.Literals, key) {
			return t.Type, true
		}
	}
	return "", false
}

// matches reports whether key is the literals in their order with at least one
// byte between any two. Taking each literal at its first place is enough, as
// the last one is anchored at the end; the time is linear.
func matches(literals []string, key string) bool {
	if len(literals) < 2 {
		return false
	}
	last := len(literals) - 1
	rest, ok := strings.CutPrefix(key, literals[0])
	if !ok {
		return false
	}
	rest, ok = strings.CutSuffix(rest, literals[last])
	if !ok {
		return false
	}
	for _, l := range literals[1:last] {
		if rest == "" {
			return false
		}
		i := strings.Index(rest[1:], l)
		if i < 0 {
			return false
		}
		rest = rest[1+i+len(l):]
	}
	return rest != ""
}
