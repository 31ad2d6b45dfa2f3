package ca

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Kinds of PEM blocks.
const (
	blockCertificate = "CERTIFICATE"
	blockKey         = "PRIVATE KEY"
)

// read reads the pair of files. The key comes first on disk and a file is whole
// or not there, so a start that was cut short left a key without a certificate,
// which nobody has seen yet: it gets one. The reverse is a key that was lost.
// Of several processes that make a pair at once one wins, file by file, and
// all read what it made.
func (a *Authority) read() error {
	cert, key := CertificateFile(a.cfg.Dir), KeyFile(a.cfg.Dir)
	// The certificate is looked for first: where it is, the key must be.
	_, none := os.Lstat(cert)
	if _, err := os.Lstat(key); errors.Is(err, fs.ErrNotExist) {
		if none == nil {
			return fmt.Errorf("%s is there, and its key %s is not: put the key back, or move the certificate away to have a new authority made, "+
				"which clients must be told to trust", cert, key)
		}
		if err := a.createKey(key); err != nil {
			return err
		}
	}
	if err := a.readKey(key); err != nil {
		return err
	}
	text, err := readFile(cert)
	if errors.Is(err, fs.ErrNotExist) {
		der, failed := a.create(a.key)
		if failed != nil {
			return failed
		}
		if err := write(cert, blockCertificate, der, 0o644); err != nil {
			return err
		}
		text, err = readFile(cert)
	}
	if err != nil {
		return err
	}
	der, err := only(text, blockCertificate)
	if err != nil {
		return fmt.Errorf("%s: %w", cert, err)
	}
	if a.cert, err = x509.ParseCertificate(der); err == nil {
		err = a.check()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", cert, err)
	}
	a.text = pem.EncodeToMemory(&pem.Block{Type: blockCertificate, Bytes: der})
	return nil
}

func (a *Authority) createKey(path string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), a.cfg.Rand)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return write(path, blockKey, der, 0o600)
}

func (a *Authority) readKey(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s may be read by others (mode %04o): chmod 600 it, and if strangers could have read it, move it and ca.pem away "+
			"to have a new authority made", path, info.Mode().Perm())
	}
	text, err := readFile(path)
	if err != nil {
		return err
	}
	der, err := only(text, blockKey)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return fmt.Errorf("%s: it holds no key that signs", path)
	}
	a.key = signer
	return nil
}

// readFile reads a file that is short, and no directory or pipe.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const most = 64 << 10
	return io.ReadAll(io.LimitReader(f, most))
}

// only gives the one PEM block of a file.
func only(text []byte, kind string) ([]byte, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != kind || len(bytes.TrimSpace(rest)) > 0 {
		return nil, fmt.Errorf("it does not hold one PEM block %q and nothing else", kind)
	}
	return block.Bytes, nil
}

// write makes a file, whole and on disk or not at all; one that is there stays.
func write(path, kind string, der []byte, mode os.FileMode) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".ca-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	// Linking fails where a file of that name is there; renaming would replace it.
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
