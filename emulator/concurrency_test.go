package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/smithy-go"

	"postern/emulator"
)

// 64 clients change an API while 64 call it. What a caller gets is one of the deployments
// as a whole, never a mixture, and never older than the last that was deployed before the call.
func TestAnAPIIsChangedWhileItIsCalled(t *testing.T) {
	const clients, rounds = 64, 6
	s := start(t, emulator.Config{DataDir: t.TempDir(), Lambda: processes(t), AccountRate: 1e6, AccountBurst: 1e6}) // a fast machine calls more often than AWS lets it
	m := s.createMock(t, "0")
	m.deploy(t, &apigateway.CreateDeploymentInput{})

	// mu orders the deployments, as the author of an API does; other changes go on meanwhile.
	var mu sync.Mutex
	var deployed, version atomic.Int64
	redeploy := func(ctx context.Context) error {
		mu.Lock()
		defer mu.Unlock()
		n := version.Add(1)
		_, err := m.gw.UpdateIntegrationResponse(ctx, &apigateway.UpdateIntegrationResponseInput{
			RestApiId: m.id, ResourceId: m.root, HttpMethod: aws.String("GET"), StatusCode: aws.String("200"),
			PatchOperations: []types.PatchOperation{{
				Op: types.OpReplace, Path: aws.String("/responseTemplates/application~1json"), Value: aws.String(fmt.Sprintf("%d $stageVariables.v %[1]d", n)),
			}},
		})
		if err != nil {
			return err
		}
		_, err = m.gw.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: m.id, StageName: aws.String("s")})
		deployed.Store(n)
		return err
	}
	change := func(ctx context.Context, client, round int) error {
		switch client % 4 {
		case 0:
			return redeploy(ctx)
		case 1:
			_, err := m.gw.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: m.id, StageName: aws.String("s"), PatchOperations: []types.PatchOperation{
				{Op: types.OpReplace, Path: aws.String("/variables/v"), Value: aws.String(fmt.Sprint(client))},
				{Op: types.OpReplace, Path: aws.String("/description"), Value: aws.String(fmt.Sprint(round))},
			}})
			return err
		case 2:
			name := aws.String(fmt.Sprintf("r%d-%d", client, round))
			r, err := m.gw.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: m.id, ParentId: m.root, PathPart: name})
			if err != nil {
				return err
			}
			_, err = m.gw.DeleteResource(ctx, &apigateway.DeleteResourceInput{RestApiId: m.id, ResourceId: r.Id})
			return err
		}
		model, err := m.gw.CreateModel(ctx, &apigateway.CreateModelInput{
			RestApiId: m.id, Name: aws.String(fmt.Sprintf("M%dx%d", client, round)), ContentType: aws.String("application/json"), Schema: aws.String(`{"type": "object"}`),
		})
		if err != nil {
			return err
		}
		_, err = m.gw.DeleteModel(ctx, &apigateway.DeleteModelInput{RestApiId: m.id, ModelName: model.Name})
		return err
	}

	changeWhileCalled(t, clients, rounds, change, func(ctx context.Context) error {
		before := deployed.Load()
		status, body, err := call(ctx, m.invokeURL("/"))
		return wantVersion(before, status, body, err)
	})
	if _, body := get(t, m.invokeURL("/")); !strings.HasPrefix(body, fmt.Sprint(deployed.Load())) {
		t.Errorf("at the end %q, deployed %d", body, deployed.Load())
	}
}

