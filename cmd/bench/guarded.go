package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// guarded is G1 with everything in front of the method that an API can have: a Lambda authorizer
// whose result is cached, an API key of a usage plan, throttling, and a model that the body is
// checked with.
func (b *bench) guarded() ([]result, error) {
	function, err := b.build("authorizer")
	if err != nil {
		return nil, err
	}
	ours, err := b.startPostern("")
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	gw, fn := clientsOf(ours)
	arn, err := createFunction(context.Background(), fn, "authorizer", function)
	if err != nil {
		return nil, err
	}
	g := guardedAPI{gw: gw}
	if err := g.deploy(context.Background(), arn); err != nil {
		return nil, err
	}
	theirs, err := startBaseline("bare")
	if err != nil {
		return nil, err
	}
	defer theirs.stop()
	const body = `{"name":"you"}`
	headers := []string{"Authorization: token", "x-api-key: " + g.key}
	call := request("POST", ours.addr, invokePath(g.id, "mock?name=you"), body, headers...)
	c, err := b.compare(
		side{load{ours.addr, call, 16, 200}, ours},
		side{load{theirs.addr, request("POST", theirs.addr, "/?name=you", body, headers...), 16, 200}, theirs})
	if err != nil {
		return nil, err
	}
	return []result{
		{id: "G1g", what: "guarded MOCK / bare net/http, req/s, c=16", value: c.perSecond, unit: "x", gate: 0.50, note: "authorizer cached, API key, validation"},
		{id: "G1g", what: "guarded MOCK / bare net/http, CPU, c=16", value: c.cpu, unit: "x", gate: 2.0, atMost: true},
	}, nil
}

// A guardedAPI is an API whose one method is guarded in every way.
type guardedAPI struct {
	gw      *apigateway.Client
	id, key string
	err     error // the first one; later steps do nothing
}

// deploy makes the API and the key that opens it.
func (g *guardedAPI) deploy(ctx context.Context, authorizer string) error {
	if g.id, g.err = deploy(ctx, g.gw, route{path: "mock", integration: types.IntegrationTypeMock}); g.err != nil {
		return g.err
	}
	g.guard(ctx, authorizer)
	g.open(ctx)
	return g.err
}

func (g *guardedAPI) guard(ctx context.Context, authorizer string) {
	id := &g.id
	a := step(g, func() (*apigateway.CreateAuthorizerOutput, error) {
		return g.gw.CreateAuthorizer(ctx, &apigateway.CreateAuthorizerInput{
			RestApiId: id, Name: aws.String("a"), Type: types.AuthorizerTypeToken, AuthorizerUri: aws.String(lambdaURI(authorizer)),
			IdentitySource: aws.String("method.request.header.Authorization"), AuthorizerResultTtlInSeconds: aws.Int32(3600),
		})
	})
	v := step(g, func() (*apigateway.CreateRequestValidatorOutput, error) {
		return g.gw.CreateRequestValidator(ctx, &apigateway.CreateRequestValidatorInput{
			RestApiId: id, Name: aws.String("v"), ValidateRequestBody: true, ValidateRequestParameters: true,
		})
	})
	step(g, func() (*apigateway.CreateModelOutput, error) {
		return g.gw.CreateModel(ctx, &apigateway.CreateModelInput{
			RestApiId: id, Name: aws.String("M"), ContentType: aws.String("application/json"),
			Schema: aws.String(`{"$schema":"http://json-schema.org/draft-04/schema#","type":"object","required":["name"],"properties":{"name":{"type":"string","maxLength":20}}}`),
		})
	})
	all := step(g, func() (*apigateway.GetResourcesOutput, error) {
		return g.gw.GetResources(ctx, &apigateway.GetResourcesInput{RestApiId: id})
	})
	if g.err != nil {
		return
	}
	for _, r := range all.Items {
		if *r.Path != "/mock" {
			continue
		}
		step(g, func() (*apigateway.UpdateMethodOutput, error) {
			return g.gw.UpdateMethod(ctx, &apigateway.UpdateMethodInput{RestApiId: id, ResourceId: r.Id, HttpMethod: aws.String("POST"), PatchOperations: []types.PatchOperation{
				replace("/authorizationType", "CUSTOM"), replace("/authorizerId", *a.Id), replace("/apiKeyRequired", "true"), replace("/requestValidatorId", *v.Id),
				{Op: types.OpAdd, Path: aws.String("/requestModels/application~1json"), Value: aws.String("M")},
				{Op: types.OpAdd, Path: aws.String("/requestParameters/method.request.querystring.name"), Value: aws.String("true")},
			}})
		})
	}
	step(g, func() (*apigateway.CreateDeploymentOutput, error) {
		return g.gw.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: id, StageName: aws.String("bench")})
	})
}

// open makes a key and the plan that lets it in.
func (g *guardedAPI) open(ctx context.Context) {
	key := step(g, func() (*apigateway.CreateApiKeyOutput, error) {
		return g.gw.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: aws.String("k"), Enabled: true})
	})
	plan := step(g, func() (*apigateway.CreateUsagePlanOutput, error) {
		return g.gw.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{
			Name: aws.String("p"), ApiStages: []types.ApiStage{{ApiId: &g.id, Stage: aws.String("bench")}},
			Throttle: &types.ThrottleSettings{RateLimit: 1e6, BurstLimit: 1e6}, Quota: &types.QuotaSettings{Limit: 1e9, Period: types.QuotaPeriodTypeDay},
		})
	})
	if g.err != nil {
		return
	}
	g.key = *key.Value
	step(g, func() (*apigateway.CreateUsagePlanKeyOutput, error) {
		return g.gw.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: key.Id, KeyType: aws.String("API_KEY")})
	})
}

// step makes one call, unless one before it has failed.
func step[O any](g *guardedAPI, call func() (*O, error)) *O {
	if g.err != nil {
		return nil
	}
	out, err := call()
	if err != nil {
		g.err = fmt.Errorf("guarded API: %w", err)
	}
	return out
}

func replace(path, value string) types.PatchOperation {
	return types.PatchOperation{Op: types.OpReplace, Path: &path, Value: &value}
}
