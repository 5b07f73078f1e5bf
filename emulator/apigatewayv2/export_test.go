package apigatewayv2

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var ignoreSDK = cmpopts.IgnoreUnexported(types.Api{}, types.Route{}, types.Integration{}, types.Authorizer{}, types.Cors{}, types.JWTConfiguration{}, types.TlsConfig{})

func (b *bench) exported(api *string, stage string) string {
	b.t.Helper()
	in := &sdk.ExportApiInput{ApiId: api, Specification: aws.String("OAS30"), OutputType: aws.String("JSON")}
	if stage != "" {
		in.StageName = &stage
	}
	return string(must(b.ExportApi(b.ctx, in))(b.t).Body)
}

// shape is an export without what differs from API to API: its address and the ids of integrations, whose
// order means nothing either.
func shape(t *testing.T, export string) string {
	t.Helper()
	export = regexp.MustCompile(`https://[a-z0-9]+\.execute-api`).ReplaceAllString(export, "https://api.execute-api")
	var d map[string]any
	if err := json.Unmarshal([]byte(export), &d); err != nil {
		t.Fatalf("%v in %s", err, export)
	}
	components, _ := d["components"].(map[string]any)
	integrations, _ := components["x-amazon-apigateway-integrations"].(map[string]any)
	var all []string
	for name, i := range integrations {
		kind, _, unused := strings.Cut(name, "_")
		b, _ := json.Marshal(i)
		if !unused {
			kind = "shared"
		}
		all = append(all, kind+string(b))
	}
	slices.Sort(all)
	if integrations != nil {
		components["x-amazon-apigateway-integrations"] = all
	}
	b, _ := json.Marshal(d)
	return regexp.MustCompile(`x-amazon-apigateway-integrations/[a-z0-9]+`).ReplaceAllString(string(b), "x-amazon-apigateway-integrations/id")
}

// part is what a route is, with what it names in place of ids.
type routePart struct {
	Route       types.Route
	Integration *types.Integration
	Authorizer  *types.Authorizer
}

// plain is a definition without ids and times.
func plain(def definition) map[string]any {
	def.API.ApiId, def.API.ApiEndpoint, def.API.CreatedDate = nil, nil, nil
	integrations, authorizers, out := map[string]types.Integration{}, map[string]types.Authorizer{}, map[string]any{"": def.API}
	for _, i := range def.Integrations {
		id := *i.IntegrationId
		i.IntegrationId, i.ApiGatewayManaged = nil, nil
		integrations[id] = i
	}
	for _, a := range def.Authorizers {
		id := *a.AuthorizerId
		a.AuthorizerId = nil
		authorizers[id] = a
		out["authorizer "+*a.Name] = a
	}
	for _, r := range def.Routes {
		p := routePart{Route: r}
		if i, ok := integrations[strings.TrimPrefix(aws.ToString(r.Target), targetPrefix)]; ok {
			p.Integration = &i
		}
		if a, ok := authorizers[aws.ToString(r.AuthorizerId)]; ok {
			p.Authorizer = &a
		}
		p.Route.RouteId, p.Route.Target, p.Route.AuthorizerId, p.Route.ApiGatewayManaged = nil, nil, nil, nil
		out[*r.RouteKey] = p
	}
	out["integrations"] = len(def.Integrations)
	return out
}

func (b *bench) wantSame(api *string) {
	b.t.Helper()
	export := b.exported(api, "")
	if again := b.exported(api, ""); again != export {
		b.t.Error("an export is another one each time")
	}
	for _, kind := range []string{"JSON", "YAML"} {
		body := string(must(b.ExportApi(b.ctx, &sdk.ExportApiInput{ApiId: api, Specification: aws.String("OAS30"), OutputType: &kind, ExportVersion: aws.String("1.0")}))(b.t).Body)
		out := must(b.ImportApi(b.ctx, &sdk.ImportApiInput{Body: &body, FailOnWarnings: aws.Bool(true)}))(b.t)
		if diff := cmp.Diff(plain(b.definition(api)), plain(b.definition(out.ApiId)), ignoreSDK, cmpopts.EquateEmpty()); diff != "" {
			b.t.Errorf("%s: %s\n%s", kind, diff, body)
		}
		if diff := cmp.Diff(shape(b.t, export), shape(b.t, b.exported(out.ApiId, ""))); diff != "" {
			b.t.Errorf("%s: %s", kind, diff)
		}
	}
}

