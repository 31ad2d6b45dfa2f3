package lwa

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"iamd/iam"
)

// Resource is what a restricted data token gives access to.
type Resource struct {
	Method string `json:"m"`
	// Path is of one resource, or of all of a kind, with {names} for segments.
	Path string `json:"p"`
	// DataElements are what is asked for of operations that leave a choice.
	DataElements []string `json:"e,omitempty"`
}

// Bounds of a request for a restricted data token.
const (
	MaxResources    = 50
	maxResourcePath = 1024
)

// dataElements are all that there are.
var dataElements = []string{"buyerInfo", "shippingAddress", "buyerTaxInformation"}

// CodeInvalidInput is what the Tokens API says of a request that asks for what
// cannot be had.
const CodeInvalidInput = "InvalidInput"

func noAccess() error {
	return iam.Errorf(CodeInvalidInput, "Application do not have access to some or all requested resource")
}

// Restrict issues a restricted data token of the application with a client id, in
// a selling partner's name, good for AccessLife: for the application itself or,
// if target is an application's id, for that one. It fails with *iam.Error in the
// Tokens API's words, or with *Refused when there is no such application or
// authorization.
func (s *Service) Restrict(ctx context.Context, clientID, partner, target string, resources []Resource) (string, error) {
	switch {
	case len(resources) == 0:
		return "", iam.Errorf(CodeInvalidInput, "Empty target resource arguement found")
	case len(resources) > MaxResources:
		return "", iam.Errorf(CodeInvalidInput, "Invalid Input")
	}
	c, err := s.find(ctx, clientID)
	if err != nil {
		return "", err
	}
	if c == nil {
		return "", refused(BadToken, errors.New("lwa: the application is gone"))
	}
	z := c.AuthorizedBy(partner)
	if z == nil {
		return "", refused(BadToken, ErrRevoked)
	}
	t := token{Account: c.Account, Client: c.ClientID, Authorization: z.ID, Expires: s.ends(AccessLife)}
	for _, r := range resources {
		if r, err = s.restrictable(r); err != nil {
			return "", err
		}
		t.Resources = append(t.Resources, r)
	}
	if target != "" && target != c.ApplicationID {
		other, err := s.named(ctx, target)
		if err != nil {
			return "", err
		}
		if other == nil {
			return "", noAccess()
		}
		t.Delegatee = &delegatee{other.Account, other.ClientID}
	}
	text := s.seal(restricted, t)
	if len(text) > fullToken {
		return "", iam.Errorf(CodeInvalidInput, "The restricted data token would be too long. Ask for fewer resources, or for generic paths.")
	}
	return text, nil
}

// restrictable gives a resource as a token keeps it, if there is a restricted
// operation for it.
func (s *Service) restrictable(r Resource) (Resource, error) {
	if !slices.Contains([]string{"GET", "PUT", "POST", "DELETE"}, r.Method) || len(r.Path) > maxResourcePath {
		return r, iam.Errorf(CodeInvalidInput, "Invalid Input")
	}
	path, err := url.PathUnescape(r.Path)
	if err != nil || strings.ContainsFunc(path, func(c rune) bool { return c <= ' ' || c == 0x7f || c == '?' || c == '#' }) {
		return r, iam.Errorf(CodeInvalidInput, "Invalid Input")
	}
	op, ok := find(s.operations.restricted, r.Method, path)
	if !ok || op.need == needSpecific && generic(path) {
		return r, noAccess()
	}
	may := op.elements
	if len(may) == 0 {
		may = dataElements // asked for in vain, and harmless
	}
	for _, e := range r.DataElements {
		if !slices.Contains(may, e) {
			return r, iam.Errorf(CodeInvalidInput, "Application does not have access to one or more requested data elements: [%s]", strings.Join(clipped(r.DataElements), ", "))
		}
	}
	kept := Resource{Method: r.Method, Path: path}
	if len(op.elements) > 0 {
		kept.DataElements = slices.Compact(slices.Sorted(slices.Values(r.DataElements)))
	}
	return kept, nil
}

func generic(path string) bool {
	return slices.ContainsFunc(strings.Split(path, "/"), isPlaceholder)
}

// clipped bounds what is said back of a client's words.
func clipped(list []string) []string {
	out := slices.Clone(list[:min(len(list), 10)])
	for i, s := range out {
		out[i] = strings.ToValidUTF8(s[:min(len(s), 40)], "")
	}
	return out
}

// covers tells whether a call is for the resource, to the letter.
func (r *Resource) covers(call *Call) bool {
	return r.Method == call.Method && matchesPath(r.Path, call.Path, func(want, have string) bool { return want == have })
}
