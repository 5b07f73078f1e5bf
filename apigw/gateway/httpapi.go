package gateway

import (
	"context"
	"errors"
	"fmt"
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

// isHTTP tells whether a request that is refused before its stage is known is for an HTTP API.
func (g *Gateway) isHTTP(x *apigw.Exchange, t target) bool {
	if x.Stage == nil && t.api != "" {
		if s, err := g.stages.find(x.Request.HTTP.Context(), stageKey{t.api, t.stage}); err == nil && s.Protocol == apigw.HTTP {
			x.Stage = s
		}
	}
	return x.Stage != nil && x.Stage.Protocol == apigw.HTTP
}

// refuseHTTP answers a request that no route of an HTTP API gets to see.
func refuseHTTP(w http.ResponseWriter, x *apigw.Exchange, r *apigw.Rejection) int {
	identifyHTTP(w.Header(), x)
	x.Rejection = r
	renderHTTP(x, r)
	if x.Stage.Finish != nil {
		x.Stage.Finish(x)
	}
	return writeResponse(w, x.Request.HTTP, x)
}

// maxHead is how many bytes the request line and the values of the headers may have together.
const maxHead = 10240

// tooLarge is the rejection of a request that an HTTP API does not take, err being why its body could not be
// read. (Limits: "Quotas for configuring and running an HTTP API". What is answered to a head that is
// too large is not documented.)
func tooLarge(r *http.Request, err error) error {
	var large *http.MaxBytesError
	switch {
	case headSize(r) > maxHead:
		return &apigw.Rejection{Type: apigw.RequestTooLarge, Status: http.StatusRequestHeaderFieldsTooLarge, Err: errHead}
	case errors.As(err, &large):
		return &apigw.Rejection{Type: apigw.RequestTooLarge, Err: err}
	case err != nil:
		return &apigw.Rejection{Type: apigw.Default4XX, Err: err}
	}
	return nil
}

var errHead = fmt.Errorf("the request line and the values of the headers have more than %d bytes", maxHead)

func headSize(r *http.Request) int {
	n := len(r.Method) + len(r.RequestURI) + len(r.Proto) + len("  ") + len(r.Host)
	for _, values := range r.Header {
		for _, v := range values {
			n += len(v)
		}
	}
	return n
}

// renderHTTP makes the answer of an HTTP API to a rejection: what it says depends on the status alone
// (facts/http-api.md §3). Steps that REST APIs have too reject with their types.
func renderHTTP(x *apigw.Exchange, r *apigw.Rejection) {
	status := r.HTTPStatus()
	header := x.Response.Header // the authorizer's, for a 401 or 403
	x.Response = apigw.Response{Status: status, Body: []byte(`{"message":"` + http.StatusText(status) + `"}`)}
	for _, f := range header {
		if f.Name == wwwAuthenticate {
			x.Response.Header.Add("Www-Authenticate", f.Value)
		}
	}
	if status != http.StatusServiceUnavailable { // seen without a type: cortexlabs/cortex#1225
		x.Response.Header.Add("Content-Type", defaultType)
	}
}

const wwwAuthenticate = "www-authenticate"
