package iam

// Credentials are what users have beside passwords and access keys: signing
// certificates, SSH public keys and the credentials of single services. They
// stand in the user's row, so they move with its name.
type Credentials struct {
	Certificates       []SigningCertificate `json:"certificates,omitempty"`       // in order of upload
	SSHKeys            []SSHPublicKey       `json:"sshKeys,omitempty"`            // in order of upload
	ServiceCredentials []ServiceCredential  `json:"serviceCredentials,omitempty"` // in order of creation
}

// removable tells whether a user's credentials let it go.
func (c *Credentials) removable() error {
	if len(c.Certificates) > 0 {
		return Errorf(CodeDeleteConflict, "Cannot delete entity, must delete certificates first.")
	}
	if len(c.SSHKeys) > 0 || len(c.ServiceCredentials) > 0 {
		return Errorf(CodeDeleteConflict, "Cannot delete entity, must remove referenced objects first.")
	}
	return nil
}

// The index of credentials that are unique in the account leads from a kind and
// an id to the unique id of the owner, "" for root.
const (
	ownCertificate = "certificate\x00"
	ownService     = "service\x00"
	ownLogin       = "login\x00" // a service, and a name to log in with
)

func (c *Credentials) eachUnique(yield func(key string)) {
	for i := range c.Certificates {
		yield(ownCertificate + c.Certificates[i].ID)
	}
	for i := range c.ServiceCredentials {
		s := &c.ServiceCredentials[i]
		yield(ownService + s.ID)
		yield(loginKey(s.Service, s.Login))
	}
}

func loginKey(service, login string) string { return ownLogin + service + "\x00" + fold(login) }

func (d *Draft) ownCredentials(c *Credentials, owner string) {
	c.eachUnique(func(key string) { d.credentialOwners.Set(key, owner) })
}

func (d *Draft) disownCredentials(c *Credentials) {
	c.eachUnique(func(key string) { d.credentialOwners.Delete(key) })
}

// checkStatus is the refusal of a status that is not to be set by hand.
func checkStatus(status Status, what string) error {
	if status != Active && status != Inactive {
		return Errorf(CodeInvalidInput, "The status of %s can be set to Active or Inactive only.", what)
	}
	return nil
}
