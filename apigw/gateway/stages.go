package gateway

import (
	"context"
	"strconv"
	"sync"

	"golang.org/x/sync/singleflight"

	"postern/apigw"
)

// A stageKey names a stage among all APIs.
type stageKey struct{ api, stage string }

// stages are what is published. Reading takes no lock and does not grow with their
// number; a stage that was deployed before this start is loaded when it is first
// called.
type stages struct {
	load    func(ctx context.Context, apiID, stage string) (*apigw.Stage, error)
	live    sync.Map // stageKey → *apigw.Stage
	loading singleflight.Group

	// mu orders changes against loads; changes counts them.
	mu      sync.Mutex
	changes int
}

// cached returns the stage that is live already, nil for none.
func (s *stages) cached(key stageKey) *apigw.Stage {
	found, ok := s.live.Load(key)
	if !ok {
		return nil
	}
	return found.(*apigw.Stage)
}

// find returns the stage to serve, loading it if need be. Errors are those of load:
// apigw.ErrAPINotFound, apigw.ErrStageNotFound, or why it cannot be compiled.
func (s *stages) find(ctx context.Context, key stageKey) (*apigw.Stage, error) {
	if found := s.cached(key); found != nil {
		return found, nil
	}
	s.mu.Lock()
	before := s.changes
	s.mu.Unlock()
	// Nobody joins a load that began before a change which they came after.
	v, err, _ := s.loading.Do(key.api+"/"+key.stage+"/"+strconv.Itoa(before), func() (any, error) {
		return s.loadNow(context.WithoutCancel(ctx), key, before)
	})
	if err != nil {
		return nil, err
	}
	return v.(*apigw.Stage), nil
}

// loadNow keeps what it loads only if nothing was published or ended since before: a
// newer stage must not be replaced by an older one.
func (s *stages) loadNow(ctx context.Context, key stageKey, before int) (*apigw.Stage, error) {
	stage, err := s.load(ctx, key.api, key.stage)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes == before {
		s.live.Store(key, stage)
	} else if newer, ok := s.live.Load(key); ok {
		return newer.(*apigw.Stage), nil
	}
	return stage, nil
}

func (s *stages) publish(stage *apigw.Stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	s.live.Store(stageKey{stage.APIID, stage.Name}, stage)
}

// unpublish ends a stage, or with stage "" all of an API, or with api "" everything.
func (s *stages) unpublish(api, stage string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	if api != "" && stage != "" {
		s.live.Delete(stageKey{api, stage})
		return
	}
	s.live.Range(func(k, _ any) bool {
		if api == "" || k.(stageKey).api == api {
			s.live.Delete(k)
		}
		return true
	})
}

// sockets are the ids of the WebSocket APIs with a stage that is live.
func (s *stages) sockets() map[string]bool {
	all := map[string]bool{}
	s.live.Range(func(key, stage any) bool {
		if stage.(*apigw.Stage).Protocol == apigw.WebSocket {
			all[key.(stageKey).api] = true
		}
		return true
	})
	return all
}
