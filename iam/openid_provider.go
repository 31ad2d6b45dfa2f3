package iam

import (
	"iter"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// OpenIDProvider is an OpenID Connect provider that the account believes: who
// issues the tokens, for which audiences, and by which certificate it is known.
type OpenIDProvider struct {
	// Name is the issuer's URL without https://, as the ARN has it. Case and a
	// slash at its end count.
	Name       string    `json:"name"`
	CreateDate time.Time `json:"created"`
	ClientIDs  []string  `json:"clients,omitempty"`
	// Thumbprints are SHA-1 hashes of certificates, forty characters in lower case.
	Thumbprints []string `json:"thumbprints,omitempty"`
	Tags        []Tag    `json:"tags,omitempty"`
}

// NewOpenIDProvider is what a provider is made of.
type NewOpenIDProvider struct {
	URL         string
	ClientIDs   []string
	Thumbprints []string
	Tags        []Tag
}

const (
	rowOpenIDProvider = "oidc-provider"

	maxThumbprints   = 5
	thumbprintLength = 40
)

// noOpenIDProvider is AWS's refusal by all actions but the deletion, which has
// words of its own.
func noOpenIDProvider(arn string) *Error {
	return Errorf(CodeNoSuchEntity, "OpenIDConnect Provider not found for arn %s", arn)
}

// OpenIDProvider finds a provider by its ARN.
func (a *Account) OpenIDProvider(arn string) (*OpenIDProvider, error) {
	name, err := a.openIDName(arn)
	if err != nil {
		return nil, err
	}
	if p, ok := a.openIDProviders.Get(name); ok {
		return p, nil
	}
	return nil, noOpenIDProvider(arn)
}

// openIDName reads a provider's name out of its ARN; "" for one of another
// account, which has no providers here.
func (a *Account) openIDName(arn string) (string, error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return "", Errorf(CodeValidation, "Invalid ARN:  Could not be parsed!")
	}
	name, ok := strings.CutPrefix(parts[5], "oidc-provider/")
	if parts[1] != "aws" || parts[2] != "iam" || parts[3] != "" || !isAccountID(parts[4]) || !ok || name == "" {
		return "", Errorf(CodeValidation, "ARN %s is not valid.", arn)
	}
	if parts[4] != a.ID {
		return "", nil
	}
	return name, nil
}

// OpenIDProviderARN is the ARN of a provider of this account.
func (a *Account) OpenIDProviderARN(p *OpenIDProvider) string {
	return a.arn("oidc-provider", "/", p.Name)
}

// OpenIDProvidersAfter walks the providers in the order of their names.
func (a *Account) OpenIDProvidersAfter(name string) iter.Seq2[string, *OpenIDProvider] {
	return after(a.openIDProviders, name)
}

// OpenIDProviderCount is the number of OpenID Connect providers.
func (a *Account) OpenIDProviderCount() int { return a.openIDProviders.Len() }

// CreateOpenIDProvider makes a provider.
func (d *Draft) CreateOpenIDProvider(in NewOpenIDProvider) (*OpenIDProvider, error) {
	name, err := OpenIDName(in.URL)
	if err != nil {
		return nil, err
	}
	limit := d.env.Quotas.ClientIDsPerProvider
	p := &OpenIDProvider{Name: name, CreateDate: d.now(), ClientIDs: eachOnce(in.ClientIDs, limit)}
	if len(p.ClientIDs) > limit {
		return nil, tooManyClientIDs(limit)
	}
	if p.Thumbprints, err = thumbprints(in.Thumbprints); err != nil {
		return nil, err
	}
	if p.Tags, err = d.tagged(nil, in.Tags, exactTagKeys); err != nil {
		return nil, err
	}
	if _, taken := d.openIDProviders.Get(name); taken {
		return nil, Errorf(CodeEntityAlreadyExists, "Provider with url %s already exists.", in.URL)
	}
	if limit := d.env.Quotas.OpenIDProviders; d.OpenIDProviderCount() >= limit {
		return nil, quota("OpenIdConnectProvidersPerAccount", limit)
	}
	d.putOpenIDProvider(nil, p)
	return p, nil
}

// DeleteOpenIDProvider removes a provider. Roles that trust it stay as they are,
// and nobody can take them by it.
func (d *Draft) DeleteOpenIDProvider(arn string) error {
	name, err := d.openIDName(arn)
	if err != nil {
		return err
	}
	p, ok := d.openIDProviders.Get(name)
	if !ok {
		return Errorf(CodeNoSuchEntity, "OpenId connect Provider %s cannot be found.", arn)
	}
	d.putOpenIDProvider(p, nil)
	return nil
}

// AddClientID adds an audience; one that is there already is no error.
func (d *Draft) AddClientID(arn, id string) error {
	return d.changeOpenIDProvider(arn, func(p *OpenIDProvider) error {
		if slices.Contains(p.ClientIDs, id) {
			return nil
		}
		if limit := d.env.Quotas.ClientIDsPerProvider; len(p.ClientIDs) >= limit {
			return tooManyClientIDs(limit)
		}
		p.ClientIDs = append(slices.Clone(p.ClientIDs), id)
		return nil
	})
}

