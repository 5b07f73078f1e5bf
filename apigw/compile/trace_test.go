package compile_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
)

// Which answers show the trace id, and what backends get: facts/rest-dataplane.md, section 4.
func TestTraceHeaderOfEveryIntegration(t *testing.T) {
	var backendGot string
	backend := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { backendGot = r.Header.Get("X-Amzn-Trace-Id") }))
	defer backend.Close()
	const uri = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:111122223333:function:f/invocations"
	functions := invoker{loggedARN + "f": func(call apigw.InvokeRequest) (string, bool) {
		backendGot = call.TraceID
		return `{"statusCode":200}`, false
	}}
	with := func(i types.Integration) types.Method {
		m := types.Method{MethodIntegration: &i}
		m.MethodResponses, i.IntegrationResponses = ok(types.IntegrationResponse{})
		return m
	}
	post := aws.String("POST")
	ms := methods{
		"GET /mock":         mock(`{"statusCode": 200}`, types.IntegrationResponse{}),
		"GET /http":         with(types.Integration{Type: types.IntegrationTypeHttp, HttpMethod: post, Uri: &backend.URL}),
		"GET /http_proxy":   with(types.Integration{Type: types.IntegrationTypeHttpProxy, HttpMethod: post, Uri: &backend.URL}),
		"GET /lambda":       with(types.Integration{Type: types.IntegrationTypeAws, HttpMethod: post, Uri: aws.String(uri)}),
		"GET /lambda_proxy": with(types.Integration{Type: types.IntegrationTypeAwsProxy, HttpMethod: post, Uri: aws.String(uri)}),
		"GET /refused":      with(types.Integration{Type: types.IntegrationTypeHttp, HttpMethod: post, Uri: aws.String("http://127.0.0.1:1/")}),
		"GET /address":      with(types.Integration{Type: types.IntegrationTypeHttp, HttpMethod: post, Uri: aws.String("http:///")}),
	}
	const root = `Root=1-[0-9a-f]{8}-[0-9a-f]{24}`
	const parent = `;Parent=[0-9a-f]{16}`
	const client = `Root=1-5e6fd9c1-0123456789abcdef01234567`
	for _, c := range []struct {
		path, sent string
		traced     bool
		answer     string // "" for none
		backend    string
	}{
		{"/mock", "", false, "", ""},
		{"/mock", client, false, "", ""},
		{"/http", "", false, root, root},
		{"/http", client, false, client + parent, client},
		{"/http", client + ";Parent=0123456789abcdef;Sampled=0", true, client + ";Parent=0123456789abcdef;Sampled=0", client + ";Parent=0123456789abcdef;Sampled=0"},
		{"/http", "", true, root + parent + ";Sampled=1", root + ";Sampled=1"},
		{"/http_proxy", "", false, "", root},
		{"/http_proxy", "", true, "", root + ";Sampled=1"},
		{"/lambda", "", false, root + parent + ";Sampled=0", root},
		{"/lambda", "", true, root + parent + ";Sampled=1", root + ";Sampled=1"},
		{"/lambda_proxy", "", false, root + parent + ";Sampled=0", root},
		{"/lambda_proxy", "", true, root + parent + ";Sampled=1", root + ";Sampled=1"},
		{"/refused", "", false, root, ""},
		{"/address", "", false, "", ""},
	} {
		def := define(ms)
		def.Stage.TracingEnabled = c.traced
		s := serve(t, def, functions)
		backendGot = ""
		var header []string
		if c.sent != "" {
			header = append(header, "X-Amzn-Trace-Id: "+c.sent)
		}
		got := s.call("GET", c.path, "", header...).header
		for what, v := range map[string][2]string{"answer": {c.answer, got.Get("X-Amzn-Trace-Id")}, "backend": {c.backend, backendGot}} {
			if !regexp.MustCompile(`^` + v[0] + `$`).MatchString(v[1]) {
				t.Errorf("%s, client %q, tracing %v: the %s has %q, want %s", c.path, c.sent, c.traced, what, v[1], v[0])
			}
		}
		if got.Get("X-Amzn-Requestid") == "" || got.Get("X-Amz-Apigw-Id") == "" {
			t.Errorf("%s: no ids", c.path)
		}
	}
}
