package iam

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"time"
)

// SAMLTrust is what the assertions of a provider are verified by.
type SAMLTrust struct {
	ID            string // the provider's unique id, which its own endpoints end in
	Issuers       []SAMLIssuer
	ValidUntil    time.Time
	EncryptedOnly bool
	// Keys opens the private keys, oldest first.
	Keys func() ([]*rsa.PrivateKey, error)
}

// SAMLIssuer is an issuer of the provider's metadata, and who may sign for it.
type SAMLIssuer struct {
	EntityID     string
	Certificates []*x509.Certificate
}

// SAMLTrust reads a provider's metadata, which takes time in proportion to its
// length: call it outside of drafts.
func (a *Account) SAMLTrust(p *SAMLProvider) (*SAMLTrust, error) {
	entities, _, err := readEntities(p.Metadata)
	if err != nil {
		return nil, fmt.Errorf("iam: metadata of %s: %w", a.SAMLProviderARN(p), err)
	}
	t := &SAMLTrust{
		ID: p.ID, ValidUntil: p.ValidUntil, EncryptedOnly: p.Encryption == EncryptionRequired,
		Keys: func() ([]*rsa.PrivateKey, error) { return a.openSAMLKeys(p) },
	}
	for i := range entities {
		for _, d := range entities[i].IDPSSODescriptors {
			issuer := SAMLIssuer{EntityID: entities[i].EntityID}
			for _, key := range d.KeyDescriptors {
				if key.Use != "" && key.Use != "signing" {
					continue
				}
				for _, c := range key.KeyInfo.X509Data.X509Certificates {
					cert, err := readCertificate(c.Data)
					if err != nil {
						return nil, fmt.Errorf("iam: metadata of %s: %w", a.SAMLProviderARN(p), err)
					}
					issuer.Certificates = append(issuer.Certificates, cert)
				}
			}
			t.Issuers = append(t.Issuers, issuer)
		}
	}
	return t, nil
}

// readCertificate reads a certificate as XML has it: in base64, of any layout.
func readCertificate(data string) (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(data), ""))
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func (a *Account) openSAMLKeys(p *SAMLProvider) ([]*rsa.PrivateKey, error) {
	var list []*rsa.PrivateKey
	for _, k := range p.Keys {
		text, err := a.env.Unseal(a.ID, k.ID, k.Sealed)
		if err != nil {
			return nil, fmt.Errorf("iam: private key %s: %w", k.ID, err)
		}
		block, _ := pem.Decode([]byte(strings.TrimSpace(text)))
		if block == nil {
			return nil, fmt.Errorf("iam: private key %s: not in PEM form", k.ID)
		}
		if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
			list = append(list, key)
			continue
		}
		any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("iam: private key %s: %w", k.ID, err)
		}
		key, ok := any.(*rsa.PrivateKey)
		if !ok {
			return nil, fmt.Errorf("iam: private key %s: not an RSA key", k.ID)
		}
		list = append(list, key)
	}
	return list, nil
}
