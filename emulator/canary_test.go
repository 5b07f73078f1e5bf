package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator"
)

// A mockAPI is an API of one method, GET /, that answers what a template says.
type mockAPI struct {
	*server
	gw   *apigateway.Client
	id   *string
	root *string
}

// createMock makes an API that is not deployed yet.
func (s *server) createMock(t *testing.T, responseTemplate string) *mockAPI {
	t.Helper()
	m := &mockAPI{server: s, gw: apigateway.NewFromConfig(s.aws())}
	api, err := m.gw.CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: aws.String(t.Name())})
	if err != nil {
		t.Fatal(err)
	}
	m.id, m.root = api.Id, api.RootResourceId
	_, err = m.gw.PutMethod(t.Context(), &apigateway.PutMethodInput{
		RestApiId: m.id, ResourceId: m.root, HttpMethod: aws.String("GET"), AuthorizationType: aws.String("NONE"),
		RequestParameters: map[string]bool{"method.request.querystring.q": false, "method.request.header.X-Key": false},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.gw.PutMethodResponse(t.Context(), &apigateway.PutMethodResponseInput{
		RestApiId: m.id, ResourceId: m.root, HttpMethod: aws.String("GET"), StatusCode: aws.String("200"),
	})
	if err != nil {
		t.Fatal(err)
	}
	m.integrate(t, &apigateway.PutIntegrationInput{
		Type: types.IntegrationTypeMock, RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`},
	})
	m.answer(t, responseTemplate)
	return m
}

// integrate puts the integration of GET /.
func (m *mockAPI) integrate(t *testing.T, in *apigateway.PutIntegrationInput) {
	t.Helper()
	in.RestApiId, in.ResourceId, in.HttpMethod = m.id, m.root, aws.String("GET")
	if _, err := m.gw.PutIntegration(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

// answer puts the response template of GET /.
func (m *mockAPI) answer(t *testing.T, template string) {
	t.Helper()
	_, err := m.gw.PutIntegrationResponse(t.Context(), &apigateway.PutIntegrationResponseInput{
		RestApiId: m.id, ResourceId: m.root, HttpMethod: aws.String("GET"), StatusCode: aws.String("200"),
		ResponseTemplates: map[string]string{"application/json": template},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// deploy makes a deployment, of stage "s" if in names none.
func (m *mockAPI) deploy(t *testing.T, in *apigateway.CreateDeploymentInput) *string {
	t.Helper()
	in.RestApiId = m.id
	if in.StageName == nil {
		in.StageName = aws.String("s")
	}
	d, err := m.gw.CreateDeployment(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return d.Id
}

// patch changes stage "s": op, path, value, and so on.
func (m *mockAPI) patch(t *testing.T, operations ...string) {
	t.Helper()
	in := &apigateway.UpdateStageInput{RestApiId: m.id, StageName: aws.String("s")}
	for i := 0; i < len(operations); i += 3 {
		in.PatchOperations = append(in.PatchOperations, types.PatchOperation{
			Op: types.Op(operations[i]), Path: &operations[i+1], Value: &operations[i+2],
		})
	}
	if _, err := m.gw.UpdateStage(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

func (m *mockAPI) invokeURL(rest string) string {
	return m.url("/_aws/execute-api/" + *m.id + "/s" + rest)
}

func TestCanaryServesItsShareOfTheRequests(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.createMock(t, `old $stageVariables.a $stageVariables.b $context.isCanaryRequest`)
	m.deploy(t, &apigateway.CreateDeploymentInput{Variables: map[string]string{"a": "1", "b": "2"}})
	m.answer(t, `new $stageVariables.a $stageVariables.b $stageVariables.c $context.isCanaryRequest`)
	m.deploy(t, &apigateway.CreateDeploymentInput{CanarySettings: &types.DeploymentCanarySettings{
		PercentTraffic: 100, StageVariableOverrides: map[string]string{"b": "3", "c": "4"},
	}})
	const stable, canary = "old 1 2 false", "new 1 3 4 true"
	want := func(body string) {
		t.Helper()
		if _, got := get(t, m.invokeURL("/")); got != body {
			t.Errorf("got %q, want %q", got, body)
		}
	}
	want(canary)
	m.patch(t, "replace", "/canarySettings/percentTraffic", "0")
	want(stable)

	m.patch(t, "replace", "/canarySettings/percentTraffic", "50")
	count := map[string]int{}
	for range 200 {
		_, body := get(t, m.invokeURL("/"))
		count[body]++
	}
	// With a fair coin one of 200 sides stays below 50 once in 10^12 runs.
	if count[stable] < 50 || count[canary] < 50 || count[stable]+count[canary] != 200 {
		t.Errorf("half of the requests each: %v", count)
	}

	_, err := m.gw.UpdateStage(t.Context(), &apigateway.UpdateStageInput{RestApiId: m.id, StageName: aws.String("s"), PatchOperations: []types.PatchOperation{
		{Op: types.OpCopy, Path: aws.String("/deploymentId"), From: aws.String("/canarySettings/deploymentId")},
		{Op: types.OpCopy, Path: aws.String("/variables"), From: aws.String("/canarySettings/stageVariableOverrides")},
		{Op: types.OpRemove, Path: aws.String("/canarySettings")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want("new 1 3 4 false")
}
