package apigateway

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"postern/emulator/store"
)

// patched are Update operations with what their inputs name, of the API in testdata/openapi.
func patched(b *bench, t *testing.T) []any {
	body, err := os.ReadFile("testdata/openapi/everything.json")
	if err != nil {
		t.Fatal(err)
	}
	api := must(b.ImportRestApi(b.ctx, &sdk.ImportRestApiInput{Body: body}))(t)
	def := b.definitionOf(t, *api.Id)
	deployment := must(b.CreateDeployment(b.ctx, &sdk.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("s")}))(t)
	must(b.CreateDocumentationVersion(b.ctx, &sdk.CreateDocumentationVersionInput{RestApiId: api.Id, DocumentationVersion: aws.String("1")}))(t)
	parts := must(b.GetDocumentationParts(b.ctx, &sdk.GetDocumentationPartsInput{RestApiId: api.Id}))(t)
	var items *string
	for _, r := range def.Resources {
		if *r.Path == "/items" {
			items = r.Id
		}
	}
	get, code := aws.String("GET"), aws.String("200")
	return []any{
		&sdk.UpdateRestApiInput{RestApiId: api.Id},
		&sdk.UpdateResourceInput{RestApiId: api.Id, ResourceId: items},
		&sdk.UpdateMethodInput{RestApiId: api.Id, ResourceId: items, HttpMethod: get},
		&sdk.UpdateMethodResponseInput{RestApiId: api.Id, ResourceId: items, HttpMethod: get, StatusCode: code},
		&sdk.UpdateIntegrationInput{RestApiId: api.Id, ResourceId: items, HttpMethod: get},
		&sdk.UpdateIntegrationResponseInput{RestApiId: api.Id, ResourceId: items, HttpMethod: get, StatusCode: code},
		&sdk.UpdateModelInput{RestApiId: api.Id, ModelName: aws.String("Item")},
		&sdk.UpdateRequestValidatorInput{RestApiId: api.Id, RequestValidatorId: def.RequestValidators[0].Id},
		&sdk.UpdateGatewayResponseInput{RestApiId: api.Id, ResponseType: types.GatewayResponseTypeThrottled},
		&sdk.UpdateStageInput{RestApiId: api.Id, StageName: aws.String("s")},
		&sdk.UpdateDeploymentInput{RestApiId: api.Id, DeploymentId: deployment.Id},
		&sdk.UpdateAuthorizerInput{RestApiId: api.Id, AuthorizerId: def.Authorizers[0].Id},
		&sdk.UpdateDocumentationPartInput{RestApiId: api.Id, DocumentationPartId: parts.Items[0].Id},
		&sdk.UpdateDocumentationVersionInput{RestApiId: api.Id, DocumentationVersion: aws.String("1")},
		&sdk.UpdateAccountInput{},
	}
}

// state is all that the updates change, as JSON.
func (b *bench) state(t *testing.T) string {
	t.Helper()
	var all []any
	err := b.view(b.ctx, func(tx *store.Tx) error {
		apis, err := restAPIs.List(tx, store.Query{})
		if err != nil {
			return err
		}
		for _, d := range apis.Documents {
			def, err := read(tx, d)
			if err != nil {
				return err
			}
			all = append(all, def)
		}
		for _, list := range []func() (any, error){
			func() (any, error) { return stages.List(tx, store.Query{}) },
			func() (any, error) { return deployments.List(tx, store.Query{}) },
			func() (any, error) { return documentationParts.List(tx, store.Query{}) },
			func() (any, error) { return documentationVersions.List(tx, store.Query{}) },
		} {
			page, err := list()
			if err != nil {
				return err
			}
			all = append(all, page)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A patch is applied as a whole, or refused as the client's mistake and nothing has changed; a good
// operation before a bad one changes nothing either.
func FuzzPatch(f *testing.F) {
	for i, paths := range [][]string{
		{"/name", "/policy", "/endpointConfiguration/types/PRIVATE", "/binaryMediaTypes/a~1b", "/minimumCompressionSize"},
		{"/pathPart", "/parentId"},
		{"/authorizationType", "/requestParameters/method.request.header.x", "/requestModels/a~1b", "/authorizationScopes"},
		{"/responseParameters/method.response.header.x", "/responseModels/application~1json"},
		{"/uri", "/type", "/cacheKeyParameters/x", "/tlsConfig/insecureSkipVerification", "/timeoutInMillis", "/requestTemplates/a~1b"},
		{"/selectionPattern", "/responseParameters/method.response.header.X-Next", "/responseTemplates/a~1b"},
		{"/schema", "/description"}, {"/name", "/validateRequestBody"}, {"/statusCode", "/responseTemplates/a~1b"},
		{"/variables/x", "/*/*/throttling/rateLimit", "/~1items/GET/caching/enabled", "/canarySettings/percentTraffic", "/deploymentId", "/canarySettings", "/accessLogSettings/format"},
		{"/description"}, {"/authorizerUri", "/providerARNs", "/type", "/authorizerResultTtlInSeconds"}, {"/properties"}, {"/description"}, {"/cloudwatchRoleArn", "/features"},
	} {
		for _, path := range paths {
			for _, op := range []string{"add", "remove", "replace", "copy"} {
				f.Add(byte(i), op, path, "1", "/canarySettings/deploymentId")
			}
		}
	}
	f.Fuzz(func(t *testing.T, which byte, op, path, value, from string) {
		b := newBench(t)
		inputs := patched(b, t)
		in := reflect.ValueOf(inputs[int(which)%len(inputs)])
		p := types.PatchOperation{Op: types.Op(op), Path: &path, Value: &value, From: &from}
		before := b.state(t)
		name := in.Type().Elem().Name()
		method := reflect.ValueOf(b.Service).MethodByName(name[:len(name)-len("Input")])
		for _, operations := range [][]types.PatchOperation{{p, {Op: types.OpReplace, Path: aws.String("/no/such")}}, {p}} {
			in.Elem().FieldByName("PatchOperations").Set(reflect.ValueOf(operations))
			out := method.Call([]reflect.Value{reflect.ValueOf(b.ctx), in})
			err, _ := out[1].Interface().(error)
			var api smithy.APIError
			switch {
			case err == nil && len(operations) > 1:
				t.Error("a path that there is not was taken")
			case err == nil:
				b.state(t) // and can be read
			case !errors.As(err, &api) || api.ErrorFault() == smithy.FaultServer:
				t.Errorf("%s: %v", name, err)
			default:
				if diff := cmp.Diff(before, b.state(t)); diff != "" {
					t.Errorf("%s failed with %v and changed something: %s", name, err, diff)
				}
			}
		}
	})
}
