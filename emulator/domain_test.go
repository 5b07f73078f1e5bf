package emulator_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator"
	"postern/emulator/store"
	"postern/testdata/authority"
)

// file writes a text where a flag can name it.
func file(t *testing.T, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// request requests a certificate of ACM.
func (s *server) request(t *testing.T, names ...string) *string {
	t.Helper()
	out, err := acm.NewFromConfig(s.aws()).RequestCertificate(t.Context(), &acm.RequestCertificateInput{
		DomainName: &names[0], SubjectAlternativeNames: names[1:], KeyAlgorithm: acmtypes.KeyAlgorithmEcPrime256v1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.CertificateArn
}

func (m *mockAPI) createDomain(t *testing.T, in *apigateway.CreateDomainNameInput) *apigateway.CreateDomainNameOutput {
	t.Helper()
	if in.EndpointConfiguration == nil {
		in.EndpointConfiguration = &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeRegional}}
	}
	out, err := m.gw.CreateDomainName(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (m *mockAPI) mapTo(t *testing.T, domain, path, stage string) {
	t.Helper()
	_, err := m.gw.CreateBasePathMapping(t.Context(), &apigateway.CreateBasePathMappingInput{
		DomainName: &domain, BasePath: &path, Stage: &stage, RestApiId: m.id,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// caller calls names as if they were the server's, with the local CA trusted.
func (s *server) caller(t *testing.T, change func(*tls.Config)) *http.Client {
	t.Helper()
	_, authority := get(t, s.url("/_postern/ca.pem"))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(authority))
	config := &tls.Config{RootCAs: roots}
	if change != nil {
		change(config)
	}
	transport := &http.Transport{
		TLSClientConfig: config, ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, s.addr)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 30 * time.Second}
}

// answered is status and body of an answer.
func answered(t *testing.T, c *http.Client, url string, headers ...string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if r.Header.Set(name, value); name == "Host" {
			r.Host = value
		}
	}
	res, err := c.Do(r)
	if err != nil {
		return "error " + err.Error()
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", res.StatusCode, body)
}

const forbiddenAnswer = `403 {"message":"Forbidden"}`

func TestDomainsAreServedByTheirMappings(t *testing.T) {
	dir := t.TempDir()
	check := func(t *testing.T, s *server) {
		t.Helper()
		c := s.caller(t, nil)
		for url, want := range map[string]string{
			"https://api.example.com/v1":           "200 one /v1 v1 api.example.com api",
			"https://api.example.com/v1/":          "200 one /v1/ v1 api.example.com api",
			"https://API.example.com/v1":           "200 one /v1 v1 API.example.com API",
			"http://api.example.com/v1":            "200 one /v1 v1 api.example.com api",
			"https://api.example.com/":             "200 two / (none) api.example.com api",
			"https://api.example.com/any/s":        "200 two /any/s any api.example.com api",
			"https://api.example.com/any/none":     forbiddenAnswer,
			"https://api.example.com/any":          forbiddenAnswer,
			"https://api.example.com/v1/x":         `403 {"message":"Missing Authentication Token"}`,
			"https://api.example.com/ping":         "200 healthy",
			"https://other.example.com/w":          "200 one /w w other.example.com other",
			"https://other.example.com/v1":         forbiddenAnswer,
			"https://other.example.com/restapis":   forbiddenAnswer,
			"https://localhost/_postern/health?x=": "200 ",
		} {
			if got := answered(t, c, url); got != want && !strings.HasSuffix(want, " ") {
				t.Errorf("%s: %s, want %s", url, got, want)
			}
		}
		if got, want := answered(t, http.DefaultClient, s.url("/v1"), "Host: api.example.com"), "200 one /v1 v1 api.example.com api"; got != want {
			t.Errorf("by header: %s, want %s", got, want)
		}
		if got := answered(t, c, "https://a.b.example.com/w"); strings.HasPrefix(got, "200") {
			t.Errorf("a wildcard is for one label: %s", got)
		}
	}
	t.Run("first start", func(t *testing.T) {
		s := start(t, emulator.Config{DataDir: dir, Lambda: processes(t)})
		arn := s.request(t, "api.example.com", "*.example.com")
		const shown = ` $context.path $context.customDomain.basePathMatched $context.domainName $context.domainPrefix`
		one, two := s.createMock(t, "one"+shown), s.createMock(t, "two"+shown)
		one.deploy(t, &apigateway.CreateDeploymentInput{})
		two.deploy(t, &apigateway.CreateDeploymentInput{})
		one.createDomain(t, &apigateway.CreateDomainNameInput{DomainName: aws.String("api.example.com"), RegionalCertificateArn: arn})
		one.createDomain(t, &apigateway.CreateDomainNameInput{DomainName: aws.String("*.example.com"), RegionalCertificateArn: arn})
		one.mapTo(t, "api.example.com", "v1", "s")
		two.mapTo(t, "api.example.com", "", "s")
		two.mapTo(t, "api.example.com", "any", "")
		one.mapTo(t, "*.example.com", "w", "s")
		check(t, s)
		_, err := acm.NewFromConfig(s.aws()).DeleteCertificate(t.Context(), &acm.DeleteCertificateInput{CertificateArn: arn})
		if err == nil || !strings.Contains(err.Error(), "ResourceInUseException") {
			t.Errorf("a certificate in use: %v", err)
		}
	})
	t.Run("after a restart", func(t *testing.T) {
		s := start(t, emulator.Config{DataDir: dir, Lambda: processes(t)})
		check(t, s)
		gw := apigateway.NewFromConfig(s.aws())
		if _, err := gw.DeleteDomainName(t.Context(), &apigateway.DeleteDomainNameInput{DomainName: aws.String("api.example.com")}); err != nil {
			t.Fatal(err)
		}
		if got := answered(t, s.caller(t, nil), "https://api.example.com/w"); got != "200 one /w w api.example.com api" {
			t.Errorf("its wildcard takes over: %s", got)
		}
		if err := s.Reset(t.Context(), store.Scope{}); err != nil {
			t.Fatal(err)
		}
		if got := answered(t, s.caller(t, nil), "https://api.example.com/w"); strings.HasPrefix(got, "200 one") {
			t.Errorf("after a reset: %s", got)
		}
	})
}

// The certificate of a name is the one that ACM has for it now.
func TestDomainsHaveTheirCertificates(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	ca := authority.New(t, "Someone's CA")
	m := s.createMock(t, "here")
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	manager := acm.NewFromConfig(s.aws())
	material := func(name string) *acm.ImportCertificateInput {
		_, key, cert := ca.Sign(&x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{"api.example.com"}})
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return &acm.ImportCertificateInput{Certificate: cert, CertificateChain: ca.PEM, PrivateKey: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})}
	}
	imported, err := manager.ImportCertificate(t.Context(), material("first"))
	if err != nil {
		t.Fatal(err)
	}
	m.createDomain(t, &apigateway.CreateDomainNameInput{DomainName: aws.String("api.example.com"), RegionalCertificateArn: imported.CertificateArn,
		SecurityPolicy: types.SecurityPolicySecurityPolicyTls1313202509})
	m.mapTo(t, "api.example.com", "", "s")
	subject := func(maximum uint16) string {
		roots := x509.NewCertPool()
		roots.AddCert(ca.Cert)
		conn, err := tls.Dial("tcp", s.addr, &tls.Config{ServerName: "api.example.com", RootCAs: roots, MinVersion: tls.VersionTLS10, MaxVersion: maximum})
		if err != nil {
			return err.Error()
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	if got := subject(0); got != "first" {
		t.Errorf("%s", got)
	}
	if got := subject(tls.VersionTLS12); !strings.Contains(got, "protocol version") {
		t.Errorf("TLS 1.2 is below the security policy: %s", got)
	}
	again := material("second")
	again.CertificateArn = imported.CertificateArn
	if _, err := manager.ImportCertificate(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if got := subject(0); got != "second" {
		t.Errorf("after it was imported again: %s", got)
	}
	_, err = m.gw.UpdateDomainName(t.Context(), &apigateway.UpdateDomainNameInput{DomainName: aws.String("api.example.com"), PatchOperations: []types.PatchOperation{
		{Op: types.OpReplace, Path: aws.String("/securityPolicy"), Value: aws.String("TLS_1_0")}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := subject(tls.VersionTLS10); got != "second" {
		t.Errorf("with TLS_1_0: %s", got)
	}
}

func TestMutualTLS(t *testing.T) {
	ours, theirs := authority.New(t, "Our CA"), authority.New(t, "Their CA")
	s := start(t, emulator.Config{Lambda: processes(t), Truststores: map[string]string{"s3://trust/ca.pem": file(t, ours.PEM)}})
	m := s.createMock(t, `$context.identity.clientCert.subjectDN|$context.identity.clientCert.issuerDN|$context.identity.clientCert.serialNumber`)
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	arn := s.request(t, "api.example.com", "*.example.com")
	m.createDomain(t, &apigateway.CreateDomainNameInput{DomainName: aws.String("api.example.com"), RegionalCertificateArn: arn,
		MutualTlsAuthentication: &types.MutualTlsAuthenticationInput{TruststoreUri: aws.String("s3://trust/ca.pem")}})
	m.createDomain(t, &apigateway.CreateDomainNameInput{DomainName: aws.String("open.example.com"), RegionalCertificateArn: arn})
	m.mapTo(t, "api.example.com", "", "s")
	m.mapTo(t, "open.example.com", "", "s")
	with := func(cert tls.Certificate) *http.Client {
		return s.caller(t, func(c *tls.Config) {
			c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil }
		})
	}
	const url = "https://api.example.com/"
	if got := answered(t, with(ours.Client("me")), url); got != "200 CN=me,O=Tests|CN=Our CA|01:02" {
		t.Errorf("trusted: %s", got)
	}
	if got := answered(t, with(theirs.Client("me")), url); got != forbiddenAnswer {
		t.Errorf("not trusted: %s", got)
	}
	if got := answered(t, s.caller(t, nil), url); !strings.HasPrefix(got, "error ") {
		t.Errorf("none: %s", got)
	}
	if got := answered(t, s.caller(t, nil), "http://api.example.com/"); got != forbiddenAnswer {
		t.Errorf("without TLS: %s", got)
	}
	if got := answered(t, s.caller(t, nil), "https://open.example.com/", "Host: api.example.com"); got != `421 {"message":"Misdirected Request"}` {
		t.Errorf("over the connection of a name that asks for no certificate: %s", got)
	}
	if got := answered(t, with(ours.Client("me")), "https://open.example.com/"); got != "200 ||" {
		t.Errorf("a name that asks for none: %s", got)
	}
	if got := answered(t, with(ours.Client("me")), "https://localhost/", "Host: api.example.com"); !strings.HasPrefix(got, "421 ") {
		t.Errorf("over a connection to localhost: %s", got)
	}
}

func TestADomainReachesAnAPIWhoseEndpointIsDisabled(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.createMock(t, "here")
	_, err := m.gw.UpdateRestApi(t.Context(), &apigateway.UpdateRestApiInput{RestApiId: m.id, PatchOperations: []types.PatchOperation{
		{Op: types.OpReplace, Path: aws.String("/disableExecuteApiEndpoint"), Value: aws.String("true")}}})
	if err != nil {
		t.Fatal(err)
	}
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	m.createDomain(t, &apigateway.CreateDomainNameInput{DomainName: aws.String("api.example.com"), RegionalCertificateArn: s.request(t, "api.example.com")})
	m.mapTo(t, "api.example.com", "", "s")
	if got := answered(t, http.DefaultClient, m.invokeURL("/")); got != forbiddenAnswer {
		t.Errorf("at its own endpoint: %s", got)
	}
	if got := answered(t, s.caller(t, nil), "https://api.example.com/"); got != "200 here" {
		t.Errorf("at its domain: %s", got)
	}
}

func TestEdgeHeadersAreThereAtEdgeEndpointsOnly(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.createMock(t, `$input.params().header.get("CloudFront-Forwarded-Proto") $input.params().header.get("CloudFront-Viewer-Country") $input.params().header.get("Via")`)
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	m.createDomain(t, &apigateway.CreateDomainNameInput{DomainName: aws.String("api.example.com"), RegionalCertificateArn: s.request(t, "api.example.com")})
	m.mapTo(t, "api.example.com", "", "s")
	call := func(host, path string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url(path), nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	edge := call(*m.id+".execute-api.localhost", "/s/")
	body, _ := io.ReadAll(edge.Body)
	if !strings.HasPrefix(string(body), "http US 1.1 ") || edge.Header.Get("X-Cache") != "Miss from cloudfront" || len(edge.Header.Get("X-Amz-Cf-Id")) != 56 ||
		!strings.HasSuffix(edge.Header.Get("Via"), ".cloudfront.net (CloudFront)") || edge.Header.Get("X-Amz-Cf-Pop") == "" {
		t.Errorf("%s %v", body, edge.Header)
	}
	if missing := call(*m.id+".execute-api.localhost", "/s/none"); missing.Header.Get("X-Cache") != "Error from cloudfront" {
		t.Errorf("%v", missing.Header)
	}
	regional := call("api.example.com", "/")
	body, _ = io.ReadAll(regional.Body)
	if strings.HasPrefix(string(body), "http") || regional.Header.Get("X-Cache") != "" {
		t.Errorf("at a regional domain: %s %v", body, regional.Header)
	}
}

// The AWS CLI imports what openssl made and curl calls the name.
func TestTheCLICreatesADomainForCurl(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"aws", "curl", "openssl"} {
		needProgram(t, program)
	}
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.createMock(t, "here")
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	dir := t.TempDir()
	run := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=us-east-1",
			"AWS_ENDPOINT_URL=http://"+s.addr, "AWS_PAGER=")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(string(out))
	}
	cli := func(args ...string) string {
		return run("aws", append([]string{"--endpoint-url", "http://" + s.addr}, args...)...)
	}
	run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-keyout", "key.pem", "-out", "cert.pem",
		"-subj", "/CN=api.example.com", "-addext", "subjectAltName=DNS:api.example.com")
	arn := cli("acm", "import-certificate", "--certificate", "fileb://cert.pem", "--private-key", "fileb://key.pem", "--query", "CertificateArn", "--output", "text")
	zone := cli("apigateway", "create-domain-name", "--domain-name", "api.example.com", "--regional-certificate-arn", arn,
		"--endpoint-configuration", "types=REGIONAL", "--query", "regionalHostedZoneId", "--output", "text")
	if zone != "Z1UJRXOUMOOFQ8" {
		t.Errorf("%s", zone)
	}
	cli("apigateway", "create-base-path-mapping", "--domain-name", "api.example.com", "--rest-api-id", *m.id, "--stage", "s", "--base-path", "v1")
	_, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		t.Fatal(err)
	}
	got := run("curl", "-sS", "--cacert", "cert.pem", "--resolve", "api.example.com:"+port+":127.0.0.1", "https://api.example.com:"+port+"/v1")
	if got != "here" {
		t.Errorf("%s", got)
	}
}

// A name of an edge-optimized endpoint may bring its certificate along instead of naming ACM's.
func TestADomainBringsItsOwnCertificate(t *testing.T) {
	dir := t.TempDir()
	ca := authority.New(t, "Someone's CA")
	subject := func(s *server) string {
		roots := x509.NewCertPool()
		roots.AddCert(ca.Cert)
		conn, err := tls.Dial("tcp", s.addr, &tls.Config{ServerName: "api.example.com", RootCAs: roots})
		if err != nil {
			return err.Error()
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	t.Run("first start", func(t *testing.T) {
		s := start(t, emulator.Config{DataDir: dir, Lambda: processes(t)})
		_, key, cert := ca.Sign(&x509.Certificate{Subject: pkix.Name{CommonName: "mine"}, DNSNames: []string{"api.example.com"}})
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		_, err = apigateway.NewFromConfig(s.aws()).CreateDomainName(t.Context(), &apigateway.CreateDomainNameInput{
			DomainName: aws.String("api.example.com"), CertificateName: aws.String("mine"), CertificateBody: aws.String(string(cert)),
			CertificateChain: aws.String(string(ca.PEM)), CertificatePrivateKey: aws.String(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))),
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := subject(s); got != "mine" {
			t.Errorf("%s", got)
		}
	})
	if got := subject(start(t, emulator.Config{DataDir: dir, Lambda: processes(t)})); got != "mine" {
		t.Errorf("after a restart: %s", got)
	}
}

// A domain that follows routing rules alone serves nothing by its mappings.
func TestMappingsDoNotCountWhereOnlyRoutingRulesDo(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.createMock(t, "here")
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	m.createDomain(t, &apigateway.CreateDomainNameInput{DomainName: aws.String("api.example.com"), RegionalCertificateArn: s.request(t, "api.example.com")})
	m.mapTo(t, "api.example.com", "", "s")
	for mode, want := range map[types.RoutingMode]string{
		types.RoutingModeRoutingRuleOnly:                forbiddenAnswer,
		types.RoutingModeRoutingRuleThenBasePathMapping: "200 here",
		types.RoutingModeBasePathMappingOnly:            "200 here",
	} {
		_, err := m.gw.UpdateDomainName(t.Context(), &apigateway.UpdateDomainNameInput{DomainName: aws.String("api.example.com"), PatchOperations: []types.PatchOperation{
			{Op: types.OpReplace, Path: aws.String("/routingMode"), Value: aws.String(string(mode))}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := answered(t, http.DefaultClient, s.url("/"), "Host: api.example.com"); got != want {
			t.Errorf("%s: %s, want %s", mode, got, want)
		}
	}
}

// A mapping is there or it is not: no caller sees anything else while mappings come and go.
func TestMappingsChangeWhileTheyAreCalled(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t), Logger: slog.New(slog.DiscardHandler)})
	m := s.createMock(t, "here")
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	m.createDomain(t, &apigateway.CreateDomainNameInput{DomainName: aws.String("api.example.com"), RegionalCertificateArn: s.request(t, "api.example.com")})
	done := make(chan struct{})
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if got := answered(t, http.DefaultClient, s.url("/v1"), "Host: api.example.com"); got != "200 here" && got != forbiddenAnswer {
					t.Errorf("%s", got)
					return
				}
			}
		})
	}
	for range 20 {
		m.mapTo(t, "api.example.com", "v1", "s")
		if got := answered(t, http.DefaultClient, s.url("/v1"), "Host: api.example.com"); got != "200 here" {
			t.Errorf("mapped: %s", got)
		}
		_, err := m.gw.DeleteBasePathMapping(t.Context(), &apigateway.DeleteBasePathMappingInput{DomainName: aws.String("api.example.com"), BasePath: aws.String("v1")})
		if err != nil {
			t.Error(err)
		}
		if got := answered(t, http.DefaultClient, s.url("/v1"), "Host: api.example.com"); got != forbiddenAnswer {
			t.Errorf("not mapped: %s", got)
		}
	}
	close(done)
	callers.Wait()
}
