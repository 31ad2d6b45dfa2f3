package console

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"iamd/iam"
	"iamd/limits"
	"iamd/sts"
)

// What strangers may do. AWS does not tell its own figures.
const (
	// sourceHashing is how many sign-ins from one address run or wait at a time,
	// strangersLoading how many accounts that they name are loaded at a time.
	sourceHashing    = 8
	strangersLoading = 2
)

var (
	// arrivalSlots are the turns of all strangers together.
	arrivalSlots = min(max(1, runtime.GOMAXPROCS(0)/2), limits.HashingShare)

	// sourceGuessing bounds wrong guesses from one address, at whatever names: it is
	// wide enough for an office behind one address.
	sourceGuessing = limits.Bound{Tries: 60, Span: 5 * time.Minute}
	// recordedFailures bounds failed sign-ins in an account's history.
	recordedFailures = limits.Bound{Tries: 100, Span: 5 * time.Minute}
)

// The two kinds of people who sign in.
const (
	typeRoot = "root"
	typeUser = "user"
)

// Bounds of what people type, in characters: nothing longer names anybody.
const (
	maxPassword = 128
	maxName     = 128
)

// signInRequest is a sign-in. It is sent again, whole, with each step.
type signInRequest struct {
	Type     string `json:"type"`
	Email    string `json:"email"`   // of a root user
	Account  string `json:"account"` // of a user: its number or alias
	User     string `json:"user"`
	Password string `json:"password"`
	// Code is what the device with that serial number shows; the serial number may
	// be left out when there is one virtual device.
	Code   string `json:"code"`
	Serial string `json:"serial"`
	// Passkey is the answer of one, in place of a code.
	Passkey *passkeyAnswer `json:"passkey"`
	// NewPassword takes the place of the one that has to go.
	NewPassword string `json:"newPassword"`
}

func (in *signInRequest) check() error {
	names := map[string][]string{typeRoot: {in.Email}, typeUser: {in.Account, in.User}}[in.Type]
	if names == nil {
		return badInput(`The type must be "root" or "user".`)
	}
	for _, name := range append(names, in.Password) {
		if name == "" {
			return badInput("The name and the password must not be empty.")
		}
	}
	for _, text := range []string{in.Email, in.Account, in.User, in.Password, in.NewPassword, in.Code} {
		if utf8.RuneCountInString(text) > maxName {
			return badInput("A name or a password is too long.")
		}
	}
	if in.Code != "" && in.Passkey != nil {
		return badInput("Either a code or a passkey is the second factor, not both.")
	}
	return nil
}

// attempt is somebody who claims to be a person, and what is known of that person.
type attempt struct {
	in      *signInRequest
	account *iam.Account // nil: there is none of that name
	user    *iam.User    // nil for the root user, and when there is none of that name
	hash    string       // of the password; for nobody's, of one that nobody has
	known   bool         // there is such a person, who may sign in by password
	// secret is what guesses at the password are counted by, in tries.
	secret string
	tries  *limits.Tries
}

// signIn lets a person in by password, second factor and, where it is due, a new
// password. The steps' order is what holds strangers off: nothing but wrong is told
// before the password was right, and nothing is changed before the second factor
// was.
func (c *Console) signIn(k *call, in *signInRequest) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	// Who has no guesses left makes nothing be read or loaded either.
	if c.sources.Spent(source(k), k.Time) {
		return nil, tooManyTries()
	}
	at, err := c.find(k, in)
	if err != nil {
		return nil, err
	}
	if err := c.compare(k, at); err != nil {
		return nil, err
	}
	proof, next, err := c.secondFactor(k, at)
	if err != nil || next != nil {
		return next, err
	}
	if next, err = c.enter(k, at, proof); err != nil || next != nil {
		return next, err
	}
	serial := ""
	if proof != nil {
		serial = proof.serial
	}
	return c.admit(k, at, serial)
}

