package apigateway

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"postern/emulator/store"
	"postern/emulator/wire"
)

func (b *bench) update(stage string, api *string, lines ...string) {
	b.t.Helper()
	must(b.UpdateStage(b.ctx, &sdk.UpdateStageInput{RestApiId: api, StageName: &stage, PatchOperations: patch(lines...)}))(b.t)
}

// served is what is published of the API's stage.
func (b *bench) served(api *string, stage string) Snapshot {
	b.t.Helper()
	s, ok := b.stages[*api+"/"+stage]
	if !ok {
		b.t.Fatalf("%s/%s is not published", *api, stage)
	}
	return s
}

func paths(s Snapshot) (out []string) {
	for _, r := range s.Resources {
		out = append(out, *r.Path)
	}
	return out
}

func TestWhatIsPublishedFollowsEveryChangeOfAStage(t *testing.T) {
	b := newBench(t)
	api, root, _ := b.deployed("a")
	if s := b.served(api, "a"); s.AccountID != account || s.Region != region || *s.API.Id != *api {
		t.Errorf("published for %s in %s", s.AccountID, s.Region)
	}
	pets := b.resource(api, root, "pets")
	b.mock(api, pets, "GET")
	if diff := cmp.Diff([]string{"/"}, paths(b.served(api, "a"))); diff != "" {
		t.Errorf("changing the API changed what is deployed: %s", diff)
	}

	second := must(b.CreateDeployment(b.ctx, &sdk.CreateDeploymentInput{RestApiId: api}))(t).Id
	if diff := cmp.Diff([]string{"/"}, paths(b.served(api, "a"))); diff != "" {
		t.Errorf("a deployment without a stage changed one: %s", diff)
	}
	must(b.CreateStage(b.ctx, &sdk.CreateStageInput{RestApiId: api, StageName: aws.String("b"), DeploymentId: second}))(t)
	b.update("a", api, "replace /deploymentId "+*second, "replace /variables/v 1")
	if diff := cmp.Diff([]string{"/", "/pets"}, paths(b.served(api, "a"))); diff != "" {
		t.Error(diff)
	}
	if v := b.served(api, "a").Stage.Variables["v"]; v != "1" {
		t.Errorf("variable %q", v)
	}

	must(b.DeleteStage(b.ctx, &sdk.DeleteStageInput{RestApiId: api, StageName: aws.String("a")}))(t)
	must(b.DeleteRestApi(b.ctx, &sdk.DeleteRestApiInput{RestApiId: api}))(t)
	want := []string{"publish a", "publish b", "publish a", "unpublish a", "unpublish"}
	if diff := cmp.Diff(want, b.events); diff != "" || len(b.stages) > 0 {
		t.Errorf("%d stages are left; %s", len(b.stages), diff)
	}
}

func TestADeploymentNeverChanges(t *testing.T) {
	b := newBench(t)
	api, root, _ := b.deployed("s")
	before := must(b.Snapshot(b.ctx, *api, "s"))(t)

	must(b.UpdateRestApi(b.ctx, &sdk.UpdateRestApiInput{RestApiId: api, PatchOperations: patch(
		"replace /name other", "add /binaryMediaTypes/image~1png", "replace /minimumCompressionSize 1", "replace /apiKeySource AUTHORIZER", `replace /policy {"Statement":[]}`)}))(t)
	must(b.UpdateIntegration(b.ctx, &sdk.UpdateIntegrationInput{RestApiId: api, ResourceId: root, HttpMethod: aws.String("GET"), PatchOperations: patch("replace /timeoutInMillis 100")}))(t)
	must(b.CreateModel(b.ctx, &sdk.CreateModelInput{RestApiId: api, Name: aws.String("M"), ContentType: aws.String("a/b"), Schema: aws.String("{}")}))(t)
	must(b.DeleteModel(b.ctx, &sdk.DeleteModelInput{RestApiId: api, ModelName: aws.String("Error")}))(t)
	must(b.CreateRequestValidator(b.ctx, &sdk.CreateRequestValidatorInput{RestApiId: api}))(t)
	must(b.PutGatewayResponse(b.ctx, &sdk.PutGatewayResponseInput{RestApiId: api, ResponseType: types.GatewayResponseTypeThrottled}))(t)

	unexported := cmpopts.IgnoreUnexported(types.RestApi{}, types.Resource{}, types.Method{}, types.Integration{}, types.Model{},
		types.RequestValidator{}, types.GatewayResponse{}, types.Stage{}, types.EndpointConfiguration{}, types.MethodSetting{})
	if diff := cmp.Diff(before, must(b.Snapshot(b.ctx, *api, "s"))(t), unexported); diff != "" {
		t.Error(diff)
	}
	must(b.CreateDeployment(b.ctx, &sdk.CreateDeploymentInput{RestApiId: api, StageName: aws.String("s")}))(t)
	after := must(b.Snapshot(b.ctx, *api, "s"))(t)
	if *after.API.Name != "other" || *after.API.Policy != `{"Statement":[]}` || len(after.Models) != 2 || len(after.RequestValidators) != 1 || len(after.GatewayResponses) != 1 {
		t.Errorf("the next deployment does not have what was changed: %+v", after)
	}
}

func TestAFailureToPublishDoesNotFailTheDeployment(t *testing.T) {
	b := newBench(t)
	var log strings.Builder
	b.live.Logger = slog.New(slog.NewTextHandler(&log, nil))
	b.fail = errors.New("no such template")
	api, _, _ := b.deployed("s")
	must(b.GetStage(b.ctx, &sdk.GetStageInput{RestApiId: api, StageName: aws.String("s")}))(t)
	if got := log.String(); !strings.Contains(got, "level=WARN") || !strings.Contains(got, "no such template") || !strings.Contains(got, *api) {
		t.Errorf("the log does not say so: %s", got)
	}
}

func TestASnapshotIsFoundWithoutACallerAfterARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "postern.db")
	open := func() *store.Store {
		return must(store.Open(t.Context(), store.Options{Path: file}))(t)
	}
	s := open()
	b := &bench{Service: New(Options{Store: s}), t: t, ctx: wire.WithCaller(t.Context(), wire.Caller{AccountID: account, Region: region})}
	api, _, deployment := b.deployed("s")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = open()
	defer s.Close()
	again := New(Options{Store: s})
	got := must(again.Snapshot(context.Background(), *api, "s"))(t)
	if got.AccountID != account || got.Region != region || *got.Stage.DeploymentId != *deployment || len(got.Resources) != 1 {
		t.Errorf("got %+v", got)
	}
	if _, err := again.Snapshot(context.Background(), *api, "none"); err != ErrNoStage {
		t.Errorf("no stage: %v", err)
	}
	if _, err := again.Snapshot(context.Background(), "none", "s"); err != ErrNoAPI {
		t.Errorf("no API: %v", err)
	}
}

// Concurrent changes of one stage may be published in any order; the last one
// published has to be the last one committed.
func TestTheLastCommitIsWhatIsServed(t *testing.T) {
	b := newBench(t)
	api, _, _ := b.deployed("s")
	parallel(64, func(i int) {
		b.update("s", api, "replace /description d"+string(rune('A'+i)))
	})
	stored := must(b.GetStage(b.ctx, &sdk.GetStageInput{RestApiId: api, StageName: aws.String("s")}))(t)
	if got := *b.served(api, "s").Stage.Description; got != *stored.Description {
		t.Errorf("%s is served, %s is stored", got, *stored.Description)
	}
	if slices.Contains(b.events, "unpublish s") {
		t.Error("the stage was taken away")
	}
}
