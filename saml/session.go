package saml

import (
	"crypto/sha1" // of names, as AWS makes them
	"encoding/base64"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"iamd/iam"
)

// AWS's attributes.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
const (
	attributePrefix     = "https://aws.amazon.com/SAML/Attributes/"
	attributeRole       = attributePrefix + "Role"
	attributeName       = attributePrefix + "RoleSessionName"
	attributeDuration   = attributePrefix + "SessionDuration"
	attributeTag        = attributePrefix + "PrincipalTag:"
	attributeTransitive = attributePrefix + "TransitiveTagKeys"
	attributeSource     = attributePrefix + "SourceIdentity"

	minSeconds = 900
	maxSeconds = 43200

	maxTagKey, maxTagValue = 128, 256 // characters
)

var (
	nameShape = regexp.MustCompile(`^[a-zA-Z_0-9+=,.@-]{2,64}$`)
	tagShape  = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

// Session is what an assertion asks for a role's session.
type Session struct {
	Name       string
	Seconds    int32 // at most; 0: the assertion does not say
	Tags       []iam.Tag
	Transitive []string
	Source     string
}

// Allows refuses a role unless the assertion names it together with the provider.
func (a *Assertion) Allows(role, provider string) error {
	for _, pair := range a.attributes[attributeRole] {
		first, second, ok := strings.Cut(pair, ",")
		first, second = strings.TrimSpace(first), strings.TrimSpace(second)
		if ok && (first == role && second == provider || first == provider && second == role) {
			return nil
		}
	}
	return invalid(textRole, nil)
}

// Session reads what AWS's attributes say, held to AWS's rules for each by itself.
func (a *Assertion) Session() (s Session, err error) {
	names := a.attributes[attributeName]
	if len(names) == 0 {
		return s, invalid(textNoName, nil)
	}
	if len(names) != 1 || !nameShape.MatchString(names[0]) {
		return s, invalid(textName, nil)
	}
	s.Name = names[0]
	if list, ok := a.attributes[attributeSource]; ok {
		if len(list) != 1 || !nameShape.MatchString(list[0]) {
			return s, invalid(textSource, nil)
		}
		s.Source = list[0]
	}
	if list, ok := a.attributes[attributeDuration]; ok {
		n, err := strconv.ParseInt(strings.Join(list, ","), 10, 32)
		if err != nil || n < minSeconds || n > maxSeconds {
			return s, invalid(textDuration, err)
		}
		s.Seconds = int32(n)
	}
	if s.Tags, err = a.tags(); err != nil {
		return s, err
	}
	s.Transitive = a.attributes[attributeTransitive]
	return s, nil
}

// End is when a session that begins now ends at the latest; zero: nothing is said.
func (a *Assertion) End(s Session, now time.Time) time.Time {
	end := a.SessionEnd
	if s.Seconds > 0 {
		if own := now.Add(time.Duration(s.Seconds) * time.Second); end.IsZero() || own.Before(end) {
			end = own
		}
	}
	return end
}

// tags are the session tags, by key.
func (a *Assertion) tags() (tags []iam.Tag, err error) {
	for name, values := range a.attributes {
		key, ok := strings.CutPrefix(name, attributeTag)
		if !ok {
			continue
		}
		if len(values) != 1 {
			return nil, invalid(textTag, errors.New("saml: a tag of several values"))
		}
		if n := utf8.RuneCountInString(key); n < 1 || n > maxTagKey || utf8.RuneCountInString(values[0]) > maxTagValue ||
			!tagShape.MatchString(key) || !tagShape.MatchString(values[0]) {
			return nil, invalid(textTag, nil)
		}
		tags = append(tags, iam.Tag{Key: key, Value: values[0]})
	}
	slices.SortFunc(tags, func(a, b iam.Tag) int { return strings.Compare(a.Key, b.Key) })
	return tags, nil
}

// NameQualifier is what makes a subject's name one of all: AWS's hash of issuer,
// account and provider.
func (a *Assertion) NameQualifier(account, provider string) string {
	sum := sha1.Sum([]byte(a.Issuer + account + "/" + provider))
	return base64.StdEncoding.EncodeToString(sum[:])
}
