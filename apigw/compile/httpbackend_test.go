package compile_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"

	"postern/apigw"
	"postern/apigw/compile"
)

// HTTP API guide, "Create HTTP proxy integrations"; "Important notes", HTTP APIs.
func TestHTTPProxyOfAnHTTPAPI(t *testing.T) {
	backend := echoBackend(t)
	s := serveHTTP(t, defineHTTP(routes{"ANY /{proxy+}": backendAt(backend + "/${stageVariables.v}/{proxy}?u=1")}, func(d *compile.V2) {
		d.Stage.StageVariables = map[string]string{"v": "to"}
	}), nil)
	got := s.call("PATCH", "/a//b%20c?q=3&q=4", "body", "X-In: mine", "X-Status: 418", "Content-Type: text/plain", "X-Forwarded-For: 192.0.2.1, 2001:db8::1, a;b=\"c\"", "Via: 1.0 x")
	e := got.echoed(t)
	if got.status != 418 || e.Verb != "PATCH" || e.Path != "/to/a//b%20c" || e.Body != "body" || e.Header.Get("X-In") != "mine" || e.Query != "u=1&q=3&q=4" {
		t.Errorf("%d %+v", got.status, e)
	}
	if diff := cmp.Diff([]string{"one", "two"}, got.header.Values("X-Many")); diff != "" {
		t.Error(diff)
	}
	host := strings.TrimPrefix(s.url, "http://127.0.0.1")
	host = "api1234567.execute-api.localhost" + host[:strings.IndexByte(host, '/')]
	if want := `for=192.0.2.1, for="[2001:db8::1]", for="a;b=c", ` + "by=127.0.0.1;for=127.0.0.1;host=" + host + ";proto=http"; e.Header.Get("Forwarded") != want {
		t.Errorf("%s, want %s", e.Header.Get("Forwarded"), want)
	}
	if e.Header.Get("Via") != "1.0 x, HTTP/1.1 AmazonAPIGateway" || e.Header.Get("X-Amzn-Trace-Id") == "" {
		t.Errorf("%v", e.Header)
	}
	for name := range e.Header {
		if strings.HasPrefix(name, "X-Forwarded-") {
			t.Error(name)
		}
	}
	t.Run("no payload", func(t *testing.T) {
		e := s.call("GET", "/x", "").echoed(t)
		if e.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || e.Header.Get("Content-Length") != "0" {
			t.Errorf("%v", e.Header)
		}
	})
}

// Facts: http-api §3; that there is no Content-Type was seen (cortexlabs/cortex#1225).
func TestABackendThatDoesNotAnswerIsUnavailable(t *testing.T) {
	slow := backendAt(echoBackend(t) + "/slow")
	slow.TimeoutInMillis = aws.Int32(50)
	for name, i := range map[string]types.Integration{"slow": slow, "unreachable": backendAt("http://127.0.0.1:1/")} {
		t.Run(name, func(t *testing.T) {
			got := serveHTTP(t, defineHTTP(routes{"GET /": i}), nil).call("GET", "/", "")
			if got.status != 503 || got.body != `{"message":"Service Unavailable"}` || got.header["Content-Type"] != nil {
				t.Errorf("%+v", got)
			}
		})
	}
}

// API Gateway API reference, "Integration", credentialsArn: a role, or arn:aws:iam::*:user/* for whoever signed.
func TestFunctionsAreCalledInTheNameOfTheCredentials(t *testing.T) {
	signer := apigw.Identity{AccessKey: "AKIA", UserARN: "arn:aws:iam::111122223333:user/ada"}
	for _, c := range []struct {
		name, credentials string
		identity          apigw.Identity
		role, key         string
		status            int
	}{
		{"none", "", signer, "", "AKIA", 200},
		{"a role", "arn:aws:iam::111122223333:role/${stageVariables.role}", signer, "arn:aws:iam::111122223333:role/invoke", "AKIA", 200},
		{"the caller", "arn:aws:iam::*:user/*", signer, signer.UserARN, "AKIA", 200},
		{"a caller who did not sign", "arn:aws:iam::*:user/*", apigw.Identity{}, "", "", 500},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := proxyOf("2.0")
			if c.credentials != "" {
				i.CredentialsArn = &c.credentials
			}
			var seen apigw.InvokeRequest
			stage := buildHTTP(t, defineHTTP(routes{"GET /": i}, func(d *compile.V2) { d.Stage.StageVariables = map[string]string{"role": "invoke"} }),
				invoker{functionARN: func(call apigw.InvokeRequest) (string, bool) { seen = call; return "1", false }})
			m, _ := stage.Routes.Route("GET", "/", nil)
			m.Steps = slices.Insert(m.Steps, 0, apigw.Step{Name: apigw.StepAuthorizer, Run: func(_ context.Context, x *apigw.Exchange) error {
				x.Identity = c.identity
				return nil
			}})
			got := (&server{t: t, url: publish(t, stage)}).call("GET", "/", "")
			if got.status != c.status || seen.RoleARN != c.role || c.status == 200 && seen.CallerKey != c.key {
				t.Errorf("%d, role %q, key %q", got.status, seen.RoleARN, seen.CallerKey)
			}
		})
	}
}
