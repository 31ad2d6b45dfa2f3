package api

import (
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"iamd/catalog"
	"iamd/guard"
	"iamd/iam"
	iamsts "iamd/sts"
	"iamd/wire"
)

// The claims by which a provider tells AWS what to do.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
const (
	claimTags   = "https://aws.amazon.com/tags"
	claimSource = "https://aws.amazon.com/source_identity"
	claimRoles  = "https://aws.amazon.com/roles"
)

// read takes in what the claims of a verified token mean, for a provider and a
// role.
func (id *webIdentity) read(provider, roleARN string) error {
	authorized, err := id.authorizes(roleARN)
	if err != nil {
		return err
	}
	if err := id.readTags(); err != nil {
		return err
	}
	if raw, ok := id.claims[claimSource]; ok {
		if id.source, err = claimText(raw); err != nil {
			return notValidated(err)
		}
	}
	if err := id.withinLimits(roleARN); err != nil {
		return err
	}
	id.readKeys(provider)
	if authorized {
		id.keys = append(id.keys, guard.Value("sts:RoleAuthorizedByIdp", "true"))
	} else {
		id.keys = append(id.keys, guard.Value("sts:RoleAuthorizedByIdp", "false"))
	}
	return nil
}

// authorizes tells whether the provider lists the role as one that the token may
// be used for. A list without it is a refusal, whatever the trust policy says.
func (id *webIdentity) authorizes(roleARN string) (bool, error) {
	raw, ok := id.claims[claimRoles]
	if !ok || string(raw) == "null" {
		return false, nil
	}
	var list []any
	if json.Unmarshal(raw, &list) != nil {
		text, _ := claimText(raw) // what is no text is a list of nothing
		for role := range strings.SplitSeq(text, ";") {
			list = append(list, role)
		}
	}
	for _, role := range list {
		if text, ok := role.(string); ok && strings.TrimSpace(text) == roleARN {
			return true, nil
		}
	}
	return false, iam.Errorf(iam.CodeInvalidIdentityToken, "The target role ARN is not present in the roles claim of the identity token")
}

// readTags reads the session tags, which stand in one claim, or in one for each
// tag. A value is a list of one text in the former, a text in the latter.
func (id *webIdentity) readTags() error {
	tags, transitive := map[string]string{}, id.claims[claimTags+"/transitive_tag_keys"]
	wrong := func(what string) error {
		return iam.Errorf(iam.CodeInvalidIdentityToken, "%s passed in claim is not in correct format.", what)
	}
	for name, raw := range id.claims {
		if key, ok := strings.CutPrefix(name, claimTags+"/principal_tags/"); ok {
			var value *string
			if json.Unmarshal(raw, &value) != nil || value == nil {
				return wrong("principal_tags")
			}
			tags[key] = *value
		}
	}
	if raw, ok := id.claims[claimTags]; ok {
		nested, err := jsonMembers(raw)
		if err != nil {
			return wrong("principal_tags")
		}
		if raw, ok := nested["principal_tags"]; ok {
			each, err := jsonMembers(raw)
			if err != nil {
				return wrong("principal_tags")
			}
			for key, raw := range each {
				var values []*string
				_, twice := tags[key]
				if json.Unmarshal(raw, &values) != nil || len(values) != 1 || values[0] == nil || twice {
					return wrong("principal_tags")
				}
				tags[key] = *values[0]
			}
		}
		if raw, ok := nested["transitive_tag_keys"]; ok {
			if transitive != nil {
				return wrong("transitive_tag_keys")
			}
			transitive = raw
		}
	}
	if transitive != nil && json.Unmarshal(transitive, &id.transitive) != nil {
		return wrong("transitive_tag_keys")
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		id.tags = append(id.tags, iam.Tag{Key: key, Value: tags[key]})
	}
	return nil
}

