package emulator

import (
	"cmp"
	"context"

	"postern/apigw"
	"postern/apigw/compile"
	"postern/apigw/gateway"
	"postern/emulator/apigateway"
	"postern/emulator/wire"
)

// TestAuthorizer asks the only authorizer of a snapshot in the name of the caller of the management API.
func (p publisher) TestAuthorizer(ctx context.Context, s apigateway.Snapshot, call apigateway.MethodCall) (apigateway.AuthorizerAnswer, error) {
	identity, err := p.e.identity(ctx)
	if err != nil {
		return apigateway.AuthorizerAnswer{}, err
	}
	ask, err := compile.BuildAuthorizer(rest(s), p.e.deps())
	if err != nil { // it cannot be asked, as on the invoke path
		broken := &apigw.Rejection{Type: apigw.AuthorizerConfigurationError, Err: err}
		ask = func(context.Context, *apigw.Exchange) ([]byte, error) { return nil, broken }
	}
	stage := &apigw.Stage{AccountID: s.AccountID, Region: s.Region, APIID: *s.API.Id, Name: *s.Stage.StageName, Variables: s.Stage.Variables}
	var policy []byte
	x, took := p.e.gateway.TestAuthorizer(ctx, stage, func(ctx context.Context, x *apigw.Exchange) (err error) {
		policy, err = ask(ctx, x)
		return err
	}, gateway.TestCall{
		Verb: call.Verb, Path: call.Path, Query: call.Query, Header: call.Header, Names: call.Names, Body: []byte(call.Body),
		Identity: identity, UserAgent: wire.CallerFrom(ctx).UserAgent,
	})
	answer := apigateway.AuthorizerAnswer{Policy: string(policy), Log: x.Log.Text(x.Request.ID), Latency: took}
	if r := x.Rejection; r != nil {
		answer.Status = cmp.Or(r.Status, apigw.ResponseTypes[r.Type].Status)
		return answer, nil
	}
	answer.PrincipalID, answer.Context, answer.Claims = x.Authorization.PrincipalID, texts(x.Authorization.Context), texts(x.Authorization.Claims)
	return answer, nil
}

func texts(fields []apigw.Field) map[string]string {
	if len(fields) == 0 {
		return nil
	}
	out := map[string]string{}
	for _, f := range fields {
		out[f.Name] = f.Value
	}
	return out
}
