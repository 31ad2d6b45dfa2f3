package iam

import (
	"iter"
	"slices"
	"time"
)

// ServerCertificate is a certificate with its private key, for whoever serves
// TLS. The key is sealed, and no action gives it back.
type ServerCertificate struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Path       string    `json:"path"`
	UploadDate time.Time `json:"uploaded"`
	Expiration time.Time `json:"expires"`
	Body       string    `json:"body"`            // PEM, as it was uploaded
	Chain      string    `json:"chain,omitempty"` // PEM
	Sealed     []byte    `json:"sealed"`          // the private key
	Tags       []Tag     `json:"tags,omitempty"`
}

const rowServerCertificate = "server-certificate"

// NewServerCertificate is what is uploaded. An empty Path is "/"; an empty
// Chain is none.
type NewServerCertificate struct {
	Name, Path              string
	Body, PrivateKey, Chain string // PEM
	Tags                    []Tag
}

func noServerCertificate(name string) *Error {
	return Errorf(CodeNoSuchEntity, "The Server Certificate with name %s cannot be found.", name)
}

func serverCertificateExists(name string) *Error {
	return Errorf(CodeEntityAlreadyExists, "The Server Certificate with name %s already exists.", name)
}

// ServerCertificate finds a server certificate by name.
func (a *Account) ServerCertificate(name string) (*ServerCertificate, error) {
	if c, ok := a.serverCertificates.Get(fold(name)); ok {
		return c, nil
	}
	return nil, noServerCertificate(name)
}

// ServerCertificateARN is the ARN of a server certificate of this account.
func (a *Account) ServerCertificateARN(c *ServerCertificate) string {
	return a.arn("server-certificate", c.Path, c.Name)
}

// ServerCertificatesAfter walks the server certificates, as UsersAfter does.
func (a *Account) ServerCertificatesAfter(name string) iter.Seq2[string, *ServerCertificate] {
	return after(a.serverCertificates, name)
}

// ServerCertificateCount is the number of server certificates.
func (a *Account) ServerCertificateCount() int { return a.serverCertificates.Len() }

// PrivateKey opens the private key of a server certificate, for a listener of
// this program.
func (a *Account) PrivateKey(c *ServerCertificate) (string, error) {
	return a.env.Unseal(a.ID, c.ID, c.Sealed)
}

// UploadServerCertificate keeps a certificate, with the key that belongs to it.
func (d *Draft) UploadServerCertificate(in NewServerCertificate) (*ServerCertificate, error) {
	if _, taken := d.serverCertificates.Get(fold(in.Name)); taken {
		return nil, serverCertificateExists(in.Name)
	}
	if limit := d.env.Quotas.ServerCertificates; d.ServerCertificateCount() >= limit {
		return nil, quota("ServerCertificatesPerAccount", limit)
	}
	tags, err := d.tagged(nil, in.Tags, exactTagKeys)
	if err != nil {
		return nil, err
	}
	cert, err := checkServerCertificate(in.Body, in.PrivateKey, in.Chain, d.now())
	if err != nil {
		return nil, err
	}
	id := NewUniqueID(d.env.Rand, PrefixServerCertificate)
	c := &ServerCertificate{
		ID: id, Name: in.Name, Path: orRoot(in.Path),
		UploadDate: d.now(), Expiration: cert.NotAfter.UTC(),
		Body: in.Body, Chain: in.Chain, Sealed: d.env.Seal(d.ID, id, in.PrivateKey), Tags: tags,
	}
	d.putServerCertificate(nil, c)
	return c, nil
}

// UpdateServerCertificate gives a server certificate another name or path; an
// empty one stays as it is.
func (d *Draft) UpdateServerCertificate(name, newName, newPath string) error {
	c, err := d.ServerCertificate(name)
	if err != nil {
		return err
	}
	next := clone(c)
	if newName != "" {
		if other, taken := d.serverCertificates.Get(fold(newName)); taken && other.ID != c.ID {
			return serverCertificateExists(newName)
		}
		next.Name = newName
	}
	if newPath != "" {
		next.Path = newPath
	}
	if next.Name != c.Name || next.Path != c.Path {
		d.putServerCertificate(c, next)
	}
	return nil
}

// DeleteServerCertificate removes a server certificate and its key.
func (d *Draft) DeleteServerCertificate(name string) error {
	c, err := d.ServerCertificate(name)
	if err != nil {
		return err
	}
	d.putServerCertificate(c, nil)
	return nil
}

// TagServerCertificate adds tags, in place of those with the same keys.
func (d *Draft) TagServerCertificate(name string, tags []Tag) error {
	c, err := d.ServerCertificate(name)
	if err != nil {
		return err
	}
	next := clone(c)
	if next.Tags, err = d.tagged(c.Tags, tags, exactTagKeys); err != nil {
		return err
	}
	if !slices.Equal(next.Tags, c.Tags) {
		d.putServerCertificate(c, next)
	}
	return nil
}

// UntagServerCertificate removes tags by their keys.
func (d *Draft) UntagServerCertificate(name string, keys []string) error {
	c, err := d.ServerCertificate(name)
	if err != nil {
		return err
	}
	next := clone(c)
	next.Tags = untagged(c.Tags, keys, exactTagKeys)
	if len(next.Tags) != len(c.Tags) {
		d.putServerCertificate(c, next)
	}
	return nil
}

// putServerCertificate replaces old by c, as putUser does.
func (d *Draft) putServerCertificate(old, c *ServerCertificate) {
	if old != nil {
		d.serverCertificates.Delete(fold(old.Name))
	}
	if c == nil {
		d.note(rowServerCertificate, old.ID, nil)
		return
	}
	d.serverCertificates.Set(fold(c.Name), c)
	d.note(rowServerCertificate, c.ID, c)
}
