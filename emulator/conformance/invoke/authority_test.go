package invoke

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// An authority is a CA that clients have certificates of.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// authority makes one, whose certificate is in a bucket of the script.
func (c *scene) authority(t *testing.T, name string) {
	t.Helper()
	a := &authority{}
	a.cert, a.key = a.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	c.authorities[name] = a
	bucket := "trust-" + name
	if _, err := c.objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
	if _, err := c.objects.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("ca.pem"), Body: strings.NewReader(string(text))}); err != nil {
		t.Fatal(err)
	}
	c.Set(name+".uri", "s3://"+bucket+"/ca.pem")
}

// sign makes a certificate, of the authority itself if it has none yet.
func (a *authority) sign(t *testing.T, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(0x0102), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// transport calls any name at an address, with a certificate of the authority.
func (a *authority) transport(t *testing.T, addr string) *http.Transport {
	t.Helper()
	cert, key := a.sign(t, &x509.Certificate{Subject: pkix.Name{CommonName: "caller"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	own := tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{
			InsecureSkipVerify:   true, // whose certificate the server has is no question of these scripts
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &own, nil },
		},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, addr)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}
