package emulator

import (
	"context"
	"errors"
	"fmt"

	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/apigw"
	"postern/apigw/auth"
	"postern/apigw/compile"
	"postern/emulator/apigateway"
	"postern/emulator/apigatewayv2"
	"postern/emulator/lambda"
	"postern/emulator/store"
)

// A publisher takes what the control plane deploys to the gateway.
type publisher struct{ e *Emulator }

// Publish compiles a snapshot and swaps it in. A snapshot that cannot be compiled
// leaves the former stage serving; AWS would have refused it or answered 500, so the
// log says which parts are wrong.
func (p publisher) Publish(_ context.Context, s apigateway.Snapshot) error {
	stage, err := p.e.compile(s)
	if err != nil {
		return err
	}
	p.e.gateway.Publish(stage)
	return nil
}

// Unpublish ends a stage, or all stages of an API.
func (p publisher) Unpublish(_ context.Context, restAPIID, stageName string) {
	p.e.gateway.Unpublish(restAPIID, stageName)
	p.e.caches.CloseAll(restAPIID, stageName)
	p.e.buckets.Forget(restAPIID, stageName)
}

// FlushCache empties the caches of a stage.
func (p publisher) FlushCache(restAPIID, stageName string) { p.e.caches.Flush(restAPIID, stageName) }

// FlushAuthorizers makes a stage forget what its authorizers have said.
func (p publisher) FlushAuthorizers(restAPIID, stageName string) {
	p.e.gateway.FlushAuthorizers(restAPIID, stageName)
}

// compile makes a stage of a snapshot, with its canary if it has one.
func (e *Emulator) compile(s apigateway.Snapshot) (*apigw.Stage, error) {
	stage, err := compile.BuildREST(rest(s), e.deps())
	if err != nil {
		return nil, fmt.Errorf("compile stage %s of API %s: %w", *s.Stage.StageName, *s.API.Id, err)
	}
	if s.Canary == nil {
		return stage, nil
	}
	def := rest(*s.Canary)
	def.Canary = true
	canary, err := compile.BuildREST(def, e.deps())
	if err != nil {
		return nil, fmt.Errorf("compile canary of stage %s of API %s: %w", stage.Name, stage.APIID, err)
	}
	stage.Canary = &apigw.Canary{Percent: s.Stage.CanarySettings.PercentTraffic, Stage: canary}
	return stage, nil
}

// PublishV2 is Publish for a stage of an HTTP or WebSocket API.
func (p publisher) PublishV2(_ context.Context, s apigatewayv2.Snapshot) error {
	stage, err := p.e.compileV2(s)
	if err != nil {
		return err
	}
	known := p.e.gateway.SocketHosts()
	p.e.gateway.Publish(stage)
	if s.API.ProtocolType == v2types.ProtocolTypeWebsocket && len(p.e.gateway.SocketHosts()) > len(known) && p.e.launcher.Name() == LambdaDocker {
		p.e.pool.Renew() // a container has the hosts that there were when it was started
	}
	return nil
}

// compileV2 makes a stage of a snapshot of an HTTP or WebSocket API.
func (e *Emulator) compileV2(s apigatewayv2.Snapshot) (stage *apigw.Stage, err error) {
	if s.API.ProtocolType == v2types.ProtocolTypeWebsocket {
		stage, err = compile.BuildWebSocket(compile.V2(s), e.deps())
	} else {
		stage, err = compile.BuildHTTP(compile.V2(s), e.deps())
	}
	if err != nil {
		return nil, fmt.Errorf("compile stage %s of API %s: %w", *s.Stage.StageName, *s.API.ApiId, err)
	}
	return stage, nil
}

// deps are what the steps of all stages work with.
func (e *Emulator) deps() compile.Deps {
	var managers auth.Authenticator
	if e.config.VerifySignatures {
		managers = authenticator{e}
	}
	return compile.Deps{
		Managers: managers,
		Invoker:  e.lambda, Transport: e.transport, Caches: &e.caches, Tokens: e.tokens, Logger: e.config.Logger, Now: e.config.Now,
		Services: e.services, Links: e.links,
		Buckets: &e.buckets, Keys: e.apigateway.Keys, AccountRate: e.config.accountRate(),
		Authenticator: authenticator{e},
	}
}

