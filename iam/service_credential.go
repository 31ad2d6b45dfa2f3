package iam

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"
)

// ServiceCredential lets a user log in to one service by a name and a password,
// or by an API key that holds both. What is kept of the password is a hash: it
// has 352 random bits, which no dictionary shortens.
type ServiceCredential struct {
	ID         string    `json:"id"`
	Service    string    `json:"service"` // such as "codecommit.amazonaws.com"
	Status     Status    `json:"status"`  // as it was set
	CreateDate time.Time `json:"created"`
	Expiration time.Time `json:"expires,omitzero"` // zero for never
	Login      string    `json:"login"`            // the name; it stays when the user is renamed
	Hash       []byte    `json:"hash"`             // SHA-256 of the password or API key
}

// Expired is what a credential's status reads after its expiration.
const Expired Status = "Expired"

// apiKeyPrefixes are the services that credentials are for, with what their
// API keys begin with; "" has a name and a password instead.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_api_keys_for_aws_services.html
var apiKeyPrefixes = map[string]string{
	"codecommit.amazonaws.com":             "",
	"cassandra.amazonaws.com":              "",
	"bedrock.amazonaws.com":                "ABSK",
	"logs.amazonaws.com":                   "ACWL",
	"cloudwatch.amazonaws.com":             "APIAACWM",
	"aws-external-anthropic.amazonaws.com": "AEAA",
}

// AWS answers so about another user's credential; the words are ours.
const textOthersCredential = "The service specific credential %s does not belong to the user %s."

// CredentialService is the name of a service as AWS writes it; case does not
// matter. NoSuchEntity says that it has no credentials of its own.
func CredentialService(name string) (string, error) {
	service := strings.ToLower(name)
	if _, ok := apiKeyPrefixes[service]; !ok {
		return "", Errorf(CodeNoSuchEntity, "No such service %s is supported for Service Specific Credentials", name)
	}
	return service, nil
}

// APIKey tells a credential that is one secret text from one that is a name and
// a password.
func (c *ServiceCredential) APIKey() bool { return apiKeyPrefixes[c.Service] != "" }

// StatusAt is the status at a time.
func (c *ServiceCredential) StatusAt(now time.Time) Status {
	if !c.Expiration.IsZero() && !now.Before(c.Expiration) {
		return Expired
	}
	return c.Status
}

// Matches tells whether a password or API key is the credential's.
func (c *ServiceCredential) Matches(secret string) bool {
	sum := sha256.Sum256([]byte(secret))
	return subtle.ConstantTimeCompare(sum[:], c.Hash) == 1
}

// renew gives the credential another secret.
func (c *ServiceCredential) renew(rand io.Reader) (secret string) {
	var b [44]byte // sixty characters, of which AWS's last is "="
	read(rand, b[:])
	secret = base64.StdEncoding.EncodeToString(b[:])
	if prefix := apiKeyPrefixes[c.Service]; prefix != "" {
		secret = prefix + base64.StdEncoding.EncodeToString([]byte(c.Login+":"+secret))
	}
	sum := sha256.Sum256([]byte(secret))
	c.Hash = sum[:]
	return secret
}

// ServiceCredential finds a credential of a user by its id.
func (a *Account) ServiceCredential(u *User, id string) (*ServiceCredential, error) {
	if i := u.serviceCredential(id); i >= 0 {
		return &u.ServiceCredentials[i], nil
	}
	if _, taken := a.credentialOwners.Get(ownService + id); taken {
		return nil, Errorf(CodeValidation, textOthersCredential, id, u.Name)
	}
	return nil, Errorf(CodeNoSuchEntity, "No such credential %s exists", id)
}

func (u *User) serviceCredential(id string) int {
	return slices.IndexFunc(u.ServiceCredentials, func(c ServiceCredential) bool { return c.ID == id })
}

