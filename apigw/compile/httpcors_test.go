package compile_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"

	"postern/apigw"
	"postern/apigw/compile"
)

// corsOf are the headers of an answer that CORS has to do with, a line each.
func corsOf(h http.Header) string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if strings.HasPrefix(name, "Access-Control-") || name == "Vary" {
			lines = append(lines, strings.ToLower(name)+": "+strings.Join(h[name], "|"))
		}
	}
	return strings.Join(lines, "\n")
}

// HTTP API guide, "Configure CORS for HTTP APIs"; facts, http-api §6.
func TestCORSOfAnHTTPAPI(t *testing.T) {
	all := &types.Cors{
		AllowOrigins: []string{"https://www.example.com", "http://*"}, AllowMethods: []string{"GET", "POST"}, AllowHeaders: []string{"authorization", "x-a"},
		ExposeHeaders: []string{"date", "x-api-id"}, MaxAge: aws.Int32(300), AllowCredentials: aws.Bool(true),
	}
	open := &types.Cors{AllowOrigins: []string{"*"}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}}
	const preflight = "access-control-allow-credentials: true\naccess-control-allow-headers: authorization,x-a\naccess-control-allow-methods: GET,POST\n" +
		"access-control-allow-origin: https://www.example.com\naccess-control-max-age: 300\nvary: Origin"
	const actual = "access-control-allow-credentials: true\naccess-control-allow-origin: https://www.example.com\naccess-control-expose-headers: date,x-api-id\nvary: Origin"
	ask := []string{"Origin: https://www.example.com", "Access-Control-Request-Method: GET"}
	cases := []struct {
		name       string
		cors       *types.Cors
		verb, path string
		headers    []string
		status     int
		want       string
	}{
		{"preflight", all, "OPTIONS", "/", ask, 204, preflight},
		{"preflight of a path that no route has", all, "OPTIONS", "/none", ask, 204, preflight},
		{"preflight of another origin", all, "OPTIONS", "/", []string{"Origin: https://other.example", "Access-Control-Request-Method: GET"}, 204, ""},
		{"preflight where all is allowed", open, "OPTIONS", "/", ask, 204, "access-control-allow-headers: *\naccess-control-allow-methods: *\naccess-control-allow-origin: *"},
		{"OPTIONS without a method is a request like any other", all, "OPTIONS", "/", []string{"Origin: https://www.example.com"}, 404, actual},
		{"a request", all, "GET", "/", []string{"Origin: https://www.example.com"}, 200, actual},
		{"of any origin of the scheme", all, "GET", "/", []string{"Origin: http://a.example:8080"}, 200, strings.ReplaceAll(actual, "https://www.example.com", "http://a.example:8080")},
		{"of another origin", all, "GET", "/", []string{"Origin: https://www.example.com.evil.example"}, 200, ""},
		{"without an origin", all, "GET", "/", nil, 200, ""},
		{"where all is allowed", open, "GET", "/", []string{"Origin: null"}, 200, "access-control-allow-origin: *"},
		{"an error", all, "GET", "/none", []string{"Origin: https://www.example.com"}, 404, actual},
		{"no configuration: the function's own", nil, "GET", "/", []string{"Origin: https://www.example.com"}, 200, "access-control-allow-origin: mine\naccess-control-max-age: 1"},
		{"no configuration: a preflight is a request", nil, "OPTIONS", "/", ask, 404, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := serveHTTP(t, defineHTTP(routes{"GET /": proxyOf("2.0")}, func(d *compile.V2) { d.API.CorsConfiguration = c.cors }),
				returns(`{"statusCode":200,"headers":{"access-control-allow-origin":"mine","Access-Control-Max-Age":"1"}}`))
			got := s.call(c.verb, c.path, "", c.headers...)
			if diff := cmp.Diff(c.want, corsOf(got.header)); diff != "" || got.status != c.status {
				t.Errorf("%d, want %d\n%s", got.status, c.status, diff)
			}
			if got.status == 204 && (got.body != "" || got.header.Get("Apigw-Requestid") == "" || got.header.Get("Content-Type") != "") {
				t.Errorf("%+v", got)
			}
		})
	}
}

// HTTP API guide, ibid.: preflights are answered even where no route is, so before any authorizer.
func TestPreflightsNeedNoAuthorization(t *testing.T) {
	def := defineHTTP(routes{"ANY /{proxy+}": proxyOf("2.0")}, func(d *compile.V2) {
		d.API.CorsConfiguration = &types.Cors{AllowOrigins: []string{"*"}}
	})
	stage := buildHTTP(t, def, returns("1"))
	m, _ := stage.Routes.Route("OPTIONS", "/x", nil)
	m.Steps = slices.Insert(m.Steps, 0, apigw.Step{Name: apigw.StepAuthorizer, Run: func(context.Context, *apigw.Exchange) error {
		return &apigw.Rejection{Type: apigw.Unauthorized}
	}})
	s := &server{t: t, url: publish(t, stage)}
	ask := []string{"Origin: https://a.example", "Access-Control-Request-Method: GET"}
	if got := s.call("OPTIONS", "/x", "", ask...); got.status != 204 {
		t.Errorf("%+v", got)
	}
	if got := s.call("GET", "/x", "", ask[0]); got.status != 401 || got.body != `{"message":"Unauthorized"}` || got.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%+v", got)
	}
}
