package emulator_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator"
)

// updateStage changes the stage s of an API.
func (s *server) updateStage(t *testing.T, api, path, value string) {
	t.Helper()
	_, err := apigateway.NewFromConfig(s.aws()).UpdateStage(t.Context(), &apigateway.UpdateStageInput{
		RestApiId: &api, StageName: aws.String("s"), PatchOperations: []types.PatchOperation{{Op: types.OpReplace, Path: &path, Value: &value}}})
	if err != nil {
		t.Fatal(err)
	}
}

// A backend that lets in who shows the certificate that API Gateway generated, and nobody else.
func TestClientCertificatesAreShownToBackends(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	client := apigateway.NewFromConfig(s.aws())
	generate := func() (id string, cert *x509.Certificate) {
		t.Helper()
		out, err := client.GenerateClientCertificate(t.Context(), &apigateway.GenerateClientCertificateInput{})
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode([]byte(*out.PemEncodedCertificate))
		if cert, err = x509.ParseCertificate(block.Bytes); err != nil {
			t.Fatal(err)
		}
		if !cert.NotAfter.Equal(*out.ExpirationDate) || cert.NotBefore.AddDate(1, 0, 0) != cert.NotAfter || cert.Subject.CommonName != "ApiGateway" {
			t.Errorf("%v", cert)
		}
		return *out.ClientCertificateId, cert
	}
	known, cert := generate()
	unknown, _ := generate()

	trusted := x509.NewCertPool()
	trusted.AddCert(cert)
	backend := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.TLS.PeerCertificates[0].SerialNumber.String())
	}))
	backend.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted}
	backend.StartTLS()
	defer backend.Close()

	for _, kind := range []types.IntegrationType{types.IntegrationTypeHttp, types.IntegrationTypeHttpProxy} {
		api := s.deployIntegration(t, "GET", &apigateway.PutIntegrationInput{
			Type: kind, IntegrationHttpMethod: aws.String("GET"), Uri: &backend.URL, TlsConfig: &types.TlsConfig{InsecureSkipVerification: true},
		}, nil)
		call := func(name string, wanted int) {
			t.Helper()
			res, body := s.send(t, "GET", api, "x", "", "")
			if res.StatusCode != wanted || wanted == 200 && body != cert.SerialNumber.String() {
				t.Errorf("%s, %s: %d %s", kind, name, res.StatusCode, body)
			}
		}
		call("no certificate", 504)
		s.updateStage(t, api, "/clientCertificateId", known)
		call("the right one", 200)
		call("the right one, again", 200)
		s.updateStage(t, api, "/clientCertificateId", unknown)
		call("another one, over no old connection", 504)
		s.updateStage(t, api, "/clientCertificateId", "")
		call("none any more", 504)
	}
}

func TestVPCLinksLeadWhereTheConfigurationSays(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Host+r.URL.Path)
	}))
	defer backend.Close()
	arn := "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/a/1"
	s := start(t, emulator.Config{Lambda: processes(t), VPCLinks: map[string]string{"by-name": backend.URL, arn: backend.URL}})
	client := apigateway.NewFromConfig(s.aws())
	link := func(name, arn string) string {
		t.Helper()
		out, err := client.CreateVpcLink(t.Context(), &apigateway.CreateVpcLinkInput{Name: &name, TargetArns: []string{arn}})
		if err != nil || out.Status != types.VpcLinkStatusPending {
			t.Fatal(err, out)
		}
		return *out.Id
	}
	for _, c := range []struct {
		name, id, uri string
		status        int
		body          string
	}{
		{"by name", link("by-name", arn+"x"), "http://shop.internal:8080/{id}", 200, "shop.internal:8080/some/thing"},
		{"by target", link("x", arn), "http://shop.internal/{id}", 200, "shop.internal/some/thing"},
		{"TLS ends before the backend", link("by-name", arn), "https://shop.internal/{id}", 200, "shop.internal/some/thing"},
		{"no address: the URI's host", link("y", arn+"y"), backend.URL + "/{id}", 200, strings.TrimPrefix(backend.URL, "http://") + "/some/thing"},
		{"no such link", "none", "http://shop.internal/", 500, `{"message": "Internal server error"}`},
	} {
		for _, kind := range []types.IntegrationType{types.IntegrationTypeHttp, types.IntegrationTypeHttpProxy} {
			api := s.deployIntegration(t, "GET", &apigateway.PutIntegrationInput{
				Type: kind, IntegrationHttpMethod: aws.String("GET"), Uri: aws.String(c.uri), ConnectionType: types.ConnectionTypeVpcLink,
				ConnectionId: aws.String("${stageVariables.link}"), RequestParameters: map[string]string{"integration.request.path.id": "method.request.path.id"},
			}, nil)
			s.updateStage(t, api, "/variables/link", c.id)
			if res, body := s.send(t, "GET", api, "some/thing", "", ""); res.StatusCode != c.status || body != c.body {
				t.Errorf("%s, %s: %d %s", c.name, kind, res.StatusCode, body)
			}
		}
	}
	if _, err := emulator.Open(t.Context(), emulator.Config{VPCLinks: map[string]string{"a": "localhost"}, Lambda: processes(t)}); err == nil || !strings.Contains(err.Error(), "VPC link a") {
		t.Errorf("%v", err)
	}
}
