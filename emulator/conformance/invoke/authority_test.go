package invoke

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"postern/testdata/authority"
)

// authority makes a CA, whose certificate is in a bucket of the script.
func (c *scene) authority(t *testing.T, name string) {
	t.Helper()
	a := authority.New(t, name)
	c.authorities[name] = a
	bucket := "trust-" + name
	if _, err := c.objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.objects.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("ca.pem"), Body: bytes.NewReader(a.PEM)}); err != nil {
		t.Fatal(err)
	}
	c.Set(name+".uri", "s3://"+bucket+"/ca.pem")
}

// by calls any name at an address, with a certificate of an authority.
func by(t *testing.T, a *authority.Authority, addr string) *http.Transport {
	t.Helper()
	own := a.Client("caller")
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