// changeWhileCalled has clients make their changes, a few rounds each, while as many call what they change.
func changeWhileCalled(t *testing.T, clients, rounds int, change func(ctx context.Context, client, round int) error, call func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var changing, calling sync.WaitGroup
	var stop atomic.Bool
	for i := range clients {
		changing.Go(func() {
			for round := range rounds {
				if err := change(ctx, i, round); err != nil && !concurrent(err) {
					t.Errorf("client %d: %v", i, err)
					return
				}
			}
		})
		calling.Go(func() {
			for !stop.Load() {
				if err := call(ctx); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	changing.Wait()
	stop.Store(true)
	calling.Wait()
}

// wantVersion requires an answer that begins and ends with a number, the same and not below what was deployed
// before the call.
func wantVersion(before int64, status int, body string, err error) error {
	var a, b int64
	parts := strings.Fields(body)
	if len(parts) > 0 {
		fmt.Sscan(parts[0], &a)
		fmt.Sscan(parts[len(parts)-1], &b)
	}
	if err != nil || status != 200 || len(parts) == 0 || a != b || a < before {
		return fmt.Errorf("after deployment %d: %d %q, %v", before, status, body, err)
	}
	return nil
}

// 64 clients change an HTTP API that deploys by itself while 64 call it: a change is live when its call returns,
// and what a caller gets is one of the versions as a whole.
func TestAnHTTPAPIIsChangedWhileItIsCalled(t *testing.T) {
	const clients, rounds = 64, 3
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.URL.Query().Get("v")+" "+r.Header.Get("X-V"))
	}))
	t.Cleanup(backend.Close)
	s := start(t, emulator.Config{DataDir: t.TempDir(), Lambda: processes(t), AccountRate: 1e6, AccountBurst: 1e6})
	a := s.createHTTPAPI(t, apigatewayv2.CreateApiInput{})
	parameters := func(n int64) map[string]string {
		return map[string]string{"overwrite:querystring.v": fmt.Sprint(n), "overwrite:header.x-v": fmt.Sprint(n)}
	}
	a.route(t, "$default", apigatewayv2.CreateIntegrationInput{
		IntegrationType: v2types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("GET"), IntegrationUri: &backend.URL, RequestParameters: parameters(0),
	})
	integrations, err := a.gw.GetIntegrations(t.Context(), &apigatewayv2.GetIntegrationsInput{ApiId: &a.id})
	if err != nil {
		t.Fatal(err)
	}

	// mu orders the versions, as the author of an API does; other changes go on meanwhile.
	var mu sync.Mutex
	var deployed, version atomic.Int64
	change := func(ctx context.Context, client, round int) error {
		switch client % 3 {
		case 0:
			mu.Lock()
			defer mu.Unlock()
			n := version.Add(1)
			_, err := a.gw.UpdateIntegration(ctx, &apigatewayv2.UpdateIntegrationInput{ApiId: &a.id, IntegrationId: integrations.Items[0].IntegrationId, RequestParameters: parameters(n)})
			if err == nil {
				deployed.Store(n)
			}
			return err
		case 1:
			_, err := a.gw.UpdateStage(ctx, &apigatewayv2.UpdateStageInput{ApiId: &a.id, StageName: aws.String("$default"), StageVariables: map[string]string{"v": fmt.Sprint(client)}})
			return err
		}
		r, err := a.gw.CreateRoute(ctx, &apigatewayv2.CreateRouteInput{ApiId: &a.id, RouteKey: aws.String(fmt.Sprintf("GET /r%d/%d", client, round))})
		if err != nil {
			return err
		}
		_, err = a.gw.DeleteRoute(ctx, &apigatewayv2.DeleteRouteInput{ApiId: &a.id, RouteId: r.RouteId})
		return err
	}
	url := s.url("/_aws/execute-api/" + a.id + "/$default/")
	changeWhileCalled(t, clients, rounds, change, func(ctx context.Context) error {
		before := deployed.Load()
		status, body, err := call(ctx, url)
		return wantVersion(before, status, body, err)
	})
	if _, body := get(t, url); !strings.HasPrefix(body, fmt.Sprint(deployed.Load(), " ")) {
		t.Errorf("at the end %q, deployed %d", body, deployed.Load())
	}
}

// concurrent tells the error that AWS has for changes at the same time.
func concurrent(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "ConflictException" && strings.Contains(api.ErrorMessage(), "concurrent modification")
}

func call(ctx context.Context, url string) (status int, body string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(b), err
}
