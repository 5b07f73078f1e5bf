package emulator

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"

	"postern/apigw/jwt"
	"postern/emulator/issuer"
)

// LocalIssuer in place of a URL means Postern's own issuer.
const LocalIssuer = "local"

// A TokenRequest is what POST /_postern/token takes.
type TokenRequest = issuer.Request

// issuers finds the keys of the issuers that authorizers trust: where the configuration
// says, else user pools in Postern's own issuer and others under their own URL.
type issuers struct {
	places    map[string]string // URL or its beginning → URL where it is reached, or LocalIssuer
	local     *issuer.Issuer
	discovery func() *jwt.Discovery
}

// checkIssuers refuses a mapping that could never be reached.
func checkIssuers(places map[string]string) error {
	for from, to := range places {
		for _, u := range []string{from, to} {
			if u == to && to == LocalIssuer {
				continue
			}
			if p, err := url.Parse(u); err != nil || p.Host == "" || p.Scheme != "http" && p.Scheme != "https" {
				return fmt.Errorf("issuer %s=%s: %q is no http or https URL", from, to, u)
			}
		}
	}
	return nil
}

// openIssuers makes the local issuer and the verifier of all tokens.
func (e *Emulator) openIssuers() {
	dir := ""
	if e.config.DataDir != "" {
		dir = filepath.Join(e.config.DataDir, "issuer")
	}
	e.issuer = issuer.New(issuer.Options{Dir: dir, Now: e.config.Now, Rand: e.config.Rand, Logger: e.config.Logger})
	i := &issuers{places: e.config.Issuers, local: e.issuer, discovery: sync.OnceValue(func() *jwt.Discovery {
		return &jwt.Discovery{Client: &http.Client{Transport: e.issuerTransport()}}
	})}
	e.tokens = jwt.New(jwt.Options{Fetch: i.keySet, Aliases: i.aliases, Now: e.config.Now, Logger: e.config.Logger})
}

// issuerTransport trusts what this machine trusts, and the local CA.
func (e *Emulator) issuerTransport() http.RoundTripper {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	roots.AddCert(e.ca.cert)
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = &tls.Config{RootCAs: roots}
	t.DisableKeepAlives = true // it is called once in minutes
	return t
}

// keySet gets the document with an issuer's keys.
func (i *issuers) keySet(ctx context.Context, issuer string) ([]byte, error) {
	switch place := i.place(issuer); {
	case place == LocalIssuer:
		return i.local.KeySet()
	case jwt.IsUserPool(issuer):
		return i.discovery().UserPoolKeySet(ctx, place)
	default:
		return i.discovery().KeySet(ctx, issuer, place)
	}
}

// place is the URL where an issuer is reached, or LocalIssuer.
func (i *issuers) place(issuer string) string {
	longest, place := "", ""
	for from, to := range i.places {
		rest, ok := strings.CutPrefix(issuer, strings.TrimSuffix(from, "/"))
		if !ok || rest != "" && rest[0] != '/' || len(from) < len(longest) {
			continue
		}
		if longest, place = from, to; to != LocalIssuer {
			place = strings.TrimSuffix(to, "/") + rest
		}
	}
	switch {
	case longest != "":
		return place
	case jwt.IsUserPool(issuer):
		return LocalIssuer
	}
	return issuer
}

// aliases are what else an issuer may call itself in its tokens. Unlike AWS, one that is
// reached elsewhere may use the URL it is reached at: emulators of Cognito do.
func (i *issuers) aliases(issuer string) []string {
	place := i.place(issuer)
	if place == LocalIssuer || place == issuer {
		return nil
	}
	return []string{place}
}