// RemoveClientID takes an audience away; one that is not there is no error.
func (d *Draft) RemoveClientID(arn, id string) error {
	return d.changeOpenIDProvider(arn, func(p *OpenIDProvider) error {
		p.ClientIDs = without(p.ClientIDs, func(c string) bool { return c == id })
		return nil
	})
}

// UpdateThumbprints puts a list in the place of the one that is there.
func (d *Draft) UpdateThumbprints(arn string, list []string) error {
	return d.changeOpenIDProvider(arn, func(p *OpenIDProvider) (err error) {
		p.Thumbprints, err = thumbprints(list)
		return err
	})
}

// TagOpenIDProvider adds tags to a provider; a key that it has gets the new
// value.
func (d *Draft) TagOpenIDProvider(arn string, tags []Tag) error {
	return d.changeOpenIDProvider(arn, func(p *OpenIDProvider) (err error) {
		p.Tags, err = d.tagged(p.Tags, tags, exactTagKeys)
		return err
	})
}

// UntagOpenIDProvider takes tags away; keys that are not there are no error.
func (d *Draft) UntagOpenIDProvider(arn string, keys []string) error {
	return d.changeOpenIDProvider(arn, func(p *OpenIDProvider) error {
		p.Tags = untagged(p.Tags, keys, exactTagKeys)
		return nil
	})
}

func (d *Draft) changeOpenIDProvider(arn string, change func(*OpenIDProvider) error) error {
	p, err := d.OpenIDProvider(arn)
	if err != nil {
		return err
	}
	next := clone(p)
	if err := change(next); err != nil {
		return err
	}
	if !slices.Equal(next.ClientIDs, p.ClientIDs) || !slices.Equal(next.Thumbprints, p.Thumbprints) || !slices.Equal(next.Tags, p.Tags) {
		d.putOpenIDProvider(p, next)
	}
	return nil
}

// putOpenIDProvider replaces old by p, as putUser does.
func (d *Draft) putOpenIDProvider(old, p *OpenIDProvider) {
	if p == nil {
		d.openIDProviders.Delete(old.Name)
		d.note(rowOpenIDProvider, old.Name, nil)
		return
	}
	d.openIDProviders.Set(p.Name, p)
	d.note(rowOpenIDProvider, p.Name, p)
}

// hostName is what stands in a provider's URL: names as DNS has them.
var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

// OpenIDName gives the name of the provider with a URL, which must be https
// with a host and perhaps a path: no port, user, query or fragment. A path is
// one that cannot be read in two ways: without escapes, and without "." or ".."
// for a segment; of that AWS tells nothing.
func OpenIDName(address string) (string, error) {
	scheme, name, ok := strings.Cut(address, "://")
	switch {
	case !ok:
		return "", Errorf(CodeValidation, "Invalid Open ID Connect Provider URL")
	case scheme != "https":
		return "", Errorf(CodeInvalidInput, "Invalid Open ID Connect Provider URL. The URL must begin with https://.")
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "", Errorf(CodeValidation, "Invalid Open ID Connect Provider URL")
	}
	host, path, _ := strings.Cut(name, "/")
	_, notAddress := netip.ParseAddr(host)
	segments := strings.Split(path, "/")
	if u.Host != host || notAddress != nil && !hostName.MatchString(host) || u.ForceQuery ||
		strings.ContainsAny(name, "?#@%\\:") || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }) ||
		slices.Contains(segments, ".") || slices.Contains(segments, "..") {
		return "", Errorf(CodeInvalidInput, "Invalid Open ID Connect Provider URL.")
	}
	return name, nil
}

// thumbprints holds a list against AWS's rules, which want forty characters and
// ask nothing of them. Each is kept once, in lower case.
func thumbprints(list []string) ([]string, error) {
	if len(list) > maxThumbprints {
		return nil, Errorf(CodeInvalidInput, "Thumbprint list must contain fewer than %d entries.", maxThumbprints)
	}
	kept := make([]string, 0, len(list))
	for _, t := range list {
		if len([]rune(t)) != thumbprintLength {
			return nil, Errorf(CodeInvalidInput, "Thumbprint must be exactly %d characters.", thumbprintLength)
		}
		kept = append(kept, strings.ToLower(t))
	}
	return eachOnce(kept, maxThumbprints), nil
}

// eachOnce is a list with each of its texts once, in their order; one more than
// most of them are enough to refuse it.
func eachOnce(list []string, most int) (kept []string) {
	for _, s := range list {
		if len(kept) > most {
			break
		}
		if !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	return kept
}

func tooManyClientIDs(limit int) *Error { return quota("ClientIdsPerOpenIdConnectProvider", limit) }
