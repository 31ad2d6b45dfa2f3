package saml

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	_ "crypto/sha1" // for OAEP, which does not rest on collisions
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/base64"
	"errors"

	"github.com/beevik/etree"
)

// maxRecipients is how many encrypted keys an assertion may bring.
const maxRecipients = 4

// block is how an assertion's text is encrypted.
type block struct {
	key int // bytes
	gcm bool
}

const (
	nsEncryption11 = "http://www.w3.org/2009/xmlenc11#"
	nsMore         = "http://www.w3.org/2001/04/xmldsig-more#"

	oaepMGF1 = nsEncryption + "rsa-oaep-mgf1p"
	oaep     = nsEncryption11 + "rsa-oaep"
)

var (
	blocks = map[string]block{
		nsEncryption + "aes128-cbc": {16, false}, nsEncryption + "aes192-cbc": {24, false}, nsEncryption + "aes256-cbc": {32, false},
		nsEncryption11 + "aes128-gcm": {16, true}, nsEncryption11 + "aes192-gcm": {24, true}, nsEncryption11 + "aes256-gcm": {32, true},
	}
	// hashes are those of OAEP; "" is what the standard takes when none is named.
	hashes = map[string]crypto.Hash{
		"": crypto.SHA1, nsSignature + "sha1": crypto.SHA1, nsEncryption + "sha256": crypto.SHA256,
		nsMore + "sha384": crypto.SHA384, nsEncryption + "sha512": crypto.SHA512,
	}
	masks = map[string]crypto.Hash{
		"": crypto.SHA1, nsEncryption11 + "mgf1sha1": crypto.SHA1, nsEncryption11 + "mgf1sha256": crypto.SHA256,
		nsEncryption11 + "mgf1sha384": crypto.SHA384, nsEncryption11 + "mgf1sha512": crypto.SHA512,
	}
)

var errEncrypted = errors.New("saml: cannot be decrypted")

// decrypt opens an EncryptedAssertion. No caller may tell a stranger in which
// step it failed, or that it did not: CBC does not notice changes, and answers
// about them would give the text away.
func decrypt(el *etree.Element, keys []*rsa.PrivateKey) (string, error) {
	data, err := only(el, nsEncryption, "EncryptedData")
	if err != nil {
		return "", err
	}
	method, err := only(data, nsEncryption, "EncryptionMethod")
	if err != nil {
		return "", err
	}
	how, ok := blocks[value(method, "Algorithm")]
	if !ok {
		return "", errors.New("saml: an encryption that is not taken")
	}
	sealed, err := cipherValue(data)
	if err != nil {
		return "", err
	}
	list := all(el, nsEncryption, "EncryptedKey")
	for _, info := range all(data, nsSignature, "KeyInfo") {
		list = append(list, all(info, nsEncryption, "EncryptedKey")...)
	}
	if len(list) > maxRecipients {
		return "", errEncrypted
	}
	for _, wrapped := range list {
		for _, key := range keys {
			if secret, err := unwrap(wrapped, key); err == nil && len(secret) == how.key {
				return how.open(secret, sealed)
			}
		}
	}
	return "", errEncrypted
}

// unwrap opens an encrypted key by RSA-OAEP. The older padding of RSA is not
// taken: its failures can be told from successes.
func unwrap(el *etree.Element, key *rsa.PrivateKey) ([]byte, error) {
	method, err := only(el, nsEncryption, "EncryptionMethod")
	if err != nil {
		return nil, err
	}
	algorithm, digest, mask := value(method, "Algorithm"), "", ""
	for _, child := range method.ChildElements() {
		switch {
		case is(child, nsSignature, "DigestMethod"):
			digest = value(child, "Algorithm")
		case is(child, nsEncryption11, "MGF") && algorithm == oaep:
			mask = value(child, "Algorithm")
		}
	}
	hash, ok := hashes[digest]
	mgf, known := masks[mask]
	if !ok || !known || algorithm != oaepMGF1 && algorithm != oaep {
		return nil, errEncrypted
	}
	options := &rsa.OAEPOptions{Hash: hash, MGFHash: mgf}
	for _, params := range all(method, nsEncryption, "OAEPparams") {
		if options.Label, err = base64.StdEncoding.DecodeString(dense(params)); err != nil {
			return nil, err
		}
	}
	sealed, err := cipherValue(el)
	if err != nil {
		return nil, err
	}
	return key.Decrypt(nil, sealed, options)
}

func cipherValue(el *etree.Element) ([]byte, error) {
	data, err := only(el, nsEncryption, "CipherData")
	if err != nil {
		return nil, err
	}
	encoded, err := only(data, nsEncryption, "CipherValue")
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(dense(encoded))
}

func (b block) open(key, sealed []byte) (string, error) {
	c, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	if b.gcm {
		gcm, err := cipher.NewGCM(c)
		if err != nil {
			return "", err
		}
		if len(sealed) < gcm.NonceSize() {
			return "", errEncrypted
		}
		plain, err := gcm.Open(nil, sealed[:gcm.NonceSize()], sealed[gcm.NonceSize():], nil)
		return string(plain), err
	}
	if len(sealed) < 2*aes.BlockSize || len(sealed)%aes.BlockSize != 0 {
		return "", errEncrypted
	}
	plain := make([]byte, len(sealed)-aes.BlockSize)
	cipher.NewCBCDecrypter(c, sealed[:aes.BlockSize]).CryptBlocks(plain, sealed[aes.BlockSize:])
	// Only the last byte of XML encryption's padding has a meaning.
	padding := int(plain[len(plain)-1])
	if padding < 1 || padding > aes.BlockSize {
		return "", errEncrypted
	}
	return string(plain[:len(plain)-padding]), nil
}