// withinLimits holds tags and source identity against the limits that they have
// as AssumeRole's parameters.
func (id *webIdentity) withinLimits(roleARN string) error {
	in := &sts.AssumeRoleInput{RoleArn: aws.String(roleARN), RoleSessionName: aws.String("session"), TransitiveTagKeys: id.transitive}
	for _, t := range id.tags {
		in.Tags = append(in.Tags, ststypes.Tag{Key: aws.String(t.Key), Value: aws.String(t.Value)})
	}
	if _, ok := id.claims[claimSource]; ok {
		in.SourceIdentity = aws.String(id.source)
	}
	return wire.Validate(wire.Op{Service: "sts", Name: "AssumeRole"}, in)
}

// readKeys makes the provider's condition keys: those that AWS has for every
// provider, and those that it lists for this one. Three of them go on with the
// session. A claim of another form than its key's makes no key.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
func (id *webIdentity) readKeys(provider string) {
	name := func(key string) string { return provider + ":" + key }
	id.session = []iamsts.Key{{Name: name("sub"), Values: []string{id.subject}}, {Name: name("aud"), Values: []string{id.audience}}}
	if methods, err := id.list("amr"); err == nil {
		id.session = append(id.session, iamsts.Key{Name: name("amr"), Values: methods, Many: true})
	}
	for _, k := range id.session {
		id.keys = append(id.keys, guard.Key{Name: k.Name, Values: k.Values, Many: k.Many})
	}
	id.keys = append(id.keys, guard.Key{Name: name("oaud"), Values: id.audiences, Many: len(id.audiences) > 1})
	listed := []string{"email"}
	for _, k := range providerKeys() {
		if k.issuer.MatchString(provider) && !slices.Contains(usualKeys, k.claim) {
			listed = append(listed, k.claim)
		}
	}
	for _, claim := range listed {
		if text, err := id.claim(claim); err == nil {
			id.keys = append(id.keys, guard.Value(name(claim), text))
		}
	}
}

// usualKeys are made of claims in ways of their own.
var usualKeys = []string{"sub", "aud", "amr", "oaud", "email"}

// claim is the text of a claim; a name with a slash may stand for a member of
// another claim, as Google's google/organization_number does.
func (id *webIdentity) claim(name string) (string, error) {
	if raw, ok := id.claims[name]; ok {
		return claimText(raw)
	}
	outer, inner, ok := strings.Cut(name, "/")
	if !ok || id.claims[outer] == nil {
		return "", errors.New("no such claim")
	}
	nested, err := jsonMembers(id.claims[outer])
	if err != nil || nested[inner] == nil {
		return "", errors.New("no such claim")
	}
	return claimText(nested[inner])
}

// list is a claim of several texts, or of one.
func (id *webIdentity) list(name string) (list []string, err error) {
	raw, ok := id.claims[name]
	if !ok {
		return nil, errors.New("no such claim")
	}
	if err := json.Unmarshal(raw, &list); err == nil && list != nil {
		return list, nil
	}
	one, err := claimText(raw)
	return []string{one}, err
}

// providerKey is a claim that is a condition key of the issuers whose names the
// pattern matches.
type providerKey struct {
	issuer *regexp.Regexp
	claim  string
}

// providerKeys are those that AWS lists for the action, such as
// token.actions.githubusercontent.com:repository_id. What stands for a variable
// in an issuer's name is one part of a domain name or of a path.
var providerKeys = sync.OnceValue(func() (keys []providerKey) {
	service, ok := catalog.Service("sts")
	if !ok {
		return nil
	}
	action, ok := service.Action("AssumeRoleWithWebIdentity")
	if !ok {
		return nil
	}
	for _, key := range action.ConditionKeys {
		pattern, claim, _ := strings.Cut(key, ":")
		if !strings.Contains(pattern, ".") {
			continue // aws: and sts:
		}
		expression := "^"
		for i, literal := range variable.Split(pattern, -1) {
			if i > 0 {
				expression += "[^/:.]+"
			}
			expression += regexp.QuoteMeta(literal)
		}
		keys = append(keys, providerKey{regexp.MustCompile(expression + "$"), claim})
	}
	return keys
})

var variable = regexp.MustCompile(`\$\{[^}]*\}`)
