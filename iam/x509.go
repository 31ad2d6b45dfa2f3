package iam

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"time"
)

// Codes of the refusals of certificates.
const (
	CodeMalformedCertificate = "MalformedCertificate"
	CodeKeyPairMismatch      = "KeyPairMismatch"
	CodeDuplicateCertificate = "DuplicateCertificate"
)

// AWS publishes these codes, and we know no recording of the texts that go with
// them: the words are ours.
const (
	textPrivateKey           = "Unable to parse private key. Please ensure the private key is an RSA or EC key in PEM format, and not encrypted."
	textKeyPairMismatch      = "The public key certificate and the private key do not match."
	textDuplicateCertificate = "The Certificate is already associated with another user of the account."
)

// Bounds on what is uploaded, so that looking at it stays cheap.
const (
	maxChain   = 20    // certificates
	maxRSABits = 16384 // of a modulus
)

const (
	certificateBegin = "-----BEGIN CERTIFICATE-----"
	certificateEnd   = "-----END CERTIFICATE-----"
)

var errCertificate = errors.New("not one certificate in PEM form")

// nextCertificate reads the certificate that a text begins with. Like AWS it
// takes no other text before it.
func nextCertificate(text string) (cert *x509.Certificate, rest string, err error) {
	text = strings.TrimSpace(text)
	end := strings.Index(text, certificateEnd)
	if !strings.HasPrefix(text, certificateBegin) || end < 0 {
		return nil, "", errCertificate
	}
	end += len(certificateEnd)
	block, _ := pem.Decode([]byte(text[:end]))
	if block == nil || block.Type != "CERTIFICATE" || len(block.Headers) > 0 {
		return nil, "", errCertificate
	}
	if cert, err = x509.ParseCertificate(block.Bytes); err != nil {
		return nil, "", err
	}
	if key, ok := cert.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() > maxRSABits {
		return nil, "", errCertificate
	}
	return cert, strings.TrimSpace(text[end:]), nil
}

// oneCertificate reads a text that is one certificate and nothing else.
func oneCertificate(text string) (*x509.Certificate, error) {
	cert, rest, err := nextCertificate(text)
	if err != nil {
		return nil, err
	}
	if rest != "" {
		return nil, errCertificate
	}
	return cert, nil
}

func malformedCertificate(err error, format string, args ...any) *Error {
	e := Errorf(CodeMalformedCertificate, format, args...)
	e.Err = err
	return e
}

// checkServerCertificate holds a server certificate, its private key and its
// chain (which may be empty) to AWS's rules.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html
func checkServerCertificate(body, privateKey, chain string, now time.Time) (*x509.Certificate, error) {
	cert, err := oneCertificate(body)
	if err != nil || now.Before(cert.NotBefore) { // AWS says the same of one that is not valid yet
		return nil, malformedCertificate(err, "Unable to parse certificate. Please ensure the certificate is in PEM format.")
	}
	if now.After(cert.NotAfter) {
		return nil, malformedCertificate(nil, "Certificate is no longer valid. The 'Not After' date restriction on the certificate has passed.")
	}
	public, err := publicOf(privateKey)
	if err != nil {
		return nil, err
	}
	if own, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !own.Equal(public) {
		return nil, Errorf(CodeKeyPairMismatch, textKeyPairMismatch)
	}
	return cert, checkChain(cert, chain)
}

// publicOf is the public half of a private key in PEM form. No refusal repeats
// anything of the key.
func publicOf(privateKey string) (crypto.PublicKey, error) {
	refusal := malformedCertificate(nil, textPrivateKey)
	text := strings.TrimSpace(privateKey)
	block, rest := pem.Decode([]byte(text))
	if !strings.HasPrefix(text, "-----BEGIN ") || block == nil || len(block.Headers) > 0 || len(rest) > 0 {
		return nil, refusal
	}
	var key any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, refusal
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return key.Public(), nil
	case *ecdsa.PrivateKey:
		return key.Public(), nil
	default:
		return nil, refusal
	}
}

// checkChain: each certificate of the chain has signed the one before it, the
// first of them the server's. A root may stand there more than once. AWS says
// -1 of a chain whose beginning is wrong; what comes later, we count from 0.
func checkChain(cert *x509.Certificate, chain string) error {
	rest := strings.TrimSpace(chain)
	for i := 0; rest != ""; i++ {
		signer, after, err := nextCertificate(rest)
		if err == nil && signer.Equal(cert) && i == 0 {
			err = errCertificate // the server's own has no place there
		}
		if err == nil && i < maxChain {
			err = cert.CheckSignatureFrom(signer)
		}
		if err != nil || i >= maxChain {
			at := i
			if at == 0 {
				at = -1
			}
			return malformedCertificate(err, "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate,"+
				" followed by any intermediaries in order. The index within the chain of the invalid certificate is: %d", at)
		}
		cert, rest = signer, after
	}
	return nil
}
