package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// mock is G1: a MOCK method with a small template against a bare server.
func (b *bench) mock() ([]result, error) {
	ours, apiID, err := b.serving(route{path: "mock", integration: types.IntegrationTypeMock})
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	theirs, err := startBaseline("bare")
	if err != nil {
		return nil, err
	}
	defer theirs.stop()
	var results []result
	for _, clients := range []int{16, 64} {
		c, err := b.compare(
			side{load{ours.addr, request("POST", ours.addr, invokePath(apiID, "mock?name=you"), "{}"), clients, 200}, ours},
			side{load{theirs.addr, request("POST", theirs.addr, "/", "{}"), clients, 200}, theirs})
		if err != nil {
			return nil, err
		}
		results = append(results,
			result{id: "G1", what: fmt.Sprintf("MOCK / bare net/http, req/s, c=%d", clients), value: c.perSecond, unit: "x", gate: 0.50, note: "target 0.75"},
			result{id: "G1", what: fmt.Sprintf("MOCK / bare net/http, CPU, c=%d", clients), value: c.cpu, unit: "x", gate: 2.0, atMost: true, note: "target 1.35"})
	}
	return results, nil
}

// serving starts Postern with an API of the routes deployed.
func (b *bench) serving(routes ...route) (*child, string, error) {
	ours, err := b.startPostern("")
	if err != nil {
		return nil, "", err
	}
	gw, _ := clientsOf(ours)
	apiID, err := deploy(context.Background(), gw, routes...)
	if err != nil {
		ours.stop()
		return nil, "", err
	}
	return ours, apiID, nil
}

// httpProxy is G2: an HTTP_PROXY integration against a tuned ReverseProxy, both in
// front of the same bare server.
func (b *bench) httpProxy() ([]result, error) {
	c, err := b.againstProxy(func(ours *child, upstream string) (string, error) {
		gw, _ := clientsOf(ours)
		apiID, err := deploy(context.Background(), gw, route{"proxy", types.IntegrationTypeHttpProxy, upstream})
		return invokePath(apiID, "proxy"), err
	})
	if err != nil {
		return nil, err
	}
	return []result{{id: "G2", what: "HTTP_PROXY / tuned ReverseProxy, req/s, c=16", value: c.perSecond, unit: "x", gate: 0.85,
		note: fmt.Sprintf("target 1.5; CPU %.2fx", c.cpu)}}, nil
}

// againstProxy compares an API in front of a bare server with a tuned ReverseProxy there. deploy makes
// the API and returns the path that leads to the server.
func (b *bench) againstProxy(deploy func(ours *child, upstream string) (path string, err error)) (comparison, error) {
	upstream, err := startBaseline("bare")
	if err != nil {
		return comparison{}, err
	}
	defer upstream.stop()
	ours, err := b.startPostern("")
	if err != nil {
		return comparison{}, err
	}
	defer ours.stop()
	path, err := deploy(ours, "http://"+upstream.addr+"/")
	if err != nil {
		return comparison{}, err
	}
	theirs, err := startBaseline("proxy", "http://"+upstream.addr)
	if err != nil {
		return comparison{}, err
	}
	defer theirs.stop()
	return b.compare(
		side{load{ours.addr, request("POST", ours.addr, path, "{}"), 16, 200}, ours},
		side{load{theirs.addr, request("POST", theirs.addr, "/", "{}"), 16, 200}, theirs})
}

// rieShare is how the Runtime Interface Emulator of AWS did against the same bare
// Runtime API server: measured once, since it cannot be had where CI runs.
const rieShare = 0.58

// lambdaProxy is G3, and G4 derived from it: a warm function behind a REST API
// against a bare Runtime API server with the same worker and event.
func (b *bench) lambdaProxy() ([]result, error) {
	c, err := b.againstRuntimeAPI(proxyEvent, func(ours *child, arn string) (string, error) {
		gw, _ := clientsOf(ours)
		apiID, err := deploy(context.Background(), gw, route{"fn", types.IntegrationTypeAwsProxy, lambdaURI(arn)})
		return invokePath(apiID, "fn?name=you"), err
	})
	if err != nil {
		return nil, err
	}
	return []result{
		{id: "G3", what: "warm Lambda proxy / bare Runtime API server, req/s, c=1", value: c.perSecond, unit: "x", gate: 0.80, note: "target 1.0"},
		{id: "G4", what: "warm Lambda proxy / AWS's Runtime Interface Emulator", value: c.perSecond / rieShare, unit: "x", gate: 1.3,
			note: fmt.Sprintf("target 1.6; from G3 and the emulator's measured share of %.2f", rieShare)},
	}, nil
}

// againstRuntimeAPI compares an API in front of a warm function with a bare Runtime API server that has the
// same worker and gets the event that the function gets. deploy makes the API and returns the path of the function.
func (b *bench) againstRuntimeAPI(event string, deploy func(ours *child, function string) (path string, err error)) (comparison, error) {
	worker, err := b.worker()
	if err != nil {
		return comparison{}, err
	}
	ours, err := b.startPostern("")
	if err != nil {
		return comparison{}, err
	}
	defer ours.stop()
	_, fn := clientsOf(ours)
	arn, err := createFunction(context.Background(), fn, "bench", worker)
	if err != nil {
		return comparison{}, err
	}
	path, err := deploy(ours, arn)
	if err != nil {
		return comparison{}, err
	}
	theirs, err := startBaseline("runtimeapi")
	if err != nil {
		return comparison{}, err
	}
	defer theirs.stop()
	stop, err := startWorker(worker, theirs.addr)
	if err != nil {
		return comparison{}, err
	}
	defer stop()
	return b.compare(
		side{load{ours.addr, request("POST", ours.addr, path, "{}"), 1, 200}, ours},
		side{load{theirs.addr, request("POST", theirs.addr, "/invoke", event), 1, 200}, theirs})
}

