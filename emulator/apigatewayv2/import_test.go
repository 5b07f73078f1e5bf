package apigatewayv2

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"postern/emulator/quota"
	"postern/emulator/store"
)

// documents are the documents of emulator/openapi's tests by their names.
func documents(t testing.TB) map[string]string {
	t.Helper()
	files, _ := filepath.Glob("../openapi/testdata/http/*.txtar")
	out := map[string]string{}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			if f.Name == "document" {
				out[strings.TrimSuffix(filepath.Base(file), ".txtar")] = string(f.Data)
			}
		}
	}
	if len(out) == 0 {
		t.Fatal("no documents")
	}
	return out
}

// paths is a document with these paths and further members.
func paths(members string) *string {
	return aws.String(`{"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, ` + members + `}`)
}

const toURL = `{"x-amazon-apigateway-integration": {"type": "http_proxy", "httpMethod": "GET", "uri": "https://example.com", "payloadFormatVersion": "1.0"}}`

func (b *bench) definition(api *string) definition {
	b.t.Helper()
	var def definition
	err := b.view(b.ctx, func(tx *store.Tx) (err error) {
		def, err = read(tx, *api)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return def
}

// The texts, and that routes come without their targets, were recorded (see petstore.txtar).
func TestAnImportSaysWhatItLeavesOut(t *testing.T) {
	b := newBench(t)
	out := must(b.ImportApi(b.ctx, &sdk.ImportApiInput{Body: aws.String(documents(t)["petstore"])}))(t)
	info := []string{
		"components: key [schemas] will be ignored by API Gateway",
		"paths./pets.post: key [requestBody] will be ignored by API Gateway",
		"paths./pets.post: key [responses] will be ignored by API Gateway",
		"paths./pets.get: key [responses] will be ignored by API Gateway",
		"paths./pets.get: key [parameters] will be ignored by API Gateway",
		"paths./pets/{petId}.get: key [responses] will be ignored by API Gateway",
		"paths./pets/{petId}.get: key [parameters] will be ignored by API Gateway",
	}
	warnings := []string{
		"Unable to create integration for resource at path 'GET /pets': Unsupported PayloadFormatVersion: 1. Ignoring.",
		"Unable to create integration for resource at path 'POST /pets': Unsupported PayloadFormatVersion: 1. Ignoring.",
		"Unable to create integration for resource at path 'GET /pets/{petId}': Unsupported PayloadFormatVersion: 1. Ignoring.",
	}
	if diff := cmp.Diff(info, out.ImportInfo); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(warnings, out.Warnings); diff != "" {
		t.Error(diff)
	}
	for _, r := range b.definition(out.ApiId).Routes {
		if r.Target != nil {
			t.Errorf("%s has target %s", *r.RouteKey, *r.Target)
		}
	}
	api := must(b.GetApi(b.ctx, &sdk.GetApiInput{ApiId: out.ApiId}))(t)
	if *api.Name != "Example Pet Store" || *api.Version != "1.0" || *api.Description != "A Pet Store API." || len(api.CorsConfiguration.AllowHeaders) != 6 {
		t.Errorf("got %+v", api)
	}
}

func TestWhatIsRefusedIsLeftOutWithAWarning(t *testing.T) {
	for name, c := range map[string]struct{ document, warning, routes string }{
		"an authorizer and the routes that ask for it": {`"paths": {"/a": {"get": {"security": [{"z": []}]}}, "/b": {"get": {}}},
			"components": {"securitySchemes": {"z": {"type": "apiKey", "x-amazon-apigateway-authorizer": {"type": "token"}}}}`,
			"Unable to create route for resource at path 'GET /a': Authorizer 'z' was not created. Ignoring.", "GET /b"},
		"an integration, but not its route": {`"paths": {"/a": {"get": {"x-amazon-apigateway-integration": {"type": "aws", "payloadFormatVersion": "1.0"}}}}`,
			"Unable to create integration for resource at path 'GET /a': Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY). Ignoring.", "GET /a"},
		"a shared integration, at each of its routes": {`"paths": {"/a": {"get": {"x-amazon-apigateway-integration": {"$ref": "#/components/x-amazon-apigateway-integrations/i"}}}},
			"components": {"x-amazon-apigateway-integrations": {"i": {"type": "aws_proxy"}}}`,
			"Unable to create integration for resource at path 'GET /a': PayloadFormatVersion is a required parameter for integration when ProtocolType is HTTP. Ignoring.", "GET /a"},
		"an integration that nothing uses": {`"paths": {}, "components": {"x-amazon-apigateway-integrations": {"i": {"type": "http_proxy", "payloadFormatVersion": "3"}}}`,
			"Unable to create integration 'i': Unsupported PayloadFormatVersion: 3. Ignoring.", ""},
		"a second route with the same key": {`"paths": {"/a": {"x-amazon-apigateway-any-method": {"isDefaultRoute": true}}, "/$default": {"x-amazon-apigateway-any-method": {}}}`,
			"Unable to create route for resource at path '$default': Route with key $default already exists for this API. Ignoring.", "$default"},
		"a path without a slash": {`"paths": {"a": {"get": {}}, "/b": {"get": {}}}`,
			`Unable to create route for resource at path 'GET a': The provided route key is not formatted properly for HTTP protocol. Format should be "[HTTP METHOD] /[RESOURCE PATH]" or "$default". Ignoring.`, "GET /b"},
		"CORS that cannot be": {`"paths": {}, "x-amazon-apigateway-cors": {"allowOrigins": "*"}`, "CORS Scheme is malformed, ignoring.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			out := must(b.ImportApi(b.ctx, &sdk.ImportApiInput{Body: paths(c.document)}))(t)
			if len(out.Warnings) == 0 || out.Warnings[len(out.Warnings)-1] != c.warning {
				t.Errorf("got  %q\nwant %q", out.Warnings, c.warning)
			}
			var keys []string
			for _, r := range b.definition(out.ApiId).Routes {
				keys = append(keys, *r.RouteKey)
			}
			if got := strings.Join(keys, ", "); got != c.routes {
				t.Errorf("routes %s, want %s", got, c.routes)
			}
			_, err := b.ImportApi(b.ctx, &sdk.ImportApiInput{Body: paths(c.document), FailOnWarnings: aws.Bool(true)})
			if err == nil || !strings.HasPrefix(err.(interface{ ErrorMessage() string }).ErrorMessage(), "Warnings found during import:\n\t") {
				t.Errorf("with failOnWarnings: %v", err)
			}
		})
	}
}

// Which documents are refused, and in which words? Those of "Invalid OpenAPI input.", of errors and of
// warnings were recorded, of REST APIs too; "error" in the guide are Swagger 2.0 and several requirements.
func TestARefusedDocumentChangesNothing(t *testing.T) {
	both := `"paths": {"/a": {"get": {"security": [{"sigv4": [], "z": []}]}}}, "components": {"securitySchemes": {"z": {"type": "oauth2", "x-amazon-apigateway-authorizer": {"type": "jwt"}}}}`
	for name, c := range map[string]struct {
		body, basePath *string
		fail           bool
		want           string
	}{
		"empty":          {body: aws.String(""), want: "BadRequestException: Invalid OpenAPI input. Line 1: no document"},
		"no document":    {body: aws.String("{"), want: "BadRequestException: Invalid OpenAPI input."},
		"broken YAML":    {body: aws.String("openapi: 3.0.1\n\tinfo: {}"), want: "BadRequestException: Invalid OpenAPI input."},
		"no version":     {body: aws.String(`{"info": {"title": "t"}}`), want: "BadRequestException: Invalid OpenAPI input."},
		"Swagger":        {body: aws.String(`{"swagger": "2.0", "info": {"title": "t"}}`), want: "BadRequestException: Invalid OpenAPI input. HTTP APIs support only the OpenAPI 3.0 specification."},
		"OpenAPI 3.1":    {body: aws.String(`{"openapi": "3.1.0", "info": {"title": "t"}}`), want: "BadRequestException: Invalid OpenAPI input."},
		"a number 3.1":   {body: aws.String("openapi: 3.1\ninfo: {title: t}"), want: "BadRequestException: Invalid OpenAPI input."},
		"basepath":       {body: paths(`"paths": {}`), basePath: aws.String("drop"), want: "BadRequestException: Invalid value 'drop' for parameter basepath. Valid options are ignore,prepend,split"},
		"two schemes":    {body: paths(both), want: "BadRequestException: Errors found during import:\n\tUnable to create route 'GET /a': Each operation can have only one of IAM authorization, a Lambda authorizer, or a JWT authorizer, but this one has sigv4, z"},
		"a number 3.0":   {body: aws.String("openapi: 3.0\ninfo: {title: t}\npaths: {a: {get: {}}}"), fail: true, want: "BadRequestException: Warnings found during import:"},
		"version":        {body: paths(`"paths": {}, "x-amazon-apigateway-importexport-version": "2.0"`), want: "BadRequestException: Errors found during import:\n\tUnsupported x-amazon-apigateway-importexport-version: 2.0. The only supported version is 1.0"},
		"failOnWarnings": {body: paths(`"paths": {"a": {"get": {}}}`), fail: true, want: "BadRequestException: Warnings found during import:\n\tParse issue: attribute paths. Resource a should start with /\n\tUnable to create route"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			api := b.api()
			b.route(api, "GET /kept")
			b.auto(api, "s")
			before, events := b.definition(api), len(b.events)
			_, err := b.ImportApi(b.ctx, &sdk.ImportApiInput{Body: c.body, Basepath: c.basePath, FailOnWarnings: &c.fail})
			wantError(t, err, c.want)
			_, err = b.ReimportApi(b.ctx, &sdk.ReimportApiInput{ApiId: api, Body: c.body, Basepath: c.basePath, FailOnWarnings: &c.fail})
			wantError(t, err, c.want)
			if diff := cmp.Diff(before, b.definition(api), ignoreSDK); diff != "" || len(b.events) != events {
				t.Errorf("changed, with events %v: %s", b.events[events:], diff)
			}
			if all := must(b.GetApis(b.ctx, &sdk.GetApisInput{}))(t).Items; len(all) != 1 {
				t.Errorf("there are %d APIs", len(all))
			}
		})
	}
	b := newBench(t)
	_, err := b.ImportApi(b.ctx, &sdk.ImportApiInput{Body: aws.String(`{"openapi": "3.0.1", "paths": {}}`)})
	wantError(t, err, "BadRequestException: Errors found during import:\n\tattribute info.title is missing")
	_, err = b.ReimportApi(b.ctx, &sdk.ReimportApiInput{ApiId: aws.String("none"), Body: paths(`"paths": {}`)})
	wantError(t, err, "NotFoundException: Invalid API identifier specified "+account+":none")
	chat := must(b.CreateApi(b.ctx, &sdk.CreateApiInput{Name: aws.String("n"), ProtocolType: types.ProtocolTypeWebsocket, RouteSelectionExpression: aws.String("$request.body.action")}))(t).ApiId
	_, err = b.ReimportApi(b.ctx, &sdk.ReimportApiInput{ApiId: chat, Body: paths(`"paths": {}`)})
	wantError(t, err, "BadRequestException: The operation is supported only for HTTP APIs")
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	got := "no error"
	if e, ok := err.(interface{ ErrorCode() string }); ok {
		got = e.ErrorCode() + ": " + err.(interface{ ErrorMessage() string }).ErrorMessage()
	}
	if !strings.HasPrefix(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestAReimportReplacesAllButStages(t *testing.T) {
	b := newBench(t)
	made := must(b.CreateApi(b.ctx, &sdk.CreateApiInput{
		Name: aws.String("old"), ProtocolType: types.ProtocolTypeHttp, Target: aws.String("https://example.com"), Description: aws.String("d"),
		Tags: map[string]string{"kept": "yes"}, CorsConfiguration: &types.Cors{AllowOrigins: []string{"*"}},
	}))(t)
	api := made.ApiId
	must(b.CreateAuthorizer(b.ctx, &sdk.CreateAuthorizerInput{
		ApiId: api, Name: aws.String("z"), AuthorizerType: types.AuthorizerTypeJwt, IdentitySource: []string{"$request.header.Authorization"},
		JwtConfiguration: &types.JWTConfiguration{Issuer: aws.String("https://example.com"), Audience: []string{"a"}},
	}))(t)
	must(b.CreateStage(b.ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String("still"), DeploymentId: b.served(api, "$default").Stage.DeploymentId}))(t)
	out := must(b.ReimportApi(b.ctx, &sdk.ReimportApiInput{ApiId: api, Body: paths(`"paths": {"/new": {"get": ` + toURL + `}}`)}))(t)
	if *out.ApiId != *api || *out.Name != "t" || out.Description != nil || out.CorsConfiguration != nil || out.Tags["kept"] != "yes" || !out.CreatedDate.Equal(*made.CreatedDate) {
		t.Errorf("got %+v", out)
	}
	def := b.definition(api)
	if len(def.Routes) != 1 || len(def.Integrations) != 1 || len(def.Authorizers) != 0 || *def.Routes[0].Target != "integrations/"+*def.Integrations[0].IntegrationId {
		t.Errorf("got %+v", def)
	}
	b.wantRoutes(api, "$default", "GET /new")
	b.wantRoutes(api, "still", "$default")
	if name := b.served(api, "$default").API.Name; *name != "t" {
		t.Errorf("served as %s", *name)
	}
	again := must(b.ReimportApi(b.ctx, &sdk.ReimportApiInput{ApiId: api, Body: aws.String(`{"openapi": "3.0.1", "paths": {}}`)}))(t)
	if *again.Name != "t" {
		t.Errorf("without a title the name is %s", *again.Name)
	}
}

func TestRoutesShareAnIntegrationThatTheyReferTo(t *testing.T) {
	b := newBench(t)
	out := must(b.ImportApi(b.ctx, &sdk.ImportApiInput{Body: aws.String(documents(t)["shared"]), Basepath: aws.String("prepend")}))(t)
	def := b.definition(out.ApiId)
	targets := map[string]string{}
	for _, r := range def.Routes {
		targets[*r.RouteKey] = aws.ToString(r.Target)
	}
	if len(def.Integrations) != 3 || targets["GET /example/path"] == "" || targets["GET /example/path"] != targets["GET /example/path/pets"] ||
		targets["GET /example/path/checkout"] == targets["GET /example/path"] {
		t.Errorf("%d integrations, targets %v", len(def.Integrations), targets)
	}
}

func TestAnImportKeepsToTheQuotas(t *testing.T) {
	var routes, authorizers []string
	for i := range 301 {
		routes = append(routes, fmt.Sprintf(`"/%d": {"get": {}}`, i))
	}
	for i := range 11 {
		authorizers = append(authorizers, fmt.Sprintf(`"a%d": {"type": "oauth2", "x-amazon-apigateway-authorizer": {"type": "jwt", "jwtConfiguration": {"issuer": "https://example.com", "audience": ["a"]}}}`, i))
	}
	for _, c := range []struct{ document, want string }{
		{`"paths": {` + strings.Join(routes, ",") + `}`, "TooManyRequestsException: " + quota.Reached(quota.Routes)},
		{`"paths": {}, "components": {"securitySchemes": {` + strings.Join(authorizers, ",") + `}}`, "TooManyRequestsException: " + quota.Reached(quota.Authorizers)},
		{`"paths": {` + strings.Join(routes[:300], ",") + `}, "components": {"securitySchemes": {` + strings.Join(authorizers[:10], ",") + `}}`, "no error"},
	} {
		b := newBench(t)
		_, err := b.ImportApi(b.ctx, &sdk.ImportApiInput{Body: paths(c.document)})
		wantError(t, err, c.want)
		_, err = b.ReimportApi(b.ctx, &sdk.ReimportApiInput{ApiId: b.api(), Body: paths(c.document)})
		wantError(t, err, c.want)
	}
}

func TestAnImportFillsInVariables(t *testing.T) {
	b := newBench(t)
	const uri = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:f"
	out := must(b.ImportApi(b.ctx, &sdk.ImportApiInput{Body: paths(`"paths": {"/": {"get": {"x-amazon-apigateway-integration": {"type": "aws_proxy", "payloadFormatVersion": "2.0", "uri": "` + uri + `"}}}}`)}))(t)
	if got, want := *b.definition(out.ApiId).Integrations[0].IntegrationUri, fmt.Sprintf("arn:aws:lambda:%s:%s:function:f", region, account); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Whatever is imported can be exported, and what is exported is imported as it is.
func FuzzImportApi(f *testing.F) {
	for _, document := range documents(f) {
		f.Add(document)
	}
	rest, _ := os.ReadFile("../apigateway/testdata/openapi/everything.json")
	f.Add(string(rest))
	f.Add(*paths(`"paths": {"$default": {"x-amazon-apigateway-any-method": ` + toURL + `}}`))
	f.Fuzz(func(t *testing.T, document string) {
		b := newBench(t)
		out, err := b.ImportApi(b.ctx, &sdk.ImportApiInput{Body: &document})
		if err != nil {
			if _, ok := err.(interface{ ErrorCode() string }); !ok {
				t.Fatal(err)
			}
			return
		}
		before := b.exported(out.ApiId, "")
		again, err := b.ReimportApi(b.ctx, &sdk.ReimportApiInput{ApiId: out.ApiId, Body: &before})
		if err != nil {
			t.Fatalf("%v in %s", err, before)
		}
		if after := b.exported(again.ApiId, ""); shape(t, after) != shape(t, before) {
			t.Error(cmp.Diff(before, after))
		}
	})
}
