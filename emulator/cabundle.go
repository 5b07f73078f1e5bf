package emulator

import (
	"os"
	"slices"
)

// rootFiles are where machines keep the authorities that they trust.
var rootFiles = []string{
	"/etc/ssl/certs/ca-certificates.crt", // Debian, Alpine, Arch
	"/etc/pki/tls/certs/ca-bundle.crt",   // Fedora, RHEL, Amazon Linux
	"/etc/ssl/ca-bundle.pem",             // SUSE
	"/etc/ssl/cert.pem",                  // macOS, FreeBSD
}

// bundle is what functions trust: the authorities of this machine and the local CA, whose certificates
// they meet when they call back at https://{api}.execute-api.localhost. Where the machine's authorities are not
// found it is nil, so that functions keep those that they know.
func (ca *localCA) bundle() []byte {
	for _, name := range append([]string{os.Getenv("SSL_CERT_FILE")}, rootFiles...) {
		if roots, err := os.ReadFile(name); err == nil {
			return slices.Concat(roots, []byte("\n"), ca.pem)
		}
	}
	return nil
}
