package samltest

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/base64"
	"strings"
)

// Encryption says how an assertion is encrypted; the zero value is AES-256-GCM
// with a key by RSA-OAEP of SHA-1 and MGF1 of SHA-1.
type Encryption struct {
	Block string // the last part of the algorithm's name: "aes128-cbc"
	Key   string // of the key's: "rsa-oaep-mgf1p", "rsa-oaep" or "rsa-1_5"
	Hash  crypto.Hash
	Mask  crypto.Hash
	Label string
	// Beside puts the key beside the encrypted data, and not into it.
	Beside bool
}

const (
	xmlenc   = "http://www.w3.org/2001/04/xmlenc#"
	xmlenc11 = "http://www.w3.org/2009/xmlenc11#"
)

var digests = map[crypto.Hash]string{
	crypto.SHA1: "http://www.w3.org/2000/09/xmldsig#sha1", crypto.SHA256: xmlenc + "sha256",
	crypto.SHA384: "http://www.w3.org/2001/04/xmldsig-more#sha384", crypto.SHA512: xmlenc + "sha512",
}

var masks = map[crypto.Hash]string{
	crypto.SHA1: "mgf1sha1", crypto.SHA256: "mgf1sha256", crypto.SHA384: "mgf1sha384", crypto.SHA512: "mgf1sha512",
}

// Encrypt makes an EncryptedAssertion of text.
func (p *IdP) Encrypt(text string, to *rsa.PublicKey, how Encryption) string {
	p.t.Helper()
	if how.Block == "" {
		how.Block = "aes256-gcm"
	}
	if how.Key == "" {
		how.Key = "rsa-oaep-mgf1p"
	}
	if how.Hash == 0 {
		how.Hash = crypto.SHA1
	}
	if how.Mask == 0 {
		how.Mask = crypto.SHA1
	}
	key := make([]byte, map[string]int{"aes128": 16, "aes192": 24, "aes256": 32}[how.Block[:6]])
	_, _ = rand.Read(key) // it never fails
	data := `<xenc:CipherData><xenc:CipherValue>` + lines(p.seal(how.Block, key, text)) + `</xenc:CipherValue></xenc:CipherData>`
	wrapped := p.wrapKey(key, to, how)
	algorithm, inside := xmlenc+how.Block, `<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">`+wrapped+`</ds:KeyInfo>`
	if strings.HasSuffix(how.Block, "gcm") {
		algorithm = xmlenc11 + how.Block
	}
	if how.Beside {
		inside = ""
	} else {
		wrapped = ""
	}
	return `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><xenc:EncryptedData xmlns:xenc="` + xmlenc + `" Type="` + xmlenc + `Element">` +
		`<xenc:EncryptionMethod Algorithm="` + algorithm + `"/>` + inside + data + `</xenc:EncryptedData>` + wrapped + `</saml:EncryptedAssertion>`
}

func (p *IdP) seal(name string, key []byte, text string) []byte {
	p.t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		p.t.Fatal(err)
	}
	if strings.HasSuffix(name, "gcm") {
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			p.t.Fatal(err)
		}
		nonce := make([]byte, gcm.NonceSize())
		_, _ = rand.Read(nonce)
		return gcm.Seal(nonce, nonce, []byte(text), nil)
	}
	pad := aes.BlockSize - len(text)%aes.BlockSize
	plain := append([]byte(text), make([]byte, pad)...)
	plain[len(plain)-1] = byte(pad)
	sealed := make([]byte, aes.BlockSize+len(plain))
	_, _ = rand.Read(sealed[:aes.BlockSize])
	cipher.NewCBCEncrypter(block, sealed[:aes.BlockSize]).CryptBlocks(sealed[aes.BlockSize:], plain)
	return sealed
}

func (p *IdP) wrapKey(key []byte, to *rsa.PublicKey, how Encryption) string {
	p.t.Helper()
	var sealed []byte
	var err error
	method := xmlenc + how.Key
	inner := `<ds:DigestMethod xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Algorithm="` + digests[how.Hash] + `"/>`
	switch how.Key {
	case "rsa-1_5":
		//lint:ignore SA1019 what is to be refused must be made.
		sealed, err = rsa.EncryptPKCS1v15(rand.Reader, to, key)
		inner = ""
	default:
		sealed, err = rsa.EncryptOAEPWithOptions(rand.Reader, to, key, &rsa.OAEPOptions{Hash: how.Hash, MGFHash: how.Mask, Label: []byte(how.Label)})
	}
	if err != nil {
		p.t.Fatal(err)
	}
	if how.Key == "rsa-oaep" {
		method = xmlenc11 + how.Key
		inner += `<xenc11:MGF xmlns:xenc11="` + xmlenc11 + `" Algorithm="` + xmlenc11 + masks[how.Mask] + `"/>`
	}
	if how.Label != "" {
		inner += `<xenc:OAEPparams>` + base64.StdEncoding.EncodeToString([]byte(how.Label)) + `</xenc:OAEPparams>`
	}
	return `<xenc:EncryptedKey xmlns:xenc="` + xmlenc + `"><xenc:EncryptionMethod Algorithm="` + method + `">` + inner + `</xenc:EncryptionMethod>` +
		`<xenc:CipherData><xenc:CipherValue>` + lines(sealed) + `</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>`
}

// lines is base64 as many write it into XML.
func lines(b []byte) string {
	s := base64.StdEncoding.EncodeToString(b)
	var out strings.Builder
	for len(s) > 76 {
		out.WriteString(s[:76] + "\n    ")
		s = s[76:]
	}
	return out.String() + s
}
