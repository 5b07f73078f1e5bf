package emulator_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/smithy-go"

	"postern/emulator"
	"postern/testdata/authority"
)

// outcome is an error as "Code: message", "" for none.
func outcome[T any](_ T, err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return err.Error()
}

// A domainBench is a server with a REST API at stage s and a certificate for *.example.com.
type domainBench struct {
	*mockAPI
	v2          *apigatewayv2.Client
	certificate *string
}

func newDomainBench(t *testing.T, c emulator.Config, template string) *domainBench {
	t.Helper()
	c.Lambda = processes(t)
	s := start(t, c)
	m := s.createMock(t, template)
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	return &domainBench{m, apigatewayv2.NewFromConfig(s.aws()), s.request(t, "*.example.com")}
}

// v2Domain creates a domain through apigatewayv2.
func (b *domainBench) v2Domain(t *testing.T, name string, mode v2types.RoutingMode) *apigatewayv2.CreateDomainNameOutput {
	t.Helper()
	out, err := b.v2.CreateDomainName(t.Context(), &apigatewayv2.CreateDomainNameInput{
		DomainName: &name, RoutingMode: mode, DomainNameConfigurations: []v2types.DomainNameConfiguration{{CertificateArn: b.certificate}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// v2Map maps a key of a domain to a stage.
func (b *domainBench) v2Map(t *testing.T, domain, key string, api *string, stage string) *apigatewayv2.CreateApiMappingOutput {
	t.Helper()
	out, err := b.v2.CreateApiMapping(t.Context(), &apigatewayv2.CreateApiMappingInput{DomainName: &domain, ApiMappingKey: &key, ApiId: api, Stage: &stage})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// v2API is an API of apigatewayv2 with a stage.
func (b *domainBench) v2API(t *testing.T, protocol v2types.ProtocolType, stage string) *string {
	t.Helper()
	in := &apigatewayv2.CreateApiInput{Name: aws.String(t.Name()), ProtocolType: protocol}
	if protocol == v2types.ProtocolTypeWebsocket {
		in.RouteSelectionExpression = aws.String("$request.body.action")
	}
	api, err := b.v2.CreateApi(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.v2.CreateStage(t.Context(), &apigatewayv2.CreateStageInput{ApiId: api.ApiId, StageName: &stage}); err != nil {
		t.Fatal(err)
	}
	return api.ApiId
}

// A custom domain name is one thing, whichever API it is seen with (REST API guide, "Custom domain name
// for public REST APIs": the version 2 API creates and manages regional names for REST APIs too).
func TestADomainNameIsOneForBothAPIs(t *testing.T) {
	b := newDomainBench(t, emulator.Config{}, "here")
	made := b.v2Domain(t, "new.example.com", v2types.RoutingModeRoutingRuleThenApiMapping)
	if *made.DomainNameArn != "arn:aws:apigateway:us-east-1::/domainnames/new.example.com" || *made.ApiMappingSelectionExpression != "$request.basepath" {
		t.Errorf("%+v", made)
	}
	c := made.DomainNameConfigurations[0]
	if len(made.DomainNameConfigurations) != 1 || c.EndpointType != v2types.EndpointTypeRegional || c.SecurityPolicy != v2types.SecurityPolicyTls12 ||
		c.DomainNameStatus != v2types.DomainNameStatusAvailable || *c.HostedZoneId != "Z1UJRXOUMOOFQ8" || c.IpAddressType != v2types.IpAddressTypeIpv4 {
		t.Errorf("%+v", c)
	}
	seen, err := b.gw.GetDomainName(t.Context(), &apigateway.GetDomainNameInput{DomainName: made.DomainName})
	if err != nil {
		t.Fatal(err)
	}
	if *seen.RegionalDomainName != *c.ApiGatewayDomainName || *seen.RegionalCertificateArn != *b.certificate ||
		seen.RoutingMode != types.RoutingModeRoutingRuleThenBasePathMapping || !slices.Equal(seen.EndpointConfiguration.Types, []types.EndpointType{"REGIONAL"}) {
		t.Errorf("%+v", seen)
	}
	b.createDomain(t, &apigateway.CreateDomainNameInput{
		DomainName: aws.String("edge.example.com"), CertificateArn: b.certificate,
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeEdge}},
	})
	b.createDomain(t, &apigateway.CreateDomainNameInput{
		DomainName: aws.String("private.example.com"), CertificateArn: b.certificate,
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypePrivate}},
	})
	all, err := b.v2.GetDomainNames(t.Context(), &apigatewayv2.GetDomainNamesInput{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range all.Items {
		names = append(names, fmt.Sprint(*d.DomainName, " ", d.DomainNameConfigurations[0].EndpointType))
	}
	if want := []string{"edge.example.com EDGE", "new.example.com REGIONAL"}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
	if _, err := b.gw.DeleteDomainName(t.Context(), &apigateway.DeleteDomainNameInput{DomainName: made.DomainName}); err != nil {
		t.Fatal(err)
	}
	if got := outcome(b.v2.GetDomainName(t.Context(), &apigatewayv2.GetDomainNameInput{DomainName: made.DomainName})); got != noDomain {
		t.Errorf("deleted by the other: %s", got)
	}
}

const noDomain = "NotFoundException: Invalid domain name identifier specified"

func TestAMappingIsOneForBothAPIs(t *testing.T) {
	b := newDomainBench(t, emulator.Config{}, "$context.path $context.customDomain.basePathMatched")
	const name = "api.example.com"
	b.v2Domain(t, name, "")
	b.mapTo(t, name, "v1", "s")
	deep := b.v2Map(t, name, "orders/v1", b.id, "s")
	root := b.v2Map(t, name, "", b.id, "s")
	if *deep.ApiMappingKey != "orders/v1" || *root.ApiMappingKey != "" || *deep.Stage != "s" || *deep.ApiId != *b.id {
		t.Errorf("%+v %+v", deep, root)
	}
	shown := func() (v1, v2 []string) {
		old, err := b.gw.GetBasePathMappings(t.Context(), &apigateway.GetBasePathMappingsInput{DomainName: aws.String(name)})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range old.Items {
			v1 = append(v1, *m.BasePath)
		}
		all, err := b.v2.GetApiMappings(t.Context(), &apigatewayv2.GetApiMappingsInput{DomainName: aws.String(name)})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all.Items {
			v2 = append(v2, *m.ApiMappingKey)
		}
		return v1, v2
	}
	if v1, v2 := shown(); fmt.Sprint(v1, v2) != "[(none) v1] [ orders/v1 v1]" {
		t.Errorf("%q %q", v1, v2)
	}
	for _, path := range []string{"/v1 v1", "/orders/v1 orders/v1", "/orders/v1/ orders/v1", "/ (none)"} {
		url, _, _ := strings.Cut(path, " ")
		if got := answered(t, http.DefaultClient, b.url(url), "Host: "+name); got != "200 "+path {
			t.Errorf("%s: %s", url, got)
		}
	}
	_, err := b.v2.UpdateApiMapping(t.Context(), &apigatewayv2.UpdateApiMappingInput{
		DomainName: aws.String(name), ApiMappingId: deep.ApiMappingId, ApiId: b.id, ApiMappingKey: aws.String("orders")})
	if err != nil {
		t.Fatal(err)
	}
	if v1, v2 := shown(); fmt.Sprint(v1, v2) != "[(none) orders v1] [ orders v1]" {
		t.Errorf("after an update: %q %q", v1, v2)
	}
	again, err := b.v2.GetApiMapping(t.Context(), &apigatewayv2.GetApiMappingInput{DomainName: aws.String(name), ApiMappingId: deep.ApiMappingId})
	if err != nil || *again.ApiMappingKey != "orders" || *again.Stage != "s" {
		t.Errorf("it keeps its id and its stage: %+v %v", again, err)
	}
	if _, err := b.gw.DeleteBasePathMapping(t.Context(), &apigateway.DeleteBasePathMappingInput{DomainName: aws.String(name), BasePath: aws.String("orders")}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.v2.DeleteApiMapping(t.Context(), &apigatewayv2.DeleteApiMappingInput{DomainName: aws.String(name), ApiMappingId: root.ApiMappingId}); err != nil {
		t.Fatal(err)
	}
	if v1, v2 := shown(); fmt.Sprint(v1, v2) != "[v1] [v1]" {
		t.Errorf("after deletions: %q %q", v1, v2)
	}
	if got := answered(t, http.DefaultClient, b.url("/"), "Host: "+name); got != forbiddenAnswer {
		t.Errorf("the root is not mapped any more: %s", got)
	}
}

// Every name of a header is in lower case where a domain has mappings of several segments (REST API
// guide, "Use API mappings to connect API stages", "Restrictions").
func TestMappingsOfSeveralSegmentsLowerTheNamesOfHeaders(t *testing.T) {
	b := newDomainBench(t, emulator.Config{}, "$input.params().header.keySet()")
	b.v2Domain(t, "api.example.com", "")
	b.v2Map(t, "api.example.com", "one", b.id, "s")
	b.v2Map(t, "api.example.com", "a/b", b.id, "s")
	if got := answered(t, http.DefaultClient, b.url("/one"), "Host: api.example.com", "X-Key: v"); !strings.HasPrefix(got, "200") || strings.Contains(got, "X-Key") {
		t.Errorf("%s", got)
	}
}

func TestWhatAPIMappingsRefuse(t *testing.T) {
	b := newDomainBench(t, emulator.Config{}, "here")
	httpAPI, socketAPI := b.v2API(t, v2types.ProtocolTypeHttp, "$default"), b.v2API(t, v2types.ProtocolTypeWebsocket, "prod")
	for _, name := range []string{"rest", "mixed", "socket"} {
		b.v2Domain(t, name+".example.com", "")
	}
	b.v2Domain(t, "rules.example.com", v2types.RoutingModeRoutingRuleOnly)
	b.v2Domain(t, "both.example.com", v2types.RoutingModeRoutingRuleThenApiMapping)
	b.createDomain(t, &apigateway.CreateDomainNameInput{DomainName: aws.String("old.example.com"), RegionalCertificateArn: b.certificate, SecurityPolicy: types.SecurityPolicyTls10})
	b.createDomain(t, &apigateway.CreateDomainNameInput{
		DomainName: aws.String("edge.example.com"), CertificateArn: b.certificate,
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeEdge}},
	})
	b.v2Map(t, "mixed.example.com", "http", httpAPI, "$default")
	b.v2Map(t, "mixed.example.com", "rest", b.id, "s")
	b.v2Map(t, "socket.example.com", "", socketAPI, "prod")
	const (
		badCharacters = "BadRequestException: An API mapping key may contain only letters, numbers and one of $-_.+!*'(), characters."
		badSlashes    = "BadRequestException: API mapping key should not start with a '/' or have consecutive '/'s."
		badEnd        = "BadRequestException: API mapping key should not end with a '/'."
		badMix        = "BadRequestException: Mixing of REST APIs and HTTP APIs"
		badStage      = "BadRequestException: Invalid stage identifier specified"
		onlyRegional  = "BadRequestException: Only REGIONAL domain names can be managed through the API Gateway V2 API."
		onlyTLS12     = "BadRequestException: Only REGIONAL domain names with a security policy of TLS 1.2 can be managed through"
	)
	for _, c := range []struct{ domain, key, api, stage, want string }{
		{"none", "a", *b.id, "s", noDomain},
		{"rest", "a", "nope", "s", "NotFoundException: Invalid API identifier specified 000000000000:nope"},
		{"rest", "a", *b.id, "nope", badStage},
		{"rest", "a", *httpAPI, "nope", badStage},
		{"rest", "/", *b.id, "s", badEnd},
		{"rest", "a/", *b.id, "s", badEnd},
		{"rest", "/a", *b.id, "s", badSlashes},
		{"rest", "a//b", *b.id, "s", badSlashes},
		{"rest", " a", *b.id, "s", badCharacters},
		{"rest", "a~b", *b.id, "s", badCharacters},
		{"rest", strings.Repeat("a", 301), *b.id, "s", "BadRequestException: ApiMapping key length must be under 300 characters."},
		{"rest", strings.Repeat("a", 300), *b.id, "s", ""},
		{"rest", "a,b$", *b.id, "s", ""},
		{"rest", "   ", *b.id, "s", ""},
		{"rest", "", *b.id, "s", "ConflictException: ApiMapping key already exists for this domain name"},
		{"rest", "ws", *socketAPI, "prod", badMix},
		{"socket", "rest", *b.id, "s", badMix},
		{"socket", "http", *httpAPI, "$default", badMix},
		{"socket", "more", *socketAPI, "prod", ""},
		{"socket", "a/b", *socketAPI, "prod", "BadRequestException: API mappings with multiple levels"},
		{"mixed", "a/b", *httpAPI, "$default", ""},
		{"rules", "a", *b.id, "s", "BadRequestException: API mappings cannot be created for a domain name with the routing mode ROUTING_RULE_ONLY."},
		{"both", "a", *b.id, "s", ""},
		{"both", "b", *httpAPI, "$default", "BadRequestException: Routing rules are not supported"},
		{"old", "a", *b.id, "s", onlyTLS12},
		{"edge", "a", *b.id, "s", onlyRegional},
	} {
		got := outcome(b.v2.CreateApiMapping(t.Context(), &apigatewayv2.CreateApiMappingInput{
			DomainName: aws.String(c.domain + ".example.com"), ApiMappingKey: &c.key, ApiId: &c.api, Stage: &c.stage}))
		if got != c.want && (c.want == "" || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%s/%.10s to %s: %s, want %s", c.domain, c.key, c.api, got, c.want)
		}
	}
	for what, got := range map[string]string{
		badMix: outcome(b.gw.CreateBasePathMapping(t.Context(), &apigateway.CreateBasePathMappingInput{
			DomainName: aws.String("mixed.example.com"), BasePath: aws.String("x"), RestApiId: b.id, Stage: aws.String("s")})),
		onlyRegional: outcome(b.v2.GetApiMappings(t.Context(), &apigatewayv2.GetApiMappingsInput{DomainName: aws.String("edge.example.com")})),
		onlyTLS12: outcome(b.gw.UpdateDomainName(t.Context(), &apigateway.UpdateDomainNameInput{DomainName: aws.String("mixed.example.com"),
			PatchOperations: []types.PatchOperation{{Op: types.OpReplace, Path: aws.String("/securityPolicy"), Value: aws.String("TLS_1_0")}}})),
		"NotFoundException: Invalid ApiMapping id": outcome(b.v2.GetApiMapping(t.Context(), &apigatewayv2.GetApiMappingInput{
			DomainName: aws.String("rest.example.com"), ApiMappingId: aws.String("nope")})),
	} {
		if !strings.HasPrefix(got, what) {
			t.Errorf("%s, want %s", got, what)
		}
	}
}

func TestWhatDomainNamesRefuse(t *testing.T) {
	b := newDomainBench(t, emulator.Config{}, "here")
	b.v2Domain(t, "taken.example.com", "")
	regional := func(change func(*v2types.DomainNameConfiguration)) []v2types.DomainNameConfiguration {
		c := v2types.DomainNameConfiguration{CertificateArn: b.certificate}
		if change != nil {
			change(&c)
		}
		return []v2types.DomainNameConfiguration{c}
	}
	for _, c := range []struct {
		name string
		in   apigatewayv2.CreateDomainNameInput
		want string
	}{
		{"taken", apigatewayv2.CreateDomainNameInput{DomainNameConfigurations: regional(nil)}, "BadRequestException: The domain name you provided already exists."},
		{"a", apigatewayv2.CreateDomainNameInput{}, "BadRequestException: Invalid input. Expected one domain name configuration"},
		{"a", apigatewayv2.CreateDomainNameInput{DomainNameConfigurations: slices.Repeat(regional(nil), 2)}, "BadRequestException: Invalid input. Expected one domain name configuration"},
		{"a", apigatewayv2.CreateDomainNameInput{DomainNameConfigurations: regional(func(c *v2types.DomainNameConfiguration) { c.EndpointType = "EDGE" })},
			"BadRequestException: EDGE endpoint type is not supported for APIGatewayV2 domainName"},
		{"a", apigatewayv2.CreateDomainNameInput{DomainNameConfigurations: regional(func(c *v2types.DomainNameConfiguration) { c.SecurityPolicy = "TLS_1_0" })},
			"BadRequestException: Only REGIONAL domain names with a security policy of TLS 1.2"},
		{"a", apigatewayv2.CreateDomainNameInput{DomainNameConfigurations: regional(func(c *v2types.DomainNameConfiguration) { c.SecurityPolicy = "wrong" })},
			"BadRequestException: 1 validation error detected: Value 'wrong' at "},
		{"a", apigatewayv2.CreateDomainNameInput{DomainNameConfigurations: regional(func(c *v2types.DomainNameConfiguration) { c.CertificateArn = nil })},
			"BadRequestException: A certificate ARN must be specified"},
		{"a", apigatewayv2.CreateDomainNameInput{DomainNameConfigurations: regional(nil), RoutingMode: "wrong"}, "BadRequestException: 1 validation error detected: Value 'wrong' at "},
		{"-", apigatewayv2.CreateDomainNameInput{DomainNameConfigurations: regional(nil)}, "BadRequestException: Invalid domain name specified: -.example.com"},
		{"a", apigatewayv2.CreateDomainNameInput{DomainNameConfigurations: regional(nil), Tags: map[string]string{"aws:x": ""}}, "BadRequestException: Invalid tag aws:x"},
		{"private", apigatewayv2.CreateDomainNameInput{DomainNameConfigurations: regional(func(c *v2types.DomainNameConfiguration) { c.EndpointType = "PRIVATE" })}, ""},
	} {
		c.in.DomainName = aws.String(c.name + ".example.com")
		if got := outcome(b.v2.CreateDomainName(t.Context(), &c.in)); got != c.want && (c.want == "" || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%+v: %s, want %s", c.in, got, c.want)
		}
	}
	for what, got := range map[string]string{
		"GetDomainName":    outcome(b.v2.GetDomainName(t.Context(), &apigatewayv2.GetDomainNameInput{DomainName: aws.String("none.example.com")})),
		"UpdateDomainName": outcome(b.v2.UpdateDomainName(t.Context(), &apigatewayv2.UpdateDomainNameInput{DomainName: aws.String("none.example.com")})),
		"DeleteDomainName": outcome(b.v2.DeleteDomainName(t.Context(), &apigatewayv2.DeleteDomainNameInput{DomainName: aws.String("none.example.com")})),
		"GetApiMappings":   outcome(b.v2.GetApiMappings(t.Context(), &apigatewayv2.GetApiMappingsInput{DomainName: aws.String("none.example.com")})),
		"ListRoutingRules": outcome(b.v2.ListRoutingRules(t.Context(), &apigatewayv2.ListRoutingRulesInput{DomainName: aws.String("none.example.com")})),
	} {
		if got != noDomain {
			t.Errorf("%s: %s", what, got)
		}
	}
}

// What an update leaves out stays; mutual TLS ends with an empty URI.
func TestADomainIsUpdatedThroughAPIGatewayV2(t *testing.T) {
	ca := authority.New(t, "Our CA")
	b := newDomainBench(t, emulator.Config{Truststores: map[string]string{"s3://trust/ca.pem": file(t, ca.PEM)}}, "$context.identity.clientCert.subjectDN")
	const name = "api.example.com"
	b.v2Domain(t, name, "")
	b.v2Map(t, name, "", b.id, "s")
	update := func(in apigatewayv2.UpdateDomainNameInput) *apigatewayv2.UpdateDomainNameOutput {
		t.Helper()
		in.DomainName = aws.String(name)
		out, err := b.v2.UpdateDomainName(t.Context(), &in)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	client := ca.Client("me")
	c := b.caller(t, func(c *tls.Config) {
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &client, nil }
	})
	out := update(apigatewayv2.UpdateDomainNameInput{MutualTlsAuthentication: &v2types.MutualTlsAuthenticationInput{TruststoreUri: aws.String("s3://trust/ca.pem")}})
	if *out.MutualTlsAuthentication.TruststoreUri != "s3://trust/ca.pem" || *out.DomainNameConfigurations[0].CertificateArn != *b.certificate {
		t.Errorf("%+v", out)
	}
	if got := answered(t, c, "https://"+name+"/"); got != "200 CN=me,O=Tests" {
		t.Errorf("with mutual TLS: %s", got)
	}
	second := b.request(t, "api.example.com")
	out = update(apigatewayv2.UpdateDomainNameInput{
		MutualTlsAuthentication:  &v2types.MutualTlsAuthenticationInput{TruststoreUri: aws.String("")},
		DomainNameConfigurations: []v2types.DomainNameConfiguration{{CertificateArn: second, IpAddressType: v2types.IpAddressTypeDualstack}},
	})
	if c := out.DomainNameConfigurations[0]; out.MutualTlsAuthentication != nil || *c.CertificateArn != *second || c.IpAddressType != v2types.IpAddressTypeDualstack {
		t.Errorf("%+v", out)
	}
	if got := answered(t, http.DefaultClient, b.url("/"), "Host: "+name); got != "200 " {
		t.Errorf("without mutual TLS: %s", got)
	}
	if out = update(apigatewayv2.UpdateDomainNameInput{RoutingMode: v2types.RoutingModeRoutingRuleOnly}); out.RoutingMode != v2types.RoutingModeRoutingRuleOnly {
		t.Errorf("%+v", out)
	}
	if got := answered(t, http.DefaultClient, b.url("/"), "Host: "+name); got != forbiddenAnswer {
		t.Errorf("by routing rules alone: %s", got)
	}
}

// What is mapped shares its domain with REST APIs; its routes see the path below the key, its back ends
// the whole (HTTP API guide, "Map API stages to a custom domain name").
func TestHTTPAPIsAtCustomDomains(t *testing.T) {
	b := newDomainBench(t, emulator.Config{}, "rest")
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "http "+r.URL.Path) }))
	t.Cleanup(backend.Close)
	api, err := b.v2.CreateApi(t.Context(), &apigatewayv2.CreateApiInput{Name: aws.String("n"), ProtocolType: v2types.ProtocolTypeHttp,
		RouteKey: aws.String("GET /pets"), Target: aws.String(backend.URL + "/back")})
	if err != nil {
		t.Fatal(err)
	}
	const name = "api.example.com"
	b.v2Domain(t, name, "")
	b.v2Map(t, name, "", b.id, "s")
	mapped := b.v2Map(t, name, "shop/v1", api.ApiId, "$default")
	for path, want := range map[string]string{
		"/":             "200 rest",
		"/shop/v1/pets": "200 http /back",
		"/shop/v1/cats": `404 {"message":"Not Found"}`,
	} {
		if got := answered(t, http.DefaultClient, b.url(path), "Host: "+name); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	want := "BadRequestException: Deleting API " + *api.ApiId + " failed. Please remove all API mappings related to the API in your domains: " + name + "."
	if got := outcome(b.v2.DeleteApi(t.Context(), &apigatewayv2.DeleteApiInput{ApiId: api.ApiId})); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if _, err := b.v2.DeleteApiMapping(t.Context(), &apigatewayv2.DeleteApiMappingInput{DomainName: aws.String(name), ApiMappingId: mapped.ApiMappingId}); err != nil {
		t.Fatal(err)
	}
	if got := outcome(b.v2.DeleteApi(t.Context(), &apigatewayv2.DeleteApiInput{ApiId: api.ApiId})); got != "" {
		t.Errorf("unmapped: %s", got)
	}
}
