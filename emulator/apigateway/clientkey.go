package apigateway

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// A clientKey is the private key of a client certificate. It is made outside of transactions: that
// takes a while.
type clientKey struct{ *rsa.PrivateKey }

func newClientKey() (clientKey, error) {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	return clientKey{k}, err
}

// certify makes a certificate that has signed itself, with AWS's subject (the developer guide's
// example of GenerateClientCertificate, read 2026-11).
func (k clientKey) certify(now time.Time) (clientCertificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return clientCertificate{}, err
	}
	from := now.Truncate(time.Second)
	form := &x509.Certificate{
		SerialNumber:       serial,
		Subject:            pkix.Name{Country: []string{"US"}, Locality: []string{"Seattle"}, CommonName: "ApiGateway"},
		NotBefore:          from,
		NotAfter:           from.AddDate(1, 0, 0),
		SignatureAlgorithm: x509.SHA256WithRSA,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &k.PublicKey, k.PrivateKey)
	if err != nil {
		return clientCertificate{}, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(k.PrivateKey)
	return clientCertificate{
		Certificate: types.ClientCertificate{
			CreatedDate: &form.NotBefore, ExpirationDate: &form.NotAfter,
			PemEncodedCertificate: aws.String(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))),
		},
		Key: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
	}, err
}
