package compile_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw/compile"
)

// warnings compiles a definition and returns what was logged.
func warnings(t *testing.T, def compile.REST) string {
	t.Helper()
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	if _, err := compile.BuildREST(def, compile.Deps{Invoker: functions(), Logger: logger}); err != nil {
		t.Fatal(err)
	}
	return log.String()
}

func TestSettingsWithoutEffectAreNamedOnce(t *testing.T) {
	m := mock(`{"statusCode": 200}`, types.IntegrationResponse{})
	def := define(methods{"GET /": m})
	def.Stage.CacheClusterEnabled = true
	def.Stage.TracingEnabled = true
	def.Stage.AccessLogSettings = &types.AccessLogSettings{}
	def.API.SecurityPolicy, def.API.EndpointAccessMode = types.SecurityPolicyTls12, types.EndpointAccessModeStrict
	def.Stage.MethodSettings = map[string]types.MethodSetting{
		"*/*":  {CachingEnabled: true, LoggingLevel: aws.String("INFO"), DataTraceEnabled: true, MetricsEnabled: true, ThrottlingBurstLimit: 1, ThrottlingRateLimit: 2},
		"/GET": {ThrottlingBurstLimit: 5000, ThrottlingRateLimit: 10000, LoggingLevel: aws.String("OFF")},
	}
	want := `level=WARN msg="settings that have no effect yet" api=api1234567 stage=prod settings="securityPolicy, endpointAccessMode, methodSettings */*: metricsEnabled"` + "\n"
	if got := warnings(t, def); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestPlainStageWarnsOfNothing(t *testing.T) {
	if got := warnings(t, define(methods{"GET /": mock(`{"statusCode": 200}`, types.IntegrationResponse{})})); got != "" {
		t.Error(got)
	}
}

func TestWarningsNameTheirPlaces(t *testing.T) {
	always := `{"statusCode": 200}`
	guarded := mock(always, types.IntegrationResponse{})
	guarded.AuthorizationType = aws.String("AWS_IAM")
	mapped := httpMethod(types.IntegrationTypeHttp, "http://backend", func(i *types.Integration) {
		i.RequestParameters = map[string]string{"integration.request.header.X": "method.request.nonsense.x"}
	})
	missing := mock(always, types.IntegrationResponse{})
	missing.MethodResponses = nil
	cases := []struct {
		name    string
		methods methods
		want    string
	}{
		{"request template", methods{"GET /a": mock("#if(", types.IntegrationResponse{})}, `at="GET /a, request template application/json"`},
		{"response template", methods{"GET /a": mock(always, types.IntegrationResponse{ResponseTemplates: templates("$")})}, `at="GET /a, integration response 200, template application/json"`},
		{"pattern", methods{"GET /a": mock(always, types.IntegrationResponse{SelectionPattern: aws.String("a)(b")})}, `at="GET /a, integration response 200"`},
		{"mapping", methods{"GET /a": mapped}, `integration.request.header.X: \"method.request.nonsense.x\" is not a mapping expression`},
		{"method response", methods{"GET /a": missing}, `the method has no response 200`},
		{"service", methods{"GET /a": lambdaMethod(types.IntegrationTypeAws, "arn:aws:apigateway:r:sns:action/Publish")}, `there is nothing to call AWS services with`},
		{"the same thing in several places is one warning", methods{"GET /a": guarded, "PUT /a": guarded, "GET /b": guarded}, `at="GET /a, PUT /a, GET /b"`},
		{"not all of many places", methods{"GET /a": guarded, "GET /b": guarded, "GET /c": guarded, "GET /d": guarded, "GET /e": guarded, "GET /f": guarded, "GET /g": guarded},
			`at="GET /a, GET /b, GET /c, GET /d, GET /e, 2 more"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := warnings(t, define(c.methods))
			if !strings.Contains(got, c.want) || strings.Count(got, "\n") != 1 {
				t.Errorf("%s\nwant one line with %s", got, c.want)
			}
		})
	}
}

func TestImpossibleDefinitionsReportAllTheirErrors(t *testing.T) {
	broken := mock("", types.IntegrationResponse{})
	broken.MethodIntegration.IntegrationResponses["2xx"] = types.IntegrationResponse{}
	unknown := httpMethod("FTP", "ftp://x", nil)
	def := define(methods{"GET /a": {}, "GET /b": broken, "GET /c": unknown, "GET /{x+}/d": mock("", types.IntegrationResponse{}),
		"GET /{p}": mock("", types.IntegrationResponse{}), "GET /{q}": mock("", types.IntegrationResponse{}), "GET x": mock("", types.IntegrationResponse{})})
	def.Stage.StageName = nil
	def.GatewayResponses = []types.GatewayResponse{gatewayResponse("NONSENSE", "", ""), gatewayResponse(types.GatewayResponseTypeDefault4xx, "many", "")}
	_, err := compile.BuildREST(def, compile.Deps{})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"stage: the API's id and the stage's name must not be empty",
		"GET /a: no integration defined for method",
		`GET /b, integration response 2xx: "2xx" is not a status code`,
		`GET /c: unknown integration type "FTP"`,
		"GET /{x+}/d: resource /{x+}/d: {x+} is not the last segment",
		"GET /{q}: resource /{q}: two methods GET",
		"GET x: the resource's path does not begin with a slash",
		`gateway response NONSENSE: unknown response type "NONSENSE"`,
		`gateway response DEFAULT_4XX: "many" is not a status code`,
	} {
		if !strings.Contains(err.Error(), want+"\n") && !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
	if n := strings.Count(err.Error(), "\n"); n != 8 {
		t.Errorf("%d more errors:\n%v", n, err)
	}
}
