package server

import (
	"context"
	"encoding/base64"
	"errors"
	"hash/maphash"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"iamd/extauthz"
	"iamd/gateway"
	"iamd/iam"
	"iamd/keyring"
)

// versionHeader is how nodes tell clients which state an answer stands upon, and
// how clients ask for one no older. Its values are sealed, so that nobody makes a
// node look for versions that never were.
const versionHeader = "X-Iamd-Version"

const (
	versionsAtOnce = 8               // of one request
	versionWait    = 2 * time.Second // for them all
)

// versions tells and asks for versions, between nodes that share a store.
type versions struct {
	ring     *keyring.Ring
	accounts accountStore
	joined   *organizations
	seed     maphash.Seed
	told     *[toldKept]atomic.Pointer[toldVersion]
}

// toldVersion is what was told last of an account: until the next change, answers tell the
// same again.
type toldVersion struct {
	plain  string
	key    uint32 // that it is sealed with
	header []string
}

// toldKept is of how many accounts it is kept, at most.
const toldKept = 1 << 10

func newVersions(ring *keyring.Ring, accounts accountStore, joined *organizations) versions {
	return versions{ring, accounts, joined, maphash.MakeSeed(), new([toldKept]atomic.Pointer[toldVersion])}
}

var errVersion = errors.New("the header " + versionHeader + " holds what no node gave: send back what one did")

// tell puts the versions of what a caller's answers stand upon into a header.
func (v versions) tell(h http.Header, account string) {
	number := v.accounts.Version(account)
	if number == 0 {
		return
	}
	plain := append(make([]byte, 0, 64), account...)
	plain = strconv.AppendUint(append(plain, '='), number, 10)
	if a, ok := v.accounts.Loaded(account); ok && a.Organization != "" {
		if number := v.joined.all.Version(a.Organization); number != 0 {
			plain = append(append(plain, ' '), a.Organization...)
			plain = strconv.AppendUint(append(plain, '='), number, 10)
		}
	}
	place := &v.told[maphash.String(v.seed, account)%toldKept]
	last, key := place.Load(), v.ring.Active()
	if last == nil || last.plain != string(plain) || last.key != key {
		sealed := base64.RawURLEncoding.EncodeToString(v.ring.Seal(keyring.SeenVersion, plain, nil))
		last = &toldVersion{string(plain), key, []string{sealed}}
		place.Store(last)
	}
	h[versionHeader] = last.header
}

// await returns once this node has the versions that a request names. errVersion,
// store.ErrUnavailable.
func (v versions) await(r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), versionWait)
	defer cancel()
	tokens := strings.SplitN(strings.Join(r.Header[versionHeader], ","), ",", versionsAtOnce+1)
	if len(tokens) > versionsAtOnce {
		return errVersion
	}
	for _, token := range tokens {
		sealed, err := base64.RawURLEncoding.DecodeString(strings.TrimSpace(token))
		if err != nil {
			return errVersion
		}
		plain, err := v.ring.Open(keyring.SeenVersion, sealed, nil)
		if err != nil {
			return errVersion
		}
		for part := range strings.FieldsSeq(string(plain)) {
			if err := v.reach(ctx, part); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v versions) reach(ctx context.Context, part string) error {
	id, text, _ := strings.Cut(part, "=")
	number, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return errVersion
	}
	if strings.HasPrefix(id, "o-") {
		return v.joined.all.Reach(ctx, id, number)
	}
	return v.accounts.Reach(ctx, id, number)
}

// noOlder serves requests that name versions once this node has them.
func (v versions) noOlder(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.Header[versionHeader]) == 0 {
			h.ServeHTTP(w, r)
			return
		}
		if err := v.await(r); err != nil {
			status, why := older(err)
			text(w, status, why)
			return
		}
		h.ServeHTTP(w, r) // with the header, which may be signed
	})
}

// older words that await failed.
func older(err error) (status int, why string) {
	switch {
	case errors.Is(err, errVersion):
		return http.StatusBadRequest, errVersion.Error()
	case errors.Is(err, iam.ErrNotFound):
		return http.StatusServiceUnavailable, "the account of the header " + versionHeader + " is not there"
	}
	return http.StatusServiceUnavailable, "this node cannot reach the version of the header " + versionHeader + " at the moment"
}

// asking decides for proxies once this node has the versions that the client's
// request names.
type asking struct {
	extauthz.Asker
	versions versions
}

func (a asking) Ask(ctx context.Context, asked gateway.Asked) gateway.Answer {
	if len(asked.Request.Header[versionHeader]) > 0 {
		if err := a.versions.await(asked.Request.WithContext(ctx)); err != nil {
			status, why := older(err)
			return gateway.Answer{
				Status: status, Header: http.Header{"Content-Type": {"application/json"}},
				Text: []byte(`{"message":` + strconv.Quote(why) + `}`), // of plain letters, so it is JSON
			}
		}
	}
	return a.Asker.Ask(ctx, asked)
}