// find looks for whom somebody claims to be. Names that lead nowhere load nothing
// but rows of indexes. An attempt at nobody is as good as one at somebody, until
// the password is compared.
func (c *Console) find(k *call, in *signInRequest) (*attempt, error) {
	at := &attempt{in: in, hash: c.dummy, tries: c.unknown}
	at.secret = strings.ToLower(strings.Join([]string{"password", in.Type, in.Email, in.Account, in.User}, "\x00"))
	id, err := c.owner(k, in)
	if err == nil {
		at.account, err = c.load(k, id)
	}
	if errors.Is(err, iam.ErrNotFound) {
		return at, nil
	}
	if err != nil {
		return nil, err
	}
	hash := at.account.Root.Password
	if in.Type == typeRoot {
		at.secret, at.tries = "password "+at.account.ID, c.cfg.Guesses
	} else {
		hash = ""
		at.secret = strings.ToLower(strings.Join([]string{"password", in.Type, "", at.account.ID, in.User}, "\x00"))
		if at.user, err = at.account.User(in.User); err == nil {
			at.secret, at.tries = "password "+at.user.ID, c.cfg.Guesses
			if l := at.user.Login; l != nil {
				hash = l.Hash
			}
		}
	}
	if hash != "" && at.account.Closed.IsZero() {
		at.hash, at.known = hash, true
	}
	return at, nil
}

// owner is the number of the account that is named. iam.ErrNotFound.
func (c *Console) owner(ctx context.Context, in *signInRequest) (string, error) {
	switch {
	case in.Type == typeRoot:
		return iam.OwnerOfEmail(ctx, c.cfg.Accounts, in.Email)
	case len(in.Account) == 12 && strings.Trim(in.Account, "0123456789") == "":
		return in.Account, nil
	default:
		return iam.OwnerOfAlias(ctx, c.cfg.Accounts, strings.ToLower(in.Account))
	}
}

// load gives an account that a stranger named: a few at a time, unless they are in
// memory. iam.ErrNotFound.
func (c *Console) load(ctx context.Context, id string) (*iam.Account, error) {
	if a, ok := c.cfg.Accounts.Loaded(id); ok {
		return a, nil
	}
	select {
	case c.loading <- struct{}{}:
		defer func() { <-c.loading }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// It is loaded to its end: who hangs up must not make room for the next.
	return c.cfg.Accounts.View(context.WithoutCancel(ctx), id)
}

// compare tells whether the password is right. It costs one comparison for
// everybody, and wrong is all that it says.
func (c *Console) compare(k *call, at *attempt) error {
	err := c.guess(k, at.tries, at.secret, func() bool {
		return iam.PasswordMatches(at.hash, at.in.Password) && at.known
	})
	if err == nil {
		at.tries.Right(at.secret)
	} else if errors.Is(err, errGuess) {
		c.failed(k, at, false)
		return wrong()
	}
	return err
}

// errGuess says that a guess was wrong.
var errGuess = errors.New("console: a wrong guess")

// guess compares in a stranger's turn, and counts the guess by what it is at and by
// where it comes from.
func (c *Console) guess(k *call, tries *limits.Tries, secret string, right func() bool) error {
	from := source(k)
	return c.stranger(k, func() error {
		// Who finds no turn has not guessed.
		if !c.sources.Begin(from, k.Time) || !tries.Begin(secret, k.Time) {
			return tooManyTries()
		}
		if !right() {
			return errGuess
		}
		c.sources.Back(from)
		return nil
	})
}

// stranger does what takes long for somebody who has proved nothing yet.
func (c *Console) stranger(k *call, work func() error) error {
	return c.arrivals.Do(k, source(k), func() error { return c.cfg.Hashing.Do(k, "sign-in", work) })
}

// admit gives a person keys.
func (c *Console) admit(k *call, at *attempt, serial string) (any, error) {
	session := at.session(k.Time, serial != "")
	given, err := c.cfg.STS.Issue(session, 0)
	if err != nil {
		return nil, err
	}
	c.signedIn(k, at, serial)
	return c.signedInAs(k, at, &session, given), nil
}

// session is the one that a sign-in begins.
func (at *attempt) session(now time.Time, mfa bool) sts.Session {
	s := sts.SignIn{Account: at.account.ID, Login: at.account.Root.Generation, MFA: mfa}
	if at.user != nil {
		s.UserID, s.Login = at.user.ID, at.user.Login.Generation
	}
	return s.Session(now)
}

// expired refuses a password that only an administrator can replace.
func expired() error {
	return &refusal{http.StatusForbidden, "PasswordExpired", "Your password has expired. Ask your administrator to set a new one."}
}
