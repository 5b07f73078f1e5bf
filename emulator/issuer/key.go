package issuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-jose/go-jose/v4"
)

// rsaBits is the size of Cognito's keys.
const rsaBits = 2048

// A kind is one of the keys that the issuer has.
type kind struct {
	algorithm jose.SignatureAlgorithm
	file      string
	make      func() (crypto.Signer, error)
}

var kinds = []kind{
	{jose.RS256, "rsa-key.pem", func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, rsaBits) }},
	{jose.ES256, "ec-key.pem", func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }},
}

// openKeys loads the keys kept in dir, or makes them; dir "" keeps them in memory.
func openKeys(dir string) ([]jose.JSONWebKey, error) {
	keys := make([]jose.JSONWebKey, len(kinds))
	for i, k := range kinds {
		signer, err := k.open(dir)
		if err != nil {
			return nil, fmt.Errorf("key of the local issuer: %w", err)
		}
		if keys[i], err = k.jwk(signer); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func (k kind) open(dir string) (crypto.Signer, error) {
	if dir == "" {
		return k.make()
	}
	path := filepath.Join(dir, k.file)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return k.create(path)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s is no PEM file: remove it and a new key is made", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key.(crypto.Signer), nil // all that PKCS #8 holds can sign
}

// create makes a key and puts it into a file that is there whole or not at all.
func (k kind) create(path string) (crypto.Signer, error) {
	key, err := k.make()
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return nil, err
	}
	return key, os.Rename(path+".new", path)
}

// jwk names the key by its thumbprint (RFC 7638), so that it keeps its name.
func (k kind) jwk(signer crypto.Signer) (jose.JSONWebKey, error) {
	key := jose.JSONWebKey{Key: signer, Algorithm: string(k.algorithm), Use: "sig"}
	sum, err := key.Thumbprint(crypto.SHA256)
	key.KeyID = base64.RawURLEncoding.EncodeToString(sum)
	return key, err
}
