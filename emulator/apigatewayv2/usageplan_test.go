package apigatewayv2

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	rest "github.com/aws/aws-sdk-go-v2/service/apigateway"
	resttypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// Usage plans have the stages of WebSocket APIs, as long as these are there, and none of HTTP APIs (API Gateway
// developer guide, "Usage plans and API keys").
func TestUsagePlansHaveStagesOfWebSocketAPIs(t *testing.T) {
	b := newBench(t)
	stage := func(api *string) []resttypes.ApiStage {
		must(b.CreateStage(b.ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String("s")}))(t)
		return []resttypes.ApiStage{{ApiId: api, Stage: aws.String("s")}}
	}
	if _, err := b.rest.CreateUsagePlan(b.ctx, &rest.CreateUsagePlanInput{Name: aws.String("http"), ApiStages: stage(b.api())}); err == nil {
		t.Error("a plan has the stage of an HTTP API")
	}
	for name, end := range map[string]func(api *string) error{
		"its stage": func(api *string) error {
			_, err := b.DeleteStage(b.ctx, &sdk.DeleteStageInput{ApiId: api, StageName: aws.String("s")})
			return err
		},
		"its API": func(api *string) error {
			_, err := b.DeleteApi(b.ctx, &sdk.DeleteApiInput{ApiId: api})
			return err
		},
	} {
		api := must(b.CreateApi(b.ctx, &sdk.CreateApiInput{
			Name: aws.String("n"), ProtocolType: types.ProtocolTypeWebsocket, RouteSelectionExpression: aws.String("$request.body.action"),
		}))(t).ApiId
		plan := must(b.rest.CreateUsagePlan(b.ctx, &rest.CreateUsagePlanInput{Name: &name, ApiStages: stage(api)}))(t)
		if err := end(api); err != nil {
			t.Fatal(err)
		}
		if after := must(b.rest.GetUsagePlan(b.ctx, &rest.GetUsagePlanInput{UsagePlanId: plan.Id}))(t); len(after.ApiStages) > 0 {
			t.Errorf("without %s the plan still has it", name)
		}
	}
}
