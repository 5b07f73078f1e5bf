package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// deployHTTP makes an HTTP API whose route $default leads to a target, the URL of a backend or the ARN
// of a function, and returns the path that invokes it.
func deployHTTP(ours *child, target string) (string, error) {
	api, err := apigatewayv2.NewFromConfig(ours.config()).CreateApi(context.Background(), &apigatewayv2.CreateApiInput{
		Name: aws.String("bench"), ProtocolType: types.ProtocolTypeHttp, Target: &target,
		CorsConfiguration: &types.Cors{AllowOrigins: []string{"http://shop.example.com"}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}},
	})
	if err != nil {
		return "", err
	}
	return "/_aws/execute-api/" + *api.ApiId + "/bench?name=you", nil
}

// preflight is G1 for HTTP APIs. They have no MOCK: what the gateway answers itself is the preflight of
// CORS, which goes through the same front, stage and access log.
func (b *bench) preflight() ([]result, error) {
	ours, err := b.startPostern("")
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	path, err := deployHTTP(ours, "http://backend.invalid")
	if err != nil {
		return nil, err
	}
	theirs, err := startBaseline("bare")
	if err != nil {
		return nil, err
	}
	defer theirs.stop()
	headers := []string{"Origin: http://shop.example.com", "Access-Control-Request-Method: PUT"}
	c, err := b.compare(
		side{load{ours.addr, request("OPTIONS", ours.addr, path, "", headers...), 16, 204}, ours},
		side{load{theirs.addr, request("OPTIONS", theirs.addr, "/", "", headers...), 16, 200}, theirs})
	if err != nil {
		return nil, err
	}
	return []result{
		{id: "G1h", what: "HTTP API, preflight (there is no MOCK) / bare net/http, req/s, c=16", value: c.perSecond, unit: "x", gate: 0.50, note: "target 0.75"},
		{id: "G1h", what: "HTTP API, preflight / bare net/http, CPU, c=16", value: c.cpu, unit: "x", gate: 2.0, atMost: true, note: "target 1.35"},
	}, nil
}

// httpAPIProxy is G2 for HTTP APIs.
func (b *bench) httpAPIProxy() ([]result, error) {
	c, err := b.againstProxy(deployHTTP)
	if err != nil {
		return nil, err
	}
	return []result{{id: "G2h", what: "HTTP API, HTTP_PROXY / tuned ReverseProxy, req/s, c=16", value: c.perSecond, unit: "x", gate: 0.85,
		note: fmt.Sprintf("target 1.5; CPU %.2fx", c.cpu)}}, nil
}

// httpAPILambda is G3 and G4 for HTTP APIs, whose functions get events of format 2.0.
func (b *bench) httpAPILambda() ([]result, error) {
	c, err := b.againstRuntimeAPI(proxyEvent2, deployHTTP)
	if err != nil {
		return nil, err
	}
	return []result{
		{id: "G3h", what: "HTTP API, warm Lambda proxy 2.0 / bare Runtime API server, req/s, c=1", value: c.perSecond, unit: "x", gate: 0.80, note: "target 1.0"},
		{id: "G4h", what: "HTTP API, warm Lambda proxy 2.0 / AWS's Runtime Interface Emulator", value: c.perSecond / rieShare, unit: "x", gate: 1.3,
			note: fmt.Sprintf("target 1.6; from G3h and the emulator's measured share of %.2f", rieShare)},
	}, nil
}

// proxyEvent2 is an event of format 2.0 as the function of httpAPILambda gets it.
const proxyEvent2 = `{"version":"2.0","routeKey":"$default","rawPath":"/bench","rawQueryString":"name=you","headers":{"content-length":"2","content-type":"application/json","host":"127.0.0.1:4566","x-amzn-trace-id":"Root=1-67891233-abcdef012345678912345678","x-forwarded-for":"127.0.0.1","x-forwarded-port":"4566","x-forwarded-proto":"http"},"queryStringParameters":{"name":"you"},"requestContext":{"accountId":"000000000000","apiId":"abcdef1234","domainName":"abcdef1234.execute-api.us-east-1.amazonaws.com","domainPrefix":"abcdef1234","http":{"method":"POST","path":"/bench","protocol":"HTTP/1.1","sourceIp":"127.0.0.1","userAgent":""},"requestId":"JKJaXmPLvHcESHA=","routeKey":"$default","stage":"$default","time":"12/Mar/2026:19:03:58 +0000","timeEpoch":1773342238000},"body":"{}","isBase64Encoded":false}`