// startWorker runs the function binary against a Runtime API.
func startWorker(path, api string) (stop func(), err error) {
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+api)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() { cmd.Process.Kill(); cmd.Wait() }, nil
}

// coldStart is G7: the first invocation of a function against running its program
// bare, until it has answered.
func (b *bench) coldStart() ([]result, error) {
	worker, err := b.worker()
	if err != nil {
		return nil, err
	}
	ours, err := b.startPostern("")
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	_, fn := clientsOf(ours)
	theirs, err := startBaseline("runtimeapi")
	if err != nil {
		return nil, err
	}
	defer theirs.stop()
	var added []float64
	for i := range 15 {
		name := fmt.Sprintf("cold%d", i)
		if _, err := createFunction(context.Background(), fn, name, worker); err != nil {
			return nil, err
		}
		cold, err := once(ours.addr, "/2015-03-31/functions/"+name+"/invocations")
		if err != nil {
			return nil, err
		}
		floor, err := bareCold(worker, theirs.addr)
		if err != nil {
			return nil, err
		}
		added = append(added, float64(cold-floor)/float64(time.Millisecond))
	}
	return []result{{id: "G7", what: "cold start over the bare exec floor, process mode", value: median(added), unit: "ms", gate: 25, atMost: true, note: "target 8"}}, nil
}

// bareCold is how long a worker takes from exec to its first answer.
func bareCold(worker, api string) (time.Duration, error) {
	start := time.Now()
	stop, err := startWorker(worker, api)
	if err != nil {
		return 0, err
	}
	defer stop()
	_, err = once(api, "/invoke")
	return time.Since(start), err
}

// once sends one proxy event and says how long the answer took.
func once(addr, path string) (time.Duration, error) {
	l := load{addr, request("POST", addr, path, proxyEvent), 1, 200}
	start := time.Now()
	_, err := l.single()
	return time.Since(start), err
}

// proxyEvent is an event of the size API Gateway sends at an edge-optimized endpoint, the default.
const proxyEvent = `{"resource":"/fn","path":"/fn","httpMethod":"POST","headers":{"CloudFront-Forwarded-Proto":"http","CloudFront-Is-Desktop-Viewer":"true","CloudFront-Is-Mobile-Viewer":"false","CloudFront-Is-SmartTV-Viewer":"false","CloudFront-Is-Tablet-Viewer":"false","CloudFront-Viewer-ASN":"64496","CloudFront-Viewer-Country":"US","Content-Type":"application/json","Host":"127.0.0.1:4566","Via":"1.1 00000000000000000000000000000000.cloudfront.net (CloudFront)","X-Amz-Cf-Id":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==","X-Amzn-Trace-Id":"Root=1-67891233-abcdef012345678912345678","X-Forwarded-For":"127.0.0.1","X-Forwarded-Port":"4566","X-Forwarded-Proto":"http"},"multiValueHeaders":{"CloudFront-Forwarded-Proto":["http"],"CloudFront-Is-Desktop-Viewer":["true"],"CloudFront-Is-Mobile-Viewer":["false"],"CloudFront-Is-SmartTV-Viewer":["false"],"CloudFront-Is-Tablet-Viewer":["false"],"CloudFront-Viewer-ASN":["64496"],"CloudFront-Viewer-Country":["US"],"Content-Type":["application/json"],"Host":["127.0.0.1:4566"],"Via":["1.1 00000000000000000000000000000000.cloudfront.net (CloudFront)"],"X-Amz-Cf-Id":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="],"X-Amzn-Trace-Id":["Root=1-67891233-abcdef012345678912345678"],"X-Forwarded-For":["127.0.0.1"],"X-Forwarded-Port":["4566"],"X-Forwarded-Proto":["http"]},"queryStringParameters":{"name":"you"},"multiValueQueryStringParameters":{"name":["you"]},"pathParameters":null,"stageVariables":null,"requestContext":{"resourceId":"abcdef1234","resourcePath":"/fn","httpMethod":"POST","extendedRequestId":"K2G9wEbUoAMEvag=","requestTime":"12/Mar/2026:19:03:58 +0000","path":"/bench/fn","accountId":"000000000000","protocol":"HTTP/1.1","stage":"bench","domainPrefix":"abcdef1234","requestTimeEpoch":1773342238000,"requestId":"00000000-0000-4000-8000-000000000000","identity":{"cognitoIdentityPoolId":null,"accountId":null,"cognitoIdentityId":null,"caller":null,"sourceIp":"127.0.0.1","principalOrgId":null,"accessKey":null,"cognitoAuthenticationType":null,"cognitoAuthenticationProvider":null,"userArn":null,"userAgent":null,"user":null},"domainName":"abcdef1234.execute-api.us-east-1.amazonaws.com","deploymentId":"abc123","apiId":"abcdef1234"},"body":"{}","isBase64Encoded":false}`
