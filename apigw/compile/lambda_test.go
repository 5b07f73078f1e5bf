package compile_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
)

const function = "arn:aws:lambda:eu-west-1:111122223333:function:"

func lambdaMethod(kind types.IntegrationType, uri string) types.Method {
	m := httpMethod(kind, uri, nil)
	m.MethodIntegration.IntegrationResponses["400"] = types.IntegrationResponse{
		SelectionPattern: aws.String(`Bad.*`), ResponseTemplates: templates(`{"m": $input.json('$.errorMessage')}`)}
	m.MethodIntegration.IntegrationResponses["418"] = types.IntegrationResponse{SelectionPattern: aws.String(`200`)}
	m.MethodIntegration.IntegrationResponses["422"] = types.IntegrationResponse{SelectionPattern: aws.String(`(?s)line.*two`)}
	for _, code := range []string{"400", "418", "422"} {
		m.MethodResponses[code] = types.MethodResponse{}
	}
	return m
}

func functions() invoker {
	return invoker{
		function + "echo":      func(call apigw.InvokeRequest) (string, bool) { return string(call.Payload), false },
		function + "echo:live": func(call apigw.InvokeRequest) (string, bool) { return `"live"`, false },
		function + "proxy":     func(apigw.InvokeRequest) (string, bool) { return `{"statusCode": 201, "body": "made"}`, false },
		function + "bad":       func(apigw.InvokeRequest) (string, bool) { return `{"errorMessage": "Bad thing"}`, true },
		function + "lines":     func(apigw.InvokeRequest) (string, bool) { return `{"errorMessage": "line one\nline two"}`, true },
		function + "other":     func(apigw.InvokeRequest) (string, bool) { return `{"errorMessage": "oh"}`, true },
	}
}

func path(function string) string {
	return "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/" + function + "/invocations"
}

// Facts: rest-dataplane §6, AWS; §15, selectionPattern of Lambda; §5, httpMethod.
func TestLambdaIntegrations(t *testing.T) {
	awsType, proxy := types.IntegrationTypeAws, types.IntegrationTypeAwsProxy
	cases := []struct {
		name   string
		kind   types.IntegrationType
		uri    string
		body   string
		status int
		want   string
	}{
		{"the body is the payload", awsType, path(function + "echo"), `{"a": 1}`, 200, `{"a": 1}`},
		{"no body is an empty object", awsType, path(function + "echo"), "", 200, "{}"},
		{"alias", awsType, path(function + "echo:live"), "", 200, `"live"`},
		{"stage variable", awsType, path(function + "${stageVariables.fn}"), "", 200, "{}"},
		{"stage variable is the whole function", awsType, path("${stageVariables.arn}"), "", 200, "{}"},
		{"errorMessage selects", awsType, path(function + "bad"), "", 400, `{"m": "Bad thing"}`},
		{"over lines", awsType, path(function + "lines"), "", 422, `{"errorMessage": "line one\nline two"}`},
		{"no pattern matches the error", awsType, path(function + "other"), "", 200, `{"errorMessage": "oh"}`},
		{"action", awsType, "arn:aws:apigateway:eu-west-1:lambda:action/Invoke&FunctionName=" + function + "echo", "7", 200, "7"},
		{"action with a name and an alias", awsType, "arn:aws:apigateway:eu-west-1:lambda:action/Invoke?FunctionName=echo&Qualifier=live", "7", 200, `"live"`},
		{"proxy", proxy, path(function + "proxy"), "", 201, "made"},
		{"streaming URI", proxy, strings.Replace(path(function+"proxy"), "/invocations", "/response-streaming-invocations", 1), "", 201, "made"},
		{"proxy, function failed", proxy, path(function + "bad"), "", 502, serverError},
		{"no such function", awsType, path(function + "none"), "", 500, serverError},
		{"variable that is not set", awsType, path(function + "${stageVariables.none}"), "", 500, serverError},
		{"another action", awsType, "arn:aws:apigateway:eu-west-1:lambda:action/ListFunctions", "", 500, serverError},
		{"another service", awsType, "arn:aws:apigateway:eu-west-1:sqs:path/111122223333/queue", "", 500, serverError},
		{"another service of a subdomain", awsType, "arn:aws:apigateway:eu-west-1:bucket.s3:path/key", "", 500, serverError},
		{"firehose", proxy, "arn:aws:apigateway:eu-west-1:firehose:action/PutRecord", "", 500, serverError},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			def := define(methods{"POST /": lambdaMethod(c.kind, c.uri)})
			def.Stage.Variables = map[string]string{"fn": "echo", "arn": function + "echo"}
			s := serve(t, def, functions())
			if got := s.call("POST", "/", c.body); got.status != c.status || got.body != c.want {
				t.Errorf("%d %s, want %d %s\n%s", got.status, got.body, c.status, c.want, s.warnings)
			}
		})
	}
	t.Run("httpMethod has to be POST", func(t *testing.T) {
		m := lambdaMethod(proxy, path(function+"proxy"))
		m.MethodIntegration.HttpMethod = aws.String("GET")
		s := serve(t, define(methods{"GET /": m}), functions())
		if got := s.call("GET", "/", ""); got.status != 500 || got.body != serverError {
			t.Errorf("%d %s", got.status, got.body)
		}
	})
}