// "You can also import an exported API definition into API Gateway to create another, identical API" (HTTP
// API guide, "Export HTTP APIs from API Gateway").
func TestAnExportIsImportedAsTheSameAPI(t *testing.T) {
	for name, document := range documents(t) {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if out, err := b.ImportApi(b.ctx, &sdk.ImportApiInput{Body: &document}); err == nil {
				b.version(out.ApiId)
				b.wantSame(out.ApiId)
			} else if name != "issues" && name != "authorizers" {
				t.Error(err)
			}
		})
	}
	t.Run("one made by operations", func(t *testing.T) {
		b := newBench(t)
		api := b.everything()
		b.version(api)
		b.wantSame(api)
	})
	t.Run("a quick create", func(t *testing.T) {
		b := newBench(t)
		api := must(b.CreateApi(b.ctx, &sdk.CreateApiInput{Name: aws.String("q"), ProtocolType: types.ProtocolTypeHttp, Target: aws.String("arn:aws:lambda:eu-west-1:111122223333:function:f"), RouteKey: aws.String("GET /q/{all+}")}))(t).ApiId
		b.version(api)
		b.wantSame(api)
	})
}

// version gives an API a version: one without has the time of its making in exports.
func (b *bench) version(api *string) {
	b.t.Helper()
	must(b.UpdateApi(b.ctx, &sdk.UpdateApiInput{ApiId: api, Version: aws.String("1.0")}))(b.t)
}

// everything is an API with all that a document can say.
func (b *bench) everything() *string {
	b.t.Helper()
	api := must(b.CreateApi(b.ctx, &sdk.CreateApiInput{
		Name: aws.String("everything"), ProtocolType: types.ProtocolTypeHttp, Description: aws.String("all of it"), DisableExecuteApiEndpoint: aws.Bool(true),
		IpAddressType: types.IpAddressTypeDualstack, Tags: map[string]string{"a": "b", "empty": ""},
		CorsConfiguration: &types.Cors{AllowOrigins: []string{"https://example.com"}, AllowMethods: []string{"GET"}, MaxAge: aws.Int32(0), AllowCredentials: aws.Bool(true)},
	}))(b.t).ApiId
	jwt := must(b.CreateAuthorizer(b.ctx, &sdk.CreateAuthorizerInput{
		ApiId: api, Name: aws.String("sigv4"), AuthorizerType: types.AuthorizerTypeJwt, IdentitySource: []string{"$request.querystring.t"},
		JwtConfiguration: &types.JWTConfiguration{Issuer: aws.String("https://example.com"), Audience: []string{"a", "b"}},
	}))(b.t).AuthorizerId
	function := must(b.CreateAuthorizer(b.ctx, &sdk.CreateAuthorizerInput{
		ApiId: api, Name: aws.String("function"), AuthorizerType: types.AuthorizerTypeRequest, IdentitySource: []string{"$request.header.Auth", "$context.routeKey"},
		AuthorizerUri:                  aws.String("arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:111122223333:function:a/invocations"),
		AuthorizerPayloadFormatVersion: aws.String("2.0"), AuthorizerResultTtlInSeconds: aws.Int32(60), EnableSimpleResponses: aws.Bool(true),
	}))(b.t).AuthorizerId
	shared := must(b.CreateIntegration(b.ctx, &sdk.CreateIntegrationInput{
		ApiId: api, IntegrationType: types.IntegrationTypeAwsProxy, PayloadFormatVersion: aws.String("2.0"), TimeoutInMillis: aws.Int32(500),
		IntegrationUri: aws.String("arn:aws:lambda:eu-west-1:111122223333:function:f"), CredentialsArn: aws.String("arn:aws:iam::111122223333:role/r"),
	}))(b.t).IntegrationId
	own := must(b.CreateIntegration(b.ctx, &sdk.CreateIntegrationInput{
		ApiId: api, IntegrationType: types.IntegrationTypeHttpProxy, PayloadFormatVersion: aws.String("1.0"), IntegrationMethod: aws.String("ANY"),
		IntegrationUri: aws.String("https://example.com/{proxy}"), RequestParameters: map[string]string{"overwrite:path": "/a", "append:header.a": "'b'"},
		ResponseParameters: map[string]map[string]string{"404": {"overwrite:statuscode": "200"}, "200": {"remove:header.a": "''"}},
	}))(b.t).IntegrationId
	must(b.CreateIntegration(b.ctx, &sdk.CreateIntegrationInput{
		ApiId: api, IntegrationType: types.IntegrationTypeHttpProxy, PayloadFormatVersion: aws.String("1.0"), IntegrationMethod: aws.String("GET"), IntegrationUri: aws.String("https://unused.example.com"),
	}))(b.t)
	for key, r := range map[string]sdk.CreateRouteInput{
		"$default":            {Target: shared},
		"GET /":               {Target: shared, AuthorizationType: types.AuthorizationTypeAwsIam, OperationName: aws.String("root")},
		"ANY /{proxy+}":       {Target: own, AuthorizationType: types.AuthorizationTypeCustom, AuthorizerId: function},
		"PATCH /pets/{petId}": {AuthorizationType: types.AuthorizationTypeJwt, AuthorizerId: jwt, AuthorizationScopes: []string{"pets/write", "email"}},
		"HEAD /pets/{petId}":  {AuthorizationType: types.AuthorizationTypeJwt, AuthorizerId: jwt},
	} {
		r.ApiId, r.RouteKey = api, &key
		if r.Target != nil {
			r.Target = aws.String(targetPrefix + *r.Target)
		}
		must(b.CreateRoute(b.ctx, &r))(b.t)
	}
	return api
}