// CreateServiceCredential makes a credential of a user and gives its secret
// back, this once. Days is how long it is good; 0 is for ever.
func (d *Draft) CreateServiceCredential(userName, serviceName string, days int32) (*ServiceCredential, string, error) {
	u, err := d.User(userName)
	if err != nil {
		return nil, "", err
	}
	service, err := CredentialService(serviceName)
	if err != nil {
		return nil, "", err
	}
	if limit := d.env.Quotas.ServiceCredentials; len(u.CredentialsFor(service)) >= limit {
		return nil, "", quota("ServiceSpecificCredentialsPerUser", limit)
	}
	c := ServiceCredential{
		ID: NewUniqueID(d.env.Rand, PrefixServiceCredential), Service: service, Status: Active, CreateDate: d.now(),
		Login: d.freeLogin(service, u.Name),
	}
	if days > 0 {
		c.Expiration = c.CreateDate.AddDate(0, 0, int(days))
	}
	secret := c.renew(d.env.Rand)
	next := clone(u)
	next.ServiceCredentials = append(slices.Clone(u.ServiceCredentials), c)
	d.putUser(u, next)
	return &c, secret, nil
}

// freeLogin is the user's name at the account, with a number when another
// credential of the service, maybe of one that had the name before, is called
// so already.
func (d *Draft) freeLogin(service, userName string) string {
	login := userName + "-at-" + d.ID
	for n := 1; ; n++ {
		if _, taken := d.credentialOwners.Get(loginKey(service, login)); !taken {
			return login
		}
		login = fmt.Sprintf("%s+%d-at-%s", userName, n, d.ID)
	}
}

// UpdateServiceCredential switches a credential on or off.
func (d *Draft) UpdateServiceCredential(u *User, id string, status Status) error {
	if err := checkStatus(status, "a service specific credential"); err != nil {
		return err
	}
	c, err := d.ServiceCredential(u, id)
	if err != nil {
		return err
	}
	if c.Status != status {
		next := *c
		next.Status = status
		d.putServiceCredential(u, next)
	}
	return nil
}

// ResetServiceCredential gives a credential another secret, and the secret
// back, this once. Status and expiration stay.
func (d *Draft) ResetServiceCredential(u *User, id string) (*ServiceCredential, string, error) {
	c, err := d.ServiceCredential(u, id)
	if err != nil {
		return nil, "", err
	}
	next := *c
	secret := next.renew(d.env.Rand)
	d.putServiceCredential(u, next)
	return &next, secret, nil
}

// DeleteServiceCredential removes a credential.
func (d *Draft) DeleteServiceCredential(u *User, id string) error {
	if _, err := d.ServiceCredential(u, id); err != nil {
		return err
	}
	next := clone(u)
	next.ServiceCredentials = without(u.ServiceCredentials, func(c ServiceCredential) bool { return c.ID == id })
	d.putUser(u, next)
	return nil
}

func (d *Draft) putServiceCredential(u *User, c ServiceCredential) {
	next := clone(u)
	next.ServiceCredentials = slices.Clone(u.ServiceCredentials)
	next.ServiceCredentials[u.serviceCredential(c.ID)] = c
	d.putUser(u, next)
}

// OwnedCredential is a credential with its user.
type OwnedCredential struct {
	User       *User
	Credential *ServiceCredential
}

// ServiceCredentialsAfter walks the credentials of all users, by the user's
// name and the credential's id, beginning after a key that it gave; "" begins
// at the first.
func (a *Account) ServiceCredentialsAfter(key string) iter.Seq2[string, OwnedCredential] {
	name, last, _ := strings.Cut(key, "\x00")
	return func(yield func(string, OwnedCredential) bool) {
		give := func(name string, u *User, last string) bool {
			for _, c := range u.CredentialsFor("") {
				if c.ID > last && !yield(name+"\x00"+c.ID, OwnedCredential{u, c}) {
					return false
				}
			}
			return true
		}
		if u, ok := a.users.Get(name); ok && !give(name, u, last) {
			return
		}
		for name, u := range a.UsersAfter(name) {
			if !give(name, u, "") {
				return
			}
		}
	}
}

// CredentialsFor are the user's credentials for a service, or for all when it
// is "", by id.
func (u *User) CredentialsFor(service string) []*ServiceCredential {
	var list []*ServiceCredential
	for i := range u.ServiceCredentials {
		if c := &u.ServiceCredentials[i]; service == "" || c.Service == service {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b *ServiceCredential) int { return strings.Compare(a.ID, b.ID) })
	return list
}
