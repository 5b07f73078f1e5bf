package emulator

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"

	"postern/apigw"
	"postern/apigw/compile"
	"postern/apigw/gateway"
	"postern/emulator/apigateway"
	"postern/emulator/wire"
)

// TestMethod calls the only method of a snapshot in the name of the caller of the management API.
func (p publisher) TestMethod(ctx context.Context, s apigateway.Snapshot, call apigateway.MethodCall) (apigateway.MethodAnswer, error) {
	def := rest(s)
	def.Test = true
	stage, err := compile.BuildREST(def, p.e.deps())
	if err != nil {
		return apigateway.MethodAnswer{}, fmt.Errorf("compile method to test: %w", err)
	}
	identity, err := p.e.identity(ctx)
	if err != nil {
		return apigateway.MethodAnswer{}, err
	}
	x, took := p.e.gateway.Test(ctx, stage, *s.Resources[0].Path, gateway.TestCall{
		Verb: call.Verb, Path: call.Path, Query: call.Query, Header: call.Header, Names: call.Names, Body: []byte(call.Body),
		Identity: identity, UserAgent: wire.CallerFrom(ctx).UserAgent,
	})
	answer := apigateway.MethodAnswer{
		Status: x.Response.Status, Header: http.Header{}, Body: x.Response.Body, Log: x.Log.Text(x.Request.ID), Latency: took,
	}
	for _, f := range x.Response.Header {
		answer.Header[f.Name] = append(answer.Header[f.Name], f.Value)
	}
	return answer, nil
}

// identity is who calls the management API, as STS tells it.
func (e *Emulator) identity(ctx context.Context) (apigw.Identity, error) {
	who, err := e.sts.GetCallerIdentity(ctx, nil)
	if err != nil {
		return apigw.Identity{}, err
	}
	return apigw.Identity{
		AccountID: aws.ToString(who.Account), AccessKey: wire.CallerFrom(ctx).AccessKeyID,
		Caller: aws.ToString(who.UserId), User: aws.ToString(who.UserId), UserARN: aws.ToString(who.Arn),
	}, nil
}
