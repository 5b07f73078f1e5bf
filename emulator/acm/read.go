package acm

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
)

// readCertificates reads the certificates of a PEM text that holds nothing else.
func readCertificates(text []byte) (all []*x509.Certificate, err error) {
	for rest := bytes.TrimSpace(text); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil || block.Type != "CERTIFICATE" {
			return nil, errors.New("not a PEM certificate")
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// readKey reads an unencrypted private key in any of the forms that openssl writes.
func readKey(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	for block != nil && block.Type == "EC PARAMETERS" {
		_, text, _ = bytes.Cut(text, []byte("-----END EC PARAMETERS-----"))
		block, _ = pem.Decode(text)
	}
	if block == nil {
		return nil, errors.New("not PEM")
	}
	var key any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("a %s", strings.ToLower(block.Type))
	}
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a %T cannot sign", key)
	}
	return signer, nil
}

// keyAlgorithm is a key's kind as ACM shows it, with hyphens where the enum has
// underscores; "" for one it does not take.
func keyAlgorithm(key crypto.PublicKey) types.KeyAlgorithm {
	switch k := key.(type) {
	case *rsa.PublicKey:
		switch n := k.N.BitLen(); n {
		case 1024, 2048, 3072, 4096:
			return types.KeyAlgorithm(fmt.Sprintf("RSA-%d", n))
		}
	case *ecdsa.PublicKey:
		switch k.Curve.Params().BitSize {
		case 256:
			return "EC-prime256v1"
		case 384:
			return "EC-secp384r1"
		case 521:
			return "EC-secp521r1"
		}
	}
	return ""
}

// enumOf is what filters call a key algorithm.
func enumOf(shown types.KeyAlgorithm) types.KeyAlgorithm {
	return types.KeyAlgorithm(strings.Replace(string(shown), "-", "_", 1))
}

// describe fills in what can be read in a certificate.
func describe(d *types.CertificateDetail, c *x509.Certificate) {
	d.DomainName = aws.String(domainOf(c))
	d.SubjectAlternativeNames = c.DNSNames
	d.Subject = aws.String(c.Subject.String())
	d.Issuer = aws.String(issuerOf(c))
	d.Serial = aws.String(serial(c))
	d.SignatureAlgorithm = aws.String(signature(c))
	d.KeyAlgorithm = keyAlgorithm(c.PublicKey)
	d.NotBefore, d.NotAfter = aws.Time(c.NotBefore.UTC()), aws.Time(c.NotAfter.UTC())
	d.KeyUsages, d.ExtendedKeyUsages = keyUsages(c), extendedKeyUsages(c)
}

func domainOf(c *x509.Certificate) string {
	if c.Subject.CommonName == "" && len(c.DNSNames) > 0 {
		return c.DNSNames[0]
	}
	return c.Subject.CommonName
}

func issuerOf(c *x509.Certificate) string {
	if len(c.Issuer.Organization) > 0 {
		return c.Issuer.Organization[0]
	}
	return c.Issuer.CommonName
}

// serial is the serial number as openssl prints it: 0a:1b:….
func serial(c *x509.Certificate) string {
	text := hex.EncodeToString(c.SerialNumber.Bytes())
	var pairs []string
	for p := range slices.Chunk([]byte(text), 2) {
		pairs = append(pairs, string(p))
	}
	return strings.Join(pairs, ":")
}

// signature is Java's name of a signature algorithm: SHA256WITHRSA.
func signature(c *x509.Certificate) string {
	kind, hash, _ := strings.Cut(c.SignatureAlgorithm.String(), "-")
	if strings.HasPrefix(kind, "SHA") {
		kind, hash = hash, kind
	}
	return hash + "WITH" + kind
}

func keyUsages(c *x509.Certificate) (all []types.KeyUsage) {
	for bit, name := range types.KeyUsageName("").Values()[:9] {
		if c.KeyUsage&(1<<bit) != 0 {
			all = append(all, types.KeyUsage{Name: name})
		}
	}
	return all
}

// extendedUsages are the ones with a name in ACM, below 1.3.6.1.5.5.7.3.
var extendedUsages = map[x509.ExtKeyUsage]struct {
	name types.ExtendedKeyUsageName
	oid  string
}{
	x509.ExtKeyUsageAny:             {types.ExtendedKeyUsageNameAny, "2.5.29.37.0"},
	x509.ExtKeyUsageServerAuth:      {types.ExtendedKeyUsageNameTlsWebServerAuthentication, "1.3.6.1.5.5.7.3.1"},
	x509.ExtKeyUsageClientAuth:      {types.ExtendedKeyUsageNameTlsWebClientAuthentication, "1.3.6.1.5.5.7.3.2"},
	x509.ExtKeyUsageCodeSigning:     {types.ExtendedKeyUsageNameCodeSigning, "1.3.6.1.5.5.7.3.3"},
	x509.ExtKeyUsageEmailProtection: {types.ExtendedKeyUsageNameEmailProtection, "1.3.6.1.5.5.7.3.4"},
	x509.ExtKeyUsageIPSECEndSystem:  {types.ExtendedKeyUsageNameIpsecEndSystem, "1.3.6.1.5.5.7.3.5"},
	x509.ExtKeyUsageIPSECTunnel:     {types.ExtendedKeyUsageNameIpsecTunnel, "1.3.6.1.5.5.7.3.6"},
	x509.ExtKeyUsageIPSECUser:       {types.ExtendedKeyUsageNameIpsecUser, "1.3.6.1.5.5.7.3.7"},
	x509.ExtKeyUsageTimeStamping:    {types.ExtendedKeyUsageNameTimeStamping, "1.3.6.1.5.5.7.3.8"},
	x509.ExtKeyUsageOCSPSigning:     {types.ExtendedKeyUsageNameOcspSigning, "1.3.6.1.5.5.7.3.9"},
}

func extendedKeyUsages(c *x509.Certificate) (all []types.ExtendedKeyUsage) {
	for _, u := range c.ExtKeyUsage {
		if known, ok := extendedUsages[u]; ok {
			all = append(all, types.ExtendedKeyUsage{Name: known.name, OID: aws.String(known.oid)})
		}
	}
	for _, oid := range c.UnknownExtKeyUsage {
		all = append(all, custom(oid))
	}
	return all
}

func custom(oid asn1.ObjectIdentifier) types.ExtendedKeyUsage {
	return types.ExtendedKeyUsage{Name: types.ExtendedKeyUsageNameCustom, OID: aws.String(oid.String())}
}
