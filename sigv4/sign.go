package sigv4

import (
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Credentials are what one signs with. Token is "" for a user's own keys.
type Credentials struct{ KeyID, Secret, Token string }

var (
	errNoCredentials = errors.New("sigv4: signing needs a key id, a secret, a service and a region")
	errExpires       = errors.New("sigv4: a presigned URL lives between a second and a week, in whole seconds")
	errPresigned     = errors.New("sigv4: the URL is presigned already")
)

// Sign signs r as of t for opt.Service in opt.Region, and sets X-Amz-Date,
// X-Amz-Security-Token and Authorization. It covers the host, the content type
// and digest, and every x-amz-* header; an X-Amz-Content-Sha256 that is set
// must be true. The hash is that of the body that will be sent.
func Sign(r *http.Request, bodyHash [32]byte, cred Credentials, t time.Time, opt Options) error {
	s, err := claim(cred, t, opt)
	if err != nil {
		return err
	}
	if r.Header == nil {
		r.Header = make(http.Header)
	}
	r.Header.Del("Authorization")
	r.Header.Set("X-Amz-Date", s.stamp)
	r.Header.Del("X-Amz-Security-Token")
	if cred.Token != "" {
		r.Header.Set("X-Amz-Security-Token", cred.Token)
	}
	s.PayloadHash = r.Header.Get("X-Amz-Content-Sha256")
	s.SignedHeaders = toSign(r.Header)
	mac, err := s.make(r, bodyHash, cred, opt)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", Algorithm+" Credential="+s.credential+
		", SignedHeaders="+s.SignedHeaders+", Signature="+mac)
	return nil
}

// Presign signs r into its URL, to be used until t+expires. Headers that are
// set when it is called (see Sign) must be sent with the request.
func Presign(r *http.Request, bodyHash [32]byte, cred Credentials, expires time.Duration, t time.Time, opt Options) error {
	s, err := claim(cred, t, opt)
	if err != nil {
		return err
	}
	if expires < time.Second || expires > maxExpires*time.Second || expires%time.Second != 0 {
		return errExpires
	}
	if isPresigned(r.URL.RawQuery) {
		return errPresigned
	}
	r.Header.Del("Authorization")
	r.Header.Del("X-Amz-Security-Token")
	s.Presigned = true
	s.PayloadHash = r.Header.Get("X-Amz-Content-Sha256")
	s.SignedHeaders = toSign(r.Header)
	params := []string{
		"X-Amz-Algorithm", Algorithm,
		"X-Amz-Credential", s.credential,
		"X-Amz-Date", s.stamp,
		"X-Amz-Expires", strconv.FormatInt(int64(expires/time.Second), 10),
		"X-Amz-SignedHeaders", s.SignedHeaders,
	}
	if cred.Token != "" {
		params = append(params, "X-Amz-Security-Token", cred.Token)
	}
	query := strings.TrimRight(r.URL.RawQuery, "&")
	for i := 0; i < len(params); i += 2 {
		if query != "" {
			query += "&"
		}
		query += params[i] + "=" + url.QueryEscape(params[i+1])
	}
	signed := *r
	signed.URL = &url.URL{}
	*signed.URL = *r.URL
	signed.URL.RawQuery = query
	mac, err := s.make(&signed, bodyHash, cred, opt)
	if err != nil {
		return err
	}
	r.URL.RawQuery = query + "&X-Amz-Signature=" + mac
	return nil
}

func claim(cred Credentials, t time.Time, opt Options) (Signature, error) {
	t = t.UTC().Truncate(time.Second)
	s := Signature{
		KeyID: cred.KeyID, Date: t.Format("20060102"), Region: opt.Region, Service: opt.Service,
		Terminator: terminator, Time: t, stamp: stamp(t),
	}
	if !s.setCredential(strings.Join([]string{s.KeyID, s.Date, s.Region, s.Service, s.Terminator}, "/")) || cred.Secret == "" {
		return s, errNoCredentials
	}
	return s, nil
}

func (s *Signature) make(r *http.Request, bodyHash [32]byte, cred Credentials, opt Options) (string, error) {
	if err := s.checkPayload(&bodyHash, &opt); err != nil {
		return "", err
	}
	key := DeriveKey(cred.Secret, s.Date, s.Region, s.Service)
	mac, err := s.sum(nil, r, &bodyHash, &key, &opt)
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(mac[:]), nil
}

func toSign(h http.Header) string {
	names := []string{"host"}
	for name, values := range h {
		lower := strings.ToLower(name)
		if len(values) > 0 && (isAmz(name) || lower == "content-type" || lower == "content-md5") {
			names = append(names, lower)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ";")
}
