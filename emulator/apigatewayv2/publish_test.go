package apigatewayv2

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/google/go-cmp/cmp"

	"postern/emulator/apigateway"
	"postern/emulator/store"
	"postern/emulator/wire"
)

func keys(s Snapshot) (out []string) {
	for _, r := range s.Routes {
		out = append(out, *r.RouteKey)
	}
	slices.Sort(out)
	return out
}

func (b *bench) wantRoutes(api *string, stage string, want ...string) {
	b.t.Helper()
	if diff := cmp.Diff(want, keys(b.served(api, stage))); diff != "" {
		b.t.Errorf("stage %s (-want +got):\n%s", stage, diff)
	}
}

func TestAnAutoDeployStageServesEveryChangeAndAnotherOnlyItsDeployment(t *testing.T) {
	b := newBench(t)
	api := b.api()
	first := b.route(api, "GET /a")
	b.auto(api, "$default")
	d := must(b.CreateDeployment(b.ctx, &sdk.CreateDeploymentInput{ApiId: api}))(t)
	must(b.CreateStage(b.ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String("fixed"), DeploymentId: d.DeploymentId}))(t)
	if s := b.served(api, "$default"); s.AccountID != account || s.Region != region || cmp.Diff([]string{"fixed"}, s.Siblings) != "" {
		t.Errorf("published for %s in %s, beside %v", s.AccountID, s.Region, s.Siblings)
	}
	b.route(api, "GET /b")
	b.wantRoutes(api, "$default", "GET /a", "GET /b")
	b.wantRoutes(api, "fixed", "GET /a")
	must(b.DeleteRoute(b.ctx, &sdk.DeleteRouteInput{ApiId: api, RouteId: first}))(t)
	b.wantRoutes(api, "$default", "GET /b")
	must(b.CreateDeployment(b.ctx, &sdk.CreateDeploymentInput{ApiId: api, StageName: aws.String("fixed")}))(t)
	b.wantRoutes(api, "fixed", "GET /b")

	must(b.UpdateStage(b.ctx, &sdk.UpdateStageInput{ApiId: api, StageName: aws.String("fixed"), AutoDeploy: aws.Bool(true)}))(t)
	b.route(api, "GET /c")
	b.wantRoutes(api, "fixed", "GET /b", "GET /c")
	must(b.DeleteStage(b.ctx, &sdk.DeleteStageInput{ApiId: api, StageName: aws.String("fixed")}))(t)
	if s := b.served(api, "$default"); len(s.Siblings) > 0 {
		t.Errorf("siblings %v of the only stage", s.Siblings)
	}
	must(b.DeleteApi(b.ctx, &sdk.DeleteApiInput{ApiId: api}))(t)
	if len(b.stages) > 0 {
		t.Errorf("%d stages are left", len(b.stages))
	}
}

func TestAStageWithoutADeploymentIsNotServed(t *testing.T) {
	b := newBench(t)
	api := b.api()
	b.auto(api, "s") // without routes
	must(b.CreateStage(b.ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String("empty")}))(t)
	for _, stage := range []string{"s", "empty", "none"} {
		if _, err := b.Snapshot(b.ctx, *api, stage); !errors.Is(err, ErrNoStage) {
			t.Errorf("%s: %v", stage, err)
		}
	}
	stage := must(b.GetStage(b.ctx, &sdk.GetStageInput{ApiId: api, StageName: aws.String("s")}))(t)
	if got, want := *stage.LastDeploymentStatusMessage, "Deployment attempt failed: Unable to deploy API because no routes exist in this API"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	b.route(api, "$default")
	b.wantRoutes(api, "s", "$default")
}

func TestOldAutomaticDeploymentsGo(t *testing.T) {
	b := newBench(t)
	api := b.api()
	b.route(api, "$default")
	kept := must(b.CreateDeployment(b.ctx, &sdk.CreateDeploymentInput{ApiId: api}))(t).DeploymentId
	b.auto(api, "s")
	for i := range 2 * keptDeployments {
		b.route(api, fmt.Sprintf("GET /%d", i))
	}
	all := must(b.GetDeployments(b.ctx, &sdk.GetDeploymentsInput{ApiId: api, MaxResults: aws.String("100")}))(t).Items
	if len(all) != keptDeployments+2 {
		t.Errorf("%d deployments are kept", len(all))
	}
	must(b.GetDeployment(b.ctx, &sdk.GetDeploymentInput{ApiId: api, DeploymentId: kept}))(t)
}

func TestAFailureToPublishDoesNotFailTheChange(t *testing.T) {
	b := newBench(t)
	var log strings.Builder
	b.live.Logger = slog.New(slog.NewTextHandler(&log, nil))
	b.fail = errors.New("no such integration")
	api := b.api()
	b.auto(api, "s")
	b.route(api, "$default")
	if got := log.String(); !strings.Contains(got, "level=WARN") || !strings.Contains(got, "no such integration") || !strings.Contains(got, *api) {
		t.Errorf("the log does not say so: %s", got)
	}
}

func TestASnapshotIsFoundWithoutACallerAfterARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "postern.db")
	open := func() *Service {
		s := must(store.Open(t.Context(), store.Options{Path: file}))(t)
		t.Cleanup(func() { _ = s.Close() })
		return New(Options{Store: s, REST: apigateway.New(apigateway.Options{Store: s})})
	}
	b := &bench{Service: open(), t: t, ctx: wire.WithCaller(t.Context(), wire.Caller{AccountID: account, Region: region})}
	api := b.api()
	b.route(api, "$default")
	b.auto(api, "s")
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	again := open()
	got := must(again.Snapshot(context.Background(), *api, "s"))(t)
	if got.AccountID != account || got.Region != region || len(got.Routes) != 1 {
		t.Errorf("got %+v", got)
	}
	if _, err := again.Snapshot(context.Background(), *api, "none"); err != ErrNoStage {
		t.Errorf("no stage: %v", err)
	}
	if _, err := again.Snapshot(context.Background(), "none", "s"); err != ErrNoAPI {
		t.Errorf("no API: %v", err)
	}
}

// Concurrent changes of one API may be published in any order; the last one published has to be the last
// one committed.
func TestTheLastCommitIsWhatIsServed(t *testing.T) {
	b := newBench(t)
	api := b.api()
	b.route(api, "$default")
	b.auto(api, "s")
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			_, err := b.CreateRoute(b.ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String(fmt.Sprintf("GET /%d", i))})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	stored := must(b.GetStage(b.ctx, &sdk.GetStageInput{ApiId: api, StageName: aws.String("s")}))(t)
	if s := b.served(api, "s"); *s.Stage.DeploymentId != *stored.DeploymentId || len(s.Routes) != 33 {
		t.Errorf("%s with %d routes is served, %s is stored", *s.Stage.DeploymentId, len(s.Routes), *stored.DeploymentId)
	}
}