func TestAnExportOfAStageIsWhatTheStageServes(t *testing.T) {
	b := newBench(t)
	api := b.api()
	b.route(api, "GET /old")
	deployed := must(b.CreateDeployment(b.ctx, &sdk.CreateDeploymentInput{ApiId: api}))(t).DeploymentId
	must(b.CreateStage(b.ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String("prod"), DeploymentId: deployed}))(t)
	b.auto(api, "$default")
	b.route(api, "GET /new")
	for stage, want := range map[string]string{"prod": "/old|prod", "$default": "/new,/old|", "": "/new,/old|"} {
		var d struct {
			Info    struct{ Version string }
			Servers []struct {
				Variables struct{ BasePath struct{ Default string } }
			}
			Paths map[string]any
		}
		if err := json.Unmarshal([]byte(b.exported(api, stage)), &d); err != nil {
			t.Fatal(err)
		}
		var keys []string
		for path := range d.Paths {
			keys = append(keys, path)
		}
		slices.Sort(keys)
		if got := strings.Join(keys, ",") + "|" + d.Servers[0].Variables.BasePath.Default; got != want {
			t.Errorf("%s: got %s, want %s", stage, got, want)
		}
		if d.Info.Version != "2026-11-27 04:05:06UTC" { // in exports of APIs without a version it is when they were made (seen on AWS)
			t.Errorf("version %s", d.Info.Version)
		}
	}
}

func TestAnExportWithoutExtensionsHasNone(t *testing.T) {
	b := newBench(t)
	out := must(b.ExportApi(b.ctx, &sdk.ExportApiInput{ApiId: b.everything(), Specification: aws.String("OAS30"), OutputType: aws.String("JSON"), IncludeExtensions: aws.Bool(false)}))(t)
	rest := strings.ReplaceAll(string(out.Body), "x-amazon-apigateway-any-method", "")
	if strings.Contains(rest, "x-amazon") || strings.Contains(rest, "isDefaultRoute") || !strings.Contains(rest, `"sigv4" : [ "pets/write", "email" ]`) {
		t.Errorf("got %s", rest)
	}
}

func TestBadExports(t *testing.T) {
	b := newBench(t)
	api := b.api()
	must(b.CreateStage(b.ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String("empty")}))(t)
	chat := must(b.CreateApi(b.ctx, &sdk.CreateApiInput{Name: aws.String("n"), ProtocolType: types.ProtocolTypeWebsocket, RouteSelectionExpression: aws.String("$request.body.action")}))(t).ApiId
	for _, c := range []struct {
		change func(*sdk.ExportApiInput)
		want   string
	}{
		{func(in *sdk.ExportApiInput) { in.ApiId = aws.String("none") }, "NotFoundException: Invalid API identifier specified " + account + ":none"},
		{func(in *sdk.ExportApiInput) { in.ApiId = chat }, "BadRequestException: The operation is supported only for HTTP APIs"},
		{func(in *sdk.ExportApiInput) { in.StageName = aws.String("none") }, "NotFoundException: Invalid stage identifier specified"},
		{func(in *sdk.ExportApiInput) { in.StageName = aws.String("empty") }, "BadRequestException: Stage empty has no deployment to export"},
		{func(in *sdk.ExportApiInput) { in.OutputType = aws.String("XML") }, "BadRequestException: Invalid outputType: XML. Valid values are JSON and YAML"},
		{func(in *sdk.ExportApiInput) { in.Specification = aws.String("OAS20") }, "BadRequestException: Invalid specification: OAS20. The only supported value is OAS30"},
		{func(in *sdk.ExportApiInput) { in.ExportVersion = aws.String("2.0") }, "BadRequestException: Invalid exportVersion: 2.0. The only supported version is 1.0"},
	} {
		in := &sdk.ExportApiInput{ApiId: api, Specification: aws.String("OAS30"), OutputType: aws.String("JSON")}
		c.change(in)
		_, err := b.ExportApi(b.ctx, in)
		wantError(t, err, c.want)
	}
}
