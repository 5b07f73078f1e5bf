package gateway

import (
	"context"
	"io"
	"net/http"
	"time"

	"postern/apigw"
)

// A TestCall is a call that comes from no client.
type TestCall struct {
	Verb, Path, Query string
	Header            http.Header
	Names             map[string]string // of Header, as they were given
	Body              []byte
	Identity          apigw.Identity // of who asked for the test
	UserAgent         string
}

// What a test call shows in place of a client and a domain (recorded).
const (
	testHost     = "testPrefix.testDomainName"
	testSourceIP = "test-invoke-source-ip"
	testKey      = "test-invoke-api-key"
)

// Test runs a method of a stage that need not be published. resourcePath is the method's own; the call's may
// be another, whose parameters are then unknown. The Exchange has the answer, its body complete, and the log.
func (g *Gateway) Test(ctx context.Context, stage *apigw.Stage, resourcePath string, call TestCall) (x *apigw.Exchange, took time.Duration) {
	x = g.testExchange(stage, resourcePath, call)
	x.Method, _ = stage.Routes.Route(call.Verb, resourcePath, nil)
	if m, values := stage.Routes.Route(call.Verb, call.Path, nil); m != nil {
		x.Request.PathValues = values
	}
	if err := g.steps(ctx, x); err != nil {
		g.reject(ctx, x, err)
	}
	g.trace(x)
	if x.Rejection == nil {
		logAnswer(x)
	}
	readStream(&x.Response)
	endLog(x, x.Response.Status)
	return x, g.o.Now().Sub(x.Request.Time)
}

// testExchange is a call that comes from no client; all is logged.
func (g *Gateway) testExchange(stage *apigw.Stage, resourcePath string, call TestCall) *apigw.Exchange {
	now := g.o.Now()
	x := &apigw.Exchange{
		Stage: stage, Now: g.o.Now, Identity: call.Identity,
		Request: apigw.Request{
			ID: g.newRequestID(), ExtendedID: g.newExtendedID(), Time: now, Test: &apigw.Test{UserAgent: call.UserAgent},
			Verb: call.Verb, Path: call.Path, StagePath: resourcePath, RawQuery: call.Query, Protocol: "HTTP/1.1",
			Host: testHost, SourceIP: testSourceIP, Body: call.Body,
		},
		Log: &apigw.ExecutionLog{Data: true, Now: g.o.Now},
	}
	x.Identity.APIKey, x.Identity.APIKeyID = testKey, testKey+"-id"
	x.Request.SetHeaders(call.Header, func() string { return g.newTraceID(now) })
	x.Request.SetHeaderNames(func(canonical string) string { return call.Names[canonical] })
	return x
}

// readStream makes the body of a stream whole.
func readStream(r *apigw.Response) {
	if r.Stream == nil {
		return
	}
	r.Body, r.Cut = io.ReadAll(io.LimitReader(r.Stream, maxPayload))
	r.Stream.Close()
	r.Stream = nil
}
