package compile

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw"
	"postern/apigw/httpapi"
	"postern/apigw/integration"
	"postern/apigw/policy"
	"postern/apigw/route"
)

// A FunctionURL is the URL of a Lambda function, or of one of its aliases.
type FunctionURL struct {
	ID, AccountID, Region string
	FunctionARN           string // with the alias, if it is one's
	IAM                   bool   // callers have to sign
	Streams               bool   // InvokeMode RESPONSE_STREAM
	CORS                  *types.Cors
}

// maxFunction is the longest that a function can run.
const maxFunction = 15*time.Minute + 10*time.Second

// BuildFunctionURL compiles what serves a function URL: a stage with one route for everything.
func BuildFunctionURL(def FunctionURL, d Deps) (*apigw.Stage, error) {
	b := newBuilder(d, def.AccountID, def.Region, def.ID, apigw.DefaultStage)
	if d.Invoker == nil {
		return nil, errors.New("there is nothing to run functions")
	}
	u := &httpapi.URL{Streams: def.Streams, Lambda: integration.Lambda{
		Invoker: d.Invoker, Function: integration.ParseText(def.FunctionARN), Timeout: maxFunction, Idle: maxFunction,
	}}
	if def.IAM {
		if d.Authenticator == nil {
			return nil, errors.New("there is nobody to verify signatures")
		}
		u.Caller = b.urlCaller
	}
	m := &apigw.Method{
		Verb: route.Any, RouteKey: apigw.DefaultRoute, ResourcePath: "/",
		Steps: []apigw.Step{{Name: apigw.StepIntegration, Run: u.Run}},
	}
	stage := &apigw.Stage{
		Protocol: apigw.FunctionURL, AccountID: def.AccountID, Region: def.Region, APIID: def.ID, Name: apigw.DefaultStage,
		Routes: &httpRouter{rest: m},
	}
	if def.CORS != nil {
		cors := newCORS(def.CORS)
		stage.Preflight, stage.Finish = preflight(cors), cors.Finish
	}
	return stage, nil
}

// preflight answers 200 where HTTP APIs answer 204 (recorded: facts/lambda.md §7).
func preflight(c *httpapi.CORS) func(*apigw.Exchange) bool {
	return func(x *apigw.Exchange) bool {
		done := c.Preflight(x)
		if done {
			x.Response.Status = http.StatusOK
		}
		return done
	}
}

// urlCaller finds who signed.
func (b *builder) urlCaller(ctx context.Context, x *apigw.Exchange) (*apigw.URLCaller, error) {
	caller, err := b.deps.Authenticator.Authenticate(ctx, x)
	if err != nil {
		return nil, err
	}
	i := &x.Identity
	return &apigw.URLCaller{ARN: i.UserARN, AccountID: i.AccountID, Decide: func(action, resource string) (allowed, denied bool) {
		r := &policy.Request{
			Principal: policy.Principal{AccountID: i.AccountID, ARN: i.UserARN, ID: i.User}, Action: action, Resource: resource,
			Condition: func(key string) []string { return urlCondition(x, key) },
		}
		d := caller.Decide(r)
		return d == policy.Allow, d == policy.Deny
	}}, nil
}

// urlCondition returns the values of a condition key, given in lower case.
func urlCondition(x *apigw.Exchange, key string) []string {
	switch key {
	case "lambda:functionurlauthtype":
		return []string{"AWS_IAM"}
	case "lambda:invokedviafunctionurl":
		return []string{"true"}
	case "aws:sourceip":
		return []string{x.Request.SourceIP}
	}
	return nil
}
