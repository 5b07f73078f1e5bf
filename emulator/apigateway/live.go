package apigateway

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"postern/emulator/store"
)

// Live tells a publisher what stages are now. Both versions of the service have one, for Snapshots of their
// own. Without Publish and Unpublish nothing is served.
type Live[S any] struct {
	Snapshot  func(ctx context.Context, apiID, stageName string) (S, error) // ErrNoAPI or ErrNoStage where there is none
	Publish   func(ctx context.Context, s S) error
	Unpublish func(ctx context.Context, apiID, stageName string) // "" for stageName ends all stages of the API
	Logger    *slog.Logger

	turns store.Turns // by API id: one publishes a stage at a time
}

// Changed tells the publisher what stages of an API are now, after a commit that has changed them. A
// request that ends meanwhile does not take the commit back.
func (l *Live[S]) Changed(ctx context.Context, api string, stages ...string) {
	if l.Publish == nil || len(stages) == 0 {
		return
	}
	ctx = context.WithoutCancel(ctx)
	defer l.turns.Take(api)()
	slices.Sort(stages)
	for _, stage := range slices.Compact(stages) {
		l.publish(ctx, api, stage)
	}
}

func (l *Live[S]) publish(ctx context.Context, api, stage string) {
	snapshot, err := l.Snapshot(ctx, api, stage)
	if errors.Is(err, ErrNoAPI) || errors.Is(err, ErrNoStage) {
		l.Unpublish(ctx, api, stage)
		return
	}
	if err == nil {
		err = l.Publish(ctx, snapshot)
	}
	if err != nil {
		l.Logger.Warn("stage is not published", "api", api, "stage", stage, "error", err)
	}
}

// Deleted ends all stages of an API that was deleted.
func (l *Live[S]) Deleted(ctx context.Context, api string) {
	if l.Unpublish == nil {
		return
	}
	defer l.turns.Take(api)()
	l.Unpublish(context.WithoutCancel(ctx), api, "")
}
