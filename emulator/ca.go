package emulator

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"postern/emulator/acm"
)

// File names of the certificate authority in its directory.
const (
	caCertFile = "ca.pem"
	caKeyFile  = "ca-key.pem"
)

// A localCA signs the certificates that Postern serves. It is made on first
// start and kept, so that it has to be trusted once.
type localCA struct {
	cert *x509.Certificate
	key  crypto.Signer
	pem  []byte
	path string // of ca.pem, "" when in memory

	// mu guards leaves, the certificates made so far, by server name.
	mu     sync.Mutex
	leaves map[string]*tls.Certificate
}

// maxLeaves bounds what a client that asks for ever new names can make us keep.
const maxLeaves = 512

// openCA loads the authority kept in dir, or makes one; dir "" keeps it in memory.
func openCA(dir string, now time.Time) (*localCA, error) {
	if dir == "" {
		return newCA(now)
	}
	ca, err := loadCA(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return ca, err
	}
	ca, err = newCA(now)
	if err != nil {
		return nil, err
	}
	return ca, ca.save(dir)
}

func newCA(now time.Time) (*localCA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	host, _ := os.Hostname()
	template := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{Organization: []string{"Postern local CA"}, CommonName: "Postern on " + host},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.AddDate(10, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &localCA{cert: cert, key: key, pem: pemBlock("CERTIFICATE", der), leaves: map[string]*tls.Certificate{}}, nil
}

func loadCA(dir string) (*localCA, error) {
	path := filepath.Join(dir, caCertFile)
	pair, err := tls.LoadX509KeyPair(path, filepath.Join(dir, caKeyFile))
	if err != nil {
		return nil, fmt.Errorf("local CA in %s: %w", dir, err)
	}
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok || pair.Leaf == nil || !pair.Leaf.IsCA {
		return nil, fmt.Errorf("local CA in %s: not a certificate authority", dir)
	}
	return &localCA{cert: pair.Leaf, key: key, pem: pemBlock("CERTIFICATE", pair.Leaf.Raw), path: path,
		leaves: map[string]*tls.Certificate{}}, nil
}

func (ca *localCA) save(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(ca.key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, caKeyFile), pemBlock("PRIVATE KEY", der), 0o600); err != nil {
		return err
	}
	ca.path = filepath.Join(dir, caCertFile)
	return os.WriteFile(ca.path, ca.pem, 0o644)
}

// certificate returns the one for a server name, "" being localhost.
func (ca *localCA) certificate(name string, now time.Time) (*tls.Certificate, error) {
	name = strings.ToLower(name)
	ca.mu.Lock()
	defer ca.mu.Unlock()
	if leaf, ok := ca.leaves[name]; ok && now.Before(leaf.Leaf.NotAfter.Add(-24*time.Hour)) {
		return leaf, nil
	}
	leaf, err := ca.sign(name, now)
	if err != nil {
		return nil, err
	}
	if len(ca.leaves) >= maxLeaves {
		clear(ca.leaves)
	}
	ca.leaves[name] = leaf
	return leaf, nil
}

func (ca *localCA) sign(name string, now time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{Organization: []string{"Postern"}},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(1, 0, 0), // Apple refuses more than 825 days
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"localhost", "*.localhost", "localhost.localstack.cloud", "*.localhost.localstack.cloud"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if name != "" && name != "localhost" {
		template.DNSNames = append(template.DNSNames, name)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, key.Public(), ca.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der, ca.cert.Raw}, PrivateKey: key, Leaf: leaf}, nil
}

// issueLife is how long a certificate of ACM is valid: AWS's are for 198 days (2026-11).
const issueLife = 198 * 24 * time.Hour

// issue makes a certificate for ACM, whose names are names and whose key is of a kind.
func (ca *localCA) issue(names []string, kind acmtypes.KeyAlgorithm, now time.Time) (acm.Material, error) {
	key, err := generateKey(kind)
	if err != nil {
		return acm.Material{}, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: names[0]},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(issueLife),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     names,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, key.Public(), ca.key)
	if err != nil {
		return acm.Material{}, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	return acm.Material{Certificate: pemBlock("CERTIFICATE", der), Chain: ca.pem, Key: pemBlock("PRIVATE KEY", private)}, err
}

func generateKey(kind acmtypes.KeyAlgorithm) (crypto.Signer, error) {
	switch kind {
	case acmtypes.KeyAlgorithmEcPrime256v1:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case acmtypes.KeyAlgorithmEcSecp384r1:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	}
	return rsa.GenerateKey(rand.Reader, 2048)
}

func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // crypto/rand never fails (Go 1.24)
	}
	return n
}

func pemBlock(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
