package apigatewayv2

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/apigateway"
	"postern/emulator/store"
	"postern/emulator/wire"
)

const account, region = "111122223333", "eu-west-1"

// A bench is a Service on a store of its own, whose clock stands still, and what it has published.
type bench struct {
	*Service
	t   *testing.T
	ctx context.Context
	published
}

// published remembers what a Service publishes.
type published struct {
	mu     sync.Mutex // guards the rest
	stages map[string]Snapshot
	events []string
	fail   error
}

func (p *published) note(event string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, event)
}

func (p *published) PublishV2(_ context.Context, s Snapshot) error {
	p.note("publish " + *s.Stage.StageName)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail == nil {
		p.stages[*s.API.ApiId+"/"+*s.Stage.StageName] = s
	}
	return p.fail
}

func (p *published) FlushAuthorizers(_, stage string) { p.note("flush authorizers of " + stage) }

func (p *published) Unpublish(_ context.Context, api, stage string) {
	p.note(strings.TrimSpace("unpublish " + stage))
	p.mu.Lock()
	defer p.mu.Unlock()
	for key := range p.stages {
		if key == api+"/"+stage || stage == "" && strings.HasPrefix(key, api+"/") {
			delete(p.stages, key)
		}
	}
}

// served is what is published of the API's stage.
func (b *bench) served(api *string, stage string) Snapshot {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	s, ok := b.stages[*api+"/"+stage]
	if !ok {
		b.t.Fatalf("%s/%s is not published", *api, stage)
	}
	return s
}

func newBench(t *testing.T) *bench {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{
		Now:  func() time.Time { return time.Date(2026, 11, 27, 4, 5, 6, 789e6, time.UTC) },
		Rand: rand.NewChaCha8([32]byte{1}),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	log := slog.New(slog.DiscardHandler)
	b := &bench{t: t, ctx: wire.WithCaller(t.Context(), wire.Caller{AccountID: account, Region: region})}
	b.published.stages = map[string]Snapshot{}
	b.Service = New(Options{Store: s, REST: apigateway.New(apigateway.Options{Store: s, Logger: log}), Publisher: &b.published, Logger: log})
	return b
}

// must ends a test that cannot go on.
func must[T any](out T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// api creates an HTTP API.
func (b *bench) api() *string {
	b.t.Helper()
	return must(b.CreateApi(b.ctx, &sdk.CreateApiInput{Name: aws.String("n"), ProtocolType: types.ProtocolTypeHttp}))(b.t).ApiId
}

// route adds a route without a target.
func (b *bench) route(api *string, key string) *string {
	b.t.Helper()
	return must(b.CreateRoute(b.ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: &key}))(b.t).RouteId
}

// auto adds a stage that deploys by itself.
func (b *bench) auto(api *string, name string) {
	b.t.Helper()
	must(b.CreateStage(b.ctx, &sdk.CreateStageInput{ApiId: api, StageName: &name, AutoDeploy: aws.Bool(true)}))(b.t)
}
