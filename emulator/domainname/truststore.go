package domainname

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// A Truststore is what was read of one.
type Truststore struct {
	uri, version string
	text         []byte
	err          error
}

// Error makes a truststore that has yet to be read an error of Check, for Reading.
func (t *Truststore) Error() string { return t.uri + " was not read" }

// Reading runs an update that calls Check, and runs it again each time that it has read a truststore that Check wants: no
// transaction waits for S3.
func (k *Keeper) Reading(ctx context.Context, update func(read *Truststore) error) error {
	var read *Truststore
	for {
		err := update(read)
		if !errors.As(err, &read) {
			return err
		}
		read.text, read.err = k.o.Truststore(ctx, read.uri, read.version)
	}
}

// checkMutual checks the truststore of a domain with mutual TLS.
func (k *Keeper) checkMutual(tx *store.Tx, d *Domain, imported bool, read *Truststore) error {
	n := &d.Domain
	m := n.MutualTlsAuthentication
	if m == nil {
		d.Truststore = ""
		return nil
	}
	switch {
	case !d.Has(types.EndpointTypeRegional) || len(n.EndpointConfiguration.Types) > 1:
		return badRequest("Mutual TLS is only supported for REGIONAL domain names.")
	case n.SecurityPolicy == types.SecurityPolicyTls10:
		return badRequest("Mutual TLS requires a security policy of TLS_1_2.")
	case imported && n.OwnershipVerificationCertificateArn == nil:
		return badRequest("Missing ownershipVerificationCertificate.")
	}
	if n.OwnershipVerificationCertificateArn != nil {
		c, err := k.checkCertificate(tx, n.OwnershipVerificationCertificateArn, *n.DomainName, tx.Scope().Region)
		if err != nil {
			return err
		}
		if c.Imported {
			return badRequest("The ownershipVerificationCertificate must be issued by ACM.")
		}
	}
	if d.Truststore != "" {
		return nil
	}
	uri, version := *m.TruststoreUri, aws.ToString(m.TruststoreVersion)
	switch {
	case read == nil || read.uri != uri || read.version != version:
		return &Truststore{uri: uri, version: version}
	case read.err != nil:
		return badRequest("Invalid truststore specified: %s", read.err)
	}
	warnings, err := readTruststore(read.text, tx.Now())
	if err != nil {
		return badRequest("Invalid truststore specified: %s: %s", uri, err)
	}
	m.TruststoreWarnings, d.Truststore = warnings, string(read.text)
	return nil
}

// maxTrusted is how many certificates a truststore may have.
const maxTrusted = 1000

// readTruststore checks that a text is PEM certificates, and warns of those that let nobody in.
func readTruststore(text []byte, now time.Time) (warnings []string, err error) {
	count := 0
	for rest := bytes.TrimSpace(text); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil || block.Type != "CERTIFICATE" {
			return nil, errors.New("it must hold PEM certificates and nothing else")
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		switch {
		case now.After(c.NotAfter):
			warnings = append(warnings, "Certificate "+c.Subject.String()+" has expired.")
		case now.Before(c.NotBefore):
			warnings = append(warnings, "Certificate "+c.Subject.String()+" is not valid yet.")
		}
		count++
	}
	if count == 0 || count > maxTrusted {
		return nil, errors.New("it must hold 1 to 1000 certificates")
	}
	return warnings, nil
}
