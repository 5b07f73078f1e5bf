package emulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator"
	"postern/emulator/store"
)

// A portalBench is a server with a REST API, a product with two pages and an endpoint, and a portal of it.
type portalBench struct {
	*domainBench
	product        *apigatewayv2.CreatePortalProductOutput
	overview, page *apigatewayv2.CreateProductPageOutput
	endpoint       *apigatewayv2.CreateProductRestEndpointPageOutput
	portal         *apigatewayv2.CreatePortalOutput
}

func theme() *v2types.PortalTheme {
	return &v2types.PortalTheme{CustomColors: &v2types.CustomColors{
		AccentColor: aws.String("#0972d3"), BackgroundColor: aws.String("#fff"), ErrorValidationColor: aws.String("red"),
		HeaderColor: aws.String("#0f1b2a"), NavigationColor: aws.String("#f2f8fd"), TextColor: aws.String("#16191f"),
	}}
}

func need[T any](t *testing.T, out T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func endpointOf(api *string, stage, method, path string) *v2types.RestEndpointIdentifier {
	return &v2types.RestEndpointIdentifier{IdentifierParts: &v2types.IdentifierParts{RestApiId: api, Stage: &stage, Method: &method, Path: &path}}
}

func newPortalBench(t *testing.T, c emulator.Config) *portalBench {
	t.Helper()
	b := &portalBench{domainBench: newDomainBench(t, c, "here")}
	ctx := t.Context()
	_, err := b.gw.CreateDocumentationPart(ctx, &apigateway.CreateDocumentationPartInput{RestApiId: b.id,
		Location:   &types.DocumentationPartLocation{Type: types.DocumentationPartTypeMethod, Path: aws.String("/"), Method: aws.String("GET")},
		Properties: aws.String(`{"description":"Says **here**. <script>alert(1)</script>"}`)})
	need(t, 0, err)
	out, err := b.v2.CreatePortalProduct(ctx, &apigatewayv2.CreatePortalProductInput{DisplayName: aws.String("Pet adoption"), Description: aws.String("Meet & adopt")})
	b.product = need(t, out, err)
	page := func(title, body string) *apigatewayv2.CreateProductPageOutput {
		t.Helper()
		out, err := b.v2.CreateProductPage(ctx, &apigatewayv2.CreateProductPageInput{PortalProductId: b.product.PortalProductId,
			DisplayContent: &v2types.DisplayContent{Title: &title, Body: &body}})
		return need(t, out, err)
	}
	b.page, b.overview = page("Terms", "Be *kind*."), page("Overview", "# Welcome")
	endpoint, err := b.v2.CreateProductRestEndpointPage(ctx, &apigatewayv2.CreateProductRestEndpointPageInput{PortalProductId: b.product.PortalProductId,
		RestEndpointIdentifier: endpointOf(b.id, "s", "GET", "/"), TryItState: v2types.TryItStateEnabled})
	b.endpoint = need(t, endpoint, err)
	_, err = b.v2.UpdatePortalProduct(ctx, &apigatewayv2.UpdatePortalProductInput{PortalProductId: b.product.PortalProductId, DisplayOrder: &v2types.DisplayOrder{
		OverviewPageArn: b.overview.ProductPageArn,
		Contents:        []v2types.Section{{SectionName: aws.String("Reading"), ProductRestEndpointPageArns: []string{*b.endpoint.ProductRestEndpointPageArn}}},
	}})
	need(t, 0, err)
	portal, err := b.v2.CreatePortal(ctx, &apigatewayv2.CreatePortalInput{
		Authorization: &v2types.Authorization{None: &v2types.None{}}, IncludedPortalProductArns: []string{*b.product.PortalProductArn},
		EndpointConfiguration: &v2types.EndpointConfigurationRequest{AcmManaged: &v2types.ACMManaged{CertificateArn: b.certificate, DomainName: aws.String("portal.example.com")}},
		PortalContent:         &v2types.PortalContent{DisplayName: aws.String("Pet <store>"), Description: aws.String("For partners"), Theme: theme()},
	})
	b.portal = need(t, portal, err)
	return b
}

func (b *portalBench) publish(t *testing.T) {
	t.Helper()
	_, err := b.v2.PublishPortal(t.Context(), &apigatewayv2.PublishPortalInput{PortalId: b.portal.PortalId, Description: aws.String("first")})
	need(t, 0, err)
}

func (b *portalBench) path(rest string) string {
	return b.url("/_postern/portals/" + *b.portal.PortalId + "/" + rest)
}

// contains checks a page's status and some of its text.
func contains(t *testing.T, got, status string, texts ...string) {
	t.Helper()
	if !strings.HasPrefix(got, status+" ") {
		t.Errorf("%.200s, want status %s", got, status)
	}
	for _, text := range texts {
		if !strings.Contains(got, text) {
			t.Errorf("%q is missing in\n%s", text, got)
		}
	}
}

// REST API guide, "API Gateway portals" (read 2026-11): nobody sees a portal before it is published, what is
// changed shows when it is published again, a published one must be disabled before it is deleted.
func TestTheLifeOfAPortal(t *testing.T) {
	b := newPortalBench(t, emulator.Config{})
	ctx, id := t.Context(), b.portal.PortalId
	e := b.portal.EndpointConfiguration
	if b.portal.PublishStatus != v2types.PublishStatusDisabled || *b.portal.PortalArn != "arn:aws:apigateway:us-east-1:000000000000:/portals/"+*id ||
		*e.PortalDefaultDomainName != "p-"+*id+".apigw-portal.us-east-1.on.aws" || *e.DomainName != "portal.example.com" || e.PortalDomainHostedZoneId == nil {
		t.Errorf("%+v %+v", b.portal, e)
	}
	contains(t, answered(t, http.DefaultClient, b.path("")), "404", "not published")
	b.publish(t)
	got, err := b.v2.GetPortal(ctx, &apigatewayv2.GetPortalInput{PortalId: id})
	need(t, 0, err)
	if got.PublishStatus != v2types.PublishStatusPublished || got.LastPublished == nil || *got.LastPublishedDescription != "first" || *got.PortalContent.DisplayName != "Pet <store>" {
		t.Errorf("%+v", got)
	}
	contains(t, answered(t, http.DefaultClient, b.path("")), "200", "<h1>Pet &lt;store&gt;</h1>", "For partners", "Meet &amp; adopt")
	_, err = b.v2.UpdatePortal(ctx, &apigatewayv2.UpdatePortalInput{PortalId: id, PortalContent: &v2types.PortalContent{DisplayName: aws.String("Renamed"), Theme: theme()}})
	need(t, 0, err)
	contains(t, answered(t, http.DefaultClient, b.path("")), "200", "<h1>Pet &lt;store&gt;</h1>")
	_, err = b.v2.PreviewPortal(ctx, &apigatewayv2.PreviewPortalInput{PortalId: id})
	need(t, 0, err)
	got, err = b.v2.GetPortal(ctx, &apigatewayv2.GetPortalInput{PortalId: id})
	need(t, 0, err)
	if got.Preview.PreviewStatus != v2types.PreviewStatusPreviewReady || !strings.HasSuffix(*got.Preview.PreviewUrl, "/_postern/portals/"+*id+"/preview/") {
		t.Errorf("%+v", got.Preview)
	}
	contains(t, answered(t, http.DefaultClient, b.path("preview/")), "200", "<h1>Renamed</h1>", "Preview")
	b.publish(t)
	contains(t, answered(t, http.DefaultClient, b.path("")), "200", "<h1>Renamed</h1>")
	list, err := b.v2.ListPortals(ctx, &apigatewayv2.ListPortalsInput{})
	need(t, 0, err)
	if len(list.Items) != 1 || *list.Items[0].PortalId != *id || list.Items[0].PublishStatus != v2types.PublishStatusPublished {
		t.Errorf("%+v", list.Items)
	}
	if got := outcome(b.v2.DeletePortal(ctx, &apigatewayv2.DeletePortalInput{PortalId: id})); got != "BadRequestException: The portal must be disabled before it can be deleted." {
		t.Errorf("%s", got)
	}
	for range 2 {
		_, err = b.v2.DisablePortal(ctx, &apigatewayv2.DisablePortalInput{PortalId: id})
		need(t, 0, err)
	}
	contains(t, answered(t, http.DefaultClient, b.path("")), "404")
	_, err = b.v2.DeletePortal(ctx, &apigatewayv2.DeletePortalInput{PortalId: id})
	need(t, 0, err)
	if got := outcome(b.v2.GetPortal(ctx, &apigatewayv2.GetPortalInput{PortalId: id})); got != "NotFoundException: Invalid portal identifier specified" {
		t.Errorf("%s", got)
	}
	b.v2Domain(t, "portal.example.com", "") // nobody has the name any more
}

// The pages work without scripts: documentation as its authors wrote it, endpoints as their stage has them.
func TestThePagesOfAPortal(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	var product, host string
	t.Run("first start", func(t *testing.T) {
		b := newPortalBench(t, emulator.Config{DataDir: dir})
		b.publish(t)
		product = "products/" + *b.product.PortalProductId + "/"
		host = "Host: " + *b.portal.EndpointConfiguration.PortalDefaultDomainName
		contains(t, answered(t, http.DefaultClient, b.path(product)), "200", "<h1>Welcome</h1>", "<h3>Reading</h3>", ">Terms</a>")
		contains(t, answered(t, http.DefaultClient, b.path(product+"pages/"+*b.page.ProductPageId+"/")), "200", "<h1>Terms</h1>", "Be <em>kind</em>.")
		endpoint := product + "endpoints/" + *b.endpoint.ProductRestEndpointPageId + "/"
		got := answered(t, http.DefaultClient, b.path(endpoint))
		invoke := fmt.Sprintf("http://%s.execute-api.localhost:%s/s/", *b.id, b.addr[strings.LastIndexByte(b.addr, ':')+1:])
		contains(t, got, "200", "<h1>GET /</h1>", "Says <strong>here</strong>.", "<code>q</code>", "querystring", "<code>X-Key</code>", "<code>200</code>", invoke, "curl -X GET")
		if strings.Contains(got, "<script") {
			t.Errorf("a script:\n%s", got)
		}
		if got := answered(t, b.caller(t, nil), invoke); got != "200 here" {
			t.Errorf("what the page says can be called: %s", got)
		}
		contains(t, answered(t, http.DefaultClient, b.path("style.css")), "200", "--accent: #0972d3;", "--header-text: #ffffff;")
		for _, path := range []string{"products/none/", product + "pages/none/", product + "endpoints/none/", product + "x/y/", "x", product + "pages/"} {
			contains(t, answered(t, http.DefaultClient, b.path(path)), "404", "no such page")
		}
		paths = []string{"/", "/" + product, "/" + endpoint}
		contains(t, answered(t, b.caller(t, nil), "https://portal.example.com/"), "200", `href="/`+product)
	})
	s := start(t, emulator.Config{DataDir: dir, Lambda: processes(t)})
	for _, path := range paths {
		contains(t, answered(t, http.DefaultClient, s.url(path), "Host: portal.example.com"), "200", "Pet &lt;store&gt;")
		contains(t, answered(t, http.DefaultClient, s.url(path), host), "200", "Pet &lt;store&gt;")
	}
	if err := s.Reset(t.Context(), store.Scope{}); err != nil {
		t.Fatal(err)
	}
	contains(t, answered(t, http.DefaultClient, s.url("/"), host), "404", "not published")
	if got := answered(t, http.DefaultClient, s.url("/"), "Host: portal.example.com"); strings.Contains(got, "Pet") {
		t.Errorf("after a reset: %s", got)
	}
}

// Nothing is shown of a portal whose readers have to sign in, which they cannot here.
func TestAPortalWithSignInShowsNothing(t *testing.T) {
	b := newPortalBench(t, emulator.Config{})
	_, err := b.v2.UpdatePortal(t.Context(), &apigatewayv2.UpdatePortalInput{PortalId: b.portal.PortalId, Authorization: &v2types.Authorization{
		CognitoConfig: &v2types.CognitoConfig{AppClientId: aws.String("app"), UserPoolArn: aws.String("arn:aws:cognito-idp:us-east-1:000000000000:userpool/p"), UserPoolDomain: aws.String("https://example.auth.amazoncognito.com")}}})
	need(t, 0, err)
	b.publish(t)
	got := answered(t, http.DefaultClient, b.path("products/"+*b.product.PortalProductId+"/"))
	contains(t, got, "403", "Amazon Cognito, which Postern does not emulate")
	if strings.Contains(got, "adoption") {
		t.Errorf("%s", got)
	}
}

func TestProductsAndTheirPages(t *testing.T) {
	b := newPortalBench(t, emulator.Config{})
	ctx, id := t.Context(), b.product.PortalProductId
	if want := "arn:aws:apigateway:us-east-1:000000000000:/portalproducts/" + *id; *b.product.PortalProductArn != want || *b.page.ProductPageArn != want+"/productpages/"+*b.page.ProductPageId ||
		*b.endpoint.ProductRestEndpointPageArn != want+"/productrestendpointpages/"+*b.endpoint.ProductRestEndpointPageId {
		t.Errorf("%s %s %s", *b.product.PortalProductArn, *b.page.ProductPageArn, *b.endpoint.ProductRestEndpointPageArn)
	}
	c := b.endpoint.DisplayContent
	if b.endpoint.Status != v2types.StatusAvailable || *c.Endpoint != "https://"+*b.id+".execute-api.us-east-1.amazonaws.com/s/" || !strings.HasPrefix(*c.Body, "Says **here**.") {
		t.Errorf("%+v %+v", b.endpoint, c)
	}
	updated, err := b.v2.UpdateProductRestEndpointPage(ctx, &apigatewayv2.UpdateProductRestEndpointPageInput{PortalProductId: id,
		ProductRestEndpointPageId: b.endpoint.ProductRestEndpointPageId, TryItState: v2types.TryItStateDisabled,
		DisplayContent: &v2types.EndpointDisplayContent{Overrides: &v2types.DisplayContentOverrides{OperationName: aws.String("Greet"), Endpoint: aws.String("https://api.example.com/")}}})
	need(t, 0, err)
	if c := updated.DisplayContent; *c.OperationName != "Greet" || *c.Endpoint != "https://api.example.com/" || !strings.HasPrefix(*c.Body, "Says") || updated.TryItState != v2types.TryItStateDisabled {
		t.Errorf("%+v", c)
	}
	endpoints, err := b.v2.ListProductRestEndpointPages(ctx, &apigatewayv2.ListProductRestEndpointPagesInput{PortalProductId: id})
	need(t, 0, err)
	if e := endpoints.Items; len(e) != 1 || *e[0].OperationName != "Greet" || *e[0].RestEndpointIdentifier.IdentifierParts.Path != "/" || e[0].Status != v2types.StatusAvailable {
		t.Errorf("%+v", e)
	}
	_, err = b.v2.UpdateProductPage(ctx, &apigatewayv2.UpdateProductPageInput{PortalProductId: id, ProductPageId: b.page.ProductPageId,
		DisplayContent: &v2types.DisplayContent{Title: aws.String("Rules"), Body: aws.String("New.")}})
	need(t, 0, err)
	pages, err := b.v2.ListProductPages(ctx, &apigatewayv2.ListProductPagesInput{PortalProductId: id})
	need(t, 0, err)
	var titles []string
	for _, p := range pages.Items {
		titles = append(titles, *p.PageTitle)
	}
	if slices.Sort(titles); !slices.Equal(titles, []string{"Overview", "Rules"}) {
		t.Errorf("%v", titles)
	}
	page, err := b.v2.GetProductPage(ctx, &apigatewayv2.GetProductPageInput{PortalProductId: id, ProductPageId: b.page.ProductPageId})
	if err != nil || *page.DisplayContent.Body != "New." {
		t.Errorf("%+v %v", page, err)
	}
	if _, err := b.v2.DeleteProductPage(ctx, &apigatewayv2.DeleteProductPageInput{PortalProductId: id, ProductPageId: b.overview.ProductPageId}); err != nil {
		t.Error(err)
	}
	if _, err := b.v2.DeleteProductRestEndpointPage(ctx, &apigatewayv2.DeleteProductRestEndpointPageInput{PortalProductId: id, ProductRestEndpointPageId: b.endpoint.ProductRestEndpointPageId}); err != nil {
		t.Error(err)
	}
	product, err := b.v2.GetPortalProduct(ctx, &apigatewayv2.GetPortalProductInput{PortalProductId: id})
	need(t, 0, err)
	if o := product.DisplayOrder; o.OverviewPageArn != nil || len(o.Contents[0].ProductRestEndpointPageArns) != 0 {
		t.Errorf("the order names what is gone: %+v", o)
	}
	const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"apigateway:GetProduct","Resource":"*"}]}`
	_, err = b.v2.PutPortalProductSharingPolicy(ctx, &apigatewayv2.PutPortalProductSharingPolicyInput{PortalProductId: id, PolicyDocument: aws.String(policy)})
	need(t, 0, err)
	sharing, err := b.v2.GetPortalProductSharingPolicy(ctx, &apigatewayv2.GetPortalProductSharingPolicyInput{PortalProductId: id})
	if err != nil || *sharing.PolicyDocument != policy {
		t.Errorf("%+v %v", sharing, err)
	}
	_, err = b.v2.DeletePortalProductSharingPolicy(ctx, &apigatewayv2.DeletePortalProductSharingPolicyInput{PortalProductId: id})
	need(t, 0, err)
	products, err := b.v2.ListPortalProducts(ctx, &apigatewayv2.ListPortalProductsInput{ResourceOwner: aws.String("OTHER_ACCOUNTS")})
	if err != nil || len(products.Items) != 0 {
		t.Errorf("%+v %v", products, err)
	}
	for _, arn := range []*string{b.product.PortalProductArn, b.portal.PortalArn} {
		_, err = b.v2.TagResource(ctx, &apigatewayv2.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"a": "b", "c": "d"}})
		need(t, 0, err)
		_, err = b.v2.UntagResource(ctx, &apigatewayv2.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"c"}})
		need(t, 0, err)
		tags, err := b.v2.GetTags(ctx, &apigatewayv2.GetTagsInput{ResourceArn: arn})
		if need(t, 0, err); len(tags.Tags) != 1 || tags.Tags["a"] != "b" {
			t.Errorf("%s: %v", *arn, tags.Tags)
		}
	}
	_, err = b.v2.DeletePortalProduct(ctx, &apigatewayv2.DeletePortalProductInput{PortalProductId: id})
	need(t, 0, err)
	_, err = b.v2.UpdatePortal(ctx, &apigatewayv2.UpdatePortalInput{PortalId: b.portal.PortalId, RumAppMonitorName: aws.String("")})
	need(t, 0, err) // a product that is gone is not the update's mistake
	b.publish(t)
	contains(t, answered(t, http.DefaultClient, b.path("")), "200", "No products.")
}

// A page whose method the stage has no more says so.
func TestAnEndpointThatIsGone(t *testing.T) {
	b := newPortalBench(t, emulator.Config{})
	if _, err := b.gw.DeleteMethod(t.Context(), &apigateway.DeleteMethodInput{RestApiId: b.id, ResourceId: b.root, HttpMethod: aws.String("GET")}); err != nil {
		t.Fatal(err)
	}
	b.put(t, "other", "GET")
	b.deploy(t, &apigateway.CreateDeploymentInput{})
	got, err := b.v2.GetProductRestEndpointPage(t.Context(), &apigatewayv2.GetProductRestEndpointPageInput{PortalProductId: b.product.PortalProductId, ProductRestEndpointPageId: b.endpoint.ProductRestEndpointPageId})
	need(t, 0, err)
	if got.Status != v2types.StatusFailed || !strings.Contains(*got.StatusException.Message, "The stage has no method GET /") {
		t.Errorf("%+v", got)
	}
	b.publish(t)
	contains(t, answered(t, http.DefaultClient, b.path("products/"+*b.product.PortalProductId+"/endpoints/"+*b.endpoint.ProductRestEndpointPageId+"/")), "200", "has no such method any more")
}

func TestWhatPortalsRefuse(t *testing.T) {
	b := newPortalBench(t, emulator.Config{})
	ctx, none, id := t.Context(), aws.String("none"), b.product.PortalProductId
	long := aws.String(strings.Repeat("a", 1025))
	portal := func(change func(*apigatewayv2.CreatePortalInput)) string {
		in := &apigatewayv2.CreatePortalInput{
			Authorization: &v2types.Authorization{None: &v2types.None{}}, EndpointConfiguration: &v2types.EndpointConfigurationRequest{None: &v2types.None{}},
			PortalContent: &v2types.PortalContent{DisplayName: aws.String("Name"), Theme: theme()},
		}
		change(in)
		return outcome(b.v2.CreatePortal(ctx, in))
	}
	named := func(name string) *v2types.EndpointConfigurationRequest {
		return &v2types.EndpointConfigurationRequest{AcmManaged: &v2types.ACMManaged{CertificateArn: b.certificate, DomainName: &name}}
	}
	endpoint := func(e *v2types.RestEndpointIdentifier) string {
		return outcome(b.v2.CreateProductRestEndpointPage(ctx, &apigatewayv2.CreateProductRestEndpointPageInput{PortalProductId: id, RestEndpointIdentifier: e}))
	}
	const (
		noPortal   = "NotFoundException: Invalid portal identifier specified"
		noProduct  = "NotFoundException: Invalid portal product identifier specified"
		noPage     = "NotFoundException: Invalid product page identifier specified"
		noEndpoint = "NotFoundException: Invalid product REST endpoint page identifier specified"
		noSharing  = "NotFoundException: No sharing policy exists for the portal product"
	)
	content := &v2types.DisplayContent{Title: aws.String("t"), Body: aws.String("b")}
	for i, c := range []struct{ got, want string }{
		{portal(func(in *apigatewayv2.CreatePortalInput) { in.Authorization = &v2types.Authorization{} }), "BadRequestException: Invalid authorization specified."},
		{portal(func(in *apigatewayv2.CreatePortalInput) {
			in.EndpointConfiguration = &v2types.EndpointConfigurationRequest{}
		}), "BadRequestException: Invalid endpointConfiguration"},
		{portal(func(in *apigatewayv2.CreatePortalInput) { in.EndpointConfiguration = named("portal.example.com") }), "BadRequestException: The domain name you provided already exists."},
		{portal(func(in *apigatewayv2.CreatePortalInput) { in.EndpointConfiguration = named("portal.example.org") }), "BadRequestException: The certificate "},
		{portal(func(in *apigatewayv2.CreatePortalInput) { in.PortalContent.DisplayName = aws.String("ab") }), "BadRequestException: Invalid displayName specified."},
		{portal(func(in *apigatewayv2.CreatePortalInput) { in.PortalContent.Description = long }), "BadRequestException: Invalid description specified."},
		{portal(func(in *apigatewayv2.CreatePortalInput) {
			in.PortalContent.Theme.CustomColors.TextColor = aws.String("red}*{")
		}), "BadRequestException: Invalid color specified: red}*{"},
		{portal(func(in *apigatewayv2.CreatePortalInput) {
			in.IncludedPortalProductArns = []string{*b.product.PortalProductArn + "x"}
		}), "BadRequestException: Invalid portal product ARN specified"},
		{portal(func(in *apigatewayv2.CreatePortalInput) { in.Tags = map[string]string{"aws:a": ""} }), "BadRequestException: Invalid tag"},
		{outcome(b.v2.GetPortal(ctx, &apigatewayv2.GetPortalInput{PortalId: none})), noPortal},
		{outcome(b.v2.UpdatePortal(ctx, &apigatewayv2.UpdatePortalInput{PortalId: none})), noPortal},
		{outcome(b.v2.DeletePortal(ctx, &apigatewayv2.DeletePortalInput{PortalId: none})), noPortal},
		{outcome(b.v2.PublishPortal(ctx, &apigatewayv2.PublishPortalInput{PortalId: none})), noPortal},
		{outcome(b.v2.PublishPortal(ctx, &apigatewayv2.PublishPortalInput{PortalId: b.portal.PortalId, Description: long})), "BadRequestException: Invalid description specified."},
		{outcome(b.v2.PreviewPortal(ctx, &apigatewayv2.PreviewPortalInput{PortalId: none})), noPortal},
		{outcome(b.v2.DisablePortal(ctx, &apigatewayv2.DisablePortalInput{PortalId: none})), noPortal},
		{outcome(b.v2.CreatePortalProduct(ctx, &apigatewayv2.CreatePortalProductInput{DisplayName: aws.String("")})), "BadRequestException: Invalid displayName specified."},
		{outcome(b.v2.GetPortalProduct(ctx, &apigatewayv2.GetPortalProductInput{PortalProductId: none})), noProduct},
		{outcome(b.v2.GetPortalProduct(ctx, &apigatewayv2.GetPortalProductInput{PortalProductId: id, ResourceOwnerAccountId: aws.String("222222222222")})), noProduct},
		{outcome(b.v2.UpdatePortalProduct(ctx, &apigatewayv2.UpdatePortalProductInput{PortalProductId: none})), noProduct},
		{outcome(b.v2.UpdatePortalProduct(ctx, &apigatewayv2.UpdatePortalProductInput{PortalProductId: id, DisplayOrder: &v2types.DisplayOrder{ProductPageArns: []string{"arn:aws:apigateway:us-east-1:0:/x"}}})),
			"BadRequestException: Invalid product page ARN specified"},
		{outcome(b.v2.DeletePortalProduct(ctx, &apigatewayv2.DeletePortalProductInput{PortalProductId: none})), noProduct},
		{outcome(b.v2.ListPortalProducts(ctx, &apigatewayv2.ListPortalProductsInput{ResourceOwner: none})), "BadRequestException: Invalid resourceOwner specified."},
		{outcome(b.v2.CreateProductPage(ctx, &apigatewayv2.CreateProductPageInput{PortalProductId: none, DisplayContent: content})), noProduct},
		{outcome(b.v2.CreateProductPage(ctx, &apigatewayv2.CreateProductPageInput{PortalProductId: id, DisplayContent: &v2types.DisplayContent{Title: aws.String(""), Body: aws.String("b")}})),
			"BadRequestException: Invalid title specified."},
		{outcome(b.v2.GetProductPage(ctx, &apigatewayv2.GetProductPageInput{PortalProductId: id, ProductPageId: none})), noPage},
		{outcome(b.v2.UpdateProductPage(ctx, &apigatewayv2.UpdateProductPageInput{PortalProductId: id, ProductPageId: none})), noPage},
		{outcome(b.v2.DeleteProductPage(ctx, &apigatewayv2.DeleteProductPageInput{PortalProductId: id, ProductPageId: none})), noPage},
		{outcome(b.v2.ListProductPages(ctx, &apigatewayv2.ListProductPagesInput{PortalProductId: none})), noProduct},
		{endpoint(endpointOf(none, "s", "GET", "/")), "BadRequestException: Invalid REST API identifier specified"},
		{endpoint(endpointOf(b.id, "none", "GET", "/")), "BadRequestException: Invalid stage identifier specified"},
		{endpoint(endpointOf(b.id, "s", "POST", "/")), "BadRequestException: The stage has no method POST /"},
		{endpoint(&v2types.RestEndpointIdentifier{}), "BadRequestException: Invalid restEndpointIdentifier specified."},
		{outcome(b.v2.GetProductRestEndpointPage(ctx, &apigatewayv2.GetProductRestEndpointPageInput{PortalProductId: id, ProductRestEndpointPageId: none})), noEndpoint},
		{outcome(b.v2.UpdateProductRestEndpointPage(ctx, &apigatewayv2.UpdateProductRestEndpointPageInput{PortalProductId: id, ProductRestEndpointPageId: none})), noEndpoint},
		{outcome(b.v2.UpdateProductRestEndpointPage(ctx, &apigatewayv2.UpdateProductRestEndpointPageInput{PortalProductId: id, ProductRestEndpointPageId: b.endpoint.ProductRestEndpointPageId, TryItState: "wrong"})),
			"BadRequestException: 1 validation error detected: Value 'wrong'"},
		{outcome(b.v2.DeleteProductRestEndpointPage(ctx, &apigatewayv2.DeleteProductRestEndpointPageInput{PortalProductId: id, ProductRestEndpointPageId: none})), noEndpoint},
		{outcome(b.v2.ListProductRestEndpointPages(ctx, &apigatewayv2.ListProductRestEndpointPagesInput{PortalProductId: none})), noProduct},
		{outcome(b.v2.PutPortalProductSharingPolicy(ctx, &apigatewayv2.PutPortalProductSharingPolicyInput{PortalProductId: id, PolicyDocument: aws.String("{")})), "BadRequestException: Invalid policy document."},
		{outcome(b.v2.GetPortalProductSharingPolicy(ctx, &apigatewayv2.GetPortalProductSharingPolicyInput{PortalProductId: id})), noSharing},
		{outcome(b.v2.DeletePortalProductSharingPolicy(ctx, &apigatewayv2.DeletePortalProductSharingPolicyInput{PortalProductId: id})), noSharing},
		{outcome(b.v2.GetPortalProductSharingPolicy(ctx, &apigatewayv2.GetPortalProductSharingPolicyInput{PortalProductId: none})), noProduct},
	} {
		if !strings.HasPrefix(c.got, c.want) {
			t.Errorf("%d: %s, want %s", i, c.got, c.want)
		}
	}
	taken := outcome(b.gw.CreateDomainName(ctx, &apigateway.CreateDomainNameInput{DomainName: aws.String("portal.example.com"), RegionalCertificateArn: b.certificate,
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeRegional}}}))
	if taken != "ConflictException: The domain name you provided already exists." {
		t.Errorf("a portal has the name: %s", taken)
	}
}
