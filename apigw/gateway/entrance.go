package gateway

import (
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"postern/apigw"
	"postern/apigw/domain"
)

// An entrance is refused with a status; the reason is for the log, the client gets AWS's
// "Forbidden".
type refusal struct {
	status int
	reason error
}

func forbidden(format string, args ...any) *refusal {
	return &refusal{http.StatusForbidden, fmt.Errorf(format, args...)}
}

// refuse answers a request that came by a way its API does not have.
func (g *Gateway) refuse(w http.ResponseWriter, x *apigw.Exchange, t target, r *refusal) int {
	g.o.Logger.Warn("request refused", "request_id", x.Request.ID, "host", x.Request.Host, "api", t.api, "stage", t.stage, "error", r.reason)
	if g.isHTTP(x, t) {
		return refuseHTTP(w, x, &apigw.Rejection{Type: apigw.AccessDenied, Status: r.status, Err: r.reason})
	}
	if r.status == http.StatusMisdirectedRequest {
		return writeMessage(w, r.status, "MisdirectedRequestException", "Misdirected Request")
	}
	return writeMessage(w, r.status, "ForbiddenException", "Forbidden")
}

// enterDomain checks that a request may use the custom domain that it names.
func (g *Gateway) enterDomain(r *http.Request, x *apigw.Exchange, t target) *refusal {
	d := t.domain
	if d.Clients != nil {
		if refused := g.authenticate(d, r, x); refused != nil {
			return refused
		}
	}
	if d.Private != nil {
		g.takeEndpoint(x, t)
		if !d.Private.Endpoints[x.Identity.VPCEndpointID] {
			return forbidden("the domain is private and has no access association with %s", through(x))
		}
	}
	if t.api == "" {
		return forbidden("no mapping of the domain matches %s", t.path)
	}
	return nil
}

// authenticate wants a client certificate that the domain trusts. The connection must have been
// made to the domain by its name: HTTP/2 clients may send requests for any name that the
// certificate of a connection is for, and another name asks for no client certificate.
func (g *Gateway) authenticate(d *domain.Domain, r *http.Request, x *apigw.Exchange) *refusal {
	if r.TLS == nil {
		return forbidden("the domain wants mutual TLS and was called without TLS")
	}
	if g.o.Domains.Lookup(r.TLS.ServerName) != d {
		return &refusal{http.StatusMisdirectedRequest, fmt.Errorf("the domain wants mutual TLS and the connection was made to %q", r.TLS.ServerName)}
	}
	chain := r.TLS.PeerCertificates
	if len(chain) == 0 {
		return forbidden("the client showed no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots: d.Clients, Intermediates: between, CurrentTime: x.Request.Time,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return forbidden("Access denied. Reason: %w", err)
	}
	x.Identity.ClientCert = clientCert(chain[0])
	return nil
}

// certTime is how validity is shown: "May 28 12:30:02 2019 GMT".
const certTime = "Jan _2 15:04:05 2006 GMT"

func clientCert(c *x509.Certificate) *apigw.ClientCert {
	return &apigw.ClientCert{
		PEM:       string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})),
		SubjectDN: c.Subject.String(), IssuerDN: c.Issuer.String(), SerialNumber: colons(c.SerialNumber.Bytes()),
		NotBefore: c.NotBefore.UTC().Format(certTime), NotAfter: c.NotAfter.UTC().Format(certTime),
	}
}

func colons(b []byte) string {
	pairs := make([]string, len(b))
	for i := range b {
		pairs[i] = hex.EncodeToString(b[i : i+1])
	}
	return strings.Join(pairs, ":")
}

// enterStage checks that a request may come to its stage as it does.
func (g *Gateway) enterStage(x *apigw.Exchange, t target) *refusal {
	s := x.Stage
	switch {
	case s.EndpointDisabled && t.domain == nil:
		return forbidden("the API's execute-api endpoint is disabled")
	case t.domain != nil && t.domain.Private != nil && (t.domain.Private.Allows == nil || !t.domain.Private.Allows(x)):
		return forbidden("the policy of the domain does not allow the request")
	case s.EndpointType == apigw.EndpointPrivate:
		return g.enterPrivate(x, t)
	case t.endpoint != "" && s.EndpointType != "":
		return forbidden("the API is not private: it cannot be called through VPC endpoint %s", t.endpoint)
	}
	return nil
}

// enterPrivate checks that a request came through a VPC endpoint. What the endpoint may do is
// for the resource policy, which a private API must have.
func (g *Gateway) enterPrivate(x *apigw.Exchange, t target) *refusal {
	s := x.Stage
	g.takeEndpoint(x, t)
	switch {
	case x.Identity.VPCEndpointID == "":
		return forbidden("the API is private: call it through a VPC endpoint, as {api}-{vpce id}.execute-api.… or as --client-vpc-endpoint says")
	case t.alias && !slices.Contains(s.VPCEndpointIDs, t.endpoint):
		return forbidden("VPC endpoint %s is not associated with the API: call it with the header x-apigw-api-id, or add it to the vpcEndpointIds", t.endpoint)
	case !s.HasPolicy:
		return forbidden("the API is private and has no resource policy")
	}
	return nil
}

// takeEndpoint sets the endpoint that a request came through: the one of its URL, else the
// one that all requests come through.
func (g *Gateway) takeEndpoint(x *apigw.Exchange, t target) {
	id := t.endpoint
	if id == "" {
		id = strings.ToLower(g.o.ClientVPCEndpoint)
	}
	x.Identity.VPCEndpointID, x.Identity.VPCID = id, g.o.VPCEndpoints[id]
}

func through(x *apigw.Exchange) string {
	if x.Identity.VPCEndpointID == "" {
		return "no VPC endpoint: --client-vpc-endpoint names the one that requests come through"
	}
	return "VPC endpoint " + x.Identity.VPCEndpointID
}

var errNoAPI = errors.New("the host names a VPC endpoint and no header x-apigw-api-id an API")

// healthy answers the paths that AWS keeps for itself at custom domains (REST API guide, "Custom
// domain names": /ping and /sping are reserved for its health check).
func healthy(w http.ResponseWriter, t target) (status int, done bool) {
	if t.domain == nil || t.full != "/ping" && t.full != "/sping" {
		return 0, false
	}
	w.Header()["Content-Type"] = []string{"text/plain"}
	w.WriteHeader(http.StatusOK)
	w.Write([]byte("healthy"))
	return http.StatusOK, true
}
