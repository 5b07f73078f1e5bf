package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
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
				before := deployed.Load()
				status, body, err := call(ctx, m.invokeURL("/"))
				var a, b int64
				parts := strings.Fields(body)
				if len(parts) > 0 {
					fmt.Sscan(parts[0], &a)
					fmt.Sscan(parts[len(parts)-1], &b)
				}
				if err != nil || status != 200 || len(parts) == 0 || a != b || a < before {
					t.Errorf("after deployment %d: %d %q, %v", before, status, body, err)
					return
				}
			}
		})
	}
	changing.Wait()
	stop.Store(true)
	calling.Wait()
	if _, body := get(t, m.invokeURL("/")); !strings.HasPrefix(body, fmt.Sprint(deployed.Load())) {
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