func rest(s apigateway.Snapshot) compile.REST {
	return compile.REST{
		AccountID: s.AccountID, Region: s.Region, API: s.API, Resources: s.Resources, Models: s.Models,
		RequestValidators: s.RequestValidators, Authorizers: s.Authorizers, GatewayResponses: s.GatewayResponses, Stage: s.Stage,
		VPCLinks: s.VPCLinks, VPCLinksV2: s.VPCLinksV2, ClientCertificate: compile.Certificate(s.ClientCertificate),
	}
}

// loadStage compiles a stage that was deployed before this start.
func (e *Emulator) loadStage(ctx context.Context, apiID, stage string) (*apigw.Stage, error) {
	s, err := e.apigateway.Snapshot(ctx, apiID, stage)
	switch {
	case errors.Is(err, apigateway.ErrNoAPI):
		return e.loadV2(ctx, apiID, stage)
	case errors.Is(err, apigateway.ErrNoStage):
		return nil, apigw.ErrStageNotFound
	case err != nil:
		return nil, err
	}
	return e.compile(s)
}

// loadV2 is loadStage for HTTP and WebSocket APIs.
func (e *Emulator) loadV2(ctx context.Context, apiID, stage string) (*apigw.Stage, error) {
	s, err := e.apigatewayv2.Snapshot(ctx, apiID, stage)
	switch {
	case errors.Is(err, apigatewayv2.ErrNoAPI):
		return e.loadURL(ctx, apiID)
	case errors.Is(err, apigatewayv2.ErrNoStage) && s.API.ProtocolType == v2types.ProtocolTypeHttp:
		return nil, apigw.ErrHTTPStageNotFound
	case errors.Is(err, apigatewayv2.ErrNoStage):
		return nil, apigw.ErrStageNotFound
	case err != nil:
		return nil, err
	}
	return e.compileV2(s)
}

// loadURL is loadStage for the URL of a function.
func (e *Emulator) loadURL(ctx context.Context, id string) (*apigw.Stage, error) {
	u, err := e.lambda.URL(ctx, id)
	if errors.Is(err, lambda.ErrNoURL) {
		return nil, apigw.ErrAPINotFound
	}
	if err != nil {
		return nil, err
	}
	def := compile.FunctionURL{
		ID: id, AccountID: u.AccountID, Region: u.Region, FunctionARN: u.FunctionARN,
		IAM: u.Config.AuthType == lambdatypes.FunctionUrlAuthTypeAwsIam, Streams: u.Config.InvokeMode == lambdatypes.InvokeModeResponseStream,
	}
	if c := u.Config.Cors; c != nil {
		def.CORS = &v2types.Cors{
			AllowCredentials: c.AllowCredentials, AllowHeaders: c.AllowHeaders, AllowMethods: c.AllowMethods,
			AllowOrigins: c.AllowOrigins, ExposeHeaders: c.ExposeHeaders, MaxAge: c.MaxAge,
		}
	}
	return compile.BuildFunctionURL(def, e.deps())
}

// Reset deletes the state of a scope, everything if its fields are empty, and ends
// what runs or is served from it.
func (e *Emulator) Reset(ctx context.Context, sc store.Scope) error {
	if err := e.store.Reset(ctx, sc); err != nil {
		return err
	}
	e.s3.Reset()
	e.iam.Forget()
	e.sts.Forget()
	e.services.Forget()
	e.caches.CloseAll("", "")
	e.buckets.Forget("", "")
	e.apigateway.Reset()
	e.gateway.Unpublish("", "") // at last: what is loaded again, when it is called, must not find the former keys
	e.domains.Clear()
	if err := e.announceDomains(ctx); err != nil {
		return err
	}
	return e.lambda.Reset(ctx)
}
