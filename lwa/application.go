package lwa

import (
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/tidwall/btree"
)

// Env is what the rules need of the world. One Env serves all accounts of a
// process.
type Env struct {
	Now    func() time.Time
	Rand   io.Reader
	Quotas Quotas
}

// Quotas bound what one account can make the store keep.
type Quotas struct {
	Applications   int // of an account
	Authorizations int // of an application
	UsedCodes      int // within twice CodeLife, of an account
}

// DefaultQuotas are far above what a developer has.
func DefaultQuotas() Quotas {
	return Quotas{Applications: 100, Authorizations: 100, UsedCodes: 10000}
}

// Applications are those of one account, as an immutable value: any number of
// goroutines may read it while a Draft makes the next one.
type Applications struct {
	env *Env

	Account string // twelve digits

	applications *index[*Application] // by client id
	codes        *index[struct{}]     // used ones, by codeKey
}

type index[V any] = btree.Map[string, V]

// Application is one program that calls the Selling Partner API.
type Application struct {
	ClientID      string    `json:"client"`      // amzn1.application-oa2-client.…
	ApplicationID string    `json:"application"` // amzn1.sp.solution.…
	Name          string    `json:"name"`
	Created       time.Time `json:"created"`
	// IAMARN is of the user or role that signs its calls, as it was then; UniqueID
	// is who that was.
	IAMARN   string `json:"iamARN"`
	UniqueID string `json:"uniqueID"` // AIDA…, AROA…
	// Secrets are the present one and perhaps the one before it.
	Secrets []Secret `json:"secrets"`
	// Authorizations are in the order in which they were made.
	Authorizations []Authorization `json:"authorizations,omitempty"`
}

// Secret is what is kept of a client secret.
type Secret struct {
	Hash []byte `json:"hash"` // SHA-256: secrets are random, so that no slow hash is due
	// Expires is when a secret that was replaced ends; zero for the present one.
	Expires time.Time `json:"expires,omitzero"`
}

// Authorization says that a selling partner lets an application act for it.
type Authorization struct {
	// ID is another one when the partner authorizes again after revoking: what was
	// issued before stays revoked.
	ID             string    `json:"id"`
	SellingPartner string    `json:"partner"` // A…
	Created        time.Time `json:"created"`
}

// New is an account without applications.
func New(env *Env, account string) *Applications {
	return &Applications{env: env, Account: account, applications: new(index[*Application]), codes: new(index[struct{}])}
}

// Application finds one by its client id; ResourceNotFoundException.
func (a *Applications) Application(clientID string) (*Application, error) {
	if app, ok := a.applications.Get(clientID); ok {
		return app, nil
	}
	return nil, noApplication()
}

// All walks the applications by client id.
func (a *Applications) All() iter.Seq[*Application] {
	return func(yield func(*Application) bool) {
		a.applications.Scan(func(_ string, app *Application) bool { return yield(app) })
	}
}

// AuthorizedBy finds a selling partner's authorization, nil if there is none.
func (a *Application) AuthorizedBy(partner string) *Authorization {
	return a.authorization(func(z *Authorization) bool { return z.SellingPartner == partner })
}

func (a *Application) authorization(is func(*Authorization) bool) *Authorization {
	for i := range a.Authorizations {
		if is(&a.Authorizations[i]) {
			return &a.Authorizations[i]
		}
	}
	return nil
}

// matches compares with as many hashes as an application may have, whether it has
// them or not: nil secrets cost the same.
func matches(secrets []Secret, given string, now time.Time) bool {
	digest := sha256.Sum256([]byte(given))
	good := 0
	for i := range maxSecrets {
		want, valid := digest, 0 // no more than a comparison's work
		if i < len(secrets) && len(secrets[i].Hash) == len(want) {
			want = [sha256.Size]byte(secrets[i].Hash)
			if end := secrets[i].Expires; end.IsZero() || now.Before(end) {
				valid = 1
			}
		}
		good |= valid & subtle.ConstantTimeCompare(want[:], digest[:])
	}
	return good == 1
}

// clone copies what a change may touch.
func (a *Application) clone() *Application {
	next := *a
	next.Secrets, next.Authorizations = slices.Clone(a.Secrets), slices.Clone(a.Authorizations)
	return &next
}
