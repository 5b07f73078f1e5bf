// Package authority makes certificates for tests.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"
)

// An Authority is a CA.
type Authority struct {
	Cert *x509.Certificate // its own
	PEM  []byte            // of Cert

	t   *testing.T
	key *ecdsa.PrivateKey
}

// New makes one.
func New(t *testing.T, name string) *Authority {
	t.Helper()
	a := &Authority{t: t}
	a.Cert, a.key, a.PEM = a.Sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	return a
}

// Sign makes a certificate that is good for an hour and has the serial number 01:02. The first is the authority's own.
func (a *Authority) Sign(template *x509.Certificate) (cert *x509.Certificate, key *ecdsa.PrivateKey, text []byte) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(0x0102), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.Cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		a.t.Fatal(err)
	}
	return cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// Client is a certificate of a client.
func (a *Authority) Client(name string) tls.Certificate {
	a.t.Helper()
	cert, key, _ := a.Sign(&x509.Certificate{Subject: pkix.Name{CommonName: name, Organization: []string{"Tests"}},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}
