package gateway

import (
	"context"
	"errors"
	"net/http"

	"postern/apigw"
)

// find finds the stage of a target. Where the first segment of its path names no stage of the API, the
// default stage serves the whole path, if the API has one. A base path mapping names its stage itself.
func (g *Gateway) find(ctx context.Context, x *apigw.Exchange, t *target) (*apigw.Stage, error) {
	key := stageKey{t.api, t.stage}
	if t.domain != nil {
		return g.stages.find(ctx, key)
	}
	if s := g.stages.cached(key); s != nil {
		return s, nil
	}
	whole := stageKey{t.api, apigw.DefaultStage}
	if s := g.stages.cached(whole); s != nil && !s.Siblings[t.stage] {
		return g.takeDefault(x, t, s), nil
	}
	s, err := g.stages.find(ctx, key)
	if !errors.Is(err, apigw.ErrStageNotFound) {
		return s, err
	}
	if s, byDefault := g.stages.find(ctx, whole); byDefault == nil {
		return g.takeDefault(x, t, s), nil
	}
	return nil, err
}

// takeDefault makes the whole path the one below the stage.
func (g *Gateway) takeDefault(x *apigw.Exchange, t *target, s *apigw.Stage) *apigw.Stage {
	t.stage, t.path = s.Name, t.full
	x.Request.Path, x.Request.StagePath = t.path, t.full
	return s
}

// renderHTTP makes the answer of an HTTP API to a rejection: what it says depends on the status alone
// (facts/http-api.md §3). Steps that REST APIs have too reject with their types.
func renderHTTP(x *apigw.Exchange, r *apigw.Rejection) {
	status := r.HTTPStatus()
	header := x.Response.Header // the authorizer's, for a 401 or 403
	x.Response = apigw.Response{Status: status, Body: []byte(`{"message":"` + http.StatusText(status) + `"}`)}
	for _, f := range header {
		if f.Name == wwwAuthenticate {
			x.Response.Header.Add(f.Name, f.Value)
		}
	}
	x.Response.Header.Add("Content-Type", defaultType)
}

const wwwAuthenticate = "www-authenticate"
