package iam

import "time"

// LoginProfile is a user's password. Only hashes are kept.
type LoginProfile struct {
	CreateDate    time.Time `json:"created"`
	Changed       time.Time `json:"changed"` // when the present password was set
	Hash          string    `json:"hash"`
	Past          []string  `json:"past,omitempty"` // hashes of those before it, the newest first
	ResetRequired bool      `json:"reset,omitempty"`
	// Generation is another for each password that somebody else gave the user:
	// console sessions end with the one that they began in.
	Generation string `json:"generation,omitempty"`
}

// LoginProfile gives a user's login profile, or NoSuchEntity.
func (u *User) LoginProfile() (*LoginProfile, error) {
	if u.Login == nil {
		return nil, Errorf(CodeNoSuchEntity, "Login Profile for User %s cannot be found.", u.Name)
	}
	return u.Login, nil
}

// Password is a new password on its way to a login profile. Hashing one, and
// comparing it with those a user had, takes tens of milliseconds and much memory
// each: Prepare does both, and no draft ever does.
type Password struct {
	clear   string
	hash    string
	against string // hash of the user's password that it was compared with; "" for none
	looked  int    // how many of the user's passwords it was compared with
	reused  bool
}

// Prepare hashes a new password and compares it with as many of the user's last
// ones as the account's policy says. A password that the policy refuses costs
// nothing.
func (a *Account) Prepare(u *User, clear string) (*Password, error) {
	if err := a.CheckPassword(clear); err != nil {
		return nil, err
	}
	p := &Password{clear: clear}
	if u.Login != nil {
		p.against, p.looked = u.Login.Hash, a.reuse()
		for _, hash := range u.Login.last(p.looked) {
			p.reused = p.reused || PasswordMatches(hash, clear)
		}
	}
	if p.reused {
		return nil, nonconforming()
	}
	p.hash = a.env.PasswordCost.Hash(a.env.Rand, clear)
	return p, nil
}

func (a *Account) reuse() int {
	if a.Passwords == nil {
		return 0
	}
	return a.Passwords.Reuse
}

// last gives the hashes of the last n passwords, the present one first.
func (l *LoginProfile) last(n int) []string {
	all := append([]string{l.Hash}, l.Past...)
	return all[:min(n, len(all))]
}

// admit holds a prepared password to the policy as it is now, and to what it was
// compared with: whatever changed since then makes the caller try again. A nil
// password is one that was not prepared, for the profile that was there then.
func (d *Draft) admit(u *User, p *Password) error {
	if p != nil {
		if err := d.CheckPassword(p.clear); err != nil {
			return err
		}
	}
	present := ""
	if u.Login != nil {
		present = u.Login.Hash
	}
	if p == nil || p.against != present || u.Login != nil && p.looked < d.reuse() {
		return Errorf(CodeEntityTemporarilyUnmodifiable, "Login Profile for User %s cannot be modified at the moment. Please try again.", u.Name)
	}
	return nil
}

// CreateLoginProfile gives a user a password.
func (d *Draft) CreateLoginProfile(u *User, p *Password, resetRequired bool) (*LoginProfile, error) {
	if u.Login != nil {
		return nil, Errorf(CodeEntityAlreadyExists, "Login Profile for user %s already exists.", u.Name)
	}
	if err := d.admit(u, p); err != nil {
		return nil, err
	}
	l := &LoginProfile{
		CreateDate: d.now(), Changed: d.now(), Hash: p.hash, ResetRequired: resetRequired, Generation: d.newGeneration(),
	}
	d.putLogin(u, l)
	return l, nil
}

// UpdateLoginProfile gives a user another password, or says whether the user
// must choose one at the next sign-in; nil leaves either as it is. Passwords the
// user had count as those that users choose: the policy knows no difference. Another
// password ends the console sessions of the one before.
func (d *Draft) UpdateLoginProfile(u *User, p *Password, resetRequired *bool) error {
	generation := ""
	if p != nil {
		generation = d.newGeneration()
	}
	return d.updateLogin(u, p, resetRequired, generation)
}

// updateLogin begins a generation, unless it is empty.
func (d *Draft) updateLogin(u *User, p *Password, resetRequired *bool, generation string) error {
	l, err := u.LoginProfile()
	if err != nil {
		return err
	}
	next := clone(l)
	if p != nil {
		if err := d.admit(u, p); err != nil {
			return err
		}
		next.replace(p, d.now())
	}
	if resetRequired != nil {
		next.ResetRequired = *resetRequired
	}
	if generation != "" {
		next.Generation = generation
	}
	d.putLogin(u, next)
	return nil
}

// ChangePassword is UpdateLoginProfile by the user, who knows the old password:
// the caller has made sure of that with the hash that p was compared with. An
// expired password can be changed as well; HardExpiry forbids that at the
// sign-in, not here. Sessions go on: who began them chose the new password too.
func (d *Draft) ChangePassword(u *User, p *Password) error {
	changed := false
	return d.updateLogin(u, p, &changed, "")
}

// DeleteLoginProfile takes a user's password away.
func (d *Draft) DeleteLoginProfile(u *User) error {
	if _, err := u.LoginProfile(); err != nil {
		return err
	}
	d.putLogin(u, nil)
	return nil
}

func (l *LoginProfile) replace(p *Password, now time.Time) {
	l.Past = l.last(pastPasswords)
	l.Hash, l.Changed = p.hash, now
}

// newGeneration names a generation of passwords.
func (d *Draft) newGeneration() string { return NewUniqueID(d.env.Rand, "") }

func (d *Draft) putLogin(u *User, l *LoginProfile) {
	next := clone(u)
	next.Login = l
	d.putUser(u, next)
}
